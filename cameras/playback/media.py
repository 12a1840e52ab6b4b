"""What the media application's parts share: sessions, threads, live tails, the view journal; its start and its end."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils.translation import gettext as _

from backend.lib import clock
from backend.lib.clock import to_us
from backend.lib.errors import Unavailable
from cameras import frames
from cameras.playback import rows
from cameras.playback.footage import LiveTail, Shelf
from cameras.playback.looks import Looks
from cameras.playback.sending import FileReader
from cameras.playback.sessions import News, Sessions, State
from cameras.playback.viewjournal import Flusher, ViewJournal
from cameras.playback.watcher import Waker, Watcher
from cameras.store import catalog

P = ParamSpec("P")
T = TypeVar("T")

TICK_S = 0.25
SAVE_USE_S = 60.0
TAIL_IDLE_S = 60.0
RECENT = timedelta(seconds=120)


class Media:
    """One per process. Everything here is used from the event loop, unless its name says otherwise."""

    now = staticmethod(clock.now)
    monotonic = staticmethod(time.monotonic)

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        config = settings.CONFIG
        self.config = config
        self.key: bytes = settings.SECRETS.session_key
        self.sessions = Sessions(now=self.now, monotonic=self.monotonic)
        self.closing = asyncio.Event()
        self.disk = ThreadPoolExecutor(8, "media-disk")
        self._rows = ThreadPoolExecutor(4, "media-rows")
        self.reader = FileReader(self.disk)
        self.shelf = Shelf()
        self.tails: dict[tuple[UUID, str], LiveTail] = {}
        self.journal = ViewJournal(config.view_journal_dir, config.NODE_NAME)
        self.looks = Looks(config.redis_url)
        self._loop = loop
        self._flusher = Flusher(self.journal, config.view_journal_dir, self._save_in_thread)
        self._watcher = Watcher(
            tell=self._tell_in_thread, then=self._look_up_in_thread, now=self.now, monotonic=self.monotonic
        )
        self._waker = Waker(config.redis_url, self._watcher.wake)
        self._used: dict[UUID, int] = {}
        self._ended: dict[UUID, int] = {}
        self._first_news = asyncio.Event()

    async def start(self) -> None:
        """Start the threads, and wait a moment for the first confirmation so that the first request is served."""
        for part in (self._watcher, self._waker, self._flusher, self.looks):
            part.start()
        self._ticking = asyncio.create_task(self._tick())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._first_news.wait(), 2.0)

    def drain(self) -> None:
        self.closing.set()

    async def stop(self) -> None:
        """End every thread; the last view minutes are flushed, or wait on the disk."""
        self.drain()
        self._ticking.cancel()
        self._collect()
        self._waker.stop()
        self.looks.stop()
        self._watcher.stop()
        await asyncio.to_thread(self._flusher.stop)
        await asyncio.to_thread(frames.decoder.close)
        self.journal.close()
        self.disk.shutdown(wait=False, cancel_futures=True)
        self._rows.shutdown(wait=False, cancel_futures=True)

    async def ask_rows(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the database in a thread. Raises ``Unavailable`` where it fails, or falls silent meanwhile."""
        question = partial(ask, *args, **kwargs)
        asked = self._loop.run_in_executor(self._rows, rows.keeping_connection, question)
        while not asked.done():
            await asyncio.wait({asked}, timeout=TICK_S)
            if not asked.done() and not self.sessions.fresh():
                asked.add_done_callback(_seen)
                raise stale()
        try:
            return asked.result()
        except (DatabaseError, InterfaceError) as error:
            raise stale() from error

    async def ask_disk(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._loop.run_in_executor(self.disk, partial(ask, *args, **kwargs))

    def tail_of(self, camera_id: UUID, rendition: str) -> LiveTail:
        key = (camera_id, rendition)
        tail = self.tails.get(key)
        if tail is None:
            tail = self.tails[key] = LiveTail(self.config.store_dir, camera_id, rendition, monotonic=self.monotonic)
        tail.wanted_at = self.monotonic()
        return tail

    async def _tick(self) -> None:
        while True:
            self.sessions.tick()
            self._watcher.watched_ids = tuple(self.sessions.open_ids())
            clock_now = self.monotonic()
            for key, tail in list(self.tails.items()):
                if clock_now - tail.wanted_at > TAIL_IDLE_S:
                    del self.tails[key]
            self._collect()
            await asyncio.sleep(TICK_S)

    def _collect(self) -> None:
        """Note for the flusher's thread what has to be written about sessions. Dicts are replaced, never shared."""
        now_us, clock_now = to_us(self.now()), self.monotonic()
        for watched in self.sessions.all():
            if watched.state is not State.OPEN and not watched.saved_end:
                watched.saved_end = True
                self._ended[watched.id] = now_us
            if watched.used_at - watched.saved_use_at > (0 if self.closing.is_set() else SAVE_USE_S):
                watched.saved_use_at = watched.used_at
                self._used[watched.id] = now_us - int((clock_now - watched.used_at) * 1e6)

    def _tell_in_thread(self, news: News) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has closed
            self._loop.call_soon_threadsafe(self._take, news)

    def _take(self, news: News) -> None:
        self.sessions.take(news)
        self._first_news.set()

    def _look_up_in_thread(self) -> None:
        """Rows for tails whose chain of journals is broken. In the watcher's thread, after its confirmation."""
        for tail in list(self.tails.values()):
            if tail.needs_rows():
                tail.offer(newest_slices(tail.camera_id, tail.rendition, self.now()))

    def _save_in_thread(self) -> None:
        """In the flusher's thread."""
        used, self._used = self._used, {}
        ended, self._ended = self._ended, {}
        rows.save_uses(used)
        rows.save_ends(ended)


def stale() -> Unavailable:
    """The answer while the database is silent."""
    return Unavailable(
        _("The database does not answer, so nobody can say who may watch."), code="stale", retry_after_s=1
    )


def _seen(asked: asyncio.Future[Any]) -> None:
    """Nobody waits for this answer any more; asyncio would complain about an error that nobody looked at."""
    if not asked.cancelled():
        asked.exception()


def newest_slices(camera_id: UUID, rendition: str, now: datetime) -> list[Path]:
    """Media files of the slices that reach into the last two minutes. In a thread."""
    return [one.media for one in catalog.slices_between(camera_id, rendition, now - RECENT, now + RECENT)]
