"""A long-running part and Redis: nudges in, a sign of life out, for ``/readyz``. Nothing depends on it.

Redis may be stopped, flushed or frozen at any time: what a nudge would have told is then noticed at the part's own next
look, a second or so later, that is all.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

BEAT_S, BEAT_VALID_S = 5.0, 30
RETRY_S = 1.0


def _nothing_more() -> Mapping[str, str]:
    return {}


def _nobody_asks(heard: bool) -> None:
    return None


class Signs:
    """A daemon thread, from ``start`` to ``stop``.

    ``key`` holds the Unix time of the last sign of life, as text, for 30 s; none is given unless ``alive`` says so.
    ``nudged`` is called on every message of ``channel``, and when listening begins; ``listening`` with whether messages
    would be heard now; ``more`` gives other keys and texts that are kept as long.
    """

    def __init__(
        self, url: str, *, key: str, channel: str, alive: Callable[[], bool], nudged: Callable[[], None],
        listening: Callable[[bool], None] = _nobody_asks, more: Callable[[], Mapping[str, str]] = _nothing_more,
    ) -> None:  # fmt: skip
        self._url, self._key, self._channel = url, key, channel
        self._alive, self._nudged, self._listening, self._more = alive, nudged, listening, more
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
                self._listening(False)
                self._ended.wait(RETRY_S)

    def _listen(self) -> None:
        once = Retry(NoBackoff(), 0)
        with redis.Redis.from_url(self._url, socket_timeout=2, socket_connect_timeout=1, retry=once) as client:
            channel = client.pubsub(ignore_subscribe_messages=True)
            channel.subscribe(self._channel)
            self._listening(True)
            self._nudged()  # for what was said while nobody listened
            beat_at = 0.0
            while not self._ended.is_set():
                if time.monotonic() >= beat_at and self._alive():
                    beat_at = time.monotonic() + BEAT_S
                    for key, text in {self._key: str(time.time()), **self._more()}.items():
                        client.set(key, text, ex=BEAT_VALID_S)
                if channel.get_message(timeout=1.0) is not None:
                    self._nudged()
