"""The dispatcher and Redis: nudges in, a sign of life out. Nothing depends on it.

Redis may be stopped, flushed or frozen: news is then told within a second, that is all.
"""

import logging
import threading
import time
from collections.abc import Callable

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from neighborhoods.outbox import CHANNEL

log = logging.getLogger(__name__)

BEAT_S, BEAT_VALID_S = 5.0, 30
BEAT_KEY = "matpho:dispatcher"
RETRY_S = 1.0


class Signs:
    """A daemon thread. ``nudged`` is called when there may be news, ``alive`` says whether to give a sign of life."""

    def __init__(self, url: str, *, alive: Callable[[], bool], nudged: Callable[[], None]) -> None:
        self._url, self._alive, self._nudged = url, alive, nudged
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="signs", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._listen()
            except (redis.RedisError, OSError) as error:
                log.debug("no Redis: %s", type(error).__name__)
                self._ended.wait(RETRY_S)

    def _listen(self) -> None:
        once = Retry(NoBackoff(), 0)
        with redis.Redis.from_url(self._url, socket_timeout=2, socket_connect_timeout=1, retry=once) as client:
            channel = client.pubsub(ignore_subscribe_messages=True)
            channel.subscribe(CHANNEL)
            self._nudged()  # for what was said while nobody listened
            beat_at = 0.0
            while not self._ended.is_set():
                if time.monotonic() >= beat_at and self._alive():
                    beat_at = time.monotonic() + BEAT_S
                    client.set(BEAT_KEY, time.time(), ex=BEAT_VALID_S)
                if channel.get_message(timeout=1.0) is not None:
                    self._nudged()
