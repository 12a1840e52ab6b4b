"""News of a school's camera: its staff hear them, over the feed, and nobody who came by a code of its address."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from backend.lib import clock
from cameras.footage import requests
from cameras.models import Camera, OddUse
from cameras.odduses import odd_uses_for, odd_uses_notice
from neighborhoods.access import Grant, Role, system
from neighborhoods.models import AuditEntry, RoleGrant
from neighborhoods.roles import role_end
from notifications.dispatching import dispatch_once
from notifications.models import Event
from tests.cameras.api.conftest import Api
from tests.cameras.footage.street import Street, make_street, noon
from tests.cameras.playback.conftest import actor_of
from tests.cameras.test_odduses import watched
from tests.cast import Cast, Person, School, make_school, make_staff
from tests.notifications.sockets import Phone, happen
from tests.webserver import WebServer

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def school(cast: Cast) -> School:
    return make_school(cast)


@pytest.fixture
def street(cast: Cast, school: School) -> Street:
    """``gate`` is the school's."""
    found = make_street(cast, noon())
    Camera.objects.filter(id=found.gate.id).update(ownership="school", owner_household=school.household)
    return found


@pytest.fixture
def ask(street: Street) -> Callable[[], str]:
    """Footage of both cameras is asked for; what was told of ``gate``."""

    def ask_one() -> str:
        made = requests.request_make(
            actor=street.dung, case_id=street.case.id, wanted=street.wanted(), now=street.moment
        )
        dispatch_once(now=clock.now())
        return str(made.id)

    return ask_one


def kinds(person: Person) -> list[str]:
    status, page = Api(person).get("/events/")
    return [event["kind"] for event in page["results"]] if status == 200 else [str(status)]


def test_its_staff_hear_that_its_footage_is_asked_for(street: Street, school: School, ask: Callable[[], str]) -> None:
    request_id = ask()
    page = Api(school.thu).get("/events/")[1]
    told = {"request": request_id, "camera": str(street.gate.id), "urgent": False}
    assert [(event["kind"], event["data"]) for event in page["results"]] == [("footage.put_to_school", told)]
    assert Api(school.thu).get("/footage-requests/")[1]["results"][0]["id"] == request_id


def test_nobody_else_hears_of_it(street: Street, school: School, cast: Cast, ask: Callable[[], str]) -> None:
    """The leader hears of the street's own camera at the corner, and of no other."""
    elsewhere = make_staff("my", "Lò Thị My", Role.SCHOOL, cast.an.household)
    ask()
    assert kinds(cast.binh) == ["footage.put_to_leader"]
    assert {who: kinds(person) for who, person in {
        "a phone of its address": school.phone, "another school's staff": elsewhere, "a resident": cast.an,
        "the treasurer": cast.hoa, "the officer": cast.dung,
    }.items()} == {
        "a phone of its address": [], "another school's staff": [], "a resident": [], "the treasurer": [],
        "the officer": [],
    }  # fmt: skip


def test_after_their_role_has_ended_they_hear_nothing(school: School, ask: Callable[[], str]) -> None:
    RoleGrant.objects.filter(account=school.thu.account).update(ends_at=clock.now() - timedelta(seconds=1))
    ask()
    assert kinds(school.thu) == ["401"]
    assert Event.objects.filter(stream__kind="school").count() == 1


def test_a_schools_camera_without_an_address_is_the_leaders(
    street: Street, school: School, cast: Cast, ask: Callable[[], str]
) -> None:
    Camera.objects.filter(id=street.gate.id).update(owner_household=None)
    ask()
    assert kinds(cast.binh) == ["footage.put_to_leader"] * 2 and kinds(school.thu) == []
    assert not AuditEntry.objects.filter(action__in=("footage.put_to_school", "footage.put_to_owner")).exists()


def test_its_odd_uses_are_its_staffs_to_hear_of_and_to_read(street: Street, school: School, cast: Cast) -> None:
    auditor = make_staff("kt", "Kiểm", Role.AUDITOR, cast.ward)
    midnight = clock.now().replace(hour=17, minute=0, second=0, microsecond=0) - timedelta(days=1)
    watched(street.gate, cast.an, midnight, 20)
    assert odd_uses_notice(now=clock.now()) == 1
    dispatch_once(now=clock.now())
    assert kinds(school.thu) == ["odd_use.school"] and kinds(school.phone) == [] == kinds(cast.binh)
    odd = OddUse.objects.get()
    assert list(odd_uses_for(actor_of(school.thu))) == [odd] == list(odd_uses_for(actor_of(auditor)))
    assert not odd_uses_for(actor_of(school.phone)).exists() and not odd_uses_for(actor_of(cast.binh)).exists()
    assert [row["id"] for row in Api(school.thu).get("/odd-uses/")[1]["results"]] == [str(odd.id)]


def test_its_pages_listen_and_offer_no_alerts(school: School, cast: Cast, client) -> None:
    def page(person: Person) -> str:
        client.cookies["matpho"] = person.token
        return client.get("/cameras/").content.decode()

    drawn = page(school.thu)
    assert 'data-hears="1"' in drawn and "data-line=" in drawn and "data-toasts" in drawn
    assert 'href="/alerts/' not in drawn and "has-tabs" not in drawn and "data-feed=" not in drawn
    assert 'data-feed="/alerts/"' in page(cast.an)


@pytest.mark.django_db(transaction=True)
def test_over_a_socket_it_comes_at_once_and_ends_with_their_role(live_cast: Cast, server: WebServer) -> None:
    school, street = make_school(live_cast), make_street(live_cast, noon())
    Camera.objects.filter(id=street.gate.id).update(ownership="school", owner_household=school.household)
    thu, phone = Phone(server, school.thu), Phone(server, school.phone)
    requests.request_make(actor=street.dung, case_id=street.case.id, wanted=street.wanted(), now=street.moment)
    dispatch_once(now=clock.now())
    assert thu.event()["kind"] == "footage.put_to_school"
    happen(live_cast)  # a later word of the street, which the phone is told: so it would have heard the first, too
    assert phone.event()["kind"] == "alert.raised" and len(phone.heard) == 1
    grant = RoleGrant.objects.get(account=school.thu.account)
    role_end(actor=system("test", Grant(Role.ADMINISTRATOR)), grant_id=grant.id, now=clock.now())
    assert thu.closed() == 4403 and len(thu.heard) == 1
