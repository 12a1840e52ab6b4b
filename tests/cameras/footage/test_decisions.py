"""What owners say, and that whoever asked cannot tell a no from silence."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings

from backend.lib.errors import Absent, BadInput, Conflict
from cameras.footage import decisions, reading, requests
from cameras.models import Camera, FootageAsk, FootageRequest, Hold
from neighborhoods.access import Role
from neighborhoods.devices import actor_for
from neighborhoods.models import AuditEntry, Ward
from tests.backend.test_pictures import photograph
from tests.cameras.footage.street import HOUR, Street, record
from tests.cast import Cast, make_school, make_staff

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
DEMAND = {"kind": "demand", "signatory": "Đại tá Nguyễn Nam"}


@pytest.fixture
def request_(street: Street) -> FootageRequest:
    return requests.request_make(actor=street.dung, case_id=street.case.id, wanted=street.wanted(), now=street.moment)


@pytest.fixture
def demand(street: Street) -> FootageRequest:
    made = requests.request_make(
        actor=street.dung, case_id=street.case.id, wanted=street.wanted(**DEMAND), now=street.moment
    )
    return requests.request_scan(
        actor=street.dung, request_id=made.id, data=photograph(), name="lenh.jpg", now=street.moment
    )


def which(street: Street, request: FootageRequest, camera) -> dict:
    return {"request_id": request.id, "camera_id": camera.id, "now": street.moment}


def told(request: FootageRequest, now) -> reading.Asked:
    return reading.asked_of(request, FootageAsk.objects.filter(request=request), now=now)


def test_the_owner_releases_their_own_and_whoever_leads_the_streets(street: Street, request_) -> None:
    decisions.ask_approve(actor=street.an, **which(street, request_, street.gate))
    with pytest.raises(Absent):  # An's yes is An's
        decisions.ask_approve(actor=street.an, **which(street, request_, street.corner))
    with pytest.raises(Absent):  # and nobody says it for them
        decisions.ask_deny(actor=street.binh, **which(street, request_, street.gate))
    decisions.ask_approve(actor=street.binh, **which(street, request_, street.corner))
    assert told(request_, street.moment).released == 2
    kept = Hold.objects.get(ask__camera=street.gate).expires_at
    assert kept == street.moment + timedelta(days=30)
    assert FootageAsk.objects.get(camera=street.gate).decided_role == "owner"


@pytest.mark.parametrize(("policy", "ownership"), [("leader", "public"), ("ward", "private"), ("ward", "school")])
def test_an_operator_finds_nothing_to_answer(
    street: Street, request_, cast: Cast, monkeypatch: pytest.MonkeyPatch, policy: str, ownership: str
) -> None:
    monkeypatch.setattr(settings, "CONFIG", replace(settings.CONFIG, FOOTAGE_PUBLIC=policy))
    Camera.objects.filter(id=street.corner.id).update(ownership=ownership)
    operator = actor_for(make_staff("nga", "Nga", Role.OPERATOR, cast.ward).device, now=street.moment)
    assert not reading.requests_for(operator).exists()
    for camera in (street.corner, street.gate):
        with pytest.raises(Absent):
            decisions.ask_approve(actor=operator, **which(street, request_, camera))


def test_where_the_policy_says_so_a_wards_operator_answers_for_public_cameras(
    street: Street, request_, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An's gate stays An's, the leader may as before, and of another ward nobody."""
    monkeypatch.setattr(settings, "CONFIG", replace(settings.CONFIG, FOOTAGE_PUBLIC="ward"))
    Camera.objects.filter(id=street.corner.id).update(ownership="public")
    operator = actor_for(make_staff("nga", "Nga", Role.OPERATOR, cast.ward).device, now=street.moment)
    [seen] = reading.requests_for(operator)
    assert [ask.camera for ask in reading.seen_by(operator, seen, now=street.moment).mine] == [street.corner]
    ward = Ward.objects.create(code="00692", name="Phường khác", province_code="08", province_name="Tuyên Quang")
    stranger = actor_for(make_staff("lan", "Lan", Role.OPERATOR, ward).device, now=street.moment)
    assert not reading.requests_for(stranger).exists()
    for somebody, camera in ((stranger, street.corner), (stranger, street.gate), (operator, street.gate)):
        with pytest.raises(Absent):
            decisions.ask_approve(actor=somebody, **which(street, request_, camera))
    decisions.ask_deny(actor=street.binh, **which(street, request_, street.corner))
    decisions.ask_approve(actor=operator, **which(street, request_, street.corner))
    assert FootageAsk.objects.get(camera=street.corner).decided_role == "operator"


def test_a_part_is_given_and_no_more_is_held(street: Street, request_) -> None:
    part = decisions.Part(street.moment - 2.5 * HOUR, street.moment - 2.25 * HOUR)
    decisions.ask_approve(actor=street.an, part=part, **which(street, request_, street.gate))
    ask = FootageAsk.objects.get(camera=street.gate)
    assert (ask.how, ask.starts_at, ask.ends_at) == ("narrowed", part.starts_at, part.ends_at)
    assert (ask.hold.starts_at, ask.hold.ends_at) == (part.starts_at, part.ends_at)
    numbered = told(request_, street.moment).numbered[ask.number - 1]
    assert (numbered.starts_at, numbered.ends_at) == (part.starts_at, part.ends_at)


def test_nobody_gives_more_than_was_asked_for(street: Street, request_) -> None:
    part = decisions.Part(street.moment - 4 * HOUR, street.moment - 2.5 * HOUR)
    decisions.ask_approve(actor=street.an, part=part, **which(street, request_, street.gate))
    ask = FootageAsk.objects.get(camera=street.gate)
    assert (ask.how, ask.starts_at, ask.ends_at) == ("narrowed", request_.starts_at, part.ends_at)


@pytest.mark.parametrize(("starts", "ends"), [(-5, -3), (-2, -1), (-2.5, -2.5), (-2.2, -2.8)])
def test_a_part_lies_in_the_window(street: Street, request_, starts: float, ends: float) -> None:
    part = decisions.Part(street.moment + starts * HOUR, street.moment + ends * HOUR)
    with pytest.raises(BadInput):
        decisions.ask_approve(actor=street.an, part=part, **which(street, request_, street.gate))
    assert FootageAsk.objects.get(camera=street.gate).state == "pending"


def test_a_no_and_silence_are_one_before_the_deadline_and_after_it(street: Street, request_) -> None:
    over = request_.deadline_at
    silent = [told(request_, at) for at in (street.moment, over)]
    holds = list(Hold.objects.order_by("id").values())
    decisions.ask_deny(actor=street.an, **which(street, request_, street.gate))
    assert [told(request_, at) for at in (street.moment, over)] == silent
    assert list(Hold.objects.order_by("id").values()) == holds
    assert (silent[0].waiting, silent[0].not_released, silent[1].waiting, silent[1].not_released) == (2, 0, 0, 2)


def test_a_no_frees_nothing_of_what_an_officer_may_hold(street: Street) -> None:
    """Else they would learn it by asking on."""
    for camera in (street.gate, street.corner):
        record(camera, street.moment - 48 * HOUR, street.moment - 6 * HOUR)
    day = street.wanted(starts_at=street.moment - 24 * HOUR, ends_at=street.moment)
    asked = {"actor": street.dung, "case_id": street.case.id, "wanted": day, "now": street.moment}
    made = [requests.request_make(**asked) for _four_of_48_hours in range(4)]
    chief = {"actor": street.chief, "now": street.moment}
    for one in made:
        requests.request_sign(request_id=one.id, **chief)
        decisions.ask_deny(actor=street.an, **which(street, one, street.gate))
    with pytest.raises(Conflict) as refused:
        requests.request_make(**asked)
    assert refused.value.code == "officer_quota"


def test_a_no_may_become_a_yes_and_a_yes_stays(street: Street, request_) -> None:
    decisions.ask_deny(actor=street.an, **which(street, request_, street.gate))
    for _twice in range(2):
        decisions.ask_approve(actor=street.an, **which(street, request_, street.gate))
    with pytest.raises(Conflict):
        decisions.ask_deny(actor=street.an, **which(street, request_, street.gate))
    said = list(AuditEntry.objects.filter(action__in=["footage.denied", "footage.released"]).order_by("seq"))
    assert [entry.action for entry in said] == ["footage.denied", "footage.released"]


def test_after_the_deadline_nobody_decides(street: Street, request_) -> None:
    with pytest.raises(Conflict) as refused:
        decisions.ask_approve(
            actor=street.an, request_id=request_.id, camera_id=street.gate.id, now=request_.deadline_at
        )
    assert refused.value.code == "footage_deadline"


def test_an_owner_asks_back_and_the_officer_answers_a_number(street: Street, request_) -> None:
    decisions.ask_question(actor=street.an, words="Xe nào, mấy giờ?", **which(street, request_, street.gate))
    number = FootageAsk.objects.get(camera=street.gate).number
    seen = reading.seen_by(street.dung, reading.request_for(street.dung, request_.id), now=street.moment)
    assert seen.mine == () and seen.asked.numbered[number - 1].question == "Xe nào, mấy giờ?"
    decisions.ask_answer(
        actor=street.dung, request_id=request_.id, number=number, words="Wave xanh, 9 giờ", now=street.moment
    )
    back = reading.seen_by(street.an, reading.request_for(street.an, request_.id), now=street.moment)
    assert back.asked is None and [ask.answer for ask in back.mine] == ["Wave xanh, 9 giờ"]
    assert "Wave" not in str(list(AuditEntry.objects.values_list("data", flat=True)))


def test_who_asked_or_signed_decides_nothing_as_a_leader(street: Street, request_) -> None:
    grant = street.cast.binh.account.grants.get()
    grant.account = street.cast.dung.account
    grant.save()
    both = actor_for(street.cast.dung.device, now=street.moment)
    with pytest.raises(Conflict) as refused:
        decisions.ask_approve(actor=both, **which(street, request_, street.corner))
    assert refused.value.code == "not_oneself"


def test_a_household_that_left_is_not_asked_any_more_but_who_leads_is(street: Street, request_) -> None:
    household = street.cast.an.household
    household.left_at = street.moment
    household.save()
    with pytest.raises(Absent):
        decisions.ask_approve(actor=street.an, **which(street, request_, street.gate))
    decisions.ask_approve(actor=street.binh, **which(street, request_, street.gate))


def test_a_demand_is_served_not_decided_and_an_objection_delays_nothing(street: Street, demand) -> None:
    for act in (decisions.ask_approve, decisions.ask_deny):
        with pytest.raises(Conflict) as refused:
            act(actor=street.an, **which(street, demand, street.gate))
        assert refused.value.code == "demand_not_decided"
    objection = "Cửa sổ nhà bên lọt vào hình"
    served = decisions.demand_serve(actor=street.an, objection=objection, **which(street, demand, street.gate))
    assert (served.state, served.how, served.objection) == ("released", "served", objection)
    decisions.demand_serve(actor=street.binh, **which(street, demand, street.corner))
    assert told(demand, street.moment).released == 2
    entry = AuditEntry.objects.filter(action="footage.served").order_by("seq").first()
    assert entry.data["objected"] is True and objection not in str(entry.data)


def test_whoever_leads_confirms_where_an_owner_keeps_silent(street: Street, demand) -> None:
    served = decisions.demand_serve(actor=street.binh, **which(street, demand, street.gate))
    assert (served.how, served.decided_role) == ("served", "leader")


def test_what_was_not_shown_is_not_confirmed_and_a_scan_is_not_exchanged(street: Street) -> None:
    made = requests.request_make(
        actor=street.dung, case_id=street.case.id, wanted=street.wanted(**DEMAND), now=street.moment
    )
    with pytest.raises(Conflict) as refused:
        decisions.demand_serve(actor=street.an, **which(street, made, street.gate))
    assert refused.value.code == "scan_missing"
    for first in (True, False):
        sent = {"request_id": made.id, "data": photograph(), "name": "lenh.jpg", "now": street.moment}
        if first:
            requests.request_scan(actor=street.dung, **sent)
        else:
            with pytest.raises(Conflict):
                requests.request_scan(actor=street.dung, **sent)
    assert reading.scan_of(street.an, made.id) == reading.scan_of(street.dung, made.id)


def test_a_voluntary_request_is_not_served(street: Street, request_) -> None:
    with pytest.raises(Absent):
        decisions.demand_serve(actor=street.an, **which(street, request_, street.gate))


def test_of_a_voluntary_request_the_leader_learns_nothing_of_a_households_camera(street: Street, request_) -> None:
    seen = reading.seen_by(street.binh, reading.request_for(street.binh, request_.id), now=street.moment)
    assert [ask.camera for ask in seen.mine] == [street.corner]
    FootageAsk.objects.filter(camera=street.corner).delete()
    with pytest.raises(Absent):
        reading.request_for(street.binh, request_.id)


def test_the_list_and_one_agree_on_whose_word_is_asked(street: Street, request_, demand) -> None:
    elsewhere = actor_for(make_staff("to8", "Tám", Role.LEADER, street.cast.other_place).device, now=street.moment)
    for actor, sees in ((street.an, 2), (street.binh, 2), (street.dung, 2), (elsewhere, 0)):
        listed = list(reading.requests_for(actor))
        assert len(listed) == sees
        for one in listed:
            seen = reading.seen_by(actor, one, now=street.moment)
            assert (seen.asked is not None) or seen.mine


def test_a_withdrawn_request_is_decided_on_no_more(street: Street, request_) -> None:
    requests.request_withdraw(actor=street.dung, request_id=request_.id, now=street.moment)
    with pytest.raises(Absent):
        decisions.ask_approve(actor=street.an, **which(street, request_, street.gate))


def test_a_schools_staff_decide_for_its_camera_and_no_phone_of_its_address_does(street: Street, cast: Cast) -> None:
    school = make_school(cast)
    Camera.objects.filter(id=street.gate.id).update(ownership="school", owner_household=school.household)
    asked = requests.request_make(actor=street.dung, case_id=street.case.id, wanted=street.wanted(), now=street.moment)
    demand = requests.request_make(
        actor=street.dung, case_id=street.case.id, wanted=street.wanted(**DEMAND), now=street.moment
    )
    requests.request_scan(actor=street.dung, request_id=demand.id, data=photograph(), name="l.jpg", now=street.moment)
    phone, thu = (actor_for(person.device, now=street.moment) for person in (school.phone, school.thu))
    assert [one.id for one in reading.requests_for(thu)] == [demand.id, asked.id]
    assert reading.seen_by(thu, asked, now=street.moment).mine[0].camera_id == street.gate.id
    assert not reading.requests_for(phone).exists()
    for who in (phone, street.binh):
        with pytest.raises(Absent):
            decisions.ask_approve(actor=who, **which(street, asked, street.gate))
    with pytest.raises(Absent):
        decisions.demand_serve(actor=phone, **which(street, demand, street.gate))
    decisions.ask_approve(actor=thu, **which(street, asked, street.gate))
    decisions.demand_serve(actor=thu, **which(street, demand, street.gate))
    assert set(FootageAsk.objects.filter(camera=street.gate).values_list("decided_role", flat=True)) == {"school"}
