"""The route walk: every route of the API, asked by every member of the cast, answers as the access table says.

Where a role may not, the answer is the same as for a thing that does not exist. Where it may, it is never a 401, 404
or 5xx. Each request runs in a savepoint that is rolled back, so the order of the walk means nothing.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from cameras.models import Camera, MediaNode, Rendition, Snapshot, ViewSession
from neighborhoods.access import RULES, Action, Role
from tests.architecture.routes import Route, routes
from tests.cast import Cast, Person, make_cast

API = [route for route in routes() if route.path.startswith("api/v1/")]

OWN_ONLY = {
    "api/v1/me/devices/<uuid:device_id>/",
    "api/v1/view-sessions/<uuid:session_id>/",
    "api/v1/snapshots/<uuid:snapshot_id>/",
}
"""What belongs to one household or device: only An's phone reaches it here."""

NEEDS_SET_UP = {"api/v1/setup/"}
"""Public, and 404 where the installation already has an administrator."""


@dataclass
class World:
    cast: Cast
    ids: dict[str, uuid.UUID]

    def people(self) -> dict[str, Person]:
        return {name: getattr(self.cast, name) for name in ("an", "binh", "cuc", "dung", "hoa")}


@pytest.fixture
def world(db: None, valkey: object) -> World:
    cast = make_cast()
    node = MediaNode.objects.create(name="default")
    camera = Camera.objects.create(
        neighborhood=cast.place, node=node, name="Cổng chợ", state=Camera.State.ACTIVE,
        owner_household=cast.an.household, ownership=Camera.Ownership.HOUSEHOLD, approved_at=timezone.now(),
    )  # fmt: skip
    Rendition.objects.create(camera=camera, source_url="rtsp://192.168.1.20/live", keyframe_ms=2000)
    later = timezone.now() + timedelta(hours=1)
    session = ViewSession.objects.create(device=cast.an.device, camera=camera, mode="live", ends_at=later)
    snapshot = Snapshot.objects.create(
        camera=camera, device=cast.an.device, at=later, starts_at=later, ends_at=later + timedelta(seconds=5)
    )
    assert cast.an.household and cast.an.member and cast.an.device.code
    return World(
        cast,
        {
            "camera_id": camera.id, "session_id": session.id, "snapshot_id": snapshot.id,
            "device_id": cast.an.device.id, "code_id": cast.an.device.code.id,
            "household_id": cast.an.household.id, "member_id": cast.an.member.id,
        },
    )  # fmt: skip


def _filled(route: Route, ids: dict[str, uuid.UUID]) -> str:
    path = "/" + route.path
    for name, value in ids.items():
        path = path.replace(f"<uuid:{name}>", str(value))
    assert "<" not in path, f"the walk has nothing to put into {path}: add it to World.ids"
    return path


def _ask(route: Route, path: str, person: Person | None) -> tuple[int, str]:
    client = Client(raise_request_exception=False)
    headers = person.bearer if person else {}
    savepoint = transaction.savepoint()
    try:
        answer = client.generic(route.method, path, b"{}", content_type="application/json", **headers)
        body = answer.json() if "json" in answer.get("Content-Type", "") else {}
        return answer.status_code, body.get("code", "") if isinstance(body, dict) else ""
    finally:
        transaction.savepoint_rollback(savepoint)


def _may(route: Route, name: str) -> bool:
    """What the table says of this person towards a thing of An's household in tổ 7."""
    if route.action == "public":
        return True
    roles = {
        "an": {Role.RESIDENT, Role.OWNER}, "binh": {Role.LEADER}, "cuc": {Role.RESIDENT, Role.OWNER},
        "dung": {Role.OFFICER}, "hoa": {Role.TREASURER},
    }[name]  # fmt: skip
    action = Action(route.action)
    named = "<uuid:" in route.path
    if route.path in OWN_ONLY:
        return name == "an"
    if named and name == "cuc":
        return False  # she lives in tổ 8
    return any(action in RULES[role] for role in roles)


def _cases() -> Iterator[tuple[Route, str]]:
    for route in API:
        for name in ("an", "binh", "cuc", "dung", "hoa"):
            yield route, name


@pytest.mark.parametrize(("route", "name"), list(_cases()), ids=lambda value: getattr(value, "path", value))
def test_every_route_answers_as_the_table_says(world: World, route: Route, name: str) -> None:
    person = world.people()[name]
    status, code = _ask(route, _filled(route, world.ids), person)
    absent = _ask(route, _filled(route, {key: uuid.uuid4() for key in world.ids}), person)
    assert status < 500, (status, code)
    if route.path in NEEDS_SET_UP:
        assert status in (400, 404)
    elif _may(route, name):
        assert status not in (401, 403, 404), (status, code)
    else:
        assert status == 404 or (status, code) == absent, (status, code, absent)
        assert status in (400, 404)


@pytest.mark.parametrize("route", API, ids=lambda route: f"{route.method} {route.path}")
def test_nobody_without_a_token_gets_past_a_public_route(world: World, route: Route) -> None:
    status, _ = _ask(route, _filled(route, world.ids), None)
    if route.action == "public":
        assert status != 401 or route.path == "api/v1/sessions/staff/"
        assert status < 500
    else:
        assert status == 401


def test_a_revoked_device_is_nobody(world: World) -> None:
    device = world.cast.an.device
    device.revoked_at = timezone.now()
    device.save()
    for route in API:
        if route.action != "public":
            assert _ask(route, _filled(route, world.ids), world.cast.an)[0] == 401
