"""Figures are counted from rows: cameras, households, watching, alerts, extractions, money; and who may see them."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from backend.figures.report import FEW, Sees, report_of
from cameras.models import Camera, Case, Extraction, MediaNode, ViewMinute
from neighborhoods import access
from neighborhoods.access import Grant, Role
from neighborhoods.fund import campaigns, expenses, payments
from neighborhoods.models import AccessCode, Device, Household, Ward
from neighborhoods.scopes import Scope, Span, month_of
from notifications.models import Alert
from tests.cast import Cast, make_cast, make_resident, make_staff

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
NOVEMBER = month_of(2026, 11)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def cast() -> Cast:
    made = make_cast()
    for model, field in ((Household, "created_at"), (Device, "created_at"), (AccessCode, "issued_at")):
        model.objects.update(**{field: NOW - 200 * DAY})
    type(made.place).objects.update(created_at=NOW - 300 * DAY)
    return made


@pytest.fixture
def node():
    return MediaNode.objects.create(name="default")


def make_camera(place, node, **facts) -> Camera:
    usual = {"name": "Ngõ", "state": "active", "approved_at": NOW - 100 * DAY, "created_at": NOW - 101 * DAY}
    return Camera.objects.create(neighborhood=place, node=node, **usual | facts)


def of(scope: Scope, span: Span = NOVEMBER, **sees):
    return report_of(scope, span, now=NOW, sees=Sees(**sees)).plain()


def test_cameras_by_ownership_purpose_kind_make_and_how_far_they_are(cast, node):
    make_camera(cast.place, node, make="Hikvision")
    make_camera(cast.place, node, make="HIKVISION", kind="ptz", purpose="traffic", retention_hours=72)
    make_camera(cast.place, node, make="hikvision", offline_since=NOW - HOUR, retention_hours=48)
    make_camera(cast.place, node, make="Hikvision", ownership="school")
    make_camera(cast.place, node, state="proposed", approved_at=None, purpose="defence")
    make_camera(cast.place, node, state="retired", retired_at=NOW - DAY)
    make_camera(cast.other_place, node, make="Axis")
    found = of(Scope(neighborhood_id=cast.place.id), outages=True)["cameras"]
    assert (found["planned"], found["deployed"], found["working"]) == (5, 4, 3)
    assert found["ownership"] == {"public": 4, "household": 0, "business": 0, "agency": 0, "school": 1}
    assert (found["purpose"]["traffic"], found["purpose"]["defence"], found["kind"]) == (1, 1, {"fixed": 4, "ptz": 1})
    assert found["makes"] == {"Hikvision": 4}
    assert found["retention_hours"] == (48, 168)
    assert of(Scope(ward_id=cast.ward.id))["cameras"]["deployed"] == 5


def test_the_past_is_read_from_the_cameras_dates(cast, node):
    make_camera(cast.place, node, created_at=NOW - 70 * DAY, approved_at=NOW - 30 * DAY)
    make_camera(cast.place, node, state="retired", created_at=NOW - 70 * DAY, retired_at=NOW - 30 * DAY)
    then = of(Scope(), month_of(2026, 9), outages=True)["cameras"]
    assert (then["planned"], then["deployed"], then["working"]) == (2, 1, None)
    assert of(Scope(), month_of(2026, 8))["cameras"]["planned"] == 0


def test_a_camera_leaves_with_its_household(cast, node):
    make_camera(cast.place, node, owner_household=cast.an.household, ownership="household")
    cast.an.household.left_at = NOW - DAY
    cast.an.household.save()
    assert of(Scope())["cameras"]["planned"] == 0
    assert of(Scope(), month_of(2026, 10))["cameras"]["planned"] == 1


def test_households_are_reached_once_a_phone_of_theirs_was_let_in(cast):
    make_resident(cast.place, 13, "Hộ ông Em", "Vũ Văn Em")
    Household.objects.create(neighborhood=cast.place, number=14, name="Hộ bà Tư", address="Số 14", created_at=NOW - DAY)
    guest = cast.an.device.code
    AccessCode.objects.filter(household__number=13).update(kind="guest", issued_at=NOW - DAY)
    Device.objects.filter(household__number=13).update(created_at=NOW - DAY)
    Household.objects.filter(number=13).update(created_at=NOW - DAY)
    found = of(Scope(neighborhood_id=cast.place.id))["households"]
    assert found == {"wards": 1, "neighborhoods": 1, "households": 3, "with_code": 1, "reached": 1, "reached_now": 1}
    Device.objects.filter(code=guest).update(revoked_at=NOW - HOUR)
    found = of(Scope(neighborhood_id=cast.place.id))["households"]
    assert (found["reached"], found["reached_now"]) == (1, 0)
    assert of(Scope(neighborhood_id=cast.place.id), month_of(2026, 10))["households"]["reached_now"] == 1


def watch(camera, household_id, minutes, role="resident", mode="live", at=NOW - DAY):
    session = uuid.uuid4()
    ViewMinute.objects.bulk_create(
        ViewMinute(session_id=session, camera=camera, household_id=household_id, role=role, mode=mode,
                   minute=at + timedelta(minutes=n), watched_at=at + timedelta(minutes=n))
        for n in range(minutes)
    )  # fmt: skip


def test_watching_is_told_where_enough_households_watched(cast, node):
    camera = make_camera(cast.place, node)
    for _household in range(FEW - 1):
        watch(camera, uuid.uuid4(), 3)
    watch(camera, None, 7, role="leader")
    assert of(Scope())["watching"] is None
    watch(camera, uuid.uuid4(), 3)
    for unwatched in ("grid", "kept", "export"):
        watch(camera, uuid.uuid4(), 30, mode=unwatched)
    watch(camera, uuid.uuid4(), 30, at=NOW - 60 * DAY)
    assert of(Scope())["watching"] == {"minutes": 22, "households": FEW, "by_role": {"resident": 15, "leader": 7}}


def alert(cast, *, raised=NOW - DAY, **facts) -> Alert:
    usual = {"category": "theft", "source": "street_worker", "neighborhood": cast.place, "occurred_at": raised}
    return Alert.objects.create(ward=cast.ward, raised_at=raised, expires_at=raised + DAY, **usual | facts)


def test_alerts_by_category_source_and_verdict(cast):
    alert(cast, verdict="used", state="resolved", acknowledged_at=NOW - DAY + timedelta(minutes=4))
    alert(cast, verdict="not_used", state="resolved", acknowledged_at=NOW - DAY + timedelta(minutes=2))
    alert(cast, category="fire", source="resident", state="withdrawn")
    alert(cast, category="camera_health", source="camera")
    alert(cast, category="flood", source="officer", neighborhood=None)
    alert(cast, raised=NOW - 60 * DAY)
    found = of(Scope(ward_id=cast.ward.id))["alerts"]
    assert found["total"] == {
        "raised": 4, "withdrawn": 1, "verdicts": {"used": 1, "not_used": 1, "false": 0, "duplicate": 0},
    }  # fmt: skip
    assert [(name, line["raised"]) for name, line in found["categories"].items()] == [
        ("fire", 1),
        ("flood", 1),
        ("theft", 2),
    ]
    assert found["sources"]["street_worker"]["verdicts"]["used"] == 1
    assert (found["acknowledged"], found["minutes_to_acknowledge"]) == (2, 3.0)
    assert of(Scope(ward_id=cast.ward.id), stewards_alerts=True)["alerts"]["total"]["raised"] == 5
    assert of(Scope(neighborhood_id=cast.place.id))["alerts"]["total"]["raised"] == 3


def test_extractions_and_what_came_of_them(cast, node):
    camera = make_camera(cast.place, node)
    one = Case.objects.create(
        ward=cast.ward, case_number="1", kind="theft", opened_at=NOW - 40 * DAY, outcome="clarified",
        outcome_at=NOW - DAY, offence_found=True,
    )  # fmt: skip
    other = Case.objects.create(ward=cast.ward, case_number="2", kind="fire", opened_at=NOW - DAY)
    span = {"starts_at": NOW - 2 * DAY, "ends_at": NOW - 2 * DAY + HOUR, "reason": "vehicle", "camera": camera}
    judged = {"taken_at": NOW - 40 * DAY, "outcome_at": NOW - HOUR, **span}
    Extraction.objects.create(case=one, outcome="used", what_helped=["vehicle", "time"], **judged)
    Extraction.objects.create(case=one, outcome="used", what_helped=["vehicle"], **judged)
    Extraction.objects.create(case=other, outcome="not_used", **judged | {"taken_at": NOW - HOUR})
    found = of(Scope(ward_id=cast.ward.id), cases=True)["cases"]
    assert found == {
        "opened": 1, "clarified": 1, "offences": 1, "helped": 1, "extractions": 1, "used": 2, "not_used": 1,
        "what_helped": {"vehicle": 2, "place": 0, "time": 1, "person": 0, "other": 0},
    }  # fmt: skip
    assert of(Scope(neighborhood_id=cast.place.id), cases=True)["cases"] == found
    assert of(Scope(neighborhood_id=cast.other_place.id), cases=True)["cases"]["opened"] == 0


def test_what_the_police_look_at_is_told_by_the_month_and_the_ward_once_it_is_over(cast):
    ward, place, october = Scope(ward_id=cast.ward.id), Scope(neighborhood_id=cast.place.id), month_of(2026, 10)
    assert of(ward, october)["cases"]["opened"] == 0
    assert of(ward, NOVEMBER)["cases"] is None, "the month is not over"
    assert of(ward, Span(october.first, october.first + DAY))["cases"] is None, "a day or two tell of one case"
    assert of(place, october)["cases"] is None, "so does a street"
    client = Client()
    told = [client.get("/api/v1/statistics/", **who.bearer).json()["cases"] for who in (cast.an, cast.binh, cast.dung)]
    assert told[:2] == [None, None] and told[2]["opened"] == 0


def test_money_is_what_the_ledger_says(cast):
    leader = access.system("test", Grant(Role.LEADER, neighborhood_id=cast.place.id))
    keeper = access.system("test", Grant(Role.TREASURER, neighborhood_id=cast.place.id))
    campaign = campaigns.campaign_open(
        actor=leader, neighborhood_id=cast.place.id, code="CAM", purpose="Camera", target=10_000_000,
        starts_on=date(2026, 10, 1), ends_on=date(2026, 12, 31), now=NOW,
    )  # fmt: skip
    paid = {"actor": keeper, "campaign_id": campaign.id, "household_id": cast.an.household.id, "now": NOW}
    payments.payment_record(amount=300_000, method="cash", paid_on=date(2026, 10, 31), **paid)
    payments.payment_record(amount=200_000, method="transfer", paid_on=date(2026, 11, 2), **paid)
    wrong = payments.payment_record(amount=99_000, method="cash", paid_on=date(2026, 11, 3), **paid)
    payments.payment_reverse(actor=keeper, payment_id=wrong.id, reason="entered_twice", now=NOW)
    expenses.expense_record(
        actor=keeper, campaign_id=campaign.id, amount=120_000, method="cash", paid_on=date(2026, 11, 5), what="Dây",
        payee="Cửa hàng Minh", category="purchase", now=NOW,
    )  # fmt: skip
    assert of(Scope())["money"] == {"received": 200_000, "spent": 120_000, "held": 380_000, "campaigns": 1}
    assert of(Scope(), month_of(2026, 10))["money"] == {
        "received": 300_000,
        "spent": 0,
        "held": 300_000,
        "campaigns": 1,
    }
    assert of(Scope(neighborhood_id=cast.other_place.id))["money"]["held"] == 0


def test_each_sees_the_figures_of_their_own_places(cast):
    client = Client()
    other = Ward.objects.create(code="00700", name="Phường Khác", province_code="08", province_name="Tuyên Quang")
    chief = make_staff("chi", "Chi", Role.ADMINISTRATOR, cast.ward)
    chief.account.grants.update(ward=None)
    cases = [
        (cast.an, f"neighborhood={cast.place.id}", 200), (cast.an, f"neighborhood={cast.other_place.id}", 404),
        (cast.binh, f"ward={cast.ward.id}", 404), (cast.dung, f"ward={cast.ward.id}", 200),
        (cast.dung, f"neighborhood={cast.other_place.id}", 200), (cast.dung, f"ward={other.id}", 404),
        (cast.dung, "province=08", 404), (chief, "province=08", 200), (chief, "province=99", 404), (chief, "", 200),
        (chief, f"ward={uuid.uuid4()}", 404), (cast.dung, f"ward={cast.ward.id}&neighborhood={cast.place.id}", 400),
        (chief, "province=8", 400), (cast.an, "from=2026-11-02&to=2026-11-01", 400), (cast.an, "to=0001-01-01", 400),
        (chief, "from=9999-01-01&to=9999-12-31", 400),
    ]  # fmt: skip
    for person, query, status in cases:
        answer = client.get(f"/api/v1/statistics/?{query}", **person.bearer)
        assert answer.status_code == status, (query, answer.content)


def test_who_names_no_place_is_told_of_their_own(cast):
    client = Client()
    for person, field, place in ((cast.an, "neighborhood", cast.place), (cast.dung, "ward", cast.ward)):
        assert client.get("/api/v1/statistics/", **person.bearer).json()[field] == str(place.id)


def test_how_many_cameras_are_down_is_told_to_who_looks_after_them(cast, node):
    make_camera(cast.place, node, offline_since=NOW, created_at=NOW - 500 * DAY, approved_at=NOW - 500 * DAY)
    client = Client()
    told = [
        client.get("/api/v1/statistics/", **who.bearer).json()["cameras"]["working"] for who in (cast.an, cast.binh)
    ]
    assert told == [None, 0]
    for secret in ("An", "Hộ", str(cast.an.household.id)):
        assert secret not in client.get("/api/v1/statistics/", **cast.binh.bearer).content.decode()
