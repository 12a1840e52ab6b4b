"""The evening's summary: once a day and phone, only of what its holder may read, nothing on a day without news."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from backend.lib.clock import VIETNAM, now, vietnam_day
from neighborhoods.models import Device
from notifications import digests, sending
from notifications.carriers import carriers_of
from notifications.models import Alert, PushSend
from tests.cameras.api.conftest import Api
from tests.cast import Cast, make_resident
from tests.notifications.pipeline import make_alert
from tests.notifications.pushing import heard_by, push, push_service, subscribe
from tests.notifications.pushservice import PushService

__all__ = ["push", "push_service"]
pytestmark = pytest.mark.django_db

TODAY = vietnam_day(now())
EVENING = datetime.combine(TODAY, digests.AT, tzinfo=VIETNAM)


def alert(cast: Cast, hours_before: float = 3, **fields: Any) -> Alert:
    return make_alert(
        cast, **{"at": EVENING - timedelta(hours=hours_before), "device": None, "household": None} | fields
    )


def planned(at: datetime = EVENING) -> dict[object, str]:
    """Device → what it will read, of messages that were not there before."""
    before = set(PushSend.objects.values_list("id", flat=True))
    digests.digests_plan(now=at.astimezone(UTC))
    return {row.device_id: row.payload["body"] for row in PushSend.objects.exclude(id__in=before)}


@pytest.fixture
def calm(cast: Cast, push: PushService) -> Cast:
    """An, Bình and Cúc want the summary; Dũng and Hoa do not."""
    for person in (cast.an, cast.binh, cast.cuc):
        subscribe(push, person, digest=True)
    subscribe(push, cast.dung)
    subscribe(push, cast.hoa, digest=False)
    return cast


@pytest.mark.both_databases
def test_two_alerts_one_dealt_with(calm: Cast) -> None:
    alert(calm)
    alert(calm, state="resolved")
    said = "Hôm nay: 2 cảnh báo, 1 đã xử lý"
    assert planned() == {calm.an.device.id: said, calm.binh.device.id: said}


@pytest.mark.both_databases
def test_it_comes_once_a_day_and_phone(calm: Cast) -> None:
    alert(calm)
    alert(calm, -20)  # tomorrow afternoon
    assert len(planned()) == 2
    assert planned(EVENING + timedelta(minutes=1)) == {}
    assert len(planned(EVENING + timedelta(days=1))) == 2
    assert {row.key for row in PushSend.objects.all()} == {
        f"digest:{TODAY.isoformat()}", f"digest:{(TODAY + timedelta(days=1)).isoformat()}"
    }  # fmt: skip


@pytest.mark.parametrize(("after", "comes"), [(timedelta(seconds=-1), False), (timedelta(0), True),
                                              (timedelta(hours=2, minutes=29), True),
                                              (timedelta(hours=2, minutes=30), False),
                                              (timedelta(hours=12), False)])  # fmt: skip
def test_between_half_past_six_and_nine(calm: Cast, after: timedelta, comes: bool) -> None:
    alert(calm)
    assert bool(planned(EVENING + after)) is comes


def test_a_day_without_news_is_silent(calm: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert digests.digests_plan(now=EVENING) == 0
    alert(calm, 25)  # in yesterday's
    alert(calm, -0.01)  # in tomorrow's
    alert(calm, state="withdrawn")
    assert planned() == {}


def test_everybody_is_told_of_what_they_may_read(calm: Cast) -> None:
    alert(calm, category="camera_health")
    alert(calm, neighborhood=calm.other_place, category="school_gate")
    alert(calm, neighborhood=None, category="fraud")
    assert planned() == {
        calm.an.device.id: "Hôm nay: 1 cảnh báo, 0 đã xử lý",
        calm.binh.device.id: "Hôm nay: 2 cảnh báo, 0 đã xử lý",
        calm.cuc.device.id: "Hôm nay: 2 cảnh báo, 0 đã xử lý",
    }


def test_a_phone_that_ended_and_push_switched_off(calm: Cast, settings: Any) -> None:
    alert(calm)
    Device.objects.filter(id=calm.an.device.id).update(revoked_at=now())
    Device.objects.filter(id=calm.cuc.device.id).update(expires_at=now())
    on = settings.CONFIG
    settings.CONFIG = replace(on, PUSH="0")
    assert planned() == {}
    settings.CONFIG = on
    assert set(planned()) == {calm.binh.device.id}


@pytest.mark.both_databases
def test_neighbours_are_counted_for_together(cast: Cast, push: PushService, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        subscribe(push, make_resident(cast.place, 100 + number, f"Hộ {number}", "Ai"), digest=True)
    alert(cast)
    with django_assert_max_num_queries(6):
        assert digests.digests_plan(now=EVENING) == 30


def test_it_is_sent_as_any_message_is(calm: Cast, push: PushService) -> None:
    alert(calm)
    planned()
    phone = subscribe(push, person := make_resident(calm.place, 41, "Hộ khác", "Ai"), "/calm", digest=True)
    assert set(planned()) == {person.device.id}
    (row,) = PushSend.objects.filter(device=person.device)
    assert heard_by([row]) == {person.device.id}
    carriers = carriers_of(settings.CONFIG, settings.SECRETS)
    assert sending.pushes_send([row.id], carriers=carriers, now=lambda: EVENING) == 1
    (got,) = [one for one in push.got if one.path == "/calm"]
    assert json.loads(phone.read(got.body)) == {
        "title": "Khu phố hôm nay", "body": "Hôm nay: 1 cảnh báo, 0 đã xử lý", "tag": "digest", "url": "/alerts/",
        "severity": "notice", "alert": "", "vibrate": False, "silent": False,
    }  # fmt: skip
    assert (got.headers["topic"], got.headers["urgency"], got.headers["ttl"]) == ("digest", "low", "43200")


@given(minutes=st.integers(0, 30 * 366 * 24 * 60))
def test_every_instant_is_in_one_days_summary(minutes: int) -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    day = vietnam_day(at)
    spans = [digests.span_of(day + timedelta(days=shift)) for shift in (-1, 0, 1)]
    assert sum(start <= at < end for start, end in spans) == 1


class TestThePage:
    @pytest.mark.both_databases
    def test_a_day_by_category_the_gravest_first(self, cast: Cast) -> None:
        theft, _second = alert(cast, text="Kẻ gian áo đỏ"), alert(cast, state="resolved")
        alert(cast, category="fire", hours_before=1)
        alert(cast, category="camera_health")
        alert(cast, 30)
        status, answer = Api(cast.an).get("/alerts/digest/", day=TODAY.isoformat())
        assert status == 200
        assert {name: answer[name] for name in ("day", "raised", "handled")} == {
            "day": TODAY.isoformat(), "raised": 3, "handled": 1
        }  # fmt: skip
        assert datetime.fromisoformat(answer["to"]) == EVENING
        assert datetime.fromisoformat(answer["from"]) == EVENING - timedelta(days=1)
        groups = [(one["category"], one["severity"], one["raised"], one["handled"]) for one in answer["categories"]]
        assert groups == [("fire", "emergency", 1, 0), ("theft", "urgent", 2, 1)]
        assert str(theft.id) in {one["id"] for one in answer["categories"][1]["alerts"]}
        assert "áo đỏ" not in json.dumps(answer, ensure_ascii=False)
        leaders = Api(cast.binh).get("/alerts/digest/", day=TODAY.isoformat())[1]
        assert leaders["raised"] == 4

    def test_today_where_no_day_is_named(self, cast: Cast) -> None:
        status, answer = Api(cast.an).get("/alerts/digest/")
        assert status == 200 and abs(date.fromisoformat(answer["day"]) - TODAY) <= timedelta(days=1)

    @pytest.mark.parametrize("day", ["today", "2026-13-01", "0001-01-01", "9999-12-31", "2026-11-25T10:00:00Z", "1"])
    def test_a_day_that_is_none(self, cast: Cast, day: str) -> None:
        status, problem = Api(cast.an).get("/alerts/digest/", day=day)
        assert status == 400 and list(problem["errors"]) == ["day"]

    def test_it_costs_the_same_however_many(self, cast: Cast, django_assert_max_num_queries: Any) -> None:
        for _ in range(25):
            alert(cast)
        with django_assert_max_num_queries(9):
            assert Api(cast.an).get("/alerts/digest/", day=TODAY.isoformat())[1]["raised"] == 25
