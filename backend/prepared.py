"""Whether ``backend.prepare`` has anything to do. No Django: asked by the supervisor before anything else starts.

The stamp covers every file of ours that set-up work reads (code, migrations, templates, scripts, messages), the pinned
packages and the settings that pick what is made; and the number of migrations the database says it has had, so that a
database restored from an older copy is migrated. Beside it, the sign-ins about to be printed must still open something.
Any doubt means: prepare again, it is idempotent.
"""

import json
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

from backend.lib.config import ROOT, Config
from backend.setup import stamps

_FOLDERS = ("backend", "neighborhoods", "cameras", "notifications", "build/vendor")
_SUFFIXES = {".py", ".html", ".css", ".js", ".mjs", ".svg", ".png", ".webmanifest", ".po", ".json", ".txt", ".ttf"}


def due(config: Config) -> bool:
    """True where something may have changed since the last finished ``backend.prepare`` of this data folder."""
    wanted = config.signins_file if config.demo else config.setup_file
    if config.DATABASE_URL or not wanted.is_file():
        return True
    if not config.demo and wanted.read_text().strip() != "{}":
        return True  # a set-up link is out: it may have been used or have ended since
    if config.demo and not _code_works(config):
        return True
    return not stamps.holds(_stamp(config), _value(config))


def put_stamp(config: Config) -> None:
    if not config.DATABASE_URL:
        stamps.put(_stamp(config), _value(config))


def demo_port(config: Config) -> int:
    """The loopback port of the demonstration's cameras: picked once per data folder, as their rows name it."""
    kept = config.data_dir / "demo-port"
    if not kept.is_file():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            kept.write_text(str(probe.getsockname()[1]))
    return int(kept.read_text())


def _stamp(config: Config) -> Path:
    return config.data_dir / "run" / "prepared"


def _value(config: Config) -> str:
    files = [
        path
        for folder in _FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in _SUFFIXES and "__pycache__" not in path.parts
    ]
    return stamps.digest([*files, ROOT / "requirements.txt"], str(config.demo), str(_migrations(config)))


def _migrations(config: Config) -> int:
    return _counted(config, "SELECT count(*) FROM django_migrations")


def _code_works(config: Config) -> bool:
    """Whether the kept household code may be redeemed: a first look, ``load_demo`` decides."""
    kept = json.loads(config.signins_file.read_text())
    unused = "revoked_at IS NULL AND slots_used < slots AND expires_at > datetime('now')"
    query = f"SELECT count(*) FROM neighborhoods_accesscode WHERE typed_hmac = ? AND {unused}"  # noqa: S608  (no input)
    return _counted(config, query, bytes.fromhex(kept.get("typed_hmac", ""))) == 1


def _counted(config: Config, query: str, *values: bytes) -> int:
    """What the embedded database answers; -1 where it does not."""
    path = config.data_dir / "matpho.sqlite3"
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return int(database.execute(query, values).fetchone()[0])
    except sqlite3.Error:
        return -1
