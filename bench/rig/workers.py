"""Recorder workers of a product we started ourselves."""

import os
import signal
from pathlib import Path

from bench.rig import gauge

_MODULE = b"cameras.ingest.worker"


def worker_kill(product: int, camera: str) -> bool:
    """``kill -9`` the worker that has a slice of ``camera`` open, among the descendants of process ``product``; False
    where none has just now."""
    for pid in gauge.family(product):
        if _is_worker(pid) and _writes(pid, camera):
            os.kill(pid, signal.SIGKILL)
            return True
    return False


def _is_worker(pid: int) -> bool:
    try:
        return _MODULE in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _writes(pid: int, camera: str) -> bool:
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        try:
            if f"/store/{camera}/" in str(fd.readlink()):
                return True
        except OSError:
            continue
    return False
