"""The parent's half of the decoding child: one child per process, started when first needed, recycled, replaced.

A key frame costs 7 ms to decode and a child 0.3 s to start, so it is kept; after ``RECYCLE`` pictures it is replaced,
so that a leak in a decoder stays small. A crash or a hang costs one picture: the child is killed, the next call starts
another. Threads take turns.
"""

import contextlib
import logging
import os
import select
import subprocess
import sys
import threading
import time

from backend.lib.config import ROOT
from cameras.stills.protocol import ANSWER, JOB, MAX_MEDIA

log = logging.getLogger(__name__)

RECYCLE = 2_000
ANSWER_S = 4.0
"""A picture takes milliseconds; a loaded machine that must first start the child takes a second or two."""
_MAX_JPEG = 16 << 20


class _Gone(Exception):
    """The child died, hangs or talks nonsense."""


class Decoder:
    def __init__(self, command: tuple[str, ...] = (sys.executable, "-m", "cameras.stills.child")) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self._done = 0

    def jpeg(self, media: bytes, *, width: int, quality: int) -> bytes | None:
        """The first picture of ``media`` as JPEG; None where it cannot be decoded, whatever the reason."""
        if len(media) > MAX_MEDIA:
            return None
        if self._pid != os.getpid():  # forked: the lock may be held by a thread that does not exist here
            self._lock, self._child, self._pid = threading.Lock(), None, os.getpid()
        with self._lock:
            try:
                return self._ask(self._running(), media, width, quality)
            except (_Gone, OSError) as error:
                log.warning("the decoding child was replaced: %s", error)
                self._end()
                return None

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._child is not None and (self._done >= RECYCLE or self._child.poll() is not None):
            self._end()
        if self._child is None:
            self._done = 0
            self._child = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT,
                env={"PATH": os.defpath},
            )  # fmt: skip
            assert self._child.stdin is not None  # noqa: S101  (asked for above)
            os.set_blocking(self._child.stdin.fileno(), False)
        return self._child

    def _ask(self, child: "subprocess.Popen[bytes]", media: bytes, width: int, quality: int) -> bytes | None:
        assert child.stdin is not None and child.stdout is not None  # noqa: S101
        until = time.monotonic() + ANSWER_S
        _write(child.stdin.fileno(), JOB.pack(len(media), width, quality) + media, until)
        status, length = ANSWER.unpack(_read(child.stdout.fileno(), ANSWER.size, until))
        if status or length > _MAX_JPEG:
            return None
        jpeg = _read(child.stdout.fileno(), length, until)
        self._done += 1
        return jpeg

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _write(fd: int, data: bytes, until: float) -> None:
    rest = memoryview(data)
    while rest:
        if not select.select([], [fd], [], max(0.0, until - time.monotonic()))[1]:
            raise _Gone("it does not read")
        rest = rest[os.write(fd, rest) :]


def _read(fd: int, length: int, until: float) -> bytes:
    out = bytearray()
    while len(out) < length:
        if not select.select([fd], [], [], max(0.0, until - time.monotonic()))[0]:
            raise _Gone("it does not answer")
        got = os.read(fd, length - len(out))
        if not got:
            raise _Gone("it has died")
        out += got
    return bytes(out)
