"""A parent for real worker processes, without a database: for tests and the bench.

It answers want_dial with the address in the URL, renews deadlines, keeps every message, and starts a new worker where
asked, as ``cameras.ingest.parent`` does.
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from cameras.demo import sei
from cameras.ingest import aftermath
from cameras.ingest.pipe import Pipe, PipeEnded
from cameras.store.journal import Journal
from cameras.store.resume import resume_point
from tests.pace import PATIENCE_S

ROOT = Path(__file__).resolve().parents[3]


class Foreman:
    """One worker process and what it says. ``record`` starts a camera; ``messages`` holds all news."""

    def __init__(self, store: Path, **env: str) -> None:
        self.store = store
        self.messages: list[dict[str, Any]] = []
        self.renewing = True
        self.valid_s = 8.0
        self.dials: dict[str, int] = {}
        self.redirects: list[str] = []
        self._env = {**os.environ, **env}
        self._orders: dict[str, dict[str, Any]] = {}
        self._lock = threading.RLock()
        self._ending = False
        self._spawn()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _spawn(self) -> None:
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cameras.ingest.worker", str(theirs.fileno())], pass_fds=[theirs.fileno()],
            cwd=ROOT, env=self._env,
        )  # fmt: skip
        theirs.close()
        self.pipe = Pipe(ours)

    def record(self, url: str, *, user: str = "", password: str = "", generation: int = 1, **more: Any) -> str:
        """Start a camera; gives its key, which is also the camera's id."""
        key = str(uuid4())
        order = {
            "op": "start", "key": key, "camera_id": key, "rendition": "main", "generation": generation,
            "mask_version": 0, "url": url, "user": user, "password": password, "store": str(self.store), **more,
        }  # fmt: skip
        with self._lock:
            self._orders[key] = order
            self._start(order)
        return key

    def _start(self, order: dict[str, Any]) -> None:
        resume = resume_point(self.store, UUID(order["camera_id"]), "main")
        self.say(
            {
                **order, "deadline": time.monotonic() + self.valid_s,
                "resume": {
                    "media_sequence": resume.media_sequence, "tfdt": resume.tfdt,
                    "discontinuity_sequence": resume.discontinuity_sequence,
                    "previous_slice": str(resume.previous_slice) if resume.previous_slice else None,
                },
            }
        )  # fmt: skip

    def say(self, message: dict[str, Any]) -> None:
        with self._lock:
            self.pipe.send(message)
            with contextlib.suppress(PipeEnded):
                self.pipe.flush()

    def kill(self) -> None:
        """kill -9, wait, bring its slices to rest, and go on with a new worker at once."""
        with self._lock:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.pipe.close()
            for key in self._orders:
                aftermath.settle(self.store, UUID(key), "main")
            self._spawn()
            for order in self._orders.values():
                self._start(order)

    def _run(self) -> None:
        renewed = 0.0
        while not self._ending:
            with self._lock:
                fd = self.pipe.fileno()
            with contextlib.suppress(OSError, ValueError):  # closed under us by kill()
                select.select([fd], [], [], 0.02)
            with self._lock, contextlib.suppress(PipeEnded, OSError):
                for message in self.pipe.receive():
                    self._hear(message)
                if self.renewing and time.monotonic() - renewed > 2:
                    renewed = time.monotonic()
                    self.pipe.send({"op": "lease", "keys": {key: renewed + self.valid_s for key in self._orders}})
                self.pipe.flush()

    def _hear(self, message: dict[str, Any]) -> None:
        self.messages.append({**message, "at": time.monotonic()})
        if message["op"] != "want_dial":
            return
        self.dials[message["key"]] = self.dials.get(message["key"], 0) + 1
        if message["url"] != self._orders[message["key"]]["url"]:
            self.redirects.append(message["url"])
        where = urlsplit(message["url"])
        if where.hostname == "refused.example":
            self.pipe.send({"op": "refuse", "key": message["key"], "reason": "address_refused"})
        else:
            self.pipe.send({"op": "dial", "key": message["key"], "ip": where.hostname, "port": where.port})

    def news(self, op: str, key: str | None = None) -> list[dict[str, Any]]:
        return [m for m in list(self.messages) if m["op"] == op and (key is None or m.get("key") == key)]

    def health(self, key: str) -> tuple[str, str]:
        said = self.news("health", key)
        return (said[-1]["state"], said[-1]["reason"]) if said else ("", "")

    def wait(self, what: Callable[[], Any], seconds: float = PATIENCE_S) -> Any:
        until = time.monotonic() + seconds
        while not (found := what()):
            assert time.monotonic() < until, f"waited {seconds} s in vain; last news {self.messages[-5:]}"
            time.sleep(0.02)
        return found

    def wait_live(self, key: str, seconds: float = PATIENCE_S) -> None:
        self.wait(lambda: self.health(key)[0] == "live", seconds)

    def stop(self, key: str) -> None:
        with self._lock:
            del self._orders[key]
        self.say({"op": "stop", "key": key})
        self.wait(lambda: self.news("stopped", key))

    def quit(self) -> None:
        """A clean stop: every slice closed, everything synced."""
        self.say({"op": "quit"})
        self.process.wait(PATIENCE_S)
        self.wait(lambda: self.news("bye"))

    def end(self) -> None:
        self._ending = True
        self._thread.join()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(OSError):
            self.pipe.close()


@contextlib.contextmanager
def foreman(store: Path, **env: str) -> Iterator[Foreman]:
    one = Foreman(store, **env)
    try:
        yield one
    finally:
        one.end()


def journals(store: Path, key: str) -> list[Journal]:
    """The camera's journals in the order of their footage."""
    found = [Journal.open(path) for path in (store / key).rglob("*.idx")]
    return sorted(found, key=lambda j: (j.header.generation, j.header.media_sequence, j.header.discontinuity_sequence))


def stored_bytes(journal: Journal) -> bytes:
    return journal.path.with_suffix(".mp4").read_bytes()[: journal.media_length]


def stored_frames(store: Path, key: str) -> list[int]:
    """The numbers in the SEI of every stored frame, in the order of the files."""
    return [number for journal in journals(store, key) for _, number in sei.stamps(stored_bytes(journal))]
