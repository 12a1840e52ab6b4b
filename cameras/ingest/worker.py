"""A recorder worker: ``python -m cameras.ingest.worker <fd>``. One thread, all of its cameras, no Django, no Redis.

It speaks with its parent over the socketpair whose number it is given (``docs/design/seams.md``, "Ingest"), and
ends when that ends. It has no database and no names: the parent resolves, checks and hands over addresses, and what it
writes stands in files of its own that only it appends to. So a worker can be killed at any moment.
"""

import gc
import logging
import os
import select
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from backend.lib import logs
from cameras.ingest.budget import Budget
from cameras.ingest.connection import ReceiveBuffer
from cameras.ingest.pipe import Message, Pipe, PipeEnded
from cameras.ingest.source import Source, slices_of
from cameras.store.resume import Resume
from cameras.store.slices import SliceNews, SliceOpened, SliceWriter
from cameras.store.sync import Syncer

log = logging.getLogger("cameras.ingest.worker")

STATS_S = 2.0
QUICK_NEWS_S = 0.25


class Worker:
    """``run`` survives what one camera does; ``run_once`` is one sweep of those that are due."""

    def __init__(self, pipe: Pipe, syncer: Syncer, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._pipe = pipe
        self._syncer = syncer
        self._monotonic = monotonic
        self._sources: dict[str, Source] = {}
        self._buffer = ReceiveBuffer()
        self._news: deque[Message] = deque()  # the Syncer's thread adds here, too
        self._stats_at = 0.0
        self._running = True

    def run(self) -> None:
        """Until the parent says ``quit`` or is gone."""
        poll = select.poll()
        poll.register(self._pipe, select.POLLIN)
        try:
            while self._running:
                now = self._monotonic()
                self.run_once(now)
                poll.poll(max(0.0, (self._next_due() - self._monotonic()) * 1000))
        except PipeEnded:
            log.info("the parent is gone")
        finally:
            self._close()

    def run_once(self, now: float) -> None:
        """Hear the parent, sweep every camera that is due, tell the news. Raises PipeEnded."""
        for message in self._pipe.receive():
            self._hear(message, now)
        soon = now + 0.005  # cameras of one pace are due within a rounding error of each other
        wall_us = time.time_ns() // 1000
        for source in list(self._sources.values()):
            if now >= source.deadline:
                self._lapse(source)
            elif source.due <= soon:
                self._sweep(source, wall_us)
        if now >= self._stats_at:
            self._stats_at = now + STATS_S
            unsynced = round(self._syncer.oldest_unsynced_s(), 3)
            self._pipe.send({"op": "stats", "oldest_unsynced_s": unsynced, "sources": len(self._sources)})
        while self._news:
            self._pipe.send(self._news.popleft())
        self._pipe.flush()

    def _sweep(self, source: Source, wall_us: int) -> None:
        now = self._monotonic()  # each camera's own: the fiftieth is read a few milliseconds after the first
        try:
            source.sweep(now, wall_us)
        except Exception:
            log.exception("camera %s: a fault of ours", source.camera_id)
            try:
                source.fault(now, wall_us)
            except Exception:
                log.exception("camera %s: given up till its next start", source.camera_id)
                del self._sources[source.key]
                self._tell({"op": "stopped", "key": source.key, "reason": "internal"})

    def _next_due(self) -> float:
        news = self._monotonic() + QUICK_NEWS_S if self._news or self._pipe.waiting else self._stats_at
        return min((source.due for source in self._sources.values()), default=news) if not self._news else news

    # --- the parent's words -----------------------------------------------------------------------------------------

    def _hear(self, message: Message, now: float) -> None:
        operation = message["op"]
        if operation == "quit":
            self._running = False
        elif operation == "start":
            self._start(message, now)
        elif operation == "lease":
            for key, deadline in message["keys"].items():
                if key in self._sources:
                    self._sources[key].deadline = float(deadline)
        elif message["key"] not in self._sources:
            return  # it ended while the message was under way
        elif operation == "dial":
            self._sources[message["key"]].dial(message["ip"], int(message["port"]), now)
        elif operation == "refuse":
            self._sources[message["key"]].refuse(message["reason"], now)
        elif operation == "stop":
            self._stop(self._sources[message["key"]], now)

    def _start(self, order: Message, now: float) -> None:
        if order["key"] in self._sources:
            self._stop(self._sources[order["key"]], now)
        resume = Resume(
            order["resume"]["media_sequence"], order["resume"]["discontinuity_sequence"], order["resume"]["tfdt"],
            UUID(order["resume"]["previous_slice"]) if order["resume"]["previous_slice"] else None,
        )  # fmt: skip
        slice_seconds = float(order.get("slice_seconds", 60.0))
        slices = slices_of(slice_seconds, now)
        writer = SliceWriter(
            Path(order["store"]), camera_id=UUID(order["camera_id"]), rendition=order["rendition"],
            generation=order["generation"], mask_version=order["mask_version"], resume=resume, sync=self._syncer,
            news=self._slice_news(order["key"], slices), slice_seconds=slice_seconds,
        )  # fmt: skip
        self._sources[order["key"]] = Source(
            order, writer=writer, slices=slices, buffer=self._buffer, tell=self._tell, now=now, tfdt=resume.tfdt
        )  # fmt: skip

    def _stop(self, source: Source, now: float) -> None:
        del self._sources[source.key]
        try:
            source.stop(now, time.time_ns() // 1000)
        except Exception:
            log.exception("camera %s: did not stop cleanly", source.camera_id)
        self._tell({"op": "stopped", "key": source.key, "reason": "stopped"})

    def _lapse(self, source: Source) -> None:
        log.warning("camera %s: the lease ran out, nothing more is written", source.camera_id)
        del self._sources[source.key]
        source.abandon()
        self._tell({"op": "stopped", "key": source.key, "reason": "lapsed"})

    def _close(self) -> None:
        now = self._monotonic()
        for source in list(self._sources.values()):
            self._stop(source, now)
        self._syncer.stop()
        try:
            while self._news:
                self._pipe.send(self._news.popleft())
            self._pipe.send({"op": "bye"})
            self._pipe.flush()
        except PipeEnded:
            pass
        self._pipe.close()

    # --- news -------------------------------------------------------------------------------------------------------

    def _tell(self, message: Message) -> None:
        self._news.append(message)

    def _slice_news(self, key: str, slices: Budget) -> Callable[[SliceNews], None]:
        def news(item: SliceNews) -> None:
            if isinstance(item, SliceOpened):
                slices.take(1)
            self._news.append(_as_message(key, item))

        return news


def _as_message(key: str, item: SliceNews) -> dict[str, Any]:
    if isinstance(item, SliceOpened):
        return {
            "op": "opened", "key": key, "slice_id": str(item.slice_id), "camera_id": str(item.camera_id),
            "rendition": item.rendition, "generation": item.generation, "path": item.path,
            "init_hash": item.init_hash, "mask_version": item.mask_version, "media_sequence": item.media_sequence,
            "discontinuity_sequence": item.discontinuity_sequence, "starts_us": item.starts_us,
        }  # fmt: skip
    return {
        "op": "closed", "key": key, "slice_id": str(item.slice_id), "ends_us": item.ends_us, "bytes": item.bytes,
        "root": item.root,
    }  # fmt: skip


def main(argv: list[str]) -> int:
    logs.configure("recorder-worker", os.environ.get("LOG_LEVEL", "INFO"))
    for number in (signal.SIGINT, signal.SIGTERM):  # a Ctrl-C reaches the whole group: the parent decides when we end
        signal.signal(number, signal.SIG_IGN)
    sys.setswitchinterval(0.05)  # the sync thread can wait for the end of a sweep; taking turns costs more than that
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)  # nothing here makes cycles while it runs
    pipe = Pipe(socket.socket(fileno=int(argv[1])))
    delay_ms = float(os.environ.get("MATPHO_SLOW_FSYNC_MS", "0"))
    Worker(pipe, Syncer(fdatasync=_slowed(delay_ms)) if delay_ms else Syncer()).run()
    return 0


def _slowed(delay_ms: float) -> Callable[[int], None]:
    """A disk that takes its time, for the bench and the tests."""

    def fdatasync(fd: int) -> None:
        time.sleep(delay_ms / 1000)
        os.fdatasync(fd)

    return fdatasync


if __name__ == "__main__":
    sys.exit(main(sys.argv))
