"""Planned cameras: counted and not there, until they have an address and the leader's tap."""

import pytest
from django.test import Client

from cameras.models import Camera
from tests.cast import make_cast

pytestmark = pytest.mark.django_db


def page(person, path: str) -> str:
    client = Client()
    client.cookies["matpho"] = person.token
    return client.get(path).content.decode()


def test_a_planned_camera_gets_its_address_and_then_the_leaders_tap():
    cast, client = make_cast(), Client()
    binh = cast.binh.bearer
    body = {"name": "Ngã tư", "kind": "ptz", "purpose": "traffic", "ownership": "agency",
            "neighborhood": str(cast.place.id)}  # fmt: skip
    made = client.post("/api/v1/cameras/plan/", body, "application/json", **binh)
    assert (made.status_code, made.json()["status"], made.json()["kind"]) == (201, "proposed", "ptz")
    path = f"/api/v1/cameras/{made.json()['id']}/"
    drawn = page(cast.binh, "/leader/cameras/")
    assert "chưa có địa chỉ" in drawn and "/approve/" not in drawn
    refused = client.post(f"{path}approve/", **binh)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_address")
    named = client.patch(path, {"brand": "hikvision", "host": "192.168.1.20"}, "application/json", **binh)
    assert (named.status_code, named.json()["details"]["make"], named.json()["status"]) == (
        200,
        "hikvision",
        "proposed",
    )
    assert f"{path}approve/" in page(cast.binh, "/leader/cameras/")
    assert client.post(f"{path}approve/", **binh).status_code == 200
    camera = Camera.objects.get()
    assert (camera.state, camera.renditions.get().private_allowed) == (Camera.State.ACTIVE, True)


def test_only_who_approves_cameras_plans_them():
    cast, client = make_cast(), Client()
    body = {"name": "Ngã tư", "neighborhood": str(cast.place.id)}
    for person in (cast.an, cast.dung, cast.hoa, cast.cuc):
        assert client.post("/api/v1/cameras/plan/", body, "application/json", **person.bearer).status_code == 404
    assert not Camera.objects.exists()
