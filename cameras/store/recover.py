"""Bringing one slice's files to rest after its recorder is gone. Pure: files only, no database.

What a kill leaves: a media file that is longer than its journal says (killed between the two writes), or a journal
without a close record. What a power cut leaves besides: a media file shorter than its journal says, or zeros where
bytes never reached the disk. Every complete record whose bytes are there survives byte-identical; the torn tail goes.
"""

import os
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cameras.store.journal import (
    HASHED_LATE,
    HEADER_LENGTH,
    INDEPENDENT,
    RECORD_LENGTH,
    SEGMENT_END,
    SEGMENT_START,
    Close,
    Fragment,
    Journal,
)
from cameras.store.layout import INIT, Pair, alone, fsync_path
from cameras.video.fmp4 import FoundFragment, read_fragment


@dataclass(slots=True)
class Recovery:
    """What was done to one slice."""

    journal: Journal
    cut_bytes: int = 0
    """Taken off the media file: bytes no complete record speaks for."""
    lost: list[Fragment] = field(default_factory=list)
    """Records taken off the journal, because their bytes never reached the disk."""
    damaged: list[Fragment] = field(default_factory=list)
    """Records that stay, though their bytes do not match their hash."""
    late: list[Fragment] = field(default_factory=list)
    """Whole fragments found behind the last record, hashed now and flagged HASHED_LATE."""


def mismatches(journal: Journal, media: Path) -> list[Fragment]:
    """Fragments whose bytes are not what their record says. Reads the whole media file."""
    wrong = []
    with media.open("rb") as file:
        for record in journal.fragments:
            file.seek(record.offset)
            raw = file.read(record.length)
            if len(raw) != record.length or sha256(raw).digest() != record.sha256:
                wrong.append(record)
    return wrong


def name_draft(pair: Pair) -> None:
    """Give a journal its name whose writer was killed between the draft's last byte and the ``rename``."""
    with alone(pair.draft) as mine:
        if mine and not pair.index.exists():
            pair.draft.rename(pair.index)


def recover(pair: Pair) -> Recovery | None:
    """Cut the torn tail, take in whole fragments that lack their record, write the close record, sync.

    None where a recorder writes there now, where the slice is already closed, or where another recovery was faster.
    Raises JournalDamaged on a bad header.
    """
    with alone(pair.index) as mine:
        if not mine:
            return None
        journal = Journal.open(pair.index)
        if journal.close is not None:
            return None
        result = Recovery(journal)
        _drop_torn_records(journal, pair.media, result)
        _take_late_fragments(journal, pair.media, result)
        _write(pair, journal, result)
        return result


def _drop_torn_records(journal: Journal, media: Path, result: Recovery) -> None:
    wrong = mismatches(journal, media)
    keep = list(journal.fragments)
    while keep and keep[-1] in wrong:
        result.lost.insert(0, keep.pop())
    result.damaged = [record for record in wrong if record in keep]
    journal.restate(keep)


def _take_late_fragments(journal: Journal, media: Path, result: Recovery) -> None:
    """The writer was killed after the media's write and before the journal's: the fragment is whole, so it is kept.
    Not behind lost records: what follows torn bytes proves nothing."""
    if result.lost:
        return
    with media.open("rb") as file:
        file.seek(journal.media_length)
        rest = memoryview(file.read())
    keep = list(journal.fragments)
    while (found := read_fragment(rest)) is not None:
        record = _late_record(journal, keep, found, sha256(rest[: found.length]).digest())
        keep.append(record)
        result.late.append(record)
        rest = rest[found.length :]
    journal.restate(keep)


def _late_record(journal: Journal, before: list[Fragment], found: FoundFragment, digest: bytes) -> Fragment:
    header = journal.header
    last = before[-1] if before else None
    tfdt, wall_us = (last.tfdt, last.wall_us) if last else (header.first_tfdt, header.wall_us)
    starts = found.independent and (last is None or bool(last.flags & SEGMENT_END))
    return Fragment(
        offset=last.offset + last.length if last else header.init_length, length=found.length, tfdt=found.tfdt,
        duration=found.duration, wall_us=wall_us + (found.tfdt - tfdt) * 1_000_000 // header.timescale,
        frames=found.frames, sha256=digest,
        flags=HASHED_LATE | (INDEPENDENT if found.independent else 0) | (SEGMENT_START if starts else 0),
    )  # fmt: skip


def _write(pair: Pair, journal: Journal, result: Recovery) -> None:
    """Media first, then the journal cut back and completed: a kill at any point leaves a slice that recovers again."""
    length = journal.media_length
    size = pair.media.stat().st_size
    if size != length:
        result.cut_bytes = max(0, size - length)
        os.truncate(pair.media, length)
    fsync_path(pair.media)
    whole = HEADER_LENGTH + RECORD_LENGTH * (len(journal.fragments) - len(result.late))
    close = Close(length, journal.root(), None, recovered=True)
    with pair.index.open("r+b") as file:
        file.truncate(whole)
        file.seek(whole)
        for record in result.late:
            file.write(record.pack())
        file.write(close.pack())
        file.flush()
        os.fsync(file.fileno())
    fsync_path(pair.folder)
    journal.refresh()


def keep_init(root: Path, journal: Journal, media: Path) -> bool:
    """Write the init segment a slice carries back under its hash where it is missing; True where that was needed.
    Raises ValueError where the slice's own copy does not match its hash either."""
    header = journal.header
    path = root / INIT / f"{header.init_hash}.mp4"
    if path.exists() and path.stat().st_size == header.init_length and _hash(path.read_bytes()) == header.init_hash:
        return False
    with media.open("rb") as file:
        init = file.read(header.init_length)
    if _hash(init) != header.init_hash:
        raise ValueError(f"init segment of {media.name} does not match its hash")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.check")
    draft.write_bytes(init)
    fsync_path(draft)
    draft.rename(path)
    fsync_path(path.parent)
    return True


def _hash(raw: bytes) -> str:
    return sha256(raw).hexdigest()
