"""What is pushed, and to whom: rows written with the events, by streams, wishes and roles."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from neighborhoods.access import Role
from neighborhoods.models import AccessCode, Account, Device, Household, OutboxRow, RoleGrant
from notifications import pushes, rules, streams
from notifications.carriers.encryption import MOST
from notifications.categories import CATEGORIES
from notifications.dispatching import dispatch_once
from notifications.models import Alert, Event, PushSend, Stream
from tests.architecture.walkers import make_world
from tests.cast import Cast, make_resident
from tests.neighborhoods.conftest import actor
from tests.notifications.pipeline import make_alert, tell_of
from tests.notifications.pushing import heard_by, push, push_service, staff, subscribe, tell
from tests.notifications.pushservice import PushService

__all__ = ["push", "push_service"]
pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 25, 5, tzinfo=UTC)
"""Twelve o'clock in Việt Nam."""
NIGHT = datetime(2026, 11, 25, 19, tzinfo=UTC)
"""Two in the morning."""


def names(cast: Cast, rows: list[PushSend]) -> set[str]:
    by_device = {getattr(cast, name).device.id: name for name in ("an", "binh", "cuc", "dung", "hoa")}
    return {by_device.get(device_id, "?") for device_id in heard_by(rows)}


@pytest.fixture
def everybody(cast: Cast, push: PushService) -> Cast:
    for person in (cast.an, cast.binh, cast.cuc, cast.dung, cast.hoa):
        subscribe(push, person)
    return cast


def silent(cast: Cast, **fields: Any) -> Alert:
    """Raised by nobody of the cast, so that all of them may be told."""
    return make_alert(cast, **{"device": None, "household": None, "source": "system"} | fields)


@pytest.mark.parametrize(
    ("category", "heard"),
    [
        ("theft", {"an", "binh", "hoa", "dung"}),
        ("school_gate", {"an", "binh", "hoa"}),
        ("camera_health", {"binh"}),
        ("motion", {"binh"}),
    ],
)
def test_who_reads_a_stream_on_which_it_is_told_is_pushed(everybody: Cast, category: str, heard: set[str]) -> None:
    assert names(everybody, tell(silent(everybody, category=category))) == heard


@pytest.mark.both_databases
def test_a_broadcast_reaches_the_whole_ward(everybody: Cast) -> None:
    broadcast = silent(everybody, neighborhood=None, category="fraud", source="officer")
    assert names(everybody, tell(broadcast)) == {"an", "binh", "cuc", "dung", "hoa"}


@pytest.mark.both_databases
def test_exactly_the_devices_that_read_the_streams_are_pushed(push: PushService, db: None) -> None:
    """Of somebody of every role: the same rule as for sockets, told from both ends."""
    world = make_world()
    for person in world.people.values():
        subscribe(push, person)
    place, ward = world.ids["neighborhood_id"], world.ids["ward_id"]
    for category, neighborhood in (("theft", place), ("utility", place), ("camera_health", place), ("fraud", None)):
        alert = Alert.objects.create(
            ward_id=ward, neighborhood_id=neighborhood, category=category, source="system", occurred_at=NOON,
            raised_at=NOON, expires_at=timezone.now() + timedelta(hours=3),
        )  # fmt: skip
        heard = heard_by(tell(alert))
        told = {(Stream.Kind(one.stream.kind), one.stream.subject_id)
                for one in Event.objects.select_related("stream").filter(alert=alert)}  # fmt: skip
        reading = {who for who, person in world.people.items()
                   if told & set(streams.streams_of(actor(person, timezone.now())))}  # fmt: skip
        assert {who for who, person in world.people.items() if person.device.id in heard} == reading
        assert len(reading) >= 2


@pytest.mark.both_databases
def test_twice_is_once(everybody: Cast) -> None:
    alert = silent(everybody)
    assert len(tell(alert)) == 4
    assert tell(alert) == []
    pushes.pushes_write(OutboxRow.objects.filter(topic=pushes.PLAN).first().payload, now=timezone.now())
    assert PushSend.objects.count() == 4


def test_whoever_raised_it_is_not_woken_by_it(everybody: Cast) -> None:
    assert "an" not in names(everybody, tell(make_alert(everybody)))


def test_nothing_is_planned_while_push_is_off(everybody: Cast, settings: Any, django_assert_num_queries: Any) -> None:
    settings.CONFIG = replace(settings.CONFIG, PUSH="0")
    assert tell(silent(everybody)) == []
    events = list(Event.objects.select_related("stream", "alert"))
    with django_assert_num_queries(0):
        assert pushes.pushes_plan(events, now=NOON) is False
    settings.CONFIG = replace(settings.CONFIG, PUSH="1", PUSH_SUBJECT="mailto:root@localhost")
    assert pushes.pushes_plan(events, now=NOON) is False


class TestWhoIsGone:
    @pytest.mark.parametrize("how", ["revoked", "expired", "left", "member", "code"])
    def test_a_phone_that_ended_is_not_pushed(self, everybody: Cast, how: str) -> None:
        past, an = timezone.now() - timedelta(minutes=1), everybody.an
        if how in ("revoked", "expired"):
            field = {"revoked": "revoked_at", "expired": "expires_at"}[how]
            Device.objects.filter(id=an.device.id).update(**{field: past})
        elif how == "left":
            Household.objects.filter(id=an.household.id).update(left_at=past)
        elif how == "member":
            type(an.member).objects.filter(id=an.member.id).update(left_at=past)
        else:
            AccessCode.objects.filter(id=an.device.code_id).update(revoked_at=past)
        assert names(everybody, tell(silent(everybody))) == {"binh", "hoa", "dung"}

    @pytest.mark.parametrize("how", ["ended", "over", "closed"])
    def test_a_role_that_ended_hears_no_more(self, everybody: Cast, how: str) -> None:
        past, account = timezone.now() - timedelta(minutes=1), everybody.binh.account
        if how == "closed":
            Account.objects.filter(id=account.id).update(is_active=False)
        else:
            field = {"ended": "ended_at", "over": "ends_at"}[how]
            RoleGrant.objects.filter(account=account).update(**{field: past})
        assert names(everybody, tell(silent(everybody))) == {"an", "hoa", "dung"}


class TestWishes:
    @pytest.mark.parametrize(
        ("category", "at", "wishes", "rings"),
        [
            ("theft", NIGHT, {"quiet_from": "22:00", "quiet_to": "06:00"}, False),
            ("theft", NOON, {"quiet_from": "22:00", "quiet_to": "06:00"}, True),
            ("fire", NIGHT, {"quiet_from": "22:00", "quiet_to": "06:00"}, True),
            ("snatching", NIGHT, {"quiet_from": "22:00", "quiet_to": "06:00", "digest": True}, True),
            ("theft", NOON, {"digest": True}, False),
            ("theft", NOON, {"muted": ["theft"]}, False),
            ("accident", NOON, {"muted": ["theft"]}, True),
            ("theft", NIGHT, {}, True),
        ],
    )
    def test_it_rings_as_each_person_wishes(
        self, cast: Cast, push: PushService, category: str, at: datetime, wishes: dict[str, Any], rings: bool
    ) -> None:
        subscribe(push, cast.an, **wishes)
        person = make_resident(cast.place, 20, "Hộ khác", "Người khác")
        subscribe(push, person)
        alert = silent(cast, category=category, at=at)
        heard = heard_by(tell(alert, at=at))
        assert person.device.id in heard
        assert (cast.an.device.id in heard) is rings

    def test_sound_and_vibration_are_the_phones_and_the_severitys(self, cast: Cast, push: PushService) -> None:
        calm = make_resident(cast.place, 20, "Hộ khác", "Người khác")
        still = make_resident(cast.place, 21, "Hộ nữa", "Người nữa")
        subscribe(push, cast.an)
        subscribe(push, calm, sound=False)
        subscribe(push, still, vibration=False)
        seen = {}
        for category in ("theft", "utility"):
            for row in tell(silent(cast, category=category)):
                seen[category, row.device_id] = (row.payload["vibrate"], row.payload["silent"])
        assert seen["theft", cast.an.device.id] == (True, False)
        assert seen["theft", calm.device.id] == (False, True)  # a browser refuses a silent one that vibrates
        assert seen["theft", still.device.id] == (False, False)
        assert seen["utility", cast.an.device.id] == (False, False)


class TestEscalation:
    @pytest.mark.both_databases
    def test_it_goes_to_the_next_in_line_and_to_nobody_else(self, everybody: Cast, push: PushService) -> None:
        deputy, operator = staff(Role.DEPUTY, everybody.place), staff(Role.OPERATOR, everybody.ward)
        other = staff(Role.DEPUTY, everybody.other_place)
        for person in (deputy, operator, other):
            subscribe(push, person)
        alert = silent(everybody, category="school_gate")
        tell(alert)
        Alert.objects.filter(id=alert.id).update(escalation=1)
        assert heard_by(tell(alert, "alert.escalated")) == {deputy.device.id}
        Alert.objects.filter(id=alert.id).update(escalation=2)
        assert heard_by(tell(alert, "alert.escalated")) == {everybody.dung.device.id}

    def test_what_somebody_answered_meanwhile_wakes_nobody(self, everybody: Cast) -> None:
        alert = silent(everybody, state="acknowledged", escalation=2)
        assert tell(alert, "alert.escalated") == []


class TestRelease:
    def test_words_let_out_are_pushed_once(self, everybody: Cast) -> None:
        alert = silent(everybody)
        assert {row.payload["body"] for row in tell(alert)} == {"Cổng chợ"}
        Alert.objects.filter(id=alert.id).update(text_released_at=timezone.now())
        rows = tell(alert, "alert.released")
        assert names(everybody, rows) == {"an", "binh", "hoa", "dung"}
        assert {row.payload["body"] for row in rows} == {"Cổng chợ · Mất xe máy trước cổng"}
        assert tell(alert, "alert.released") == []

    def test_a_clip_alone_wakes_nobody(self, everybody: Cast) -> None:
        assert tell(silent(everybody, clip_released_at=timezone.now()), "alert.released") == []
        fire = silent(everybody, category="fire", text_released_at=timezone.now(), clip_released_at=timezone.now())
        assert tell(fire, "alert.released") == []


def test_what_is_no_alarm_is_not_pushed(everybody: Cast) -> None:
    alarms = {"alert.raised", "alert.released", "alert.escalated"}
    for topic in sorted(rules.ALERT_TOPICS - alarms):
        assert tell(silent(everybody), topic) == [], topic


def test_what_is_over_when_it_is_told_wakes_nobody(everybody: Cast) -> None:
    for state in ("resolved", "withdrawn", "expired"):
        assert tell(silent(everybody, state=state)) == [], state
    assert tell(silent(everybody, expires_at=timezone.now() - timedelta(seconds=1))) == []


def test_a_message_says_what_the_open_view_says_and_no_more(everybody: Cast) -> None:
    alert = make_alert(everybody, category="theft", text="An Nguyễn nói: kẻ gian mặc áo đỏ")
    rows = tell(alert)
    assert names(everybody, rows) == {"binh", "hoa", "dung"}
    for row in rows:
        said = json.dumps(row.payload, ensure_ascii=False)
        assert "áo đỏ" not in said and "An" not in said and str(everybody.an.household.id) not in said
    assert rows[0].payload == {
        "title": "Trộm cắp", "body": "Cổng chợ", "tag": str(alert.id), "url": f"/alerts/#{alert.id}",
        "severity": "urgent", "alert": str(alert.id), "vibrate": True, "silent": False,
    }  # fmt: skip


@pytest.mark.parametrize(("category", "urgency"), [("fire", "high"), ("theft", "normal"), ("utility", "low")])
def test_topic_urgency_and_life_follow_the_alert(everybody: Cast, category: str, urgency: str) -> None:
    alert = silent(everybody, category=category)
    rows = tell(alert)
    assert {row.urgency for row in rows} == {urgency}
    assert {row.expires_at for row in rows} == {alert.expires_at}
    (topic,) = {row.topic for row in rows}
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,32}", topic)
    assert topic == pushes.topic_of(alert.id) != pushes.topic_of(make_alert(everybody).id)


def test_every_category_has_something_to_show_in_vietnamese(everybody: Cast) -> None:
    for code, category in CATEGORIES.items():
        payload = pushes.payload_of(silent(everybody, category=code, place=""), category, None)
        assert payload["title"] != category.name and payload["body"] == "Mở để xem thêm.", code


def test_the_longest_words_fit_into_one_message(everybody: Cast) -> None:
    alert = silent(everybody, category="fire", text="ế" * 500, place="ế" * 120, text_released_at=timezone.now())
    payload = pushes.payload_of(alert, CATEGORIES["fire"], None)
    assert len(json.dumps(payload, ensure_ascii=False).encode()) < MOST
    assert payload["body"].endswith("…")


@pytest.mark.both_databases
def test_many_phones_are_planned_in_turns_and_each_turn_costs_the_same_statements(
    cast: Cast, push: PushService, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    """Else a ward's phones would hold everybody's feed up."""
    monkeypatch.setattr(pushes, "AT_ONCE", 20)
    people = [make_resident(cast.place, 100 + number, f"Hộ {number}", f"Người {number}") for number in range(50)]
    for person in people:
        subscribe(push, person)
    tell_of(silent(cast))
    assert dispatch_once(now=timezone.now()) == 1
    planned = []
    for _ in range(3):
        row = OutboxRow.objects.get(topic=pushes.PLAN, done_at=None)
        with django_assert_max_num_queries(20):
            assert dispatch_once(now=timezone.now()) == 1
        planned.append(PushSend.objects.count())
        assert OutboxRow.objects.get(id=row.id).done_at is not None
    assert planned == [20, 40, 50]
    assert heard_by(list(PushSend.objects.all())) == {person.device.id for person in people}
    assert dispatch_once(now=timezone.now()) == 0


@pytest.mark.parametrize("dies", ["bulk_create", "_leave"])
def test_a_dispatcher_that_dies_while_it_plans_has_planned_nothing_and_goes_on_later(
    everybody: Cast, monkeypatch: pytest.MonkeyPatch, dies: str
) -> None:
    def killed(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("killed")

    tell_of(silent(everybody))
    assert dispatch_once(now=timezone.now()) == 1
    monkeypatch.setattr(pushes, "AT_ONCE", 3)
    with monkeypatch.context() as patch:
        patch.setattr(PushSend.objects if dies == "bulk_create" else pushes, dies, killed)
        assert dispatch_once(now=timezone.now()) == 0
    assert PushSend.objects.count() == 0
    for minute in range(1, 5):
        dispatch_once(now=timezone.now() + timedelta(minutes=minute))
    assert names(everybody, list(PushSend.objects.all())) == {"an", "binh", "hoa", "dung"}
