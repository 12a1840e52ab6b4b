"""Who records on this machine. Each recorder holds a lock on a file of its name, and its workers inherit that lock.

A lease outlives its holder by ten seconds, because from afar a dead recorder cannot be told from a slow one. On the
same machine it can: the kernel drops a lock (flock(2)) only when the last process that has it open is gone, the parent
and every worker. So a lock that is free is a proof that nobody writes under that name any more, and the leases can be
taken at once. A recorder that is only paused keeps its lock.
"""

import fcntl
import os
import secrets
import socket
from contextlib import suppress
from pathlib import Path


class Holder:
    """This recorder's ``name``, as it stands in the leases, and its lock ``fd``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{self.name}"
        self.fd = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(self.fd, fcntl.LOCK_EX)
        draft.rename(folder / self.name)  # nobody ever finds it unlocked while we live

    def gone(self) -> list[str]:
        """Names of recorders of this machine of which no process is left. ``forget`` them when that is dealt with."""
        names = [entry.name for entry in os.scandir(self.folder) if entry.name[0] != "."]
        return [name for name in names if name != self.name and _is_free(self.folder / name)]

    def forget(self, name: str) -> None:
        with suppress(FileNotFoundError):
            (self.folder / name).unlink()

    def close(self) -> None:
        """An orderly end, after the leases were given back."""
        self.forget(self.name)
        os.close(self.fd)


def _is_free(path: Path) -> bool:
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False  # another was quicker
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(fd)
    return True
