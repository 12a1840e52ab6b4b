"""The writer of one recorded rendition: fragments in, slice files and journals out.

Used inside recorder workers, so it knows no Django. One thread writes; ``Syncer`` makes it durable. A fault of one
camera's files is a ``StoreFault`` out of that camera's ``write`` and nothing else.
"""

import fcntl
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from backend.lib.ids import new_id
from cameras.store.journal import SEGMENT_START, Close, Fragment, Header
from cameras.store.resume import Resume
from cameras.store.sync import OpenSlice, Syncer
from cameras.video.fmp4 import TIMESCALE, Bytes, MuxedFragment


@dataclass(frozen=True, slots=True)
class SliceOpened:
    """Told by the writing thread as soon as the first fragment can be read; nothing is durable yet."""

    slice_id: UUID
    camera_id: UUID
    rendition: str
    generation: int
    path: str
    """Of the media file, relative to the store's root."""
    init_hash: str
    mask_version: int
    media_sequence: int
    discontinuity_sequence: int
    starts_us: int


@dataclass(frozen=True, slots=True)
class SliceClosed:
    """Told by the **Syncer's thread**, after media, journal and folder are on the disk."""

    slice_id: UUID
    ends_us: int
    bytes: int
    root: str


SliceNews = SliceOpened | SliceClosed


class StoreFault(Exception):
    """This camera's footage could not be written: disk full, read-only, gone. Others are not concerned.

    The slice that was open has been cut back to its last whole fragment and closed where the disk still took it; the
    next ``write`` opens a new one with the next discontinuity number.
    """

    def __init__(self, camera_id: UUID, rendition: str, cause: OSError) -> None:
        super().__init__(f"camera {camera_id} {rendition}: {cause.strerror or cause}")
        self.camera_id = camera_id
        self.rendition = rendition
        self.errno = cause.errno


class SliceWriter:
    """Appends fragments; opens a slice with its first fragment and hands over at a segment boundary when it is old.

    Not thread-safe: one thread calls it. ``news`` must be: see SliceOpened and SliceClosed.
    """

    def __init__(
        self, root: Path, *, camera_id: UUID, rendition: str, generation: int, mask_version: int, resume: Resume,
        sync: Syncer, news: Callable[[SliceNews], None], slice_seconds: float = 60.0,
    ) -> None:  # fmt: skip
        self._root = root
        self._camera_id, self._rendition = camera_id, rendition
        self._generation, self._mask_version = generation, mask_version
        self._sync, self._news = sync, news
        self._slice_ticks = int(slice_seconds * TIMESCALE)
        self._sequence = resume.media_sequence  # of the next segment
        self._discontinuity = resume.discontinuity_sequence
        self._previous = resume.previous_slice
        self._open: OpenSlice | None = None
        self._init = b""
        self._init_hash = ""
        self._first_tfdt = 0

    def write(self, frag: MuxedFragment, init: bytes) -> None:
        """Append one fragment: media first, then its journal record, then it is due for sync.

        A changed ``init`` is a seam. The first fragment of a slice always counts as the start of a segment. Raises
        StoreFault; then the fragment is not in the store.
        """
        try:
            if init is not self._init and init != self._init:
                self.seam()
                self._init, self._init_hash = init, sha256(init).hexdigest()
            file = self._open
            starts = frag.flags & SEGMENT_START
            if file is None or (starts and frag.tfdt - self._first_tfdt >= self._slice_ticks):
                self._roll(frag)
            else:
                _append(file.media_fd, frag.buffers, frag.length, file.offset)
                self._record(file, frag, frag.flags)
        except OSError as error:
            self.seam()
            raise StoreFault(self._camera_id, self._rendition, error) from error

    def seam(self) -> None:
        """A reconnect, new parameters or a lost fragment: the next fragment opens a slice after a discontinuity."""
        if self._open is not None:
            self._finish(self._open, None)
            self._open = None
            self._discontinuity += 1

    def close(self) -> None:
        """The camera is no longer recorded here. SliceClosed follows from the Syncer."""
        self.seam()

    def abandon(self) -> None:
        """The right to write has passed to another: let go of the files as they are, without one more byte. The
        slice stays open in the database until check_store (or the successor) closes it."""
        if self._open is not None:
            self._sync.finish(self._open, None)
            self._open = None
            self._discontinuity += 1

    def _roll(self, frag: MuxedFragment) -> None:
        # The next slice stands before the old one's close record names it: no reader ever follows a dangling link.
        old = self._open
        new, opened = self._create(frag)
        self._open = new
        if old is not None:
            self._finish(old, new.slice_id)
        self._news(opened)

    def _record(self, file: OpenSlice, frag: MuxedFragment, flags: int) -> None:
        record = Fragment(
            file.offset, frag.length, frag.tfdt, frag.duration, frag.wall_us, frag.frames, flags, frag.sha256
        ).pack()  # fmt: skip
        try:
            _append(file.index_fd, (record,), len(record), file.index_length)
        except OSError:
            os.ftruncate(file.media_fd, file.offset)  # else the next fragment would stand behind bytes nobody knows
            raise
        self._advance(file, frag, flags, record)

    def _advance(self, file: OpenSlice, frag: MuxedFragment, flags: int, record: bytes) -> None:
        file.hasher.update(record)
        file.offset += frag.length
        file.index_length += len(record)
        file.ends_us = frag.wall_us + frag.duration * 1_000_000 // TIMESCALE
        if flags & SEGMENT_START:
            self._sequence += 1
        self._sync.dirty(file)

    def _create(self, frag: MuxedFragment) -> tuple[OpenSlice, SliceOpened]:
        """The pair of files with the first fragment in them, and the news of it."""
        slice_id = new_id()
        day = datetime.fromtimestamp(frag.wall_us / 1e6, UTC).strftime("%Y%m%d")
        folder = self._root / str(self._camera_id) / self._rendition / day
        folder.mkdir(parents=True, exist_ok=True)
        init_path = self._keep_init()
        name = f"{slice_id}.g{self._generation}"
        header = Header(
            self._camera_id, slice_id, self._rendition, self._generation, self._mask_version, self._sequence,
            self._discontinuity, frag.tfdt, TIMESCALE, frag.wall_us, len(self._init), self._init_hash, self._previous,
        )  # fmt: skip
        flags = frag.flags | SEGMENT_START
        record = Fragment(
            len(self._init), frag.length, frag.tfdt, frag.duration, frag.wall_us, frag.frames, flags, frag.sha256
        ).pack()  # fmt: skip
        file = _open_pair(folder / f"{name}.mp4", (self._init, *frag.buffers), header.pack(), record)
        file.slice_id, file.init_path = slice_id, init_path
        file.offset = len(self._init)
        self._advance(file, frag, flags, record)
        self._previous, self._first_tfdt = slice_id, frag.tfdt
        return file, SliceOpened(
            slice_id, self._camera_id, self._rendition, self._generation, file.path.relative_to(self._root).as_posix(),
            self._init_hash, self._mask_version, header.media_sequence, header.discontinuity_sequence, frag.wall_us,
        )  # fmt: skip

    def _finish(self, file: OpenSlice, next_slice: UUID | None) -> None:
        """Write the close record and leave the rest to the Syncer. Where the record cannot be written the slice stays
        open, and check_store closes it."""
        root = file.hasher.digest()
        record = Close(file.offset, root, next_slice).pack()
        try:
            _append(file.index_fd, (record,), len(record), file.index_length)
        except OSError:
            self._sync.finish(file, None)
            return
        closed = SliceClosed(file.slice_id, file.ends_us, file.offset, root.hex())
        self._sync.finish(file, lambda: self._news(closed))

    def _keep_init(self) -> Path:
        """The init segment under its hash, as playlists name it. A slice carries its own copy, so a power cut that
        loses this one costs nothing: check_store writes it again."""
        path = self._root / "init" / f"{self._init_hash}.mp4"
        with suppress(FileNotFoundError):
            if path.stat().st_size == len(self._init):
                return path
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{self._camera_id}")
        draft.write_bytes(self._init)
        draft.rename(path)
        return path


def _open_pair(path: Path, media: Sequence[Bytes], header: bytes, record: bytes) -> OpenSlice:
    """Make ``.mp4`` and ``.idx``. The journal appears under its name whole and locked: check_store leaves alone what
    is locked (the kernel drops the lock when the writer dies), and no reader ever meets half a header."""
    draft = path.with_suffix(".idx.new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
    fds: list[int] = []
    try:
        fds.append(os.open(path, flags, 0o640))
        _append(fds[0], media, sum(map(len, media)), 0)
        fds.append(os.open(draft, flags, 0o640))
        fcntl.flock(fds[1], fcntl.LOCK_EX | fcntl.LOCK_NB)
        _append(fds[1], (header, record), len(header) + len(record), 0)
        draft.rename(path.with_suffix(".idx"))
    except OSError:
        for fd in fds:
            os.close(fd)
        for leftover in (path, draft):
            with suppress(OSError):
                leftover.unlink()
        raise
    return OpenSlice(path, fds[0], fds[1], sha256(header), index_length=len(header))


def _append(fd: int, buffers: Sequence[Bytes], length: int, at: int) -> None:
    """All of ``buffers`` at the end of a file of ``at`` bytes, or none: what a full disk took is cut off again."""
    written = os.writev(fd, buffers)
    if written == length:
        return
    try:
        rest = memoryview(b"".join(buffers))[written:]
        while rest:
            rest = rest[os.write(fd, rest) :]
    except OSError:
        os.ftruncate(fd, at)
        raise
