"""Who watched which minutes: written locally before the bytes go out, moved to the database within ten seconds.

One append-only file of JSON lines per process, locked while its process lives: a file whose lock can be taken belongs
to a process that is dead, and whoever finds it brings its lines home. Lines outlive ``kill -9`` (the kernel has them).
"""

import fcntl
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import DatabaseError, InterfaceError

from backend.lib.clock import EPOCH
from cameras import viewminutes
from cameras.models import ViewMinute
from cameras.playback import rows
from cameras.playback.sessions import Watched

log = logging.getLogger(__name__)

FLUSH_S = 4.0
MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US


def minutes_of(start_us: int, end_us: int, step_us: int = MINUTE_US) -> range:
    """The starts of the minutes (or hours) that ``[start_us, end_us)`` touches, µs since the epoch."""
    first = start_us - start_us % step_us
    return range(first, max(end_us, start_us + 1), step_us)


class ViewJournal:
    """The file this process writes. ``note`` is called on the event loop, ``take`` by the flusher."""

    def __init__(self, folder: Path, node: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._node = folder, node
        self._lock = threading.Lock()
        self._path, self._fd = self._fresh()
        self._empty = True

    def note(
        self, watched: Watched, camera_id: UUID, start_us: int, end_us: int, watched_us: int, step_us: int
    ) -> None:
        """Write down the minutes of footage about to be served, each once per session. Raises ``OSError``: what cannot
        be written down is not shown."""
        known: set[tuple[UUID, int]] = watched.memo.setdefault("minutes", set())
        for minute_us in minutes_of(start_us, end_us, step_us):
            if (camera_id, minute_us) not in known:
                self._write(watched, camera_id, minute_us, watched_us)
                known.add((camera_id, minute_us))

    def _write(self, watched: Watched, camera_id: UUID, minute_us: int, watched_us: int) -> None:
        viewer = watched.viewer
        line = {
            "session": str(watched.id),
            "camera": str(camera_id),
            "household": str(viewer.household_id) if viewer.household_id else None,
            "account": str(viewer.account_id) if viewer.account_id else None,
            "role": viewer.role,
            "mode": watched.counts_as,
            "purpose": viewer.purpose,
            "minute_us": minute_us,
            "watched_us": watched_us,
        }
        with self._lock:
            os.write(self._fd, json.dumps(line, separators=(",", ":")).encode() + b"\n")
            self._empty = False

    def take(self) -> None:
        """Let go of the file where it holds anything, and go on in a new one: the old one can now be brought home."""
        with self._lock:
            if self._empty:
                return
            old = self._fd
            self._path, self._fd = self._fresh()
            self._empty = True
        os.close(old)

    def close(self) -> None:
        with self._lock:
            os.close(self._fd)
            if self._empty:
                self._path.unlink(missing_ok=True)

    def _fresh(self) -> tuple[Path, int]:
        path = self._folder / f"{self._node}.{os.getpid()}.{time.time_ns()}.log"
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        fcntl.flock(fd, fcntl.LOCK_EX)
        return path, fd


class Flusher:
    """The thread that brings lines home, and does the media path's other small writes (``also``)."""

    def __init__(self, journal: ViewJournal, folder: Path, also: Callable[[], None]) -> None:
        self._journal, self._folder, self._also = journal, folder, also
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="view-flusher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 1.5) -> None:
        """Flush once more. Where the database is away, the lines wait on the disk for the next start."""
        self._stopping.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        failing = False
        while True:
            last = self._stopping.is_set()
            try:
                rows.keeping_connection(self.run_once)
                failing = False
            except (DatabaseError, InterfaceError, OSError) as error:
                if not failing:
                    log.warning("view minutes wait on the disk: %s", type(error).__name__)
                failing = True
            if last:
                return
            self._stopping.wait(FLUSH_S)

    def run_once(self) -> None:
        self._journal.take()
        for path in sorted(self._folder.glob("*.log")):
            bring_home(path)
        self._also()


def bring_home(path: Path) -> bool:
    """Store the lines of a file nobody writes any more, then delete it. Doing it twice changes nothing."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:  # another process was faster
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        viewminutes.view_minutes_store(list(_read(path)))
        path.unlink(missing_ok=True)
        return True
    finally:
        os.close(fd)


def _read(path: Path) -> Iterator[ViewMinute]:
    """The lines of a journal. A last one that a power cut tore is left out, and said so."""
    for number, raw in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            yield _parse(raw)
        except (ValueError, KeyError, TypeError):
            log.error("view journal %s: line %d cannot be read", path.name, number)


def _parse(raw: bytes) -> ViewMinute:
    line = json.loads(raw)
    return ViewMinute(
        session_id=UUID(line["session"]),
        camera_id=UUID(line["camera"]),
        household_id=UUID(line["household"]) if line["household"] else None,
        account_id=UUID(line["account"]) if line["account"] else None,
        role=line["role"],
        mode=line["mode"],
        purpose=line["purpose"],
        minute=_at(line["minute_us"]),
        watched_at=_at(line["watched_us"]),
    )


def _at(us: int) -> datetime:
    return EPOCH + timedelta(microseconds=us)
