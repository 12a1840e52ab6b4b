"""What protects the household that owns a camera is its own to give up: its private hours, and that staff say why."""

from typing import Any

import pytest

from cameras import protection
from cameras.models import Camera
from neighborhoods.models import AuditEntry, Revocation
from tests.cameras.api.conftest import Api
from tests.cast import Cast

pytestmark = pytest.mark.django_db
WEEK = list(range(7))


def hours(start: str, end: str, days: list[int] = WEEK) -> dict[str, Any]:
    return {"days": days, "from": start, "to": end}


NIGHT = hours("22:00", "05:00")


@pytest.fixture
def ans(cast: Cast, camera: Camera) -> Camera:
    """An's own camera, private at night."""
    camera.owner_household, camera.ownership, camera.private_hours = cast.an.household, "household", [NIGHT]
    camera.save()
    return camera


LOOSER: list[dict[str, Any]] = [
    {"private_hours": []},
    {"private_hours": [hours("22:00", "04:59")]},
    {"private_hours": [hours("22:00", "05:00", [0, 1, 2, 3, 4, 5])]},
    {"private_hours": [hours("05:00", "22:00")]},
    {"ownership": "public"},
]
TIGHTER: list[dict[str, Any]] = [
    {"private_hours": [hours("21:00", "05:00")]},
    {"private_hours": [NIGHT, hours("12:00", "13:00", [6])]},
    {"private_hours": [hours("22:00", "00:00"), hours("00:00", "05:00")]},
    {"private_hours": [hours("00:00", "00:00")]},
    {"ownership": "business"},
]


@pytest.mark.parametrize("change", LOOSER)
def test_the_leader_loosens_nothing(binh: Api, ans: Camera, change: dict[str, Any]) -> None:
    status, answer = binh.patch(f"/cameras/{ans.id}/", {"name": "Tên mới", **change})
    assert (status, list(answer["errors"])) == (400, list(change))
    ans.refresh_from_db()
    assert (ans.private_hours, ans.ownership, ans.name) == ([NIGHT], "household", "Cổng chào")


@pytest.mark.parametrize("change", TIGHTER)
def test_the_leader_may_tighten(binh: Api, ans: Camera, change: dict[str, Any]) -> None:
    assert binh.patch(f"/cameras/{ans.id}/", change)[0] == 200


@pytest.mark.parametrize("change", LOOSER + TIGHTER)
def test_the_owner_decides(an: Api, ans: Camera, change: dict[str, Any]) -> None:
    assert an.patch(f"/cameras/{ans.id}/", change)[0] == 200


def test_the_leader_can_still_end_it(binh: Api, ans: Camera) -> None:
    assert binh.post(f"/cameras/{ans.id}/retire/")[0] == 200


def test_the_streets_own_camera_is_the_leaders(binh: Api, camera: Camera) -> None:
    for change in ({"private_hours": [NIGHT]}, {"private_hours": []}, {"ownership": "agency"}, {"ownership": "public"}):
        assert binh.patch(f"/cameras/{camera.id}/", change)[0] == 200


@pytest.mark.parametrize("said", [{}, {"ownership": "public"}])
def test_an_owned_camera_does_not_begin_as_public(binh: Api, cast: Cast, said: dict[str, str]) -> None:
    body = {"name": "Cổng nhà An", "url": "rtsp://192.168.1.20/1", "owner_household": str(cast.an.household.id)}
    assert binh.post("/cameras/", body | said)[1]["ownership"] == "household"


def test_views_end_where_a_reason_is_asked_from_now_on(an: Api, ans: Camera) -> None:
    an.patch(f"/cameras/{ans.id}/", {"ownership": "public"})
    an.patch(f"/cameras/{ans.id}/", {"ownership": "household"})
    assert Revocation.objects.filter(kind="camera", subject_id=ans.id).count() == 2


def test_hours_are_compared_minute_by_minute_and_not_as_text() -> None:
    assert protection.loosened_hours([NIGHT], [NIGHT, NIGHT]) is False
    assert protection.loosened_hours([hours("00:00", "00:00")], [hours("12:00", "12:00")]) is False
    assert protection.loosened_hours([hours("23:00", "01:00", [6])], [hours("23:00", "24:00", [6])]) is True
    assert protection.loosened_hours([], []) is False


WATCH = hours("23:00", "05:00")


def test_only_the_owner_has_movement_before_its_camera_told_and_either_may_end_it(
    an: Api, binh: Api, ans: Camera
) -> None:
    path = f"/cameras/{ans.id}/"
    status, answer = binh.patch(path, {"watch_hours": [WATCH]})
    assert (status, list(answer["errors"])) == (400, ["watch_hours"])
    assert an.patch(path, {"watch_hours": [WATCH]})[1]["details"]["watch_hours"] == [WATCH]
    assert binh.patch(path, {"watch_hours": [hours("22:30", "05:00")]})[0] == 400
    assert binh.patch(path, {"watch_hours": [hours("01:00", "02:00")]})[1]["details"]["watch_hours"] != [WATCH]
    assert binh.patch(path, {"watch_hours": []})[1]["details"]["watch_hours"] == []
    assert binh.patch(path, {"watch_hours": [WATCH]})[0] == 400


def test_watch_hours_of_the_streets_camera_are_the_leaders_and_end_no_view(an: Api, binh: Api, camera: Camera) -> None:
    path = f"/cameras/{camera.id}/"
    assert an.patch(path, {"watch_hours": [WATCH]})[0] == 404
    assert binh.patch(path, {"watch_hours": [WATCH]})[1]["details"]["watch_hours"] == [WATCH]
    assert an.get(path)[1]["details"] is None
    assert not Revocation.objects.filter(kind="camera").exists()
    assert AuditEntry.objects.get(action="camera.edited").data == {"fields": ["watch_hours"]}


@pytest.mark.parametrize("wrong", ["night", [{"days": [9], "from": "22:00", "to": "05:00"}], [hours("25:00", "05:00")],
                                   [NIGHT] * 22, None])  # fmt: skip
def test_watch_hours_that_make_no_sense_are_refused(binh: Api, camera: Camera, wrong: object) -> None:
    status, answer = binh.patch(f"/cameras/{camera.id}/", {"watch_hours": wrong})
    assert (status, list(answer["errors"])) == (400, ["watch_hours"])


def test_a_camera_begins_without_watch_hours(binh: Api, camera: Camera) -> None:
    assert binh.get(f"/cameras/{camera.id}/")[1]["details"]["watch_hours"] == []
    body = {"name": "Ngõ 12", "url": "rtsp://192.168.1.20/1", "watch_hours": [WATCH]}
    assert binh.post("/cameras/", body)[0] == 400
