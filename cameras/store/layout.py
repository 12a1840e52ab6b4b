"""Names of files in the store, and who writes there now. Pure."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

INIT, QUARANTINE = "init", "quarantine"
MARKER = "store.json"
"""Names the node whose footage this is (``marker.py``)."""
MEDIA, INDEX, DRAFT = ".mp4", ".idx", ".idx.new"


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """One slice by its name: ``<camera>/<rendition>/<day>/<slice id>.g<generation>`` below the store's root."""

    root: Path
    camera_id: UUID
    rendition: str
    day: str
    generation: int
    slice_id: UUID

    @property
    def folder(self) -> Path:
        return self.root / str(self.camera_id) / self.rendition / self.day

    @property
    def media(self) -> Path:
        return self.folder / f"{self.slice_id}.g{self.generation}{MEDIA}"

    @property
    def index(self) -> Path:
        return self.media.with_suffix(INDEX)

    @property
    def draft(self) -> Path:
        """The journal before it has its name: it exists for the moment in which a slice is opened."""
        return self.media.with_suffix(DRAFT)

    @property
    def path(self) -> str:
        """Of the media file, relative to the root: what ``Slice.path`` holds."""
        return self.media.relative_to(self.root).as_posix()


def camera_ids(root: Path) -> list[UUID]:
    """Cameras that have a folder in the store, known or not."""
    found = []
    for path in sorted(root.iterdir()):
        with suppress(ValueError):
            found.append(UUID(path.name))
    return found


def pairs(root: Path, camera_id: UUID) -> list[Pair]:
    """Every slice of a camera of which at least one file is there, by rendition, day, generation and id."""
    paths = (root / str(camera_id)).glob("*/*/*.g*")
    return sorted({pair for path in paths if (pair := pair_of(root, path)) is not None})


def strangers(root: Path) -> Iterator[Path]:
    """Files below the root that have no place in the layout (a recorder's draft of an init segment apart)."""
    for path in sorted(root.rglob("*")):
        top = path.relative_to(root).parts[0]
        if path.is_file() and top not in (INIT, QUARANTINE, MARKER) and pair_of(root, path) is None:
            yield path


def pair_of(root: Path, path: Path) -> Pair | None:
    """The slice a path belongs to; None where the path is not spelled as the store spells it."""
    parts = path.relative_to(root).parts
    stem, dot, suffix = parts[-1].partition(".")
    generation, _, rest = suffix.partition(".")
    if len(parts) != 4 or not dot or f".{rest}" not in (MEDIA, INDEX, DRAFT) or not generation[1:].isdecimal():
        return None
    try:
        pair = Pair(root, UUID(parts[0]), parts[1], parts[2], int(generation[1:]), UUID(stem))
    except ValueError:
        return None
    return pair if path in (pair.media, pair.index, pair.draft) else None


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Hold the writer's lock of a journal; False where a recorder holds it, or where there is no file.

    The lock lives as long as the recorder's descriptor: through a SIGSTOP, and not one moment past its death.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield False
        return
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(fd)


def fsync_path(path: Path) -> None:
    """Put a file or the names in a folder on the disk."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def quarantine(root: Path, path: Path) -> Path:
    """Move a file out of the store, keeping its place below ``quarantine/``; nothing is ever overwritten there."""
    target = root / QUARANTINE / path.relative_to(root)
    target.parent.mkdir(parents=True, exist_ok=True)
    number = 0
    free = target
    while free.exists():
        number += 1
        free = target.with_name(f"{target.name}.{number}")
    path.rename(free)
    fsync_path(free.parent)
    fsync_path(path.parent)
    return free


def prune(root: Path, folder: Path) -> None:
    """Remove ``folder`` and its parents below ``root`` where they are empty."""
    with suppress(OSError):
        while folder != root:
            folder.rmdir()
            folder = folder.parent
