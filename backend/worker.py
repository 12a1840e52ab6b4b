"""The Celery worker of this node: threads, with the beat inside and a sign of life for ``/readyz``.

``celery worker -B`` starts the beat as a process of its own, which survives a ``kill -9`` of the worker; here it is a
thread and ends with it. Tasks that decode do so in processes they start themselves.
"""

import logging
import threading
import time
import warnings
from typing import Any

import redis
from celery import bootsteps
from celery.beat import EmbeddedService
from celery.exceptions import SecurityWarning

from backend.beats import WORKER_KEY
from backend.celery import app
from backend.lib import logs
from backend.lib.config import Config

log = logging.getLogger("matpho.worker")

THREADS = 4
BEAT_S = 5


class Beat(bootsteps.StartStopStep):
    """The schedule, in a thread."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **kwargs: Any) -> None:
        run_dir = Config.from_env().data_dir / "run"
        run_dir.mkdir(parents=True, exist_ok=True)
        self.service: Any = EmbeddedService(worker.app, thread=True, schedule_filename=str(run_dir / "beat"))

    def start(self, worker: Any) -> None:
        self.service.start()

    def stop(self, worker: Any) -> None:
        self.service.stop()


class SignOfLife(bootsteps.StartStopStep):
    """Says every few seconds, for 30 s, that a worker takes tasks (once its consumer runs)."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **kwargs: Any) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sign-of-life", daemon=True)

    def start(self, consumer: Any) -> None:
        if not self._thread.is_alive():
            self._thread.start()

    def shutdown(self, consumer: Any) -> None:
        self._ended.set()

    def _run(self) -> None:
        client = redis.Redis.from_url(Config.from_env().redis_url, socket_timeout=1, socket_connect_timeout=1)
        while not self._ended.is_set():
            try:
                client.set(WORKER_KEY, time.time(), ex=30)
            except redis.RedisError as error:
                log.warning("no sign of life given: %s", error)
            self._ended.wait(BEAT_S)


def main() -> None:
    config = Config.from_env()
    logs.configure("worker", config.LOG_LEVEL)
    warnings.simplefilter("ignore", SecurityWarning)  # about root and pickle; messages here are JSON
    app.steps["worker"].add(Beat)
    app.steps["consumer"].add(SignOfLife)
    app.worker_main([
        "--quiet", "worker", "--pool", "threads", "--concurrency", str(THREADS),
        "--without-gossip", "--without-mingle", "--loglevel", config.LOG_LEVEL,
    ])  # fmt: skip


if __name__ == "__main__":
    main()
