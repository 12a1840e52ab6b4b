"""The hub: one per process, which writes each event once to every socket of its stream.

Everything here happens on the event loop. A broadcast is ready frames to transports, 128 at a time with a turn of the
loop in between: no task, queue or await a socket, so that one stuck phone costs nobody else anything. Events go out in
the order of their ids, one after the other, so that the highest id a phone was given says all it was given.

**Only the database confirms** (``feeder``): while its last confirmation is older than 1.5 s nothing is written and
nobody joins.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.lib.clock import Monotonic, Now
from backend.lib.errors import Unavailable
from notifications.hub import signals
from notifications.hub.codes import Close
from notifications.hub.feeder import News
from notifications.hub.listeners import Channel, Listener, StreamRef, Subject, subject_of
from notifications.hub.ring import Ready, Ring, ready_from
from notifications.models import Stream

log = logging.getLogger(__name__)

STALE_S = 1.5
CHUNK = 128
TICK_S = 0.25
SLOTS = 60
"""Heartbeats go to one sixtieth of the sockets with each tick: to each every 15 s."""
LOOKS = 4
"""A quarter of the sockets is looked at with each tick: each once a second."""
STUCK_S = 10.0
"""A transport that has been too full for so long is cut."""
REMEMBER_REVOCATIONS = 20_000
MOST_PER_DEVICE = 32
"""Sockets of one device: tabs of one browser, and no flood."""

Sent = Callable[[UUID, Sequence[UUID], datetime], None]


class Hub:
    """``sent`` hears of every alert's first word that was written, ``wake`` makes the feeder look, ``want`` and
    ``unwant`` say which streams somebody here listens to, ``tidy`` is called with every tick."""

    def __init__(
        self, *, now: Now, monotonic: Monotonic, sent: Sent, wake: Callable[[], None],
        want: Callable[[UUID], None], unwant: Callable[[UUID], None], tidy: Callable[[], None],
    ) -> None:  # fmt: skip
        self.now, self.monotonic = now, monotonic
        self._sent, self._wake, self._want, self._unwant = sent, wake, want, unwant
        self.tidy = tidy
        self.ring = Ring()
        self.written_id = 0
        self.broadcasting = False
        self.closing = False
        self._channels: dict[UUID, Channel] = {}
        self._listeners: set[Listener] = set()
        self._per_device: dict[UUID, int] = {}
        self._slots: list[set[Listener]] = [set() for _ in range(SLOTS)]
        self._next_slot = 0
        self._beaten_to = int(monotonic() / TICK_S)
        self._revoked_to: dict[Subject, int] = {}
        self._confirmed_at = float("-inf")
        self._queue: deque[Ready] = deque()
        self._work = asyncio.Event()
        self._waiting: list[asyncio.Future[None]] = []
        self._first_news = asyncio.Event()

    # What the feeder and the layer bring

    def fresh(self) -> bool:
        """Whether the database confirmed within the last 1.5 s what we believe."""
        return self.monotonic() - self._confirmed_at <= STALE_S

    def take(self, news: News) -> None:
        """Apply what a poll found; the confirmation counts from before its queries."""
        if news.first is not None:
            self.ring.begin(news.first.complete_after)
            for ready in news.first.events:
                self.ring.append(ready)
            self.written_id = self.ring.head
        else:
            for ready in news.events:
                if ready.id > self.ring.head:
                    self._append(ready)
        if news.revocations:
            self._revoke(news.revocations)
        self._confirmed_at = max(self._confirmed_at, news.began)
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)
        self._first_news.set()
        self._work.set()

    def offer(self, message: dict[str, Any]) -> None:
        """An event from the channel layer: taken at once where it is the next there is, else the feeder looks."""
        event_id = int(message["id"])
        if event_id <= self.ring.head:
            return
        if event_id == self.ring.head + 1 and self.fresh():
            self._append(ready_from(event_id, message["text"], message["alert"]))
            self._work.set()
        else:
            self._wake()

    def _append(self, ready: Ready) -> None:
        self.ring.append(ready)
        if ready.takes_back:
            self.ring.forget()  # the words in it are gone from the rows; who listens has them already
        self._queue.append(ready)
        channel = self._channels.get(ready.stream_id)
        if channel is not None:
            channel.head = max(channel.head, ready.seq)

    async def started(self, seconds: float) -> None:
        """Wait a moment for the first confirmation, so that the first phone may join."""
        try:
            await asyncio.wait_for(self._first_news.wait(), seconds)
        except TimeoutError:
            log.warning("no word from the database yet; sockets wait for it")

    async def reach(self, event_id: int) -> bool:
        """Wait until the feed has been read as far as ``event_id``; False where a look that began after the call found
        that it does not go so far. Raises ``Unavailable`` where the database falls silent."""
        asked = self.monotonic()
        while self.ring.head < event_id and self._confirmed_at < asked:
            if not self.fresh():
                raise Unavailable()
            self._wake()
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(future)
            await asyncio.wait({future}, timeout=TICK_S)
        return self.ring.head >= event_id

    # Who listens

    def admit(self, listener: Listener) -> bool:
        """Count a signed-in socket in, so that a revocation ends it from now on; False where it was closed."""
        signed = listener.signed
        count = self._per_device.get(signed.device_id, 0)
        if self.closing or not self.fresh() or count >= MOST_PER_DEVICE:
            listener.wire.end(Close.TRY_LATER)
            return False
        if any(self._revoked_to.get(subject, 0) > signed.floor for subject in signed.subjects):
            listener.wire.end(Close.REVOKED)
            return False
        self._per_device[signed.device_id] = count + 1
        self._listeners.add(listener)
        listener.slot = self._next_slot
        self._slots[listener.slot].add(listener)
        self._next_slot = (self._next_slot + 1) % SLOTS
        listener.wire.listener = listener
        return True

    def subscribe(self, listener: Listener, last_id: int) -> None:
        """From here on ``listener`` is given everything after ``last_id``: first from memory, then as it comes."""
        if listener not in self._listeners:
            return  # it left while it was replayed to
        listener.last_id = last_id
        listener.channels = tuple(self._channel(ref) for ref in listener.signed.streams)
        for channel in listener.channels:
            channel.listeners.add(listener)
        listener.live = True
        self.advance(listener)

    def _channel(self, ref: StreamRef) -> Channel:
        channel = self._channels.get(ref.id)
        if channel is None:
            head = max(ref.head, self.ring.newest_seq(ref.id))
            channel = self._channels[ref.id] = Channel(ref.id, ref.kind, head)
            if ref.kind != Stream.Kind.HOUSEHOLD:
                self._want(ref.id)
        return channel

    def leave(self, listener: Listener) -> None:
        if listener not in self._listeners:
            return
        self._listeners.discard(listener)
        listener.live = False
        listener.wire.listener = None
        device_id = listener.signed.device_id
        self._per_device[device_id] -= 1
        if not self._per_device[device_id]:
            del self._per_device[device_id]
        self._slots[listener.slot].discard(listener)
        for channel in listener.channels:
            channel.listeners.discard(listener)
            if not channel.listeners and self._channels.get(channel.id) is channel:
                del self._channels[channel.id]
                if channel.kind != Stream.Kind.HOUSEHOLD:
                    self._unwant(channel.id)

    def advance(self, listener: Listener) -> None:
        """Write what memory holds after ``listener.last_id`` as far as the transport takes it, then greet."""
        wire = listener.wire
        if wire.is_full() or not self.fresh():
            return  # ``drained`` or the tick comes back here
        if listener.last_id < self.ring.complete_after:  # it lagged longer than we remember: its cursor knows
            wire.end(Close.TOO_SLOW)
            return
        stream_ids = [channel.id for channel in listener.channels]
        for ready in self.ring.after(listener.last_id):
            listener.last_id = ready.id
            if ready.stream_id in stream_ids:
                if not wire.write_frame(ready.frame):
                    return
                if ready.raised is not None:
                    self.told(ready.raised, listener)
                if wire.is_full():
                    return
        listener.behind = False
        if not listener.greeted:
            listener.greeted = True
            wire.write_frame(signals.hello(listener, self.ring.head, self.now()))

    def told(self, alert_id: UUID, listener: Listener) -> None:
        """The first word of an alert was written to one listener."""
        self._sent(alert_id, (listener.signed.device_id,), self.now())

    # Writing

    async def write(self) -> None:
        """Until cancelled: broadcasts, in order."""
        while True:
            while self._queue:
                await self._broadcast(self._queue[0])
                self._queue.popleft()
            await self._work.wait()
            self._work.clear()

    async def watch(self) -> None:
        """Until cancelled: what time brings about."""
        while True:
            await asyncio.sleep(TICK_S)
            self._tick()

    async def _broadcast(self, ready: Ready) -> None:
        channel = self._channels.get(ready.stream_id)
        listeners = list(channel.listeners) if channel is not None else []
        self.broadcasting = len(listeners) > CHUNK
        for begin in range(0, len(listeners), CHUNK):
            await self._confirmed()
            self._write_chunk(ready, listeners[begin : begin + CHUNK])
            await asyncio.sleep(0)
        self.written_id = ready.id
        self.broadcasting = False

    async def _confirmed(self) -> None:
        while not self.fresh():
            self._work.clear()
            await self._work.wait()  # for the next poll's news

    def _write_chunk(self, ready: Ready, listeners: list[Listener]) -> None:
        told = []
        frame, event_id = ready.frame, ready.id
        for listener in listeners:
            if listener.behind or not listener.live or listener.last_id >= event_id:
                continue
            listener.last_id = event_id
            if listener.wire.write_frame(frame):
                told.append(listener.signed.device_id)
        if told and ready.raised is not None:
            self._sent(ready.raised, told, self.now())

    # Time and ends

    def _tick(self) -> None:
        clock_now = self.monotonic()
        turn = int(clock_now / TICK_S)
        for slot in range(turn % LOOKS, SLOTS, LOOKS):
            for listener in list(self._slots[slot]):
                self._look_at(listener, clock_now)
        if self.fresh() and not self._queue:  # a heartbeat says that everything before it has been given
            self._beat(turn)
        self.tidy()

    def _look_at(self, listener: Listener, clock_now: float) -> None:
        if listener.stuck_since and clock_now - listener.stuck_since > STUCK_S:
            listener.wire.cut()
            self.leave(listener)
        elif listener.signed.ends_at <= self.now().timestamp():
            listener.wire.end(Close.NOT_SIGNED_IN)
            self.leave(listener)
        elif listener.behind and listener.live:
            self.advance(listener)

    def _beat(self, turn: int) -> None:
        """Heartbeats to the slots whose turn has come since the last time."""
        beats = signals.Heartbeats(self.ring.head, self.now())
        for each in range(max(self._beaten_to + 1, turn - SLOTS + 1), turn + 1):
            for listener in list(self._slots[each % SLOTS]):
                if not listener.behind:
                    listener.wire.write_frame(beats.frame(listener))
        self._beaten_to = turn

    def _revoke(self, revocations: list[tuple[int, str, UUID]]) -> None:
        numbers = {subject_of(kind, subject_id): number for number, kind, subject_id in revocations}
        for subject, number in numbers.items():
            self._revoked_to.pop(subject, None)  # re-inserted last, so that the oldest is dropped first
            self._revoked_to[subject] = number
        while len(self._revoked_to) > REMEMBER_REVOCATIONS:
            del self._revoked_to[next(iter(self._revoked_to))]
        for listener in list(self._listeners):
            floor = listener.signed.floor
            if any(numbers.get(subject, 0) > floor for subject in listener.signed.subjects):
                listener.wire.end(Close.REVOKED)
                self.leave(listener)

    def count(self) -> int:
        return len(self._listeners)
