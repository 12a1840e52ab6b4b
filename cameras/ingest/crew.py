"""Worker processes: spawn, hear, replace. No database here."""

import logging
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field

from backend.lib.config import ROOT
from cameras.ingest.pipe import Message, Pipe, PipeEnded

log = logging.getLogger(__name__)

SILENT_S = 10.0
"""A worker speaks every two seconds. One that has not for this long hangs, and is replaced."""
QUICK_DEATH_S = 1.0
"""One that dies younger than this is replaced only after as long again: else a broken machine would spin."""


@dataclass(slots=True)
class Hand:
    """One worker process and the keys it records."""

    number: int
    process: "subprocess.Popen[bytes]"
    pipe: Pipe
    born_at: float
    heard_at: float
    keys: set[str] = field(default_factory=set)
    oldest_unsynced_s: float = 0.0

    def say(self, message: Message) -> None:
        """Queue and try to write; a dead worker is noticed elsewhere."""
        self.pipe.send(message)
        try:
            self.pipe.flush()
        except PipeEnded:
            log.debug("worker %d does not hear", self.number)


def spawn(number: int, lock_fd: int) -> Hand:
    """Start a worker. It inherits the recorder's lock (``holder``) and one socket; names, keys and passwords only ever
    pass over that."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "cameras.ingest.worker", str(theirs.fileno())],
            pass_fds=[theirs.fileno(), lock_fd], cwd=ROOT, env=_environment(), stdin=subprocess.DEVNULL,
        )  # fmt: skip
    now = time.monotonic()
    return Hand(number, process, Pipe(ours), now, now)


def _environment() -> dict[str, str]:
    """What a worker may know: nothing of databases, Redis or secrets."""
    passed = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "VIRTUAL_ENV", "LOG_LEVEL", "MATPHO_SLOW_FSYNC_MS", "TMPDIR")
    return {**{name: os.environ[name] for name in passed if name in os.environ}, "PYTHONPATH": str(ROOT)}


def hangs(hand: Hand, now: float) -> bool:
    return now - hand.heard_at > SILENT_S


def end(hand: Hand) -> None:
    """Make sure it is gone: no more byte of it reaches the disk after this."""
    hand.process.kill()
    hand.process.wait()
    hand.pipe.close()
