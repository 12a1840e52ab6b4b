"""Marks in Redis that somebody looks at a camera's poster, so that Celery keeps it fresh. Nobody waits for them.

``mark`` only adds to a set; a daemon thread writes it out. Redis may be frozen: then marks are lost, and nothing else.
"""

import threading
from uuid import UUID

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

KEY = "matpho:looked:"
KEPT_S = 30
EVERY_S = 1.0


class Looks:
    def __init__(self, url: str) -> None:
        self._url = url
        self._seen: set[UUID] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="view-looks", daemon=True)

    def mark(self, camera_id: UUID) -> None:
        self._seen.add(camera_id)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        client = redis.Redis.from_url(
            self._url, socket_timeout=0.5, socket_connect_timeout=0.5, retry=Retry(NoBackoff(), 0)
        )
        while not self._stopping.wait(EVERY_S):
            seen, self._seen = self._seen, set()
            try:
                for camera_id in seen:
                    client.set(f"{KEY}{camera_id}", "1", ex=KEPT_S)
            except (redis.RedisError, OSError):
                continue
        client.close()
