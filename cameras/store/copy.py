"""Copying a stretch of footage out of the store, bit-exact, into the store's own two formats. Pure: files only.

What comes out is one pair of media file and journal per *run*: fragments that follow one another without a break in
media time, under one init segment (``media.mp4``, ``media_001.mp4``, …: names in order of time). A gap,
a reconnect or private hours start the next run, so every file plays alone. ``moof+mdat`` bytes are never touched; only
their offsets change, and those stand in the journal.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from backend.lib.ids import new_id
from cameras.store.journal import (
    INDEPENDENT,
    SEGMENT_END,
    SEGMENT_START,
    Close,
    Fragment,
    Header,
    Journal,
    JournalDamaged,
    Segment,
)
from cameras.store.layout import INDEX, fsync_path

JOIN_TICKS = 9
"""0.1 ms: handed-over slices count media time on exactly; this only forgives rounding."""
Window = tuple[int, int]
"""From and to in µs since the epoch, the end not included."""


class FootageDamaged(Exception):
    """Bytes in the store are not what their journal's hash says, or are gone."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One fragment to be copied, and the slice it stands in."""

    media: Path
    header: Header
    fragment: Fragment

    @property
    def end_us(self) -> int:
        return self.fragment.wall_us + self.fragment.duration * 1_000_000 // self.header.timescale


@dataclass(frozen=True, slots=True)
class Copied:
    """What was written: media files in order, and the footage's first and last instant (µs)."""

    media: tuple[Path, ...]
    from_us: int
    to_us: int
    bytes: int


def pieces(
    journals: Sequence[tuple[Path, Journal]], kept: Iterable[Segment], window: Window, away: Sequence[Window] = ()
) -> list[Piece]:
    """The fragments that show ``window``, in order of time, each stretch starting with a key frame.

    ``kept`` are the segments that count (``playlists.undoubled``). Begins at the last key frame at or before the
    window, so that its first instant can be shown. Fragments that touch ``away`` (private hours) are left out, and what
    follows them up to the next key frame, which cannot be decoded without them.
    """
    chosen = {(segment.slice_id, segment.offset): segment.offset + segment.length for segment in kept}
    found: list[Piece] = []
    for media, journal in journals:
        for fragment in _within(journal, chosen):
            piece = Piece(media, journal.header, fragment)
            if fragment.wall_us < window[1] and not _touches(piece, away):
                found.append(piece)
    found.sort(key=lambda one: (one.fragment.wall_us, one.header.generation, one.fragment.tfdt))
    out: list[Piece] = []
    for run in runs(found):
        decodable = _from_key(run, window[0])
        out += [one for one in decodable if decodable[-1].end_us > window[0]]
    return out


def copy(found: Sequence[Piece], folder: Path) -> Copied:
    """Write ``found`` into ``folder`` (there, and empty), hash-checked and synced.

    Raises ``FootageDamaged``, ``OSError``, and ``ValueError`` for an empty list: what is not there cannot be kept.
    """
    if not found:
        raise ValueError("no footage to copy")
    media: list[Path] = []
    sequence = total = 0
    previous: UUID | None = None
    for number, run in enumerate(runs(found)):
        path = folder / ("media.mp4" if number == 0 else f"media_{number:03d}.mp4")
        header = replace(
            run[0].header, slice_id=new_id(), media_sequence=sequence, discontinuity_sequence=number,
            first_tfdt=run[0].fragment.tfdt, wall_us=run[0].fragment.wall_us, previous_slice=previous,
        )  # fmt: skip
        length, segments = _write_run(path, header, run)
        media.append(path)
        sequence, total, previous = sequence + segments, total + length, header.slice_id
    fsync_path(folder)
    return Copied(tuple(media), found[0].fragment.wall_us, found[-1].end_us, total)


def copied_in(folder: Path) -> Copied:
    """What an earlier, finished copy holds. Raises ``OSError`` or ``JournalDamaged``."""
    journals = sorted((Journal.open(path) for path in folder.glob("*.idx")), key=lambda one: one.header.wall_us)
    if not journals:
        raise JournalDamaged(folder, "no journal")
    media = tuple(journal.path.with_suffix(".mp4") for journal in journals)
    total = sum(journal.media_length for journal in journals)
    return Copied(media, journals[0].header.wall_us, journals[-1].ends_us, total)


def _write_run(path: Path, header: Header, run: Sequence[Piece]) -> tuple[int, int]:
    """One media file with its journal; gives its length and how many segments it holds."""
    root = sha256(header.pack())
    with path.open("xb") as out, path.with_suffix(INDEX).open("xb") as index:
        index.write(header.pack())
        offset = out.write(_read(run[0].media, 0, header.init_length))
        segments = 0
        for place, piece in enumerate(run):
            raw = _read(piece.media, piece.fragment.offset, piece.fragment.length)
            if sha256(raw).digest() != piece.fragment.sha256:
                raise FootageDamaged(f"slice {piece.header.slice_id} at {piece.fragment.offset}")
            flags = _flags(run, place)
            segments += bool(flags & SEGMENT_START)
            record = replace(piece.fragment, offset=offset, flags=flags).pack()
            offset += out.write(raw)
            index.write(record)
            root.update(record)
        index.write(Close(offset, root.digest(), None).pack())
    fsync_path(path)
    fsync_path(path.with_suffix(INDEX))
    return offset, segments


def _flags(run: Sequence[Piece], place: int) -> int:
    """The fragment's flags, with the segment's borders where the cut has made new ones."""
    flags = run[place].fragment.flags
    if place == 0:
        flags |= SEGMENT_START
    if place == len(run) - 1 or run[place + 1].fragment.flags & SEGMENT_START:
        flags |= SEGMENT_END
    return flags


def _read(media: Path, offset: int, length: int) -> bytes:
    with media.open("rb") as file:
        file.seek(offset)
        raw = file.read(length)
    if len(raw) != length:
        raise FootageDamaged(f"{media.name} ends before {offset + length}")
    return raw


def _within(journal: Journal, chosen: dict[tuple[UUID, int], int]) -> Iterator[Fragment]:
    """Fragments of the journal's chosen segments."""
    until = -1
    for fragment in journal.fragments:
        until = chosen.get((journal.header.slice_id, fragment.offset), until)
        if fragment.offset < until:
            yield fragment


def _touches(piece: Piece, away: Sequence[Window]) -> bool:
    return any(piece.fragment.wall_us < end and piece.end_us > start for start, end in away)


def runs(found: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Stretches without a break: one init segment, one discontinuity number, media time that goes straight on."""
    run: list[Piece] = []
    for piece in found:
        if run and not _follows(run[-1], piece):
            yield run
            run = []
        run.append(piece)
    if run:
        yield run


def _follows(before: Piece, after: Piece) -> bool:
    one, other = before.header, after.header
    # A reconnect lets media time run on; only the number says that the wall clock did not.
    same = (one.init_hash, one.timescale, one.generation, one.discontinuity_sequence) == (
        other.init_hash, other.timescale, other.generation, other.discontinuity_sequence,
    )  # fmt: skip
    return same and abs(before.fragment.tfdt + before.fragment.duration - after.fragment.tfdt) <= JOIN_TICKS


def _from_key(run: list[Piece], from_us: int) -> list[Piece]:
    """The run from its last key frame at or before ``from_us``, else from its first; empty where it has none."""
    keys = [place for place, one in enumerate(run) if one.fragment.flags & INDEPENDENT]
    if not keys:
        return []
    before = [place for place in keys if run[place].fragment.wall_us <= from_us]
    return run[before[-1] if before else keys[0] :]
