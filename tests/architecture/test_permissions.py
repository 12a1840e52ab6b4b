"""The route walk: every route of the API and every page, asked by somebody of every role, answers as the committed
table says.

Where a role may not, the answer is the very one for a thing that does not exist. Where it may, it is the route's good
answer. Each request runs in a savepoint that is rolled back, so the order of the walk means nothing.
"""

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from cameras.models import ViewSession
from neighborhoods.api.authentication import COOKIE
from neighborhoods.models import Device
from tests.architecture.ask import Ask
from tests.architecture.asks import SHOWS, asks, name_of
from tests.architecture.fund_world import TEXTS
from tests.architecture.routes import Route, routes
from tests.architecture.walkers import CAMERA_NAME, WALKERS, World, committed_table, make_world
from tests.cast import Person

pytestmark = pytest.mark.django_db

ROUTES = routes()
TABLE = committed_table()
INNER = [route for route in ROUTES if route.action != "public"]
OPEN = [route for route in ROUTES if route.action == "public"]
BRING_THEIR_OWN = {
    "POST /api/v1/sessions/", "POST /api/v1/sessions/staff/", "POST /api/v1/setup/",
    "POST /api/v1/invitations/look/", "POST /api/v1/invitations/accept/",
    "POST /api/v1/walls/pair/", "POST /api/v1/walls/token/", "POST /hooks/alerts/<uuid:endpoint_id>/",
    "POST /hooks/bank/<str:provider>/<uuid:endpoint_id>/",
}  # fmt: skip
"""Public, and open by a secret, a signature or another sign-in: a cookie of ours adds nothing to them."""
CLIENTS = {csrf: Client(raise_request_exception=False, enforce_csrf_checks=csrf) for csrf in (False, True)}
"""One for all that is asked: a new one puts the middleware together anew."""
ONE_TIME = re.compile(
    r'(?<=name="csrf" content=")\w+|(?<=name="csrfmiddlewaretoken" value=")\w+|(?<=data-cursor=")[\w-]+'
    r"|[0-9a-f]{8}-[0-9a-f-]{27}"
)


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One world for the whole walk, in a transaction of its own: making it takes longer than walking a route."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture
def world(made: World, db: None, valkey: object) -> World:
    """As it was made but for An's view, which is in use now; what the test does is rolled back."""
    ViewSession.objects.filter(id=made.ids["session_id"]).update(last_used_at=timezone.now())
    return made


def is_page(route: Route) -> bool:
    return not route.path.startswith("api/")


class Asker:
    """Sends a route's valid request, with An's ids or with those of nothing."""

    def __init__(self, ids: dict[str, uuid.UUID]) -> None:
        self.ids, self.asks = ids, asks(ids, timezone.now())

    def expected(self, route: Route) -> Ask:
        found = self.asks.get(name_of(route))
        assert found or route.method == "GET", f"the walk has nothing to send to {name_of(route)}: add it to asks.py"
        return found or Ask()

    def send(self, route: Route, person: Person | None, *, csrf: bool = False, cookie: bool = False) -> Any:
        """Pages take the cookie; the API the bearer header, or the cookie where asked to."""
        client = CLIENTS[csrf]
        client.cookies.clear()
        headers: dict[str, str] = {}
        if person and (cookie or is_page(route)):
            client.cookies[COOKIE] = person.token
        elif person:
            headers = person.bearer
        path, (body, content_type) = "/" + route.path, _encoded(self.expected(route))
        for name, value in self.ids.items():
            path = path.replace(f"<uuid:{name}>", str(value))
        path = re.sub(r"<(?:str|int):(\w+)>", lambda named: TEXTS[named[1]], path)
        assert "<" not in path, f"the walk has nothing to put into {path}: add it to walkers.py"
        savepoint = transaction.savepoint()
        try:
            return client.generic(route.method, path, body, content_type=content_type, **headers)
        finally:
            transaction.savepoint_rollback(savepoint)


def _encoded(ask: Ask) -> tuple[str | bytes, str]:
    if ask.file:
        sent = SimpleUploadedFile("tep", ask.file)
        return encode_multipart(BOUNDARY, {**ask.body, "file": sent}), MULTIPART_CONTENT
    return json.dumps(ask.body), "application/json"


def may(route: Route, who: str, ask: Ask) -> bool:
    """What the committed table says of ``who`` towards what the request names, or towards anything at all."""
    if ask.only is not None and who not in ask.only:
        return False
    if who in ask.besides:
        return True
    walker = WALKERS[who]
    holds = walker.here if "<uuid:" in route.path or ask.names else walker.roles
    return all(TABLE[action] & holds for action in (route.action, ask.also) if action)


def plain(answer: Any) -> tuple[int, str]:
    """An answer without what differs each time: the CSRF token, the feed's cursor and the id that was asked for."""
    return answer.status_code, ONE_TIME.sub("…", answer.content.decode())


@pytest.mark.both_databases
@pytest.mark.parametrize("route", INNER, ids=name_of)
def test_a_route_gives_its_good_answer_to_somebody_and_the_next_neighborhood_finds_nothing(
    world: World, route: Route
) -> None:
    """What a database can change is whether what is asked of it runs; who may is the same table on both."""
    real = Asker(world.ids)
    ask = real.expected(route)
    for allowed in (True, False):
        who = next((who for who in reversed(world.people) if may(route, who, ask) is allowed), None)
        if who is not None:
            assert real.send(route, world.people[who]).status_code == (ask.status if allowed else 404)


@pytest.mark.parametrize("route", INNER, ids=name_of)
def test_a_route_answers_every_role_as_the_table_says(world: World, route: Route) -> None:
    """The API tells everybody the same of what is not there, so one is asked; a page has each one's own menu."""
    real, nothing = Asker(world.ids), Asker({name: uuid.uuid4() for name in world.ids})
    ask, wrong, absent = real.expected(route), {}, None
    for who, person in world.people.items():
        answer = real.send(route, person)
        if may(route, who, ask):
            right = answer.status_code == ask.status
        else:
            if absent is None or is_page(route):
                absent = plain(nothing.send(route, person))
            right = answer.status_code == 404 and plain(answer) == absent
        if not right:
            wrong[who] = plain(answer)
    assert wrong == {}


@pytest.mark.both_databases
@pytest.mark.parametrize("route", [route for route in INNER if name_of(route) in SHOWS], ids=name_of)
def test_a_list_shows_what_is_ans_to_whom_the_table_says(world: World, route: Route) -> None:
    thing, action = SHOWS[name_of(route)]
    shown = {
        who for who, person in world.people.items()
        if str(world.ids[thing]) in Asker(world.ids).send(route, person).content.decode()
    }  # fmt: skip
    granted = set().union(*(TABLE[one] for one in (action or route.action).split()))
    assert shown == {who for who, walker in WALKERS.items() if granted & walker.here}


@pytest.mark.both_databases
def test_nothing_of_ans_stands_in_what_the_next_neighborhood_reads(world: World) -> None:
    """They are of the same ward, which alone they may read of."""
    secret = [CAMERA_NAME, *(str(value) for name, value in world.ids.items() if name != "ward_id")]
    for who in ("resident elsewhere", "leader elsewhere", "operator elsewhere"):
        for route in INNER:
            if route.method == "GET" and "<" not in route.path:
                said = Asker(world.ids).send(route, world.people[who]).content.decode(errors="replace")  # files too
                assert [word for word in secret if word in said] == [], (who, name_of(route))


@pytest.mark.parametrize("route", OPEN, ids=name_of)
def test_a_public_route_answers_everyone_alike(world: World, route: Route) -> None:
    real = Asker(world.ids)
    answers = {who: real.send(route, person).status_code for who, person in [*world.people.items(), ("nobody", None)]}
    leads_on = {who for who, status in answers.items() if status == 302}
    if name_of(route) == "GET /":
        have_a_page = TABLE["see_cameras"] | TABLE["steward_alerts"] | TABLE["see_households"] | TABLE["raise_alert"]
        have_a_page |= TABLE["manage_roles"] | TABLE["see_audit"] | TABLE["sign_footage"]
        assert leads_on == {who for who, walker in WALKERS.items() if have_a_page & walker.roles} | {"nobody"}
    else:
        assert set(answers.values()) == {real.expected(route).status}


def test_without_a_sign_in_there_is_the_code_page_and_401(world: World) -> None:
    """And a phone that was taken back is nobody, but is told that it had been somebody."""
    taken_back = world.people["resident"]
    Device.objects.filter(id=taken_back.device.id).update(revoked_at=timezone.now())
    real = Asker(world.ids)
    for route in INNER:
        for person, page in ((None, "/join"), (taken_back, "/join/ended")):
            answer = real.send(route, person)
            if is_page(route):
                assert (answer.status_code, answer.headers["Location"]) == (302, page), name_of(route)
            else:
                assert answer.status_code == 401, name_of(route)


def test_a_cookie_alone_changes_nothing(world: World) -> None:
    """A browser sends it by itself: whatever another site makes it send is refused, whoever it is."""
    real, leader = Asker(world.ids), world.people["leader"]
    for route in ROUTES:
        if route.method != "GET" and name_of(route) not in BRING_THEIR_OWN:
            answer = real.send(route, leader, csrf=True, cookie=True)
            assert answer.status_code == 403, name_of(route)


def test_the_api_takes_the_cookie_of_a_page_for_reading(world: World) -> None:
    real = Asker(world.ids)
    for route in INNER:
        if route.method == "GET" and not is_page(route):
            for who in ("resident", "leader", "resident elsewhere"):
                person = world.people[who]
                by_cookie, by_header = real.send(route, person, cookie=True), real.send(route, person)
                assert by_cookie.status_code == by_header.status_code, (name_of(route), who)
