"""From tokens to what their holders may hear: one thread that takes all who wait at once.

After a restart ten thousand phones come back together; one by one they would cost ten thousand SELECTs. What was found
is remembered for half a minute, so that a phone whose line breaks now and then costs none. A revocation takes it out of
that memory; what ends without one (a role's last day) is in ``Signed.ends_at``.
"""

import asyncio
import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Iterable
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection

from backend.lib.clock import Monotonic, Now
from backend.lib.errors import Unavailable
from cameras.playback.rows import keeping_connection
from neighborhoods import tokens
from notifications.hub import rows
from notifications.hub.listeners import Signed, subject_of

log = logging.getLogger(__name__)

REMEMBER_S = 30.0
MOST_AT_ONCE = 200
LONGEST_TOKEN = 200

Answer = dict[bytes, Signed] | Exception
Waiting = asyncio.Future[Signed | None]


class SignIns:
    """``seen`` is called in the thread with devices whose ``last_seen_at`` is to be touched when nobody waits."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, *, now: Now, monotonic: Monotonic, seen: Callable[[list[UUID]], None]
    ) -> None:
        self._loop, self._now, self._monotonic, self._seen = loop, now, monotonic, seen
        self._remembered: dict[bytes, tuple[Signed, float]] = {}
        self._waiting: dict[bytes, Waiting] = {}
        self._asked: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="hub-signins", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._asked.put(None)
        self.give_up()

    async def signed(self, token: str) -> Signed | None:
        """Who holds ``token``; None where nobody may listen with it. Raises ``Unavailable``."""
        if not token.startswith(tokens.PREFIX) or len(token) > LONGEST_TOKEN or not token.isascii():
            return None
        key = tokens.hash_of(token)
        known = self._remembered.get(key)
        if known is not None and known[1] > self._monotonic():
            return known[0]
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = self._waiting[key] = self._loop.create_future()
            self._asked.put(key)
        return await asyncio.shield(waiting)

    def revoked(self, revocations: Iterable[tuple[int, str, UUID]]) -> None:
        """Forget whom these name."""
        named = {subject_of(kind, subject_id) for _, kind, subject_id in revocations}
        gone = [key for key, (signed, _) in self._remembered.items() if not named.isdisjoint(signed.subjects)]
        for key in gone:
            del self._remembered[key]

    def tidy(self) -> None:
        """Forget what is too old. Entries stand in the order of their end."""
        clock_now = self._monotonic()
        while self._remembered:
            key = next(iter(self._remembered))
            if self._remembered[key][1] > clock_now:
                return
            del self._remembered[key]

    def give_up(self) -> None:
        """The database is silent: whoever waits is told to come back later."""
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(Unavailable())
                future.exception()  # whoever asked may be gone

    def _run(self) -> None:
        while (first := self._asked.get()) is not None:
            batch = [first]
            with contextlib.suppress(queue.Empty):
                while len(batch) < MOST_AT_ONCE:
                    following = self._asked.get_nowait()
                    if following is None:
                        return
                    batch.append(following)
            answer = self._ask(batch)
            with contextlib.suppress(RuntimeError):  # the loop has closed
                self._loop.call_soon_threadsafe(self._take, batch, answer)
        connection.close()

    def _ask(self, batch: list[bytes]) -> Answer:
        try:
            signed, unseen = keeping_connection(lambda: rows.sign_in(batch, self._now()))
        except (DatabaseError, InterfaceError, OSError) as error:
            log.warning("%d cannot sign in: %s", len(batch), type(error).__name__)
            return Unavailable()
        if unseen:
            self._seen(unseen)
        return signed

    def _take(self, batch: list[bytes], answer: Answer) -> None:
        until = self._monotonic() + REMEMBER_S
        for key in batch:
            waiting = self._waiting.pop(key, None)
            if isinstance(answer, Exception):
                if waiting is not None and not waiting.done():
                    waiting.set_exception(answer)
                    waiting.exception()
                continue
            signed = answer.get(key)
            if signed is not None:
                self._remembered.pop(key, None)  # re-inserted last
                self._remembered[key] = (signed, until)
            if waiting is not None and not waiting.done():
                waiting.set_result(signed)
