"""Asking for footage: what is held, who signs, what is refused, what its asker may know."""

import math
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from backend.lib.clock import VIETNAM
from backend.lib.errors import Absent, BadInput, Conflict
from cameras import cases
from cameras.footage import holds, reading, requests
from cameras.footage.area import Area
from cameras.footage.inforce import POLICY
from cameras.models import Camera, FootageAsk, FootageRequest, Hold, Slice
from cameras.store import retention
from neighborhoods.access import Role
from neighborhoods.devices import actor_for
from neighborhoods.models import AuditEntry, RoleGrant
from tests.cameras.footage.street import AROUND, HOUR, Street, make_street, noon, record
from tests.cast import Cast, make_staff
from tests.neighborhoods.conftest import at_once

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
WIDE = tuple((22.82 + (lat - 22.82) * 3, 104.98 + (lon - 104.98) * 3) for lat, lon in AROUND)


def make(street: Street, **changes) -> FootageRequest:
    return requests.request_make(
        actor=street.dung, case_id=street.case.id, wanted=street.wanted(**changes), now=street.moment
    )


def told(request: FootageRequest, now) -> reading.Asked:
    return reading.asked_of(request, request.asks.all(), now=now)


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("chain", "seq").values_list("action", flat=True))


def test_before_release_there_are_counts_and_shares_and_no_camera(street: Street) -> None:
    Slice.objects.filter(camera=street.gate).update(ends_at=street.moment - 2.5 * HOUR)
    counted = requests.coverage_preview(
        actor=street.dung, case_id=street.case.id, area=Area(polygon=AROUND), starts_at=street.moment - 3 * HOUR,
        ends_at=street.moment - 2 * HOUR, now=street.moment,
    )  # fmt: skip
    assert (counted.cameras, round(counted.mean, 2), counted.any) == (2, 0.75, 1.0)
    assert [(cell.latitude, cell.longitude, cell.cameras) for cell in counted.cells] == [(22.8225, 104.9825, 2)]
    assert not Hold.objects.exists() and actions()[-1] == "footage.previewed"


def test_what_is_asked_for_is_held_at_once_and_survives_age_and_a_full_disk(street: Street, tmp_path) -> None:
    request = make(street)
    assert (request.state, request.over_limits) == ("open", [])
    holds = Hold.objects.order_by("camera_id")
    assert {hold.camera_id for hold in holds} == {street.gate.id, street.corner.id}
    assert {hold.expires_at for hold in holds} == {street.moment + timedelta(hours=72)}
    later = street.moment + timedelta(hours=71)
    assert not Slice.objects.exclude(retention.hold_over(later)).exists()
    assert Slice.objects.exclude(retention.hold_over(street.moment + timedelta(hours=72))).count() == 2
    assert actions()[-3:] == ["footage.asked", "footage.put_to_owner", "footage.put_to_leader"]
    assert "2026/17" not in str(list(AuditEntry.objects.values_list("data", flat=True)))


def test_each_owner_hears_of_their_own_camera(street: Street) -> None:
    make(street)
    put = AuditEntry.objects.get(action="footage.put_to_owner")
    assert put.data["household"] == str(street.cast.an.household.id) and put.data["camera"] == str(street.gate.id)
    assert "household" not in AuditEntry.objects.get(action="footage.put_to_leader").data


def test_a_camera_without_footage_of_the_window_is_not_asked_for(street: Street) -> None:
    Slice.objects.filter(camera=street.gate).delete()
    assert [ask.camera_id for ask in make(street).asks.all()] == [street.corner.id]


def test_private_hours_are_never_asked_for(street: Street) -> None:
    street.gate.private_hours = [{"days": [0, 1, 2, 3, 4, 5, 6], "from": "00:00", "to": "24:00"}]
    street.gate.save()
    assert [ask.camera_id for ask in make(street).asks.all()] == [street.corner.id]


def test_a_retired_camera_still_has_its_past(street: Street) -> None:
    Camera.objects.filter(id=street.corner.id).update(state=Camera.State.RETIRED, retired_at=street.moment)
    assert make(street).asks.count() == 2


def test_above_the_limits_nobody_is_asked_before_somebody_in_charge_has_signed(street: Street) -> None:
    request = make(street, area=Area(polygon=WIDE))
    assert (request.state, request.over_limits) == ("unsigned", ["area"])
    assert Hold.objects.count() == 2 and "footage.put_to_owner" not in actions()
    assert not reading.requests_for(street.an).exists()
    requests.request_sign(actor=street.chief, request_id=request.id, now=street.moment)
    assert reading.requests_for(street.an).get().state == "open"
    assert actions()[-3:] == ["footage.signed", "footage.put_to_owner", "footage.put_to_leader"]
    requests.request_sign(actor=street.chief, request_id=request.id, now=street.moment)  # twice is once
    assert actions().count("footage.signed") == 1


def test_nobody_signs_what_they_asked_themselves(street: Street) -> None:
    request = make(street, area=Area(polygon=WIDE))
    later = street.moment + timedelta(days=30)
    RoleGrant.objects.create(
        account=street.cast.dung.account, role=Role.SUPERVISOR, ward=street.cast.ward, ends_at=later,
        starts_at=street.moment - timedelta(days=1),
    )  # fmt: skip
    both = actor_for(street.cast.dung.device, now=street.moment)
    with pytest.raises(Conflict) as refused:
        requests.request_sign(actor=both, request_id=request.id, now=street.moment)
    assert refused.value.code == "not_oneself"
    with pytest.raises(IntegrityError), transaction.atomic():  # nor does the database let anybody
        FootageRequest.objects.filter(id=request.id).update(signed_by=street.cast.dung.account)


def test_life_in_danger_is_released_by_the_signature_told_at_once_and_looked_at_by_a_third(street: Street) -> None:
    request = make(street, urgent=True)
    assert request.over_limits == ["urgent"] and told(request, street.moment).released == 0
    requests.request_sign(actor=street.chief, request_id=request.id, now=street.moment)
    request.refresh_from_db()
    assert [ask.how for ask in request.asks.all()] == ["urgent", "urgent"]
    assert told(request, street.moment).review_due_at == street.moment + timedelta(hours=72)
    put = AuditEntry.objects.get(action="footage.put_to_owner")
    assert put.data["urgent"] is True
    auditor = actor_for(make_staff("kt", "Kiểm", Role.AUDITOR, street.cast.ward).device, now=street.moment)
    reviewed = requests.request_review(
        actor=auditor, request_id=request.id, justified=False, words="Không có người bị nạn", now=street.moment
    )
    assert (reviewed.review_justified, reviewed.reviewed_by_id) == (False, auditor.account_id)
    with pytest.raises(Conflict):
        requests.request_review(actor=auditor, request_id=request.id, justified=True, words="Có", now=street.moment)


def test_a_second_signature_holds_longer_three_times_at_the_most(street: Street) -> None:
    request = make(street)
    for week in (1, 2, 3):
        requests.request_extend(actor=street.chief, request_id=request.id, now=street.moment)
        until = street.moment + timedelta(hours=72, days=7 * week)
        assert set(Hold.objects.values_list("expires_at", flat=True)) == {until}
    with pytest.raises(Conflict):
        requests.request_extend(actor=street.chief, request_id=request.id, now=street.moment)
    with pytest.raises(Absent):
        requests.request_extend(actor=street.dung, request_id=request.id, now=street.moment)


def test_withdrawn_nothing_is_held_and_nobody_is_asked_any_more(street: Street) -> None:
    request = make(street)
    for _twice in range(2):
        requests.request_withdraw(actor=street.dung, request_id=request.id, now=street.moment)
    assert not Slice.objects.filter(retention.hold_over(street.moment)).exists()
    assert actions().count("footage.withdrawn") == 1
    assert told(FootageRequest.objects.get(), street.moment).not_released == 2


def test_an_officer_who_holds_too_much_is_refused_aloud_and_nothing_is_written(street: Street) -> None:
    record(street.gate, street.moment - 48 * HOUR, street.moment - 6 * HOUR)
    record(street.corner, street.moment - 48 * HOUR, street.moment - 6 * HOUR)
    day = {"starts_at": street.moment - 24 * HOUR, "ends_at": street.moment}
    for _four_of_48_hours in range(4):
        make(street, **day)
    with pytest.raises(Conflict) as refused:
        make(street, **day)
    assert refused.value.code == "officer_quota" and "200" in str(refused.value)
    assert FootageRequest.objects.count() == 4 and Hold.objects.count() == 8


def test_no_more_than_a_fifth_of_the_disk_is_held_of_one_neighborhood(street: Street, settings) -> None:
    sizes = sum(Slice.objects.values_list("bytes", flat=True))
    settings.CONFIG = type(settings.CONFIG)(
        DATA_DIR=str(settings.CONFIG.data_dir), STORE_MAX_BYTES=str(int(sizes / POLICY.neighborhood_share) - 10)
    )
    with pytest.raises(Conflict) as refused:
        make(street)
    assert refused.value.code == "hold_quota" and not Hold.objects.exists()
    settings.CONFIG = type(settings.CONFIG)(
        DATA_DIR=str(settings.CONFIG.data_dir), STORE_MAX_BYTES=str(int(sizes / POLICY.neighborhood_share) + 10)
    )
    assert make(street).state == "open"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"words": "phục vụ công tác điều tra"}, "words"),
        ({"reason": "investigation"}, "reason"),
        ({"basis": "curiosity"}, "basis"),
        ({"kind": "order"}, "kind"),
        ({"signatory": "Đại tá Nam"}, "signatory"),
        ({"kind": "demand"}, "signatory"),
        ({"document_number": " "}, "document_number"),
        ({"area": Area()}, "area"),
        ({"area": Area(polygon=AROUND[:2])}, "area"),
        ({"area": Area(polygon=((8.5, 102.0), (23.4, 102.0), (23.4, 109.5), (8.5, 109.5)))}, "area"),
        ({"area": Area(polygon=((91.0, 0.0), (92.0, 0.0), (92.0, 1.0)))}, "area"),
        ({"area": Area(polygon=((math.nan, 104.98), (22.82, math.nan), (22.824, 104.984)))}, "area"),
        ({"area": Area(polygon=((math.inf, 104.98), (22.82, 104.98), (22.824, 104.984)))}, "area"),
    ],
)  # fmt: skip
def test_bad_input_is_named_and_nothing_is_written(street: Street, changes, field) -> None:
    with pytest.raises(BadInput) as refused:
        make(street, **changes)
    assert field in refused.value.fields
    assert not FootageRequest.objects.exists() and not Hold.objects.exists()


@pytest.mark.parametrize(("starts", "ends"), [(-1, 1), (1, 2), (-1, -1), (-1, -2), (-24 * 365, -1), (-25, 0)])
def test_a_window_in_the_future_reversed_or_a_year_long(street: Street, starts: int, ends: int) -> None:
    with pytest.raises(BadInput) as refused:
        make(street, starts_at=street.moment + starts * HOUR, ends_at=street.moment + ends * HOUR)
    assert "to" in refused.value.fields


def test_a_place_of_another_ward_is_no_place_of_the_case(street: Street) -> None:
    other = street.cast.other_place
    other.ward = type(other.ward).objects.create(code="00700", name="Khác", province_code="08", province_name="T")
    other.save()
    with pytest.raises(BadInput):
        make(street, area=Area(places=(other.id,)))
    assert make(street, area=Area(places=(street.cast.place.id,))).asks.count() == 2


def test_footage_that_is_deleted_already_says_what_is_left(street: Street) -> None:
    with pytest.raises(Conflict) as refused:
        make(street, starts_at=street.moment - 20 * HOUR, ends_at=street.moment - 19 * HOUR)
    oldest = f"{(street.moment - 6 * HOUR).astimezone(VIETNAM):%H:%M %d/%m/%Y}"
    assert refused.value.code == "no_footage" and oldest in str(refused.value)


def test_where_no_camera_stands_it_says_so(street: Street) -> None:
    away = tuple((lat + 1, lon) for lat, lon in AROUND)
    with pytest.raises(Conflict) as refused:
        make(street, area=Area(polygon=away))
    assert refused.value.code == "no_cameras"


def test_a_closed_case_asks_for_nothing(street: Street) -> None:
    cases.case_resolve(actor=street.dung, case_id=street.case.id, outcome="dropped", now=street.moment)
    with pytest.raises(Conflict) as refused:
        make(street)
    assert refused.value.code == "case_closed"


def test_an_officer_of_another_ward_finds_no_case(street: Street) -> None:
    ward = type(street.cast.ward).objects.create(code="00700", name="Khác", province_code="08", province_name="T")
    stranger = actor_for(make_staff("la", "Lạ", Role.OFFICER, ward).device, now=street.moment)
    with pytest.raises(Absent):
        requests.request_make(actor=stranger, case_id=street.case.id, wanted=street.wanted(), now=street.moment)
    make(street)
    assert not reading.requests_for(stranger).exists()
    assert not FootageAsk.objects.exclude(state="pending").exists()


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_never_both_find_room_in_a_quota(live_cast: Cast, monkeypatch) -> None:
    street = make_street(live_cast, noon())
    monkeypatch.setattr(holds, "POLICY", replace(POLICY, officer_hours=3))  # each would hold two
    answers = at_once(lambda _number: make(street), 3)
    made = [one for one in answers if isinstance(one, FootageRequest)]
    refused = [one.code for one in answers if isinstance(one, Conflict)]
    assert (len(made), refused) == (1, ["officer_quota"] * 2), answers
    assert Hold.objects.count() == 2
