"""Where a recorder goes on after any restart: the numbers that must never go back."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cameras.store.journal import Journal, JournalDamaged

_FOLDERS = 3
"""Day folders that are looked at: one may be from a clock that was wrong, one from before midnight."""


@dataclass(frozen=True, slots=True)
class Resume:
    media_sequence: int = 0
    """Of the next segment."""
    discontinuity_sequence: int = 0
    tfdt: int = 0
    """Media time of the next frame, ticks of 1/90,000 s."""
    previous_slice: UUID | None = None


def resume_point(root: Path, camera_id: UUID, rendition: str) -> Resume:
    """After the newest journal with a complete record; a first start gives zeros. Reads, repairs nothing.

    Newest is the highest generation, then the highest media sequence. A slice that holds no complete record has shown
    nothing to anybody, so its numbers may be used again.
    """
    last: Journal | None = None
    folder = root / str(camera_id) / rendition
    days = sorted((entry for entry in folder.iterdir() if entry.is_dir()), reverse=True) if folder.is_dir() else []
    for day in days[:_FOLDERS]:
        newest = next(_with_records(day), None)
        if newest is not None and (last is None or _age(newest) > _age(last)):
            last = newest
    if last is None:
        return Resume()
    header, end = last.header, last.fragments[-1]
    return Resume(
        media_sequence=header.media_sequence + len(last.segments(ended=True)),
        discontinuity_sequence=header.discontinuity_sequence + 1,
        tfdt=end.tfdt + end.duration,
        previous_slice=header.slice_id,
    )


def _age(journal: Journal) -> tuple[int, int]:
    return journal.header.generation, journal.header.media_sequence


def _with_records(day: Path) -> Iterator[Journal]:
    """Readable journals of a day that hold a fragment, newest first by what their names say (UUIDv7 sorts by time)."""
    for path in sorted(day.glob("*.idx"), key=_by_name, reverse=True):
        try:
            journal = Journal.open(path)
        except (JournalDamaged, FileNotFoundError):
            continue
        if journal.fragments:
            yield journal


def _by_name(path: Path) -> tuple[int, str]:
    slice_id, _, generation = path.stem.partition(".g")
    return (int(generation) if generation.isdecimal() else -1), slice_id
