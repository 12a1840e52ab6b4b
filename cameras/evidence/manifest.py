"""What a manifest says of footage: which bytes of which file are which fragments of which slice, what is late, what has
changed or is gone. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from cameras.evidence.copying import Written
from cameras.evidence.gaps import gaps_of
from cameras.evidence.takes import Source, Take, late_in
from cameras.store.copy import Piece

FORMAT = "matpho-evidence/1"
VIETNAM = timezone(timedelta(hours=7))
"""Fixed in law since 1975, and without summer time: a manifest needs no tables of zones to be read."""
CHANGED, GONE = "changed since it was recorded", "no longer on the disk"
JOURNAL_CHANGED, INIT_CHANGED = "its journal is not the one the database knows", "its init segment has changed"


def instant(us: int) -> dict[str, str]:
    """A moment in µs since the epoch, in UTC and on Vietnam's clock."""
    at = datetime.fromtimestamp(us // 1_000_000, UTC) + timedelta(microseconds=us % 1_000_000)
    utc = at.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {"utc": utc, "local": at.astimezone(VIETNAM).isoformat(timespec="microseconds")}


def us_of(utc: str) -> int:
    """µs since the epoch of what ``instant`` wrote as UTC."""
    found = datetime.fromisoformat(utc)
    return (found - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def footage_facts(written: Written, take: Take, offsets: Mapping[UUID, tuple[int, int]]) -> dict[str, Any]:
    """One file of footage. ``offsets``: where each slice's journal stands in the camera's, and its length."""
    sources = {source.id: source for source in take.sources}
    numbers = _numbers(take.sources)
    slices = []
    for span, at in written.spans:
        source = sources[span.slice_id]
        offset, length = offsets[source.id]
        slices.append({
            "id": str(source.id), "generation": source.journal.header.generation, "root": source.root,
            "state": "recovered" if source.journal.close and source.journal.close.recovered else "closed",
            "journal": {"file": take.journal_path, "offset": offset, "bytes": length},
            "first": numbers[source.id, span.pieces[0].fragment.offset], "count": len(span.pieces),
            "offset": at, "bytes": span.bytes, "proof": source.proof,
        })  # fmt: skip
    first, last = written.spans[0][0].pieces[0], written.spans[-1][0].pieces[-1]
    faults = [_fault(piece, numbers, CHANGED, at) for piece, at in written.faults]
    if written.init_differs:
        init = {"slice": str(first.header.slice_id), "fragment": None, "what": INIT_CHANGED}
        begins, size = written.parts["init"]["offset"], written.parts["init"]["bytes"]
        faults.append({**init, "from_byte": begins, "to_byte": begins + size})
    return {
        "path": written.path, "bytes": written.bytes, "sha256": written.sha256, "crc32": written.crc32, **written.parts,
        "slices": slices, "from": instant(first.fragment.wall_us), "to": instant(last.end_us),
        "faults": faults, **({"c2pa": True} if written.claimed else {}),
    }  # fmt: skip


def camera_facts(take: Take, files: Sequence[Mapping[str, Any]], gone: Sequence[Piece]) -> dict[str, Any]:
    """One camera: its files, and of all of them what is late, changed or gone, and which time is missing. ``take``:
    without what is ``gone``."""
    numbers = _numbers(take.sources)
    faults = [{"file": one["path"], **fault} for one in files for fault in one["faults"]]
    faults += [{"file": None, **_fault(piece, numbers, GONE, None)} for piece in gone]
    faults += [
        {"file": take.journal_path, "slice": str(source.id), "fragment": None, "what": JOURNAL_CHANGED,
         "from_byte": None, "to_byte": None}
        for source in take.sources if source.journal.root().hex() != source.root
    ]  # fmt: skip
    late: dict[str, list[int]] = {}
    for slice_id, number in late_in(take.sources, take.pieces):
        late.setdefault(str(slice_id), []).append(number)
    footage = [{name: value for name, value in one.items() if name not in ("faults", "crc32")} for one in files]
    covers = {"from": footage[0]["from"], "to": footage[-1]["to"]} if footage else None
    return {
        **take.facts, "name": take.name, "footage": footage, "covers": covers, "faults": faults,
        "late": [{"slice": slice_id, "fragments": found} for slice_id, found in late.items()],
        "granted": {"from": instant(take.window[0]), "to": instant(take.window[1])} if take.window else None,
        "gaps": _gaps(take, gone),
    }  # fmt: skip


def _gaps(take: Take, gone: Sequence[Piece]) -> list[dict[str, Any]]:
    if take.window is None:
        return []
    lost = [(piece.fragment.wall_us, piece.end_us, "no_longer_there") for piece in gone]
    shown = [(piece.fragment.wall_us, piece.end_us) for piece in take.pieces]
    found = gaps_of(take.window, shown, [*lost, *take.away])
    return [{"from": instant(start), "to": instant(end), "reason": why} for start, end, why in found]


def _numbers(sources: Sequence[Source]) -> dict[tuple[Any, int], int]:
    """Slice and offset → the fragment's number in its journal, from 0."""
    return {
        (source.id, fragment.offset): number
        for source in sources
        for number, fragment in enumerate(source.journal.fragments)
    }


def _fault(piece: Piece, numbers: Mapping[tuple[Any, int], int], what: str, at: int | None) -> dict[str, Any]:
    one = piece.fragment
    return {
        "slice": str(piece.header.slice_id), "fragment": numbers[piece.header.slice_id, one.offset], "what": what,
        "from_byte": at, "to_byte": None if at is None else at + one.length,
    }  # fmt: skip
