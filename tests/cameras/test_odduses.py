"""Odd uses as rows: noticed once whoever dies, told to whose camera it is, and read by whose business it is."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from backend.celery import TICKS
from backend.lib import clock
from backend.lib.ids import new_id
from cameras import odduses
from cameras.models import Camera, OddUse, ViewMinute
from cameras.odduses import odd_uses_expire, odd_uses_for, odd_uses_notice
from neighborhoods import audit_chain
from neighborhoods.access import Role
from neighborhoods.models import AuditEntry, OutboxRow
from notifications.dispatching import dispatch_once
from notifications.models import Event
from tests.cameras.playback.conftest import actor_of, make_camera
from tests.cast import Cast, Person, make_resident, make_staff
from tests.neighborhoods.conftest import at_once

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass
class Street:
    cast: Cast
    em: Person
    """A neighbour of An's in tổ 7."""
    door: Camera
    """An's."""
    gate: Camera
    """The street's own."""
    midnight: datetime


@pytest.fixture
def street(cast: Cast) -> Street:
    return make_street(cast)


def make_street(cast: Cast) -> Street:
    """Last night is over."""
    midnight = clock.now().replace(hour=17, minute=0, second=0, microsecond=0)  # there
    while midnight > clock.now() - 6 * HOUR:
        midnight -= DAY
    door = make_camera(cast, owner_household=cast.an.household, ownership=Camera.Ownership.HOUSEHOLD)
    em = make_resident(cast.place, 13, "Hộ ông Em", "Vũ Văn Em")
    return Street(cast, em, door, make_camera(cast), midnight)


def watched(
    camera: Camera, who: Person | None, start: datetime, minutes: int, *, later: timedelta = timedelta(), **facts: Any
) -> None:
    """One view of ``camera``, live if not said, of footage from ``start`` on, watched ``later``; where nobody watches a
    wall does."""
    holder: dict[str, Any] = {"role": "wall"}
    if who is not None and who.account is not None:
        holder = {"account_id": who.account.id, "role": "leader"}
    elif who is not None and who.household is not None:
        holder = {"household_id": who.household.id, "role": "resident"}
    said = {"session_id": new_id(), "mode": "live"} | holder | facts
    ViewMinute.objects.bulk_create(
        ViewMinute(camera=camera, minute=start + n * MINUTE, watched_at=start + n * MINUTE + later, **said)
        for n in range(minutes)
    )


def topics() -> list[tuple[str, Any]]:
    rows = OutboxRow.objects.filter(topic__in=[odduses.OWNER, odduses.LEADER]).order_by("id")
    return [(row.topic, row.payload.get("household")) for row in rows]


def test_it_is_noticed_and_told_once(street: Street) -> None:
    watched(street.door, street.em, street.midnight, 20)
    now = clock.now()
    assert [odd_uses_notice(now=now + n * 10 * MINUTE) for n in range(3)] == [1, 0, 0]
    odd = OddUse.objects.get()
    assert (odd.rule, odd.household_id, odd.account_id, odd.count) == ("at_night", street.em.household.id, None, 20)
    assert (odd.starts_at, odd.ends_at) == (street.midnight, street.midnight + 19 * MINUTE)
    assert topics() == [("odd_use.owner", str(street.cast.an.household.id))]
    entry = AuditEntry.objects.get(action="odd_use.noticed")
    assert (entry.ward_id, entry.actor, entry.subject) == (street.cast.ward.id, "system:odduses", f"odd_use:{odd.id}")
    assert entry.data["household"] == str(street.em.household.id) and entry.data["cameras"] == [str(street.door.id)]
    assert audit_chain.verify().faults == []


def test_staff_are_noticed_as_residents_are(street: Street) -> None:
    watched(street.door, street.cast.binh, street.midnight, 20, purpose="patrol")
    assert odd_uses_notice(now=clock.now()) == 1
    odd = OddUse.objects.get()
    assert (odd.household_id, odd.account_id, odd.role) == (None, street.cast.binh.account.id, "leader")


def test_one_who_never_stops_is_told_while_they_watch(street: Street) -> None:
    """Of the street's own camera those who lead are told."""
    now = clock.now()
    for hours in (8, 4, 0):  # views that each live four hours at the most; the last is still open
        watched(street.gate, street.em, now - (hours + 4) * HOUR, 240)
    assert odd_uses_notice(now=now) == 1
    assert OddUse.objects.get().rule == "endless"
    assert topics() == [("odd_use.leader", None)]
    watched(street.gate, street.em, now, 240)
    assert odd_uses_notice(now=now + 4 * HOUR) == 0


def test_many_cameras_are_told_to_each_owner_and_each_hears_of_their_own(street: Street) -> None:
    now = clock.now() - HOUR
    eyes = [make_camera(street.cast) for _ in range(10)] + [street.gate, street.door]
    for n, eye in enumerate(eyes):
        watched(eye, street.cast.cuc, now + n * timedelta(seconds=20), 1)
    assert odd_uses_notice(now=clock.now()) == 1
    assert OddUse.objects.get().cameras.count() == 12
    rows = {row.topic: row.payload for row in OutboxRow.objects.filter(topic__startswith="odd_use.o")}
    rows |= {row.topic: row.payload for row in OutboxRow.objects.filter(topic__startswith="odd_use.l")}
    assert rows["odd_use.owner"]["cameras"] == [str(street.door.id)]
    assert sorted(rows["odd_use.leader"]["cameras"]) == sorted(str(eye.id) for eye in eyes[:-1])
    dispatch_once(now=clock.now())
    heard = Event.objects.filter(kind__startswith="odd_use.").values_list("stream__kind", "stream__subject_id")
    assert sorted(heard) == [("household", street.cast.an.household.id), ("stewards", street.cast.place.id)]


@pytest.mark.parametrize("mode", ["grid", "alert", "kept", "export"])
def test_the_duty_console_and_the_grid_do_not_flood(street: Street, mode: str) -> None:
    """Posters and clips of many cameras, all night; and what is asked for one by one is told as that."""
    for eye in [street.door, street.gate, *(make_camera(street.cast) for _ in range(12))]:
        watched(eye, street.cast.dung, street.midnight, 300, mode=mode)
    assert odd_uses_notice(now=clock.now()) == 0


def test_neither_a_wall_nor_ones_own_door_is_odd(street: Street) -> None:
    for eye in [street.gate, *(make_camera(street.cast) for _ in range(12))]:
        watched(eye, None, clock.now() - 10 * HOUR, 590)
    watched(street.door, street.cast.an, street.midnight, 300)
    assert odd_uses_notice(now=clock.now()) == 0


def test_an_ordinary_street_is_silent_and_read_by_number_alone(street: Street, django_assert_num_queries) -> None:
    for n in range(30):
        neighbour = make_resident(street.cast.place, 100 + n, f"Hộ {n}", f"Người {n}")
        for day in range(7):
            watched(street.gate, neighbour, clock.now() - (day + 1) * DAY, 9)
        watched(street.door, neighbour, clock.now() - DAY, 5)
    with django_assert_num_queries(2):
        assert odd_uses_notice(now=clock.now()) == 0


def test_what_arrives_late_is_found_by_a_later_tick(street: Street) -> None:
    """A media process was cut off from the database over night; its lines came home the day after."""
    assert odd_uses_notice(now=clock.now()) == 0
    watched(street.door, street.em, street.midnight, 20)
    assert odd_uses_notice(now=clock.now() + 10 * MINUTE) == 1


def test_a_household_that_has_left_is_told_nothing(street: Street) -> None:
    watched(street.door, street.em, street.midnight, 20)
    street.cast.an.household.left_at = clock.now()
    street.cast.an.household.save()
    assert odd_uses_notice(now=clock.now()) == 1
    assert topics() == []


def test_who_reads_them(street: Street) -> None:
    auditor = make_staff("kiem-tra", "Kiểm tra", Role.AUDITOR, street.cast.ward)
    watched(street.door, street.em, street.midnight, 20)
    watched(street.gate, street.em, clock.now() - 9 * HOUR, 500)
    odd_uses_notice(now=clock.now())
    rules = {
        who: sorted(odd.rule for odd in odd_uses_for(actor_of(person)))
        for who, person in {"an": street.cast.an, "binh": street.cast.binh, "cuc": street.cast.cuc, "em": street.em,
                            "dung": street.cast.dung, "hoa": street.cast.hoa, "auditor": auditor}.items()
    }  # fmt: skip
    assert rules == {
        "an": ["at_night"], "binh": ["endless"], "cuc": [], "em": [], "dung": [], "hoa": [],
        "auditor": ["at_night", "endless"],
    }  # fmt: skip


def test_of_many_cameras_each_reads_their_own(street: Street) -> None:
    for n, eye in enumerate([street.door, *(make_camera(street.cast) for _ in range(11))]):
        watched(eye, street.em, clock.now() - HOUR + n * timedelta(seconds=20), 1)
    odd_uses_notice(now=clock.now())
    auditor = make_staff("kiem-tra", "Kiểm tra", Role.AUDITOR, street.cast.ward)
    seen = {
        person: len(odd_uses_for(actor_of(who)).get().cameras.all())
        for person, who in {"an": street.cast.an, "binh": street.cast.binh, "auditor": auditor}.items()
    }
    assert seen == {"an": 1, "binh": 11, "auditor": 12}


def test_after_a_year_it_is_forgotten_and_the_audit_still_knows(street: Street) -> None:
    watched(street.door, street.em, street.midnight, 20)
    odd_uses_notice(now=clock.now())
    assert odd_uses_expire(now=clock.now() + 364 * DAY) == 0
    assert odd_uses_expire(now=clock.now() + 366 * DAY) == 1
    assert not OddUse.objects.exists()
    assert AuditEntry.objects.get(action="odd_uses.deleted").data["odd_uses"] == 1
    assert AuditEntry.objects.filter(action="odd_use.noticed").exists()


def test_celery_runs_both() -> None:
    assert {"cameras.tasks.odd_uses_tick", "cameras.tasks.odd_uses_expire"} <= TICKS.keys()


class TestWhoeverDies:
    @pytest.fixture
    def street(self, live_cast: Cast) -> Street:
        made = make_street(live_cast)
        watched(made.door, made.em, made.midnight, 20)
        watched(made.gate, made.em, clock.now() - 9 * HOUR, 500)
        return made

    def test_many_ticks_at_once_tell_each_once(self, street: Street) -> None:
        told = at_once(lambda _n: odd_uses_notice(now=clock.now()), 4)
        assert sum(told) == 2 and OddUse.objects.count() == len(topics()) == 2

    @pytest.mark.parametrize("step", ["_notice", "_news", "_acts", "audit.record_all"])
    def test_a_tick_that_is_killed_leaves_nothing_half_told(self, street: Street, step: str) -> None:
        assert _in_a_child(lambda: _die_at(step)) == -signal.SIGKILL
        assert not OddUse.objects.exists() and topics() == []
        assert odd_uses_notice(now=clock.now()) == 2
        assert OddUse.objects.count() == len(topics()) == 2
        assert AuditEntry.objects.filter(action="odd_use.noticed").count() == 2

    def test_killed_after_the_first_it_tells_the_second_alone(self, street: Street) -> None:
        assert _in_a_child(lambda: _die_at("_notice", times=2)) == -signal.SIGKILL
        assert OddUse.objects.count() == len(topics()) == 1
        assert odd_uses_notice(now=clock.now()) == 1
        assert OddUse.objects.count() == len(topics()) == 2


def _die_at(step: str, times: int = 1) -> None:
    """Notice, and be killed where ``step`` is called for the n-th time."""
    holder: Any = odduses
    *path, name = step.split(".")
    for part in path:
        holder = getattr(holder, part)
    original, left = getattr(holder, name), times

    def die(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*args, **kwargs)

    setattr(holder, name, die)
    odd_uses_notice(now=clock.now())


def _in_a_child(act: Callable[[], None]) -> int:
    """The exit code of a process of its own that does ``act``, on a connection of its own."""
    connection.close()
    child = os.fork()
    if not child:
        try:
            act()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
