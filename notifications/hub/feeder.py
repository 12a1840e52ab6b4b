"""The thread that asks the database every 0.5 s what is new and what has been taken back. Only its answers confirm.

A message on Redis (a revocation's, or an event's that is not the next one) brings the next poll forward and means
nothing else. A poll counts from *before* its queries were sent: an answer that was late confirms little.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection

from backend.lib.clock import Monotonic
from cameras.playback.rows import keeping_connection
from neighborhoods import revocations
from notifications.hub import rows
from notifications.hub.ring import Ready

log = logging.getLogger(__name__)

POLL_S = 0.5
SPACING_S = 0.02
"""However often it is woken, polls are at least this far apart."""


@dataclass(frozen=True, slots=True)
class News:
    """What one poll found. ``began`` is the monotonic time before its queries."""

    began: float
    revocations: list[tuple[int, str, UUID]]
    events: list[Ready]
    first: rows.Recent | None = None
    """Of a process's first poll: what is remembered of before."""


class Feeder:
    """``tell`` is called in this thread with the news of each poll."""

    def __init__(self, *, tell: Callable[[News], None], monotonic: Monotonic) -> None:
        self._tell, self._monotonic = tell, monotonic
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._last_event: int | None = None
        self._last_revocation = 0
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="hub-feeder", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """From any thread: look now."""
        self._wake.set()

    def stop(self, timeout_s: float = 1.0) -> None:
        self._stopping.set()
        self._wake.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()  # before the look: who wakes during it wants another
            began = self._monotonic()
            more = self.run_once(began)
            if not more:
                self._wake.wait(max(0.0, POLL_S - (self._monotonic() - began)))
                self._stopping.wait(max(0.0, SPACING_S - (self._monotonic() - began)))
        connection.close()

    def run_once(self, began: float) -> bool:
        """One poll; True where there is more to read. A database that fails confirms nothing; the next poll tries again
        on a new connection."""
        try:
            more = keeping_connection(lambda: self._poll(began))
        except (DatabaseError, InterfaceError, OSError) as error:
            if not self._failing:
                log.warning("the database does not answer: %s", type(error).__name__)
            self._failing = True
            return False
        if self._failing:
            log.warning("the database answers again")
        self._failing = False
        return more

    def _poll(self, began: float) -> bool:
        if self._last_event is None:
            self._last_revocation = revocations.last_id()
            recent = rows.recent_events()
            self._last_event = recent.events[-1].id if recent.events else recent.complete_after
            self._tell(News(began, [], recent.events, recent))
            return False
        taken_back = revocations.after(self._last_revocation)
        events = rows.events_after(self._last_event)
        if taken_back:
            self._last_revocation = taken_back[-1][0]
        if events:
            self._last_event = events[-1].id
        self._tell(News(began, taken_back, events))
        return len(events) == rows.POLL_EVENTS
