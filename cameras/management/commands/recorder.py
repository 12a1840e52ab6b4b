"""``manage.py recorder``: record every camera of this node that may be recorded, until SIGTERM or Ctrl-C."""

import json
import logging
import signal
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from backend.lib import logs
from cameras import dialling, registration
from cameras.ingest.parent import Recorder
from cameras.store.catalog import node_here
from cameras.store.marker import NotThisStore, store_claim
from neighborhoods.signs import Signs

log = logging.getLogger(__name__)

ALIVE_S = 15.0
KEY = "matpho:recorder"
"""With the recorder's name behind it: what it says of itself, as JSON, for ``/metrics``."""


class Command(BaseCommand):
    help = "Records the cameras of this media node"
    requires_system_checks = []  # they import every URL and with it 30 MB; the other parts run them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workers", type=int, default=int(settings.CONFIG.RECORDER_WORKERS))
        parser.add_argument("--slice-seconds", type=float, default=60.0)

    def handle(self, *args: Any, **options: Any) -> None:
        config = settings.CONFIG
        logs.configure("recorder", config.LOG_LEVEL)
        config.store_dir.mkdir(parents=True, exist_ok=True)
        recorder = Recorder(
            store=config.store_dir, holders=config.data_dir / "run" / "recorders", workers=options["workers"],
            node_id=lambda: _node(config.store_dir), dial=dialling.judge, slice_seconds=options["slice_seconds"],
        )  # fmt: skip
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: recorder.stop())
        signs = Signs(
            config.redis_url, key=KEY, channel=registration.CHANNEL, alive=lambda: _alive(recorder),
            nudged=recorder.books.look, listening=recorder.books.listening,
            more=lambda: {f"{KEY}:{recorder.holder.name}": json.dumps(recorder.figures())},
        )  # fmt: skip
        signs.start()
        log.info("recording as %s with %d workers", recorder.holder.name, options["workers"])
        recorder.run()
        signs.stop()


def _node(store: Path) -> UUID:
    """This machine's node, its store marked. A wrong folder is said and recorded into: a gap cannot be made good."""
    node_id: UUID = node_here().pk
    try:
        store_claim(store, node_id)
    except NotThisStore as error:
        log.error("%s Recording goes on there, and nothing is deleted.", error)
    return node_id


def _alive(recorder: Recorder) -> bool:
    now = time.monotonic()
    return now - recorder.turned_at < ALIVE_S and now - recorder.books.worked_at < ALIVE_S
