"""An empty database with every table, made once and copied: making it takes six seconds of a core each time.

The tests of the very first start make their own.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from backend.lib.config import ROOT, Config
from backend.setup import stamps

KEPT = ROOT / "build" / "migrated"
APPS = ("backend", "neighborhoods", "cameras", "notifications")


def lay(database: Path) -> None:
    """An SQLite database of today's code at ``database``. One process makes it, the others wait."""
    KEPT.mkdir(parents=True, exist_ok=True)
    made = KEPT / "matpho.sqlite3"
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        files = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
        value = stamps.digest([*files, ROOT / "requirements.txt"])
        if not stamps.holds(KEPT / "stamp", value):
            _make(made)
            stamps.put(KEPT / "stamp", value)
    shutil.copyfile(made, database)
    database.chmod(0o600)


def _make(made: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in Config.__dataclass_fields__}
    with tempfile.TemporaryDirectory(dir=KEPT) as folder:
        env = {**kept, "DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "backend.settings"}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=env, check=True)
        Path(folder, made.name).replace(made)
