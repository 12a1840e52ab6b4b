"""A guest of a household watches as a resident does, and touches nothing that is the household's."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cameras.models import Camera, MediaNode, Rendition, Snapshot
from neighborhoods.models import AccessCode, Device
from tests.cast import Cast, Person, token_pair
from tests.neighborhoods.conftest import NOW

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
JSON = "application/json"
API = "/api/v1"


@pytest.fixture
def guest(cast: Cast) -> Person:
    """Somebody who visits An for a week."""
    assert cast.an.household
    code = AccessCode.objects.create(
        neighborhood=cast.place, household=cast.an.household, kind=AccessCode.Kind.GUEST,
        typed_hmac=b"g" * 32, qr_hmac=b"q" * 32, expires_at=NOW + timedelta(days=7),
    )  # fmt: skip
    token, stored = token_pair()
    device = Device.objects.create(
        kind=Device.Kind.PHONE, name="Máy khách", token_hash=stored, household=cast.an.household, code=code,
        expires_at=NOW + timedelta(days=7),
    )  # fmt: skip
    return Person(device, token, household=cast.an.household)


@pytest.fixture
def camera(cast: Cast) -> Camera:
    """An's own, above the gate."""
    made = Camera.objects.create(
        neighborhood=cast.place, node=MediaNode.objects.create(name="default"), name="Cổng nhà An",
        owner_household=cast.an.household, ownership=Camera.Ownership.HOUSEHOLD, state=Camera.State.ACTIVE,
    )  # fmt: skip
    Rendition.objects.create(camera=made, source_url="rtsp://192.168.1.20/live")
    return made


def test_it_sees_the_cameras_as_a_neighbour_does(client: Client, guest: Person, camera: Camera) -> None:
    (seen,) = client.get(f"{API}/cameras/", **guest.bearer).json()["results"]
    assert (seen["name"], seen["mine"], seen["details"], seen["status"]) == ("Cổng nhà An", False, None, "active")
    assert client.post(f"{API}/cameras/{camera.id}/live/", {}, JSON, **guest.bearer).status_code == 201


def test_it_changes_no_camera_and_brings_none(client: Client, guest: Person, camera: Camera) -> None:
    for method, path, body in (
        ("patch", f"/cameras/{camera.id}/", {"name": "Khách"}),
        ("post", f"/cameras/{camera.id}/retire/", {}),
        ("get", f"/cameras/{camera.id}/viewers/", {}),
        ("post", "/cameras/", {"name": "Khách", "url": "rtsp://8.8.8.8/"}),
    ):
        answer = getattr(client, method)(API + path, body, content_type=JSON, **guest.bearer)
        assert answer.status_code == 404, (method, path)


def test_it_knows_and_cuts_its_own_phone_alone(client: Client, cast: Cast, guest: Person) -> None:
    listed = client.get(f"{API}/me/devices/", **guest.bearer).json()["results"]
    assert [one["name"] for one in listed] == ["Máy khách"]
    assert client.delete(f"{API}/me/devices/{cast.an.device.id}/", **guest.bearer).status_code == 404
    assert client.get(f"{API}/me/", **cast.an.bearer).status_code == 200
    assert client.delete(f"{API}/me/devices/{guest.device.id}/", **guest.bearer).status_code == 204
    assert client.get(f"{API}/me/", **guest.bearer).status_code == 401


def test_the_household_sees_and_cuts_its_guest(client: Client, cast: Cast, guest: Person) -> None:
    listed = {one["name"]: one for one in client.get(f"{API}/me/devices/", **cast.an.bearer).json()["results"]}
    told = listed["Máy khách"]
    assert (told["guest"], told["cuttable"], told["current"]) == (True, True, False)
    assert client.delete(f"{API}/me/devices/{guest.device.id}/", **cast.an.bearer).status_code == 204


def test_it_is_told_no_names_and_is_nobody_of_the_household(client: Client, cast: Cast, guest: Person) -> None:
    assert cast.an.member
    assert client.get(f"{API}/me/", **guest.bearer).json()["members"] == []
    answer = client.patch(f"{API}/me/", {"member": str(cast.an.member.id)}, JSON, **guest.bearer)
    assert answer.status_code == 404


def test_it_is_not_told_where_its_host_lives_and_since_when(client: Client, cast: Cast, guest: Person) -> None:
    assert cast.an.household
    answer = client.get(f"{API}/me/", **guest.bearer)
    assert cast.an.household.address not in answer.content.decode()
    told = answer.json()["household"]
    assert (told["name"], told["number"], told["address"], told["created_at"]) == ("Hộ ông An", 12, None, None)
    own = client.get(f"{API}/me/", **cast.an.bearer).json()["household"]
    assert own.keys() == told.keys()
    assert own["address"] == cast.an.household.address and own["created_at"]


def test_the_households_kept_moments_are_not_a_guests(
    client: Client, cast: Cast, guest: Person, camera: Camera
) -> None:
    def keep(device: Device) -> Any:
        return Snapshot.objects.create(camera=camera, device=device, at=NOW, starts_at=NOW, ends_at=NOW)

    theirs, own = keep(cast.an.device), keep(guest.device)
    listed = client.get(f"{API}/snapshots/", **guest.bearer).json()["results"]
    assert [one["id"] for one in listed] == [str(own.id)]
    assert client.delete(f"{API}/snapshots/{theirs.id}/", **guest.bearer).status_code == 404
