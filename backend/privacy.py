"""The data folder is this user's alone: footage, sign-ins, who watched what.

``make run`` makes it so, but a folder may be older than that, restored from a backup or made by hand, and then every
user of the machine could read along.
"""

import os
import stat
from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO
PRIVATE_UMASK = OTHERS
"""For this process and all its children: what they make is nobody else's."""

_FOLDERS = {"demo", "evidence", "jobs", "papers", "posters", "run", "snapshots", "static", "store", "viewjournal"}
_FILES = ("audit-head.json", "demo-port", "demo-signins.json", "matpho.sqlite3", "secrets.json", "setup-link.json")
"""Beginnings: SQLite's ``-wal`` stands beside the database, and drafts beside what they will replace."""


def data_close(data_dir: Path) -> list[str]:
    """Take the rights of group and others from the data folder and what is ours in it; gives what there is to say.

    What lies deeper lies behind these. A folder that also holds somebody else's things (``/srv`` by mistake) stays as
    it is, and so does what a symbolic link leads to.
    """
    found = sorted(data_dir.iterdir())
    ours = [path for path in found if _is_ours(path)] if (data_dir / "secrets.json").exists() else []
    shared = len(ours) < len(found) or bool(data_dir.stat().st_mode & stat.S_ISVTX)
    shut = [path for path in (ours if shared else [data_dir, *ours]) if _shut(path)]
    said = []
    if shut:
        names = ", ".join(str(path) if path == data_dir else path.name for path in shut)
        said.append(f"Open to other users of this machine until now, and shut: {names}.")
    if data_dir.stat().st_mode & OTHERS:
        why = "holds other things, too" if shared else "belongs to another user"
        said.append(f"{data_dir} stays open to other users of this machine, because it {why}: choose one of its own.")
    return said


def _is_ours(path: Path) -> bool:
    return path.name in _FOLDERS or path.name.startswith(_FILES)


def _shut(path: Path) -> bool:
    """True where it was open, and ours to shut."""
    facts = path.lstat()
    if stat.S_ISLNK(facts.st_mode) or facts.st_uid != os.getuid() or not facts.st_mode & OTHERS:
        return False
    path.chmod(stat.S_IMODE(facts.st_mode) & ~OTHERS)
    return True
