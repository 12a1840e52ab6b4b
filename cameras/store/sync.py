"""Making footage durable without stalling the thread that records it.

Order on disk, per slice, and why each step:

1. ``fdatasync`` of the media file, then of the journal: a journal record that survives a power cut must not speak of
   bytes that did not. (The kernel may still write the journal earlier on its own; then the hash in the record tells.)
2. once per slice, ``fsync`` of the init file and of the folders: a synced file whose name is not on the disk is lost.
3. only then the news ``SliceClosed``, which completes the row: a closed row never speaks of bytes that are not there.
"""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from uuid import UUID

log = logging.getLogger(__name__)


class Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


class OpenSlice:
    """A slice being written: its two descriptors and how far they are. Written by one thread, synced by another."""

    __slots__ = (
        "closed", "dirty_since", "ends_us", "finished", "hasher", "index_fd", "index_length", "init_path", "media_fd",
        "named", "offset", "path", "slice_id",
    )  # fmt: skip

    def __init__(self, path: Path, media_fd: int, index_fd: int, hasher: Hash, *, index_length: int) -> None:
        self.path = path
        self.media_fd, self.index_fd = media_fd, index_fd
        self.hasher = hasher
        self.offset = 0
        self.ends_us = 0
        self.index_length = index_length
        self.slice_id = UUID(int=0)
        self.init_path: Path | None = None
        self.dirty_since = 0.0  # monotonic seconds of the oldest byte that is not on the disk; 0 where all are
        self.named = False  # its folders are on the disk
        self.finished = False
        self.closed: Callable[[], None] | None = None


class Syncer:
    """A thread that syncs dirty slices, oldest first, each at most once in ``delay_s``: bytes wait in the page cache
    until their slice's oldest is that old, so a slice costs two syncs a round however many fragments it got.

    A power cut costs at most ``delay_s`` plus the time of one round. ``fdatasync`` is a parameter so that a slow disk
    can be put in its place.
    """

    def __init__(self, *, delay_s: float = 5.0, fdatasync: Callable[[int], None] = os.fdatasync) -> None:
        self._delay_s = delay_s
        self._fdatasync = fdatasync
        self._waiting: deque[OpenSlice] = deque()
        self._finishing: deque[OpenSlice] = deque()
        self._in_hand = 0.0
        self._wake = threading.Event()
        self._stopping = False
        self.faults = 0
        """Slices that could not be synced. Their rows stay open, and check_store compares their hashes."""
        self._thread = threading.Thread(target=self._run, name="store-sync", daemon=True)
        self._thread.start()

    def dirty(self, file: OpenSlice) -> None:
        """Bytes were appended. Costs a comparison where the slice already waits (no lock: deques are atomic)."""
        if not file.dirty_since:
            file.dirty_since = time.monotonic()
            self._waiting.append(file)

    def finish(self, file: OpenSlice, closed: Callable[[], None] | None) -> None:
        """No more bytes will come: sync, close the descriptors (which drops the journal's lock), then call ``closed``
        from this thread."""
        file.closed = closed
        self._finishing.append(file)
        self._wake.set()

    def oldest_unsynced_s(self) -> float:
        """Age of the oldest byte that a power cut would cost, in seconds; 0 where there is none."""
        since = [at for at in (self._in_hand, *(file.dirty_since for file in tuple(self._waiting))) if at]
        return max(0.0, time.monotonic() - min(since)) if since else 0.0

    def stop(self) -> None:
        """Sync everything that waits, then end. Writers must have closed before."""
        self._stopping = True
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait(self._delay_s / 3)
            self._wake.clear()
            self._round(time.monotonic() - self._delay_s)
        self._round(float("inf"))

    def _round(self, until: float) -> None:
        while self._finishing:
            self._finish(self._finishing.popleft())
        while self._waiting and self._waiting[0].dirty_since <= until:
            file = self._waiting.popleft()
            if not file.finished and file.dirty_since:
                self._sync(file)
            while self._finishing:  # the end of a slice frees descriptors and completes a row: not behind fifty others
                self._finish(self._finishing.popleft())

    def _finish(self, file: OpenSlice) -> None:
        whole = self._sync(file)
        file.finished = True
        os.close(file.media_fd)
        os.close(file.index_fd)
        if whole and file.closed is not None:
            try:
                file.closed()
            except Exception:
                # Whoever listens may be gone; the other cameras' bytes still have to reach the disk.
                self.faults += 1
                log.exception("slice %s: its end could not be told", file.slice_id)

    def _sync(self, file: OpenSlice) -> bool:
        self._in_hand = file.dirty_since
        file.dirty_since = 0.0  # before the sync: what is appended meanwhile is dirty anew
        try:
            self._fdatasync(file.media_fd)
            self._fdatasync(file.index_fd)
            if not file.named:
                self._sync_names(file)
                file.named = True
        except OSError as error:
            # After a failed sync the kernel may call the pages clean: trying again would prove nothing.
            self.faults += 1
            file.closed = None
            log.error("slice %s could not be synced: %s", file.slice_id, error)
            return False
        finally:
            self._in_hand = 0.0
        return True

    def _sync_names(self, file: OpenSlice) -> None:
        day = file.path.parent
        paths = [day, day.parent, day.parent.parent, day.parent.parent.parent]
        if file.init_path is not None:
            paths += [file.init_path, file.init_path.parent]
        for path in paths:
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)
