"""The hub's own rules, on clocks of the test's own and wires that only remember what was written."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from notifications.hub import hub as hub_module
from notifications.hub.feeder import News
from notifications.hub.frames import text_frame
from notifications.hub.hub import Hub
from notifications.hub.listeners import Listener, Signed, StreamRef, subject_of
from notifications.hub.ring import Ready, Ring
from notifications.hub.rows import Recent

PLACE, STEWARDS, OTHER = uuid4(), uuid4(), uuid4()
BEGIN = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


class Wire:
    """Takes ``room`` frames, then is full until ``drain``."""

    def __init__(self) -> None:
        self.listener: Listener | None = None
        self.texts: list[dict] = []
        self.room = 10**9
        self.full = False
        self.code: int | None = None
        self.was_cut = False

    def is_full(self) -> bool:
        return self.full

    def write_frame(self, frame: bytes) -> bool:
        if self.code is not None or self.was_cut:
            return False
        at = 2 if frame[1] < 126 else 4
        self.texts.append(json.loads(frame[at:]))
        self.room -= 1
        if self.room <= 0 and not self.full:
            self.full = True
            self.listener.stuck()
        return True

    def drain(self) -> None:
        self.full, self.room = False, 10**9
        if self.listener:
            self.listener.drained()

    def end(self, code: int) -> None:
        self.code = self.code or int(code)

    def cut(self) -> None:
        self.was_cut = True

    async def drained(self) -> None:
        assert not self.full

    def numbers(self) -> list[int]:
        return [text["n"] for text in self.texts if "n" in text]

    def kinds(self) -> list[str]:
        return [text["kind"] for text in self.texts if "kind" in text]


class House:
    """A hub with everything that surrounds it in the test's hands."""

    def __init__(self) -> None:
        self.clock = 1_000.0
        self.sent: list[tuple[UUID, int]] = []
        self.wakes = 0
        self.wanted: set[UUID] = set()
        self.hub = Hub(
            now=lambda: BEGIN + timedelta(seconds=self.clock - 1_000), monotonic=lambda: self.clock,
            sent=lambda alert, devices, at: self.sent.append((alert, len(devices))), wake=self._wake,
            want=self.wanted.add, unwant=self.wanted.discard, tidy=lambda: None,
        )  # fmt: skip
        self.hub.take(News(self.clock, [], [], Recent(0, [])))

    def _wake(self) -> None:
        self.wakes += 1

    def phone(self, *stream_ids: UUID, last_id: int | None = None, **facts: object) -> Wire:
        wire = Wire()
        refs = tuple(StreamRef(each, "neighborhood", 0) for each in stream_ids)
        known = {"device_id": uuid4(), "streams": refs, "newest": 0, "subjects": (), "floor": 0,
                 "ends_at": float("inf")}  # fmt: skip
        listener = Listener(self.hub, wire, Signed(**known | facts))
        if self.hub.admit(listener):
            self.hub.subscribe(listener, self.hub.ring.head if last_id is None else last_id)
        return wire

    def news(self, *events: Ready, revoked: list | None = None) -> None:
        self.hub.take(News(self.clock, revoked or [], list(events)))

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    def pass_time(self, seconds: float, step: float = 0.25) -> None:
        """Ticks and polls, as they come."""
        for _ in range(round(seconds / step)):
            self.clock += step
            self.news()
            self.hub._tick()

    @contextmanager
    def writing(self) -> Iterator[None]:
        task = asyncio.ensure_future(self.hub.write())
        try:
            yield
        finally:
            task.cancel()


def event(number: int, stream_id: UUID = PLACE, *, seq: int | None = None, raised: UUID | None = None) -> Ready:
    return Ready(number, stream_id, seq or number, text_frame(json.dumps({"n": number})), raised)


async def test_each_event_goes_once_and_in_order_to_whoever_reads_its_stream() -> None:
    house = House()
    resident, leader, stranger = house.phone(PLACE), house.phone(PLACE, STEWARDS), house.phone(OTHER)
    alert = uuid4()
    with house.writing():
        house.news(event(1, raised=alert), event(2, STEWARDS, raised=alert))
        house.hub.offer({"id": 3, "stream": str(PLACE), "alert": "", "text": _text(3)})
        house.news(event(2, STEWARDS), event(3), event(4, OTHER))
        await house.settle()
    assert (resident.numbers(), leader.numbers(), stranger.numbers()) == ([1, 3], [1, 2, 3], [4])
    assert house.sent == [(alert, 2), (alert, 1)]
    assert house.wanted == {PLACE, STEWARDS, OTHER}


def _text(number: int, stream_id: UUID = PLACE, kind: str = "alert.joined") -> str:
    return json.dumps({"n": number, "seq": number, "stream": str(stream_id), "kind": kind})


async def test_a_message_that_is_not_the_next_only_makes_the_feeder_look() -> None:
    house = House()
    phone = house.phone(PLACE)
    with house.writing():
        house.hub.offer({"id": 2, "stream": str(PLACE), "alert": "", "text": _text(2)})
        await house.settle()
        assert (phone.numbers(), house.wakes) == ([], 1)
        house.news(event(1), event(2))
        house.hub.offer({"id": 1, "stream": str(PLACE), "alert": "", "text": _text(1)})
        await house.settle()
    assert (phone.numbers(), house.wakes) == ([1, 2], 1)


async def test_while_the_database_is_silent_nothing_is_written_and_nobody_joins() -> None:
    house = House()
    phone = house.phone(PLACE)
    with house.writing():
        house.clock += 1.6
        house.hub.offer({"id": 1, "stream": str(PLACE), "alert": "", "text": _text(1)})
        house.hub._tick()
        await house.settle()
        assert phone.kinds() == ["hello"] and house.wakes == 1
        assert house.phone(PLACE).code == 1013
        house.news(event(1))
        await house.settle()
    assert phone.numbers() == [1]


async def test_a_broadcast_that_the_silence_catches_goes_on_when_the_database_answers() -> None:
    house = House()
    phones = [house.phone(PLACE) for _ in range(2 * hub_module.CHUNK)]
    with house.writing():
        house.news(event(1))
        await asyncio.sleep(0)
        assert sum(len(phone.numbers()) for phone in phones) == hub_module.CHUNK
        house.clock += 1.6
        await house.settle()
        assert sum(len(phone.numbers()) for phone in phones) == hub_module.CHUNK
        house.news()
        await house.settle()
    assert all(phone.numbers() == [1] for phone in phones)


async def test_a_full_transport_gets_nothing_more_until_it_has_drained_and_then_all() -> None:
    house = House()
    stuck, other = house.phone(PLACE, OTHER), house.phone(PLACE)
    stuck.room = 2
    with house.writing():
        house.news(*(event(number) for number in range(1, 6)))
        await house.settle()
        assert (stuck.numbers(), other.numbers()) == ([1, 2], [1, 2, 3, 4, 5])
        house.pass_time(9)
        assert not stuck.was_cut
        stuck.drain()
        house.news(event(6))
        await house.settle()
        assert stuck.numbers() == [1, 2, 3, 4, 5, 6]
        house.pass_time(12)
    assert not stuck.was_cut


async def test_one_that_stays_full_is_cut_after_ten_seconds() -> None:
    house = House()
    stuck = house.phone(PLACE)
    stuck.room = 1
    with house.writing():
        house.news(event(1), event(2))
        await house.settle()
        house.pass_time(9.75)
        assert not stuck.was_cut
        house.pass_time(2)
    assert (stuck.was_cut, house.hub.count(), house.wanted) == (True, 0, set())


async def test_one_that_lagged_longer_than_is_remembered_comes_back_with_its_cursor() -> None:
    house = House()
    house.hub.ring = Ring(most_events=4)
    stuck = house.phone(PLACE)
    stuck.room = 1
    with house.writing():
        house.news(*(event(number) for number in range(1, 9)))
        await house.settle()
    stuck.drain()
    assert (stuck.numbers(), stuck.code) == ([1], 4408)


async def test_a_heartbeat_comes_to_each_every_fifteen_seconds_with_the_heads() -> None:
    house = House()
    phones = [house.phone(PLACE, STEWARDS) for _ in range(120)]
    with house.writing():
        house.news(event(1), event(2, STEWARDS, seq=1), event(3, seq=2))
        await house.settle()
        house.pass_time(0.25)
        early = sum("heartbeat" in phone.kinds() for phone in phones)
        assert 0 < early <= 120 / 10, "spread over the time"
        house.pass_time(30)
    for phone in phones:
        beats = [text for text in phone.texts if text.get("kind") == "heartbeat"]
        assert len(beats) in (2, 3)
        assert beats[-1]["heads"] == {str(PLACE): 2, str(STEWARDS): 1}
        assert beats[-1]["at"].endswith("Z") and beats[-1]["cursor"]


async def test_whoever_joins_later_is_given_what_is_remembered_and_greeted_with_the_same_heads() -> None:
    house = House()
    first = house.phone(PLACE)
    with house.writing():
        house.news(event(1), event(2, OTHER, seq=1), event(3, seq=2))
        late, now_only = house.phone(PLACE, last_id=1), house.phone(OTHER)
        await house.settle()
    assert (late.numbers(), late.texts[-1]["heads"]) == ([3], {str(PLACE): 2})
    assert (now_only.numbers(), now_only.texts[0]["heads"]) == ([], {str(OTHER): 1})
    assert first.numbers() == [1, 3]


async def test_a_revocation_ends_whom_it_names_and_who_signed_in_before_it() -> None:
    house = House()
    household, other = uuid4(), uuid4()
    mine = (subject_of("household", household),)
    before, after = house.phone(PLACE, subjects=mine, floor=6), house.phone(PLACE, subjects=mine, floor=7)
    apart = house.phone(PLACE, subjects=(subject_of("household", other), subject_of("device", household)), floor=0)
    with house.writing():
        house.news(event(1), revoked=[(7, "household", household)])
        await house.settle()
    assert (before.code, after.code, apart.code) == (4403, None, None)
    assert (before.numbers(), after.numbers()) == ([], [1])
    assert house.phone(PLACE, subjects=mine, floor=6).code == 4403, "its sign-in is older than what we know"


async def test_a_device_holds_no_more_than_its_share_of_sockets() -> None:
    house = House()
    device = uuid4()
    wires = [house.phone(PLACE, device_id=device) for _ in range(hub_module.MOST_PER_DEVICE + 1)]
    assert [wire.code for wire in wires[:-1]] == [None] * hub_module.MOST_PER_DEVICE
    assert wires[-1].code == 1013
    house.hub.leave(wires[0].listener)
    assert house.phone(PLACE, device_id=device).code is None


async def test_a_phone_is_believed_so_many_alerts_a_minute() -> None:
    house = House()
    listener, other = house.phone(PLACE).listener, house.phone(PLACE).listener
    assert [listener.believed(100) for _ in range(7)] == [100] * 5 + [0] * 2
    assert other.believed(100) == 100
    house.clock += 59
    assert listener.believed(1) == 0
    house.clock += 1
    assert [listener.believed(450), listener.believed(100)] == [450, 50]


async def test_a_sign_in_ends_by_its_date() -> None:
    house = House()
    phone = house.phone(PLACE, ends_at=(BEGIN + timedelta(seconds=5)).timestamp())
    house.pass_time(4.5)
    assert house.hub.count() == 1
    house.pass_time(2)
    assert (phone.code, house.hub.count()) == (4401, 0)


async def test_a_withdrawal_is_told_and_nothing_before_it_is_replayed_from_memory() -> None:
    house = House()
    phone, behind = house.phone(PLACE), house.phone(PLACE)
    behind.room = 1
    with house.writing():
        house.news(event(1), event(2), event(3, OTHER, seq=1))
        await house.settle()
        house.hub.offer({"id": 4, "stream": str(PLACE), "alert": "", "text": _text(4, kind="alert.withdrawn")})
        await house.settle()
        assert (house.hub.ring.after(0), house.hub.ring.complete_after, house.hub.ring.head) == ([], 4, 4)
        behind.drain()
        late = house.phone(PLACE, OTHER)
        house.news(event(5))
        await house.settle()
    assert phone.numbers() == [1, 2, 4, 5]
    assert (behind.numbers(), behind.code) == ([1], 4408), "its cursor brings the rest, from rows"
    assert late.numbers() == [5] and late.texts[0]["heads"] == {str(PLACE): 4, str(OTHER): 1}


async def test_a_withdrawal_that_the_poll_finds_is_forgotten_up_to_it() -> None:
    house = House()
    with house.writing():
        house.news(event(1), replace(event(2), takes_back=True), event(3))
        await house.settle()
        assert [ready.id for ready in house.hub.ring.after(0)] == [3] and house.hub.ring.complete_after == 2
        assert house.phone(PLACE, last_id=2).numbers() == [3]


def test_the_ring_forgets_the_oldest_and_says_from_where_it_is_whole() -> None:
    ring = Ring(most_events=8)
    ring.begin(10)
    for number in range(11, 31, 2):
        ring.append(event(number))
    assert ring.head == 29
    kept = [ready.id for ready in ring.after(0)]
    assert kept == [number for number in range(11, 31, 2) if number > ring.complete_after] and len(kept) <= 8
    assert [ready.id for ready in ring.after(26)] == [27, 29] and ring.after(29) == []


def test_frames_are_those_of_the_rfc() -> None:
    assert text_frame("Hello") == bytes.fromhex("810548656c6c6f")  # RFC 6455, section 5.7
    assert text_frame("a" * 125)[:2] == b"\x81\x7d" and text_frame("a" * 126)[:4] == b"\x81\x7e\x00\x7e"
    assert text_frame("ờ" * 30_000)[:10] == b"\x81\x7f" + (90_000).to_bytes(8, "big")
