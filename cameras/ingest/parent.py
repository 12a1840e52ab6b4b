"""The recorder's parent: workers, their orders, and the dial guard. ``manage.py recorder`` runs one.

Three kinds of threads, so that nothing that is slow stalls what is quick: this one hears the workers and never waits
for anything else; the ``Bookkeeper`` speaks with the database; a thread for each dial resolves its name (a resolver may
take half a minute), and a small pool settles what a dead worker left (disks may be slow).
"""

import logging
import queue
import select
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from cameras.ingest import aftermath, crew, guard
from cameras.ingest.bookkeeper import Begin, Bookkeeper, Cease, Ceased, Decision, Renewed, Settled
from cameras.ingest.crew import Hand
from cameras.ingest.holder import Holder
from cameras.ingest.login import needs_tls
from cameras.ingest.pipe import Message, PipeEnded
from cameras.ingest.roster import Job
from cameras.store.journal import Journal
from cameras.store.resume import Resume

log = logging.getLogger(__name__)

SETTLERS = 4
STOP_S = 2.2
"""For the workers to close their slices; together with the rows a stop takes less than 3 s."""
GRACE_S = 3.0
"""A paused recorder's journal may still be locked when its lease has run out; how long to wait for it to settle."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Where a camera's footage goes on; its worker may start."""

    key: str
    generation: int
    resume: Resume


@dataclass(slots=True)
class Held:
    """A rendition this recorder records."""

    job: Job
    generation: int
    deadline: float
    hand: Hand | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    key: str
    message: Message


class Recorder:
    """``run`` until ``stop``. ``dial(url, private=…)`` is the guard: to an address, or AddressRefused. ``holders`` is
    the folder in which the recorders of this machine have their locks."""

    def __init__(
        self, *, store: Path, holders: Path, workers: int, node_id: Callable[[], UUID],
        dial: Callable[..., guard.Dial], slice_seconds: float = 60.0,
    ) -> None:  # fmt: skip
        self.holder = Holder(holders)
        self._store = store
        self._dial = dial
        self._slice_seconds = slice_seconds
        self._count = max(1, workers)
        self._hands: list[Hand] = []
        self._reborn: dict[int, float] = {}
        self._held: dict[str, Held] = {}
        self._inbox: queue.SimpleQueue[Decision | Ready | Answer | None] = queue.SimpleQueue()
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._pool = ThreadPoolExecutor(SETTLERS, thread_name_prefix="settle")
        self._looking: set[str] = set()
        self._stopping = False
        self.books = Bookkeeper(holder=self.holder, store=store, node_id=node_id, decide=self.put)
        self.turned_at = time.monotonic()
        """When the loop last came round."""

    def put(self, item: Decision | Ready | Answer | None) -> None:
        """From any thread."""
        self._inbox.put(item)
        with suppress(BlockingIOError):  # it is awake already
            self._wake_out.send(b"!")

    def stop(self) -> None:
        """From any thread or a signal handler."""
        self._stopping = True
        self.put(None)

    def figures(self) -> dict[str, float]:
        """From any thread: cameras under way, and how long the oldest byte has waited for the disk."""
        hands = list(self._hands)
        waiting = max((hand.oldest_unsynced_s for hand in hands), default=0.0)
        return {"cameras": sum(len(hand.keys) for hand in hands), "oldest_unsynced_s": waiting}

    def run(self) -> None:
        self._hands = [crew.spawn(number, self.holder.fd) for number in range(self._count)]
        self.books.start()
        try:
            while not self._stopping:
                self._turn()
        finally:
            self._close()

    # --- one turn ---------------------------------------------------------------------------------------------------

    def _turn(self) -> None:
        readers: list[Any] = [self._wake_in, *(hand.pipe for hand in self._hands)]
        writers = [hand.pipe for hand in self._hands if hand.pipe.waiting]
        select.select(readers, writers, [], 1.0)
        self._drain()
        for hand in list(self._hands):
            self._hear(hand)
        now = self.turned_at = time.monotonic()
        for number, at in list(self._reborn.items()):
            if now >= at:
                del self._reborn[number]
                self._hands.append(crew.spawn(number, self.holder.fd))
                self._place_homeless()

    def _drain(self) -> None:
        with suppress(BlockingIOError):
            while self._wake_in.recv(4096):
                pass
        while not self._inbox.empty():
            item = self._inbox.get()
            if isinstance(item, Begin):
                self._held[item.job.key] = Held(item.job, item.generation, item.deadline)
                self._prepare(item.job.key)
            elif isinstance(item, Cease):
                self._cease(item.key)
            elif isinstance(item, Renewed):
                self._renewed(item.deadlines)
            elif isinstance(item, Ready):
                self._start(item)
            elif isinstance(item, Answer):
                self._answer(item)

    def _hear(self, hand: Hand) -> None:
        try:
            for message in hand.pipe.receive():
                hand.heard_at = time.monotonic()
                self._listen(hand, message)
            hand.pipe.flush()
            if not crew.hangs(hand, time.monotonic()):
                return
            log.error("worker %d hangs", hand.number)
        except PipeEnded:
            pass
        if not self._stopping:
            self._bury(hand)

    def _listen(self, hand: Hand, message: Message) -> None:
        operation = message["op"]
        if operation == "want_dial":
            self._want_dial(message["key"], message["url"])
        elif operation == "stopped":
            hand.keys.discard(message["key"])
            held = self._held.get(message["key"])
            if held is not None and held.hand is hand:
                del self._held[message["key"]]
                self.books.note(Ceased(message["key"]))
        elif operation == "stats":
            hand.oldest_unsynced_s = message["oldest_unsynced_s"]
        elif "key" in message:
            self.books.note(message)

    # --- starting and stopping a camera -----------------------------------------------------------------------------

    def _prepare(self, key: str) -> None:
        held = self._held[key]
        self._pool.submit(self._settle, held.job, held.generation)

    def _settle(self, job: Job, generation: int) -> None:
        """In the pool: bring to rest what the last worker left, then say where to go on."""
        while not self._stopping:
            try:
                resume, journals = self._settled(job)
            except Exception:
                log.exception("camera %s: the store could not be read; trying again", job.camera_id)
                time.sleep(1.0)
                continue
            if journals:
                self.books.note(Settled(journals))
            self.put(Ready(job.key, generation, resume))
            return

    def _settled(self, job: Job) -> tuple[Resume, list[Journal]]:
        until = time.monotonic() + GRACE_S
        while time.monotonic() < until and aftermath.being_written(self._store, job.camera_id, job.rendition):
            time.sleep(0.1)
        return aftermath.settle(self._store, job.camera_id, job.rendition)

    def _start(self, ready: Ready) -> None:
        held = self._held.get(ready.key)
        if held is None or held.generation != ready.generation or held.hand is not None:
            return
        hand = min(self._hands, key=lambda one: len(one.keys), default=None)
        if hand is None:
            return  # _place_homeless comes back to it
        job, resume = held.job, ready.resume
        held.hand = hand
        hand.keys.add(job.key)
        hand.say(
            {
                "op": "start", "key": job.key, "camera_id": str(job.camera_id), "rendition": job.rendition,
                "generation": held.generation, "mask_version": job.mask_version, "url": job.url, "user": job.user,
                "password": job.password, "store": str(self._store), "deadline": held.deadline,
                "slice_seconds": self._slice_seconds,
                "resume": {
                    "media_sequence": resume.media_sequence, "tfdt": resume.tfdt,
                    "discontinuity_sequence": resume.discontinuity_sequence,
                    "previous_slice": str(resume.previous_slice) if resume.previous_slice else None,
                },
            }
        )  # fmt: skip

    def _cease(self, key: str) -> None:
        held = self._held.get(key)
        if held is None or held.hand is None:
            self._held.pop(key, None)
            self.books.note(Ceased(key))
        else:
            held.hand.say({"op": "stop", "key": key})

    def _renewed(self, deadlines: dict[str, float]) -> None:
        for key, deadline in deadlines.items():
            if key in self._held:
                self._held[key].deadline = max(deadline, self._held[key].deadline)
        for hand in self._hands:
            hand.say({"op": "lease", "keys": {key: deadlines[key] for key in hand.keys if key in deadlines}})

    # --- dials ------------------------------------------------------------------------------------------------------

    def _want_dial(self, key: str, url: str) -> None:
        """A look-up in a thread of its own, one at a time for each camera: a slow resolver stalls nobody else."""
        held = self._held.get(key)
        if held is None:
            return  # given up meanwhile
        if key in self._looking:
            return  # the worker asked again because the resolver has not answered yet
        self._looking.add(key)
        facts = (key, url, held.job.private_allowed)
        threading.Thread(target=self._look_up, args=facts, name="dial", daemon=True).start()

    def _look_up(self, key: str, url: str, private: bool) -> None:
        """The address that is checked is the address that is dialled."""
        if needs_tls(url):
            self.put(Answer(key, {"op": "refuse", "key": key, "reason": "tls_unsupported"}))
            return
        try:
            dial = self._dial(url, private=private)
            self.put(Answer(key, {"op": "dial", "key": key, "ip": dial.ip, "port": dial.port}))
        except guard.AddressRefused as refusal:
            self.put(Answer(key, {"op": "refuse", "key": key, "reason": f"address_{refusal.reason}"}))
        except Exception:
            log.exception("rendition %s: its address could not be checked", key)
            self.put(Answer(key, {"op": "refuse", "key": key, "reason": "unresolved"}))

    def _answer(self, answer: Answer) -> None:
        self._looking.discard(answer.key)
        held = self._held.get(answer.key)
        if held is not None and held.hand is not None:
            held.hand.say(answer.message)

    # --- death and rebirth ------------------------------------------------------------------------------------------

    def _bury(self, hand: Hand) -> None:
        """A worker died or hangs: another at once, and its cameras go on there."""
        crew.end(hand)
        now = time.monotonic()
        log.error("worker %d ended with status %s; starting another", hand.number, hand.process.returncode)
        self._hands.remove(hand)
        quick = now - hand.born_at < crew.QUICK_DEATH_S
        if quick:
            self._reborn[hand.number] = now + crew.QUICK_DEATH_S
        else:
            self._hands.append(crew.spawn(hand.number, self.holder.fd))
        for held in self._held.values():
            if held.hand is hand:
                held.hand = None
        self._place_homeless()

    def _place_homeless(self) -> None:
        if self._hands:
            for key, held in self._held.items():
                if held.hand is None:
                    self._prepare(key)

    def _close(self) -> None:
        until = time.monotonic() + STOP_S
        for hand in self._hands:
            hand.say({"op": "quit"})
        going = list(self._hands)
        while going and time.monotonic() < until:
            select.select([hand.pipe for hand in going], [], [], 0.1)
            for hand in list(going):
                try:
                    for message in hand.pipe.receive():
                        self._listen(hand, message)
                except PipeEnded:
                    going.remove(hand)
        for hand in self._hands:
            crew.end(hand)
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self.books.stop(timeout_s=1.0):
            self.holder.close()
