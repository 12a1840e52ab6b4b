"""The dispatcher's loop: woken by a nudge, and every second besides. ``run`` survives, ``dispatch_once`` fails."""

import logging
import threading
import time
from collections.abc import Sequence

from django.db import DatabaseError, InterfaceError, connection

from backend.lib import clock
from backend.lib.clock import Now
from neighborhoods.outbox import CHANNEL
from neighborhoods.signs import Signs
from notifications.dispatching import dispatch_once
from notifications.models import Event
from notifications.publishing import Publisher

log = logging.getLogger(__name__)

IDLE_S, BUSY_S = 1.0, 0.25
ALIVE_S = 15.0
KEY = "matpho:dispatcher"
STOP_S = 1.0
"""For the row that is being told. A database that hangs may keep it longer: then the process ends without it, and the
database, left alone, undoes what was begun."""


class Dispatcher:
    """``start`` until ``stop``; ``done`` is set when the loop has ended."""

    def __init__(self, redis_url: str, *, now: Now = clock.now) -> None:
        self._now = now
        self._wake = threading.Event()
        self._stopping = False
        self._failing = False
        self._turned_at = time.monotonic()
        self._publisher = Publisher()
        self._signs = Signs(redis_url, key=KEY, channel=CHANNEL, alive=self.is_alive, nudged=self.wake)
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)
        self.done = threading.Event()

    def start(self) -> None:
        self._publisher.start()
        self._signs.start()
        self._thread.start()

    def wake(self) -> None:
        """From any thread: look now."""
        self._wake.set()

    def stop(self, timeout_s: float = STOP_S) -> bool:
        """End after the row that is being told; False where that took too long."""
        self._stopping = True
        self._signs.stop()
        self.wake()
        ended = self.done.wait(timeout_s)
        self._publisher.stop()
        return ended

    def is_alive(self) -> bool:
        """Whether the database answered a turn, or took a row, of late."""
        return time.monotonic() - self._turned_at < ALIVE_S

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._wake.clear()  # before the look: a nudge during it counts for the next
                told = self.turn()
                self._wake.wait(BUSY_S if told else IDLE_S)
        finally:
            connection.close()
            self.done.set()

    def _tell(self, events: Sequence[Event]) -> None:
        self._turned_at = time.monotonic()  # a backlog of thousands is one long turn
        self._publisher.publish(events)

    def turn(self) -> int:
        """One look. Whatever the database does, the next one tries again on a fresh connection."""
        try:
            told = dispatch_once(now=self._now(), tell=self._tell)
        except (DatabaseError, InterfaceError, OSError) as error:
            if not self._failing:
                log.warning("the database does not answer: %s", type(error).__name__)
            self._failing = True
            connection.close()
            return 0
        if self._failing:
            log.warning("the database answers again")
        self._failing = False
        self._turned_at = time.monotonic()
        return told
