"""A household lets a guest see its own camera: which, live or more, when, on how many phones, until when."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from backend.pages.guestboard import guest_rows
from cameras.models import Camera, MediaNode, Rendition
from neighborhoods import codes, devices, guestcodes
from neighborhoods.access import Action
from neighborhoods.api.authentication import COOKIE
from neighborhoods.models import AccessCode, AuditEntry, Device, HeldCode
from neighborhoods.sessions import CodeRefused, Redeemed, session_redeem
from tests.cast import Cast
from tests.neighborhoods.conftest import NOW, actor

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
JSON = "application/json"
API = "/api/v1"


def camera(cast: Cast, name: str, household: Any) -> Camera:
    node, _made = MediaNode.objects.get_or_create(name="default")
    made = Camera.objects.create(
        neighborhood=cast.place, node=node, name=name, owner_household=household, state=Camera.State.ACTIVE,
        ownership=Camera.Ownership.HOUSEHOLD if household else Camera.Ownership.PUBLIC,
    )  # fmt: skip
    Rendition.objects.create(camera=made, source_url="rtsp://192.168.1.20/live")
    return made


@pytest.fixture
def gate(cast: Cast) -> Camera:
    """An's own, above the gate; the yard's and the street's are not for every guest."""
    camera(cast, "Sân nhà An", cast.an.household)
    camera(cast, "Ngõ", None)
    return camera(cast, "Cổng nhà An", cast.an.household)


def issued(client: Client, cast: Cast, gate: Camera, **terms: Any) -> Any:
    answer = client.post(f"{API}/guest-codes/", {"cameras": [str(gate.id)], **terms}, JSON, **cast.an.bearer)
    assert answer.status_code == 201, answer.json()
    return answer.json()


def redeem(made: Any) -> Redeemed:
    return session_redeem(code=made["typed"], device_name="Máy khách", source="203.0.113.9", now=NOW)


def bearer(guest: Redeemed) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Bearer {guest.token}"}


def test_a_guest_sees_the_chosen_camera_live_and_nothing_else(client: Client, cast: Cast, gate: Camera) -> None:
    guest = redeem(issued(client, cast, gate))
    seen = client.get(f"{API}/cameras/", **bearer(guest)).json()["results"]
    assert [one["name"] for one in seen] == ["Cổng nhà An"]
    assert client.post(f"{API}/cameras/{gate.id}/live/", {}, JSON, **bearer(guest)).status_code == 201
    street = Camera.objects.get(name="Ngõ")
    assert client.post(f"{API}/cameras/{street.id}/live/", {}, JSON, **bearer(guest)).status_code == 404


def test_a_guest_opens_no_clip_of_an_alert(cast: Cast, gate: Camera) -> None:
    """It may be another camera's, and it is of the past."""
    for replay in (True, False):
        issued = guestcodes.guest_code_issue(actor=actor(cast.an), camera_ids=[gate.id], replay=replay, now=NOW)
        redeemed = session_redeem(code=issued.typed, device_name="Máy khách", source="203.0.113.9", now=NOW)
        guest = devices.actor_of(redeemed.token, now=NOW)
        assert guest and not guest.may(Action.VIEW_ALERT_CLIP) and guest.may(Action.VIEW_LIVE)


def test_the_page_asks_for_the_hours_in_words(client: Client, cast: Cast, gate: Camera) -> None:
    client.cookies[COOKIE] = cast.an.token
    form = {"camera": str(gate.id), "when": "hours", "from": "", "to": "22:00", "days": "7", "devices": "2"}
    shown = client.post("/guests/new", form).content.decode()
    assert "Hãy chọn khách được xem từ mấy giờ đến mấy giờ." in shown and "days&quot;" not in shown
    assert not AccessCode.objects.filter(kind="guest").exists()


def test_a_camera_that_was_taken_down_is_not_called_every_camera(cast: Cast, gate: Camera) -> None:
    guestcodes.guest_code_issue(actor=actor(cast.an), camera_ids=[gate.id], now=NOW)
    Camera.objects.filter(id=gate.id).update(state=Camera.State.RETIRED)
    assert [row.cameras for row in guest_rows(actor(cast.an), now=NOW)] == ["không còn camera nào của nhà bạn"]


def test_live_alone_looks_not_back_and_keeps_nothing(client: Client, cast: Cast, gate: Camera) -> None:
    span = {"from": (NOW - timedelta(minutes=5)).isoformat(), "to": NOW.isoformat()}
    moment = {"at": NOW.isoformat(), "before_s": 5, "after_s": 5}
    live, both = redeem(issued(client, cast, gate)), redeem(issued(client, cast, gate, replay=True))
    for path, body in (
        ("playback", span), ("snapshots", moment), ("frame", {"at": (NOW - timedelta(minutes=5)).isoformat()}),
    ):  # fmt: skip
        answers = [
            client.post(f"{API}/cameras/{gate.id}/{path}/", body, JSON, **bearer(who)).status_code
            for who in (live, both)
        ]
        assert answers[0] == 404 and answers[1] != 404, path
    for path in (
        f"cameras/{gate.id}/recordings/?from={NOW:%Y-%m-%dT%H:%M:%SZ}&to={NOW:%Y-%m-%dT%H:%M:%SZ}",
        "snapshots/",
    ):
        assert client.get(f"{API}/{path}", **bearer(live)).status_code == 404, path
    told = client.get(f"{API}/me/", **bearer(live)).json()
    assert told["scopes"]["replay"] is False and "view_replay" not in told["actions"]
    assert "view_live" in told["actions"]


def test_hours_phones_and_end_are_the_households_to_say(client: Client, cast: Cast, gate: Camera) -> None:
    hours = [{"days": [0, 1, 2, 3, 4, 5, 6], "from": "18:00", "to": "22:00"}]
    ends = NOW + timedelta(days=20)
    made = issued(client, cast, gate, hours=hours, devices=1, expires_at=ends.isoformat())
    guest = redeem(made)
    assert guest.device.expires_at == ends
    assert devices.actor_of(guest.token, now=ends - timedelta(seconds=1))
    assert devices.actor_of(guest.token, now=ends) is None
    assert client.get(f"{API}/me/", **bearer(guest)).json()["scopes"]["hours"] == hours
    with pytest.raises(CodeRefused):  # one phone
        redeem(made)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"cameras": []}, "cameras"),
        ({"devices": 0}, "devices"),
        ({"devices": 11}, "devices"),
        ({"expires_at": (NOW + timedelta(days=31)).isoformat()}, "expires_at"),
        ({"expires_at": (NOW - timedelta(days=1)).isoformat()}, "expires_at"),
        ({"hours": [{"days": [9], "from": "1", "to": "2"}]}, "hours_scope"),
    ],
)
def test_terms_that_make_no_sense_are_refused(
    client: Client, cast: Cast, gate: Camera, terms: dict[str, Any], field: str
) -> None:
    body = {"cameras": [str(gate.id)], **terms}
    answer = client.post(f"{API}/guest-codes/", body, JSON, **cast.an.bearer)
    assert answer.status_code == 400 and field in answer.json()["errors"]
    assert not AccessCode.objects.filter(kind="guest").exists()


def test_only_ones_own_cameras_are_shown_and_only_by_the_household(client: Client, cast: Cast, gate: Camera) -> None:
    guest = redeem(issued(client, cast, gate))
    street = Camera.objects.get(name="Ngõ")
    for who, wanted in (
        (cast.an.bearer, street), (cast.cuc.bearer, gate), (cast.binh.bearer, gate), (bearer(guest), gate),
    ):  # fmt: skip
        answer = client.post(f"{API}/guest-codes/", {"cameras": [str(wanted.id)]}, JSON, **who)
        assert answer.status_code == 404


def test_the_household_takes_it_back_and_the_guest_is_nobody(client: Client, cast: Cast, gate: Camera) -> None:
    made = issued(client, cast, gate)
    guest = redeem(made)
    path = f"{API}/guest-codes/{made['code']['id']}/revoke/"
    assert client.post(path, {}, JSON, **cast.cuc.bearer).status_code == 404
    listed = client.get(f"{API}/guest-codes/", **cast.an.bearer).json()["results"]
    assert [(one["id"], len(one["devices"])) for one in listed] == [(made["code"]["id"], 1)]
    for _time in range(2):
        assert client.post(path, {}, JSON, **cast.an.bearer).status_code == 200
    assert client.get(f"{API}/me/", **bearer(guest)).status_code == 401
    assert client.get(f"{API}/guest-codes/", **cast.an.bearer).json()["results"] == []
    assert AuditEntry.objects.filter(action="code.revoked").count() == 1
    own = AccessCode.objects.get(id=cast.an.device.code_id)
    assert client.post(f"{API}/guest-codes/{own.id}/revoke/", {}, JSON, **cast.an.bearer).status_code == 404


def test_a_guests_code_is_printed_by_nobody(client: Client, cast: Cast, gate: Camera) -> None:
    issued(client, cast, gate)
    assert not HeldCode.objects.exists()


def test_the_leader_takes_it_back_and_never_learns_it(client: Client, cast: Cast, gate: Camera) -> None:
    made = issued(client, cast, gate)
    path = f"{API}/codes/{made['code']['id']}"
    again = client.post(f"{path}/reissue/", {}, JSON, **cast.binh.bearer)
    assert (again.status_code, again.json()["code"]) == (409, "guest_code")
    assert client.get(f"{path}/sheet.pdf", **cast.binh.bearer).status_code == 409
    guest = redeem(made)
    assert client.post(f"{path}/revoke/", {}, JSON, **cast.binh.bearer).status_code == 200
    assert devices.actor_of(guest.token, now=NOW) is None


def test_twenty_at_a_time_are_enough(client: Client, cast: Cast, gate: Camera) -> None:
    for _n in range(20):
        issued(client, cast, gate)
    answer = client.post(f"{API}/guest-codes/", {"cameras": [str(gate.id)]}, JSON, **cast.an.bearer)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_guest_codes")


def test_a_leaders_guest_code_ends_within_thirty_days_too(cast: Cast) -> None:
    leader = actor(cast.binh)
    made = codes.code_issue(actor=leader, household_id=cast.an.household.id, kind="guest", now=NOW)
    assert made.code.expires_at == NOW + timedelta(days=7)
    phone = session_redeem(code=made.qr, device_name="Máy", source="203.0.113.9", now=NOW)
    assert Device.objects.get(id=phone.device.id).expires_at == NOW + timedelta(days=7)
