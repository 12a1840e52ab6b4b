"""Registering cameras over the API: who may, what is refused, and that passwords never come back."""

import json
import logging
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from cameras import credentials
from cameras.ingest import guard
from cameras.ingest.roster import roster
from cameras.models import Camera, Rendition
from cameras.registry import may_record
from cameras.store.catalog import node_here
from neighborhoods.models import AuditEntry, OutboxRow, Revocation
from tests.cameras.api.conftest import Api
from tests.cast import Cast

pytestmark = pytest.mark.django_db
URL = "rtsp://192.168.1.20:554/Streaming/Channels/101"
PASSWORD = "mat-khau-camera-9"


def added(api: Api, **more: Any) -> dict[str, Any]:
    status, answer = api.post("/cameras/", {"name": "Ngõ 12", "url": URL, **more})
    assert status == 201, answer
    return dict(answer)


def test_a_leaders_camera_is_active_at_once(binh: Api) -> None:
    answer = added(binh, user="admin", password=PASSWORD, location={"lat": 22.8234, "lon": 104.9837}, bearing_deg=90)
    camera = Camera.objects.get(id=answer["id"])
    assert (answer["status"], camera.state, camera.approved_at is not None) == ("connecting", "active", True)
    assert may_record(camera)
    assert answer["location"] == {"lat": 22.8234, "lon": 104.9837}
    assert AuditEntry.objects.get(action="camera.added").subject == f"camera:{camera.id}"
    assert OutboxRow.objects.filter(topic="camera.added").count() == 1


@pytest.mark.parametrize(
    "source",
    [
        {"url": f"rtsp://admin:{PASSWORD}@192.168.1.20/Streaming/Channels/101"},
        {"url": URL, "user": "admin", "password": PASSWORD},
        {"brand": "hikvision", "host": "192.168.1.20", "user": "admin", "password": PASSWORD},
    ],
)
def test_user_and_password_are_kept_apart_and_encrypted(
    binh: Api, source: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        status, answer = binh.post("/cameras/", {"name": "Ngõ 12", **source})
    assert status == 201
    rendition = Rendition.objects.get()
    assert rendition.source_url == URL
    assert PASSWORD.encode() not in bytes(rendition.credentials)
    assert credentials.unseal(rendition.credentials) == ("admin", PASSWORD)
    facts = json.dumps([list(AuditEntry.objects.values("data")), list(OutboxRow.objects.values("payload"))])
    listed = json.dumps([answer, binh.get("/cameras/")[1]])
    assert PASSWORD not in listed + facts + caplog.text
    assert "192.168.1.20" not in listed + facts


def test_a_residents_camera_is_proposed_until_the_leaders_tap(an: Api, binh: Api, cast: Cast) -> None:
    answer = added(an, url="rtsp://113.160.7.9:554/stream1", ownership="public")
    camera = Camera.objects.get(id=answer["id"])
    assert (answer["status"], camera.ownership, camera.owner_household) == ("proposed", "household", cast.an.household)
    assert not may_record(camera)
    assert an.post(f"/cameras/{camera.id}/approve/")[0] == 404
    assert binh.post(f"/cameras/{camera.id}/approve/")[0] == 200
    camera.refresh_from_db()
    assert may_record(camera) and camera.approved_by == cast.binh.account
    assert binh.post(f"/cameras/{camera.id}/approve/")[0] == 200
    assert AuditEntry.objects.filter(action="camera.approved").count() == 1


def test_a_proposed_camera_is_seen_by_its_household_and_the_leader_only(
    an: Api, binh: Api, cuc: Api, cast: Cast
) -> None:
    neighbour = Api(another_household(cast))
    camera = added(an, url="rtsp://113.160.7.9/stream1")["id"]
    assert [api.get(f"/cameras/{camera}/")[0] for api in (an, binh, neighbour, cuc)] == [200, 200, 404, 404]
    assert neighbour.get("/cameras/")[1]["results"] == []


def another_household(cast: Cast) -> Any:
    from tests.cast import make_resident

    return make_resident(cast.place, 30, "Hộ bà Lan", "Hà Thị Lan")


def test_a_resident_may_not_name_a_private_address(an: Api) -> None:
    status, answer = an.post("/cameras/", {"name": "Cổng", "url": URL})
    assert (status, answer["code"]) == (400, "camera_address")
    assert Camera.objects.count() == 0


def test_a_new_address_of_a_residents_camera_waits_for_the_leader_again(an: Api, binh: Api) -> None:
    camera = added(an, url="rtsp://113.160.7.9/stream1")["id"]
    binh.post(f"/cameras/{camera}/approve/")
    status, answer = an.patch(f"/cameras/{camera}/", {"url": "rtsp://113.160.7.10/stream1"})
    assert (status, answer["status"]) == (200, "proposed")
    assert Revocation.objects.filter(kind="camera", subject_id=camera).count() == 1


def test_ten_proposals_of_a_household_are_enough(an: Api) -> None:
    for number in range(10):
        added(an, url=f"rtsp://113.160.7.{number + 1}/stream1")
    status, answer = an.post("/cameras/", {"name": "Nữa", "url": "rtsp://113.160.7.99/stream1"})
    assert (status, answer["code"]) == (409, "too_many_proposals")


BAD_ADDRESSES = [
    ("http://192.168.1.20/x", "scheme"), ("file:///etc/passwd", "scheme"), ("-i rtsp://192.168.1.20/", "scheme"),
    ("rtsp://127.0.0.1:554/x", "server"), ("rtsp://localhost/x", "server"), ("rtsp://[::1]/x", "server"),
    ("rtsp://2130706433/x", "host"), ("rtsp://0x7f.1/x", "host"), ("rtsp://169.254.169.254/x", "address"),
    ("rtsp://[::ffff:127.0.0.1]/x", "server"), ("rtsp://192.168.1.20:22/x", "port"),
    ("rtsp://192.168.1.20/a\nDESCRIBE x", "form"), ("rtsp://192.168.1.20/ x", "form"), ("rtsp://", "form"),
    ("rtsp://192.168.1.20/?user=a&password=b", "password"), ("", "url"),
    ("rtsp://192.168.1.20/" + "a" * 600, "long"), ("rtsp://no-such-camera.invalid/x", "name"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "_why"), BAD_ADDRESSES)
def test_a_bad_address_is_400_on_its_field(binh: Api, url: str, _why: str) -> None:
    status, answer = binh.post("/cameras/", {"name": "Ngõ 12", "url": url})
    assert status == 400, answer
    assert list(answer["errors"]) == ["url"] and answer["errors"]["url"][0]
    assert Camera.objects.count() == 0


def test_the_allow_list_names_exact_places(binh: Api, settings: Any) -> None:
    from dataclasses import replace

    with override_settings(CONFIG=replace(settings.CONFIG, CAMERA_ALLOW="127.0.0.1:9554")):
        assert binh.post("/cameras/", {"name": "Trình diễn", "url": "rtsp://127.0.0.1:9554/1"})[0] == 201
        assert binh.post("/cameras/", {"name": "Khác", "url": "rtsp://127.0.0.1:9555/1"})[0] == 400


BAD_FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name"), ({"name": "a\u202eb"}, "name"), ({"name": "a\u200bb"}, "name"),
    ({"name": "a\x07b"}, "name"), ({"name": "x" * 81}, "name"), ({"name": None}, "name"), ({"name": ["a"]}, "name"),
    ({"name": {"a": 1}}, "name"),
    ({"location": {"lat": 91, "lon": 0}}, "location.lat"), ({"location": {"lat": "nan", "lon": 0}}, "location.lat"),
    ({"location": {"lat": 1}}, "location.lon"), ({"location": "22,104"}, "location.non_field_errors"),
    ({"bearing_deg": 360}, "bearing_deg"), ({"bearing_deg": -1}, "bearing_deg"), ({"ownership": "mine"}, "ownership"),
    ({"kind": "dome"}, "kind"), ({"state": "active"}, "state"), ({"user": "a:b"}, "user"),
    ({"password": "a\nb"}, "password"), ({"neighborhood": "x"}, "neighborhood"),
    ({"private_hours": [{"days": [9], "from": "22:00", "to": "05:00"}]}, "private_hours"),
    ({"private_hours": [{"days": [1], "from": "25:00", "to": "05:00"}]}, "private_hours"),
    ({"private_hours": "night"}, "private_hours"), ({"brand": "hikvision"}, "url"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "at_fault"), BAD_FIELDS)
def test_a_bad_field_is_400_and_named(binh: Api, fields: dict[str, Any], at_fault: str) -> None:
    status, answer = binh.post("/cameras/", {"name": "Ngõ 12", "url": URL, **fields})
    assert status == 400, answer
    assert at_fault in answer["errors"]
    assert Camera.objects.count() == 0


@pytest.mark.parametrize("body", ["", "[]", "null", "3", '"x"', "{", "\x00", '{"name": 1e999}'])
def test_a_body_that_is_no_object_is_400(cast: Cast, body: str) -> None:
    from django.test import Client

    client = Client(**cast.binh.bearer)  # type: ignore[arg-type]
    answer = client.post("/api/v1/cameras/", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_names_are_kept_in_nfc(binh: Api) -> None:
    assert added(binh, name="Ngo\u0303 12  Tra\u0302\u0300n Phu\u0301")["name"] == "Ngõ 12 Trần Phú"


def test_outsiders_register_nothing_here(cuc: Api, cast: Cast) -> None:
    body = {"name": "Ngõ", "url": "rtsp://113.160.7.9/1", "neighborhood": str(cast.place.id)}
    assert cuc.post("/cameras/", body)[0] == 404
    assert Api(cast.hoa).post("/cameras/", body)[0] == 404
    assert Api(cast.dung).post("/cameras/", body)[0] == 404
    assert Api(None).post("/cameras/", body)[0] == 401
    assert Camera.objects.count() == 0


def test_a_household_of_elsewhere_cannot_own_a_camera_here(binh: Api, cast: Cast) -> None:
    household = str(cast.cuc.household.id) if cast.cuc.household else ""
    assert binh.post("/cameras/", {"name": "Ngõ", "url": URL, "owner_household": household})[0] == 404


def test_private_hours_end_every_view(binh: Api) -> None:
    camera = added(binh)["id"]
    hours = [{"days": [0, 1, 2, 3, 4, 5, 6], "from": "22:00", "to": "05:00"}]
    status, answer = binh.patch(f"/cameras/{camera}/", {"private_hours": hours})
    assert (status, answer["details"]["private_hours"]) == (200, hours)
    assert Revocation.objects.filter(kind="camera", subject_id=camera).count() == 1
    binh.patch(f"/cameras/{camera}/", {"private_hours": hours, "name": "Tên mới"})
    assert Revocation.objects.count() == 1
    assert [entry.data for entry in AuditEntry.objects.filter(action="camera.edited").order_by("seq")] == [
        {"fields": ["private_hours"]},
        {"fields": ["name"]},
    ]


def test_the_owner_edits_but_does_not_rule(an: Api, cast: Cast, camera: Camera) -> None:
    Camera.objects.filter(id=camera.id).update(owner_household=cast.an.household, ownership="household")
    assert an.patch(f"/cameras/{camera.id}/", {"name": "Cổng nhà tôi"})[0] == 200
    status, answer = an.patch(f"/cameras/{camera.id}/", {"purpose": "traffic", "retention_hours": 1})
    assert (status, sorted(answer["errors"])) == (400, ["purpose", "retention_hours"])


def test_a_neighbour_edits_nothing(an: Api, cuc: Api, camera: Camera) -> None:
    for api in (an, cuc):
        assert api.patch(f"/cameras/{camera.id}/", {"name": "x"})[0] == 404
        assert api.post(f"/cameras/{camera.id}/retire/")[0] == 404


def test_a_retired_camera_ends_for_everybody(an: Api, binh: Api, camera: Camera) -> None:
    assert an.get(f"/cameras/{camera.id}/")[0] == 200
    assert binh.post(f"/cameras/{camera.id}/retire/")[1]["status"] == "retired"
    assert binh.post(f"/cameras/{camera.id}/retire/")[0] == 200
    assert Revocation.objects.filter(kind="camera", subject_id=camera.id).count() == 1
    assert an.get(f"/cameras/{camera.id}/")[0] == 404
    assert binh.patch(f"/cameras/{camera.id}/", {"name": "x"})[1]["code"] == "retired"
    assert binh.post(f"/cameras/{camera.id}/approve/")[1]["code"] == "retired"
    camera.refresh_from_db()
    assert not may_record(camera)


def test_a_masked_camera_is_not_recorded_as_it_is(camera: Camera) -> None:
    assert may_record(camera)
    camera.masks = [[[0, 0], [100, 0], [100, 100]]]
    assert not may_record(camera)


def test_a_household_that_left_shares_its_camera_no_more(camera: Camera, cast: Cast) -> None:
    camera.owner_household = cast.an.household
    assert may_record(camera)
    assert camera.owner_household is not None
    camera.owner_household.left_at = timezone.now()
    assert not may_record(camera)


def test_what_was_judged_is_what_is_approved(an: Api, binh: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner changes the address between the judging of it and the leader's tap."""
    camera = added(an, url="rtsp://8.8.8.8/live")
    judge = guard.check

    def slow(url: str, **rules: Any) -> Any:
        Rendition.objects.filter(camera_id=camera["id"]).update(source_url="rtsp://9.9.9.9:554/other")
        return judge(url, **rules)

    monkeypatch.setattr(guard, "check", slow)
    status, problem = binh.post(f"/cameras/{camera['id']}/approve/")
    assert (status, problem["code"]) == (409, "changed_meanwhile")
    assert Camera.objects.get(id=camera["id"]).state == "proposed"


class TestNamesThatMove:
    """A name leads to a public address while a resident types it, and into the LAN afterwards."""

    NAME = "rtsp://cam.example.com/1"

    @pytest.fixture
    def names(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
        """What the resolver says of each name."""
        table = {"cam.example.com": ["203.0.112.5"]}
        monkeypatch.setattr(guard, "look_up", lambda host, _port: table[host])
        return table

    def test_the_leaders_tap_does_not_open_the_lan(self, an: Api, binh: Api, names: dict[str, list[str]]) -> None:
        camera = added(an, url=self.NAME)["id"]
        names["cam.example.com"] = ["192.168.1.20"]
        status, answer = binh.post(f"/cameras/{camera}/approve/")
        assert (status, answer["code"]) == (400, "camera_address")
        assert Camera.objects.get(id=camera).state == "proposed"

    def test_neither_does_a_dial_after_it(self, an: Api, binh: Api, names: dict[str, list[str]]) -> None:
        camera = added(an, url=self.NAME)["id"]
        assert binh.post(f"/cameras/{camera}/approve/")[0] == 200
        assert [job.private_allowed for job in roster(node_here().id).values()] == [False]

    def test_the_leader_may_name_it_herself(self, an: Api, binh: Api, names: dict[str, list[str]]) -> None:
        camera = added(an, url=self.NAME)["id"]
        assert binh.patch(f"/cameras/{camera}/", {"url": URL})[0] == 200
        assert binh.post(f"/cameras/{camera}/approve/")[0] == 200
        assert [job.private_allowed for job in roster(node_here().id).values()] == [True]

    def test_a_new_address_of_the_residents_is_judged_as_theirs(
        self, an: Api, binh: Api, names: dict[str, list[str]], cast: Cast
    ) -> None:
        camera = added(binh, url=URL, owner_household=str(cast.an.household.id))["id"]
        assert an.patch(f"/cameras/{camera}/", {"url": self.NAME})[1]["status"] == "proposed"
        names["cam.example.com"] = ["192.168.1.20"]
        assert binh.post(f"/cameras/{camera}/approve/")[0] == 400
