"""The hub and its threads: one of each per process, started and ended together."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from backend.lib import clock
from backend.lib.errors import Unavailable
from cameras.playback.rows import keeping_connection
from cameras.playback.watcher import Waker
from notifications.hub.feeder import Feeder, News
from notifications.hub.hub import Hub
from notifications.hub.layer import Subscriptions
from notifications.hub.notes import Notes
from notifications.hub.signins import SignIns

P = ParamSpec("P")
T = TypeVar("T")

LOOK_S = 0.25
FIRST_WORD_S = 2.0


class House:
    """Everything here is used from the event loop, unless its name says otherwise."""

    now = staticmethod(clock.now)
    monotonic = staticmethod(time.monotonic)

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.kept = timedelta(days=int(settings.CONFIG.FEED_DAYS))
        self._feeder = Feeder(tell=self._tell_in_thread, monotonic=self.monotonic)
        self._layer = Subscriptions(self._received)
        self.notes = Notes(now=self.now, busy=self._is_busy_in_thread)
        self.signins = SignIns(loop, now=self.now, monotonic=self.monotonic, seen=self.notes.seen)
        self.hub = Hub(
            now=self.now, monotonic=self.monotonic, sent=self.notes.sent, wake=self._feeder.wake,
            want=self._layer.want, unwant=self._layer.unwant, tidy=self._tidy,
        )  # fmt: skip
        self._waker = Waker(settings.CONFIG.redis_url, self._feeder.wake)
        self._rows = ThreadPoolExecutor(2, "hub-rows")

    async def start(self) -> None:
        self._layer.start()
        for part in (self._feeder, self._waker, self.signins, self.notes):
            part.start()
        self._tasks = [asyncio.create_task(self.hub.write()), asyncio.create_task(self.hub.watch())]
        await self.hub.started(FIRST_WORD_S)

    def drain(self) -> None:
        """The server is about to close every socket with 1012: nobody joins any more."""
        self.hub.closing = True

    async def stop(self) -> None:
        """End every thread; what is noted of deliveries is written."""
        self.drain()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._waker.stop()
        self.signins.stop()
        await self._layer.stop()
        await asyncio.to_thread(self._feeder.stop)
        await asyncio.to_thread(self.notes.stop)
        self._rows.shutdown(wait=False, cancel_futures=True)

    async def ask(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the database in a thread. Raises ``Unavailable`` where it fails, or falls silent meanwhile."""
        question = partial(ask, *args, **kwargs)
        asked = self._loop.run_in_executor(self._rows, keeping_connection, question)
        while not asked.done():
            await asyncio.wait({asked}, timeout=LOOK_S)
            if not asked.done() and not self.hub.fresh():
                asked.add_done_callback(_seen)
                raise Unavailable()
        try:
            return asked.result()
        except (DatabaseError, InterfaceError) as error:
            raise Unavailable() from error

    def _received(self, message: dict[str, object]) -> None:
        self.hub.offer(message)

    def _tell_in_thread(self, news: News) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has closed
            self._loop.call_soon_threadsafe(self._take, news)

    def _take(self, news: News) -> None:
        if news.revocations:
            self.signins.revoked(news.revocations)
        self.hub.take(news)

    def _tidy(self) -> None:
        if self.hub.fresh():
            self.signins.tidy()
        else:
            self.signins.give_up()

    def _is_busy_in_thread(self) -> bool:
        return self.hub.broadcasting


def _seen(asked: "asyncio.Future[T]") -> None:
    """Nobody waits for this answer any more; asyncio would complain about an error that nobody looked at."""
    if not asked.cancelled():
        asked.exception()
