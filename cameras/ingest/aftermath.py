"""What a killed worker left of one camera, brought to rest so that the next worker goes on behind it. Files only.

The database is not asked: it may be away just now, and the next frame should be there within three seconds all the
same. Rows are completed afterwards (``bookkeeper``), and ``check_store`` proves the whole.
"""

from contextlib import suppress
from pathlib import Path
from uuid import UUID

from cameras.store.journal import Journal, JournalDamaged
from cameras.store.layout import DRAFT, INDEX, Pair, alone, pair_of
from cameras.store.recover import recover
from cameras.store.resume import Resume, resume_point

NEWEST = 6
"""Slices looked at: a writer leaves one open, or two where it died while it handed over."""


def settle(root: Path, camera_id: UUID, rendition: str) -> tuple[Resume, list[Journal]]:
    """Recover the newest slices that nobody writes any more; then say where to go on.

    Gives the newest closed journals, too, for their rows: the news of a slice's end may have died with its worker.
    """
    closed = []
    for pair in _newest(root, camera_id, rendition):
        if pair.draft.exists() and not pair.index.exists():
            pair.draft.rename(pair.index)  # killed between the last byte of the draft and its name
        with suppress(JournalDamaged, FileNotFoundError):
            done = recover(pair)
            journal = done.journal if done is not None else Journal.open(pair.index)
            if journal.close is not None:
                closed.append(journal)
    return resume_point(root, camera_id, rendition), closed


def being_written(root: Path, camera_id: UUID, rendition: str) -> bool:
    """True where some process still holds one of the newest journals open for writing."""
    for pair in _newest(root, camera_id, rendition):
        if pair.index.exists():
            with alone(pair.index) as mine:
                if not mine:
                    return True
    return False


def _newest(root: Path, camera_id: UUID, rendition: str) -> list[Pair]:
    """The newest slices by name (a UUIDv7 sorts by time), from the two newest days."""
    folder = root / str(camera_id) / rendition
    if not folder.is_dir():
        return []
    found: set[Pair] = set()
    for day in sorted((entry for entry in folder.iterdir() if entry.is_dir()), reverse=True)[:2]:
        names = (path for path in day.iterdir() if path.name.endswith((INDEX, DRAFT)))
        found.update(pair for path in names if (pair := pair_of(root, path)) is not None)
    return sorted(found, key=lambda pair: (pair.slice_id, pair.generation), reverse=True)[:NEWEST]
