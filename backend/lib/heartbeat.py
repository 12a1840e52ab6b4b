"""The sign of life of who holds rows it claimed: a worker that is killed stops beating, and others take over."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import QuerySet

from backend.lib.clock import Now

BEAT_S = 1.5


@contextmanager
def heartbeat(claimed: QuerySet[Any], now: Now) -> Iterator[None]:
    """Write ``heartbeat_at`` of the ``claimed`` rows every 1.5 s, from a thread of this process, while the work runs.

    The thread dies with the process; a database that does not answer is asked again at the next beat.
    """
    ended = threading.Event()

    def beat() -> None:
        try:
            while not ended.wait(BEAT_S):
                with suppress(DatabaseError):
                    claimed.update(heartbeat_at=now())
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
