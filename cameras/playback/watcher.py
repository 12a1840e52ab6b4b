"""The thread that asks the database every 0.5 s what has been taken back. Only its answers confirm anything.

A Redis message on ``matpho:revoked`` brings the next poll forward and means nothing else: Redis may be stopped,
flushed, frozen or restarted. A poll counts from *before* its query was sent: an answer that was late confirms little.
"""

import logging
import threading
from collections.abc import Callable
from uuid import UUID

import redis
from django.db import DatabaseError, InterfaceError
from redis.backoff import NoBackoff
from redis.retry import Retry

from backend.lib.clock import Monotonic, Now
from cameras.playback import rows
from cameras.playback.sessions import News
from neighborhoods import revocations

log = logging.getLogger(__name__)

POLL_S = 0.5
SPACING_S = 0.05
"""However often Redis calls, polls are at least this far apart."""


class Watcher:
    """``tell`` is called in the watcher's thread with each poll's news; ``then`` after it, for reads that can wait."""

    def __init__(
        self, *, tell: Callable[[News], None], then: Callable[[], None], now: Now, monotonic: Monotonic
    ) -> None:  # fmt: skip
        self._tell, self._then = tell, then
        self._now, self._monotonic = now, monotonic
        self._wake = threading.Event()
        self._stopping = False
        self._last_id: int | None = None
        self._failing = False
        self.watched_ids: tuple[UUID, ...] = ()
        """Sessions whose end to look for; replaced whole by the event loop."""
        self._thread = threading.Thread(target=self._run, name="view-watcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._wake.set()

    def stop(self, timeout_s: float = 1.0) -> None:
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping:
            began = self._monotonic()
            self.run_once(began)
            self._wake.wait(max(SPACING_S, POLL_S - (self._monotonic() - began)))
            if self._wake.is_set():
                self._wake.clear()
                rest = SPACING_S - (self._monotonic() - began)
                if rest > 0 and not self._stopping:
                    threading.Event().wait(rest)

    def run_once(self, began: float) -> None:
        """One poll. A database that fails confirms nothing, and the next poll tries again on a new connection."""
        try:
            rows.keeping_connection(lambda: self._poll(began))
            if self._failing:
                log.warning("the database answers again")
            self._failing = False
        except (DatabaseError, InterfaceError, OSError) as error:
            if not self._failing:
                log.warning("the database does not answer: %s", type(error).__name__)
            self._failing = True

    def _poll(self, began: float) -> None:
        if self._last_id is None:
            found = rows.revocations_since_any_session(self._now())
        else:
            found = revocations.after(self._last_id)
        ids = self.watched_ids
        ended = rows.ended_among(ids) if ids else []
        self._last_id = found[-1][0] if found else (self._last_id or 0)
        self._tell(News(began, found, ended))
        self._then()


class Waker:
    """Listens on Redis and wakes the watcher. Whatever happens to Redis, it only tries again."""

    RETRY_S = 0.5

    def __init__(self, url: str, wake: Callable[[], None]) -> None:
        self._url, self._wake = url, wake
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="view-waker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        client = redis.Redis.from_url(
            self._url, socket_timeout=2.0, socket_connect_timeout=1.0, retry=Retry(NoBackoff(), 0)
        )
        while not self._stopping.is_set():
            try:
                self._listen(client)
            except (redis.RedisError, OSError):
                self._stopping.wait(self.RETRY_S)
        client.close()

    def _listen(self, client: redis.Redis) -> None:
        with client.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]
            channel.subscribe(revocations.CHANNEL)
            while not self._stopping.is_set():
                if channel.get_message(timeout=1.0) is not None:
                    self._wake()
