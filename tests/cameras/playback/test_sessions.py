"""The sessions in memory, with clocks of our own: what ends them, and what a confirmation is worth."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from backend.lib.errors import Forbidden
from backend.lib.ids import new_id
from cameras.playback.addresses import normal
from cameras.playback.sessions import IDLE_S, STALE_S, News, Sessions, State, Viewer, Watched

DEVICE, CAMERA = new_id(), new_id()


@dataclass
class Clock:
    at: datetime = datetime(2026, 11, 20, 4, tzinfo=UTC)
    seconds: float = 1000.0
    sessions: Sessions = field(init=False)

    def __post_init__(self) -> None:
        self.sessions = Sessions(now=lambda: self.at, monotonic=lambda: self.seconds)

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds

    def poll(self, *revocations: tuple[int, str, UUID], ended: tuple[UUID, ...] = ()) -> None:
        self.sessions.take(News(self.seconds, list(revocations), list(ended)))


@pytest.fixture
def clock() -> Clock:
    return Clock()


def watched(clock: Clock, *, floor: int = 5, hours: float = 4) -> Watched:
    return Watched(
        id=new_id(), device_id=DEVICE, mode="live", camera_id=CAMERA, rendition="main", windows=((0, 100),),
        away=((40, 50),), target_s=2, mask_version=0, subjects=frozenset({("device", DEVICE), ("camera", CAMERA)}),
        floor=floor, ends_at=clock.at + timedelta(hours=hours), addresses=["10.0.0.1"],
        viewer=Viewer(None, None, "resident", ""), counts_as="live", data={},
    )  # fmt: skip


def test_nothing_is_served_before_the_first_confirmation(clock: Clock) -> None:
    assert not clock.sessions.fresh()
    clock.poll()
    assert clock.sessions.fresh()


def test_a_confirmation_counts_from_before_its_query(clock: Clock) -> None:
    began = clock.seconds
    clock.pass_by(1.4)
    clock.sessions.take(News(began, [], []))
    assert clock.sessions.fresh()
    clock.pass_by(0.2)
    assert not clock.sessions.fresh()
    assert clock.sessions.age_s() > STALE_S


@pytest.mark.parametrize(("kind", "subject"), [("device", DEVICE), ("camera", CAMERA)])
def test_a_later_revocation_of_a_subject_ends_it(clock: Clock, kind: str, subject: UUID) -> None:
    one = clock.sessions.add(watched(clock))
    clock.poll((6, kind, subject))
    assert one.gone.is_set()
    with pytest.raises(Forbidden) as refused:
        one.require_open()
    assert refused.value.code == "revoked"


@pytest.mark.parametrize("row", [(5, "device", DEVICE), (6, "device", CAMERA), (6, "household", DEVICE)])
def test_an_earlier_or_a_strangers_revocation_does_not(clock: Clock, row: tuple[int, str, UUID]) -> None:
    one = clock.sessions.add(watched(clock))
    clock.poll(row)
    assert one.state is State.OPEN


def test_a_revocation_that_came_while_it_was_being_loaded_counts(clock: Clock) -> None:
    one = watched(clock)
    clock.poll((6, "device", DEVICE))
    assert clock.sessions.add(one).state is State.REVOKED


def test_it_ends_at_its_end_and_stays_known(clock: Clock) -> None:
    one = clock.sessions.add(watched(clock, hours=0.01))
    clock.pass_by(37)
    clock.sessions.tick()
    assert one.state is State.ENDED
    assert clock.sessions.get(one.id) is one


def test_use_keeps_it_and_idleness_forgets_it(clock: Clock) -> None:
    one = clock.sessions.add(watched(clock))
    clock.pass_by(IDLE_S - 1)
    clock.sessions.touch(one)
    clock.pass_by(IDLE_S - 1)
    clock.sessions.tick()
    assert clock.sessions.get(one.id) is one
    clock.pass_by(2)
    clock.sessions.tick()
    assert clock.sessions.get(one.id) is None
    assert one.state is State.OPEN


def test_a_revoked_one_is_never_merely_ended(clock: Clock) -> None:
    one = clock.sessions.add(watched(clock))
    clock.poll((6, "device", DEVICE), ended=(one.id,))
    assert one.state is State.REVOKED


def test_what_touches_private_hours_is_not_allowed(clock: Clock) -> None:
    one = watched(clock)
    spans = [(-5, 5), (30, 40), (39, 41), (49, 60), (50, 60), (95, 105), (100, 110)]
    assert [one.allows(*span) for span in spans] == [True, True, False, False, True, True, False]


@pytest.mark.parametrize(
    ("spelled", "counted"),
    [("10.0.0.1", "10.0.0.1"), ("::ffff:10.0.0.1", "10.0.0.1"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
     ("fe80::1%eth0", "fe80::/64"), ("", "unknown")],
)  # fmt: skip
def test_an_address_is_a_place_on_the_network(spelled: str, counted: str) -> None:
    assert normal(spelled) == counted
