"""Messages that only bring a poll forward. The database is the truth; losing one costs half a second and no more.

Redis may be stopped, flushed or frozen (SIGSTOP) at any time, so nothing that answers a person may wait for it. A
daemon thread per process does the talking: ``nudge`` leaves the newest text of each channel for it and returns at once,
and however many pile up behind a frozen Redis, only the newest of a channel is sent.
"""

import logging
import os
import threading

import redis
from django.conf import settings
from django.db import transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

TIMEOUT_S = 0.1


class Nudger:
    """The thread and what it has still to say. ``close`` lets it finish; a fork starts afresh."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: dict[str, str] = {}
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._pid = 0
        self._closed = False

    def nudge(self, channel: str, text: str) -> None:
        """Leave ``text`` for ``channel``; never blocks on the network."""
        if self._pid != os.getpid():  # the thread does not survive a fork
            self._wake = threading.Condition()
            self._thread, self._pid = None, os.getpid()
        with self._wake:
            self._waiting[channel] = text
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="nudger", daemon=True)
                self._thread.start()
            self._wake.notify()

    def close(self) -> None:
        with self._wake:
            self._closed = True
            self._wake.notify()
            thread = self._thread
        if thread is not None:
            thread.join(5 * TIMEOUT_S)

    def _run(self) -> None:
        client = redis.Redis.from_url(
            self._url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
        while True:
            with self._wake:
                while not self._waiting and not self._closed:
                    self._wake.wait()
                if not self._waiting:
                    break
                news, self._waiting = self._waiting, {}
            for channel, text in news.items():
                try:
                    client.publish(channel, text)
                except redis.RedisError as error:
                    logger.debug("nudge on %s lost: %s", channel, type(error).__name__)
        client.close()


_nudger = Nudger(settings.CONFIG.redis_url)


def on_commit(channel: str, text: str) -> None:
    """Nudge ``channel`` once the surrounding transaction has committed."""
    transaction.on_commit(lambda: _nudger.nudge(channel, text), robust=True)
