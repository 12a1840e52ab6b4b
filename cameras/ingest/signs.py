"""The recorder and Redis: a sign of life for ``/readyz``, and nudges that bring the next look forward.

Nothing depends on it. Redis may be stopped, flushed or frozen: cameras are then noticed a second later, that is all.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping

import redis

log = logging.getLogger(__name__)

BEAT_S, BEAT_VALID_S = 5.0, 30
BEAT_KEY = "matpho:recorder"
CHANNEL = "matpho:cameras"
"""``cameras.registration`` tells it when a verb has changed a camera."""


class Signs:
    """A daemon thread. ``alive`` says whether the recorder deserves its sign of life; ``nudged`` is called on news,
    ``listening`` with whether news would be heard.

    ``figures`` go into ``matpho:recorder:<name>`` as JSON, for ``/metrics``.
    """

    def __init__(
        self, url: str, *, name: str, alive: Callable[[], bool], figures: Callable[[], Mapping[str, float]],
        listening: Callable[[bool], None], nudged: Callable[[], None],
    ) -> None:  # fmt: skip
        self._url, self._name, self._figures = url, name, figures
        self._alive, self._listening, self._nudged = alive, listening, nudged
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
                self._ended.wait(2.0)

    def _listen(self) -> None:
        with redis.Redis.from_url(self._url, socket_timeout=2, socket_connect_timeout=1) as client:
            channel = client.pubsub(ignore_subscribe_messages=True)
            channel.subscribe(CHANNEL)
            self._listening(True)
            self._nudged()  # for what was said while nobody listened
            beat_at = 0.0
            while not self._ended.is_set():
                if time.monotonic() >= beat_at and self._alive():
                    beat_at = time.monotonic() + BEAT_S
                    client.set(BEAT_KEY, time.time(), ex=BEAT_VALID_S)
                    client.set(f"{BEAT_KEY}:{self._name}", json.dumps(self._figures()), ex=BEAT_VALID_S)
                if channel.get_message(timeout=1.0) is not None:
                    self._nudged()
