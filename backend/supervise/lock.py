"""One supervisor per data folder."""

import fcntl
import os
from pathlib import Path


class AlreadyRunning(Exception):
    """Another supervisor holds the folder; the text says which."""


def hold(run_dir: Path) -> int:
    """Lock ``run_dir`` for as long as this process lives; returns the descriptor, which must stay open.

    flock(2) is let go by the kernel when the holder dies, however it dies: there is no stale lock to clean away.
    """
    handle = os.open(run_dir / "supervisor.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        who = os.read(handle, 32).decode(errors="replace").strip()
        os.close(handle)
        raise AlreadyRunning(
            f"Mắt Phố already runs on {run_dir.parent} (process {who or 'unknown'}). "
            "Stop it there, or choose another folder: DATA_DIR=… make run"
        ) from None
    os.ftruncate(handle, 0)
    os.write(handle, f"{os.getpid()}\n".encode())
    return handle
