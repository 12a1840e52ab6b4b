"""Other systems: the secret is shown once, whoever cannot sign learns nothing, the same event is one alert."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from backend.lib.clock import now
from backend.lib.errors import TooMany
from neighborhoods.models import AuditEntry
from notifications import endpoints
from notifications.models import Alert, AlertEndpoint, AlertReport
from tests.cameras.api.conftest import Api
from tests.cameras.playback.conftest import actor_of, make_camera
from tests.cast import Cast
from tests.neighborhoods.conftest import at_once

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

EVENT = {"event_id": "panel-7/2026-11-25/1", "category": "fire", "text": "Báo khói tầng 2"}
NOBODY = "00000000-0000-7000-8000-000000000000"


def made(cast: Cast, *categories: str) -> endpoints.Created:
    return endpoints.alert_endpoint_create(
        actor=actor_of(cast.binh), neighborhood_id=cast.place.id, name="Tủ báo cháy",
        categories=categories or ("fire", "school_gate"), now=now(),
    )  # fmt: skip


def post(endpoint_id: object, secret: str, event: Any, *, late_s: float = 0, **head: str) -> tuple[int, dict[str, Any]]:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    stamp = head.pop("stamp", str(int((now() - timedelta(seconds=late_s)).timestamp())))
    right = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {"X-Matpho-Timestamp": stamp, "X-Matpho-Signature": f"sha256={right}", **head}
    answer = Client(raise_request_exception=False).post(
        f"/hooks/alerts/{endpoint_id}/", body, content_type="application/json", headers=headers
    )
    return answer.status_code, answer.json()


def test_a_signed_message_is_an_alert_and_the_same_again_is_the_same(cast: Cast) -> None:
    hook = made(cast)
    status, first = post(hook.endpoint.id, hook.secret, EVENT)
    again = post(hook.endpoint.id, hook.secret, EVENT | {"text": "Lần nữa"})
    assert (status, first["joined"]) == (201, False)
    assert again == (200, {"alert": first["alert"], "joined": True})
    alert = Alert.objects.get()
    assert (alert.source, alert.text, alert.neighborhood) == ("system", "Báo khói tầng 2", cast.place)
    seen = Api(cast.binh).get(f"/alerts/{alert.id}/")[1]
    assert (seen["reporter"], seen["source"]) == ("Tủ báo cháy", "system")
    hook.endpoint.refresh_from_db()
    assert hook.endpoint.last_used_at is not None


def test_it_joins_what_a_resident_told_and_is_still_known_when_it_comes_again(cast: Cast) -> None:
    hook, camera = made(cast), make_camera(cast)
    Api(cast.an).post("/alerts/", {"category": "fire", "camera_ids": [str(camera.id)]})
    event = EVENT | {"camera_ids": [str(camera.id)]}
    answers = [post(hook.endpoint.id, hook.secret, event) for _twice in range(2)]
    assert answers[0] == answers[1] == (200, {"alert": str(Alert.objects.get().id), "joined": True})
    assert (Alert.objects.get().reports, AlertReport.objects.count()) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_the_same_event_six_times_at_once_is_one(live_cast: Cast) -> None:
    hook = made(live_cast)
    answers = at_once(lambda _n: post(hook.endpoint.id, hook.secret, EVENT), 6)
    assert sorted(status for status, _ in answers) == [200] * 5 + [201]
    assert len({answer["alert"] for _, answer in answers}) == 1 and AlertReport.objects.count() == 0


def test_who_cannot_sign_learns_nothing(cast: Cast) -> None:
    hook, other, gone = made(cast), made(cast), made(cast)
    endpoints.alert_endpoint_revoke(actor=actor_of(cast.binh), endpoint_id=gone.endpoint.id, now=now())
    known = hook.endpoint.id
    answers = [
        post(known, "mph_wrong", EVENT), post(known, other.secret, EVENT), post(NOBODY, hook.secret, EVENT),
        post(gone.endpoint.id, gone.secret, EVENT), post(known, hook.secret, EVENT, **{"X-Matpho-Signature": ""}),
        post(known, hook.secret, EVENT, **{"X-Matpho-Timestamp": "1"}), post(known, "mph_wrong", b"{", late_s=900),
        post(known, hook.secret, EVENT, **{"X-Matpho-Signature": "sha256=é"}),
    ]  # fmt: skip
    assert {status for status, _ in answers} == {404}
    assert len({json.dumps(answer) for _, answer in answers}) == 1
    assert Alert.objects.count() == 0


@pytest.mark.parametrize("late_s", [-301, 302, 10_000_000])
def test_a_wrong_clock_is_told_to_who_can_sign(cast: Cast, late_s: float) -> None:
    hook = made(cast)
    status, problem = post(hook.endpoint.id, hook.secret, EVENT, late_s=late_s)
    assert (status, problem["code"]) == (400, "bad_timestamp")
    assert post(hook.endpoint.id, hook.secret, EVENT, stamp="soon")[1]["code"] == "bad_timestamp"
    assert post(hook.endpoint.id, hook.secret, EVENT, stamp="9" * 400)[1]["code"] == "bad_timestamp"
    assert post(hook.endpoint.id, hook.secret, EVENT, late_s=290)[0] == 201


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"category": "theft"}, ["category"]), ({"category": "camera_health"}, ["category"]),
        ({"event_id": ""}, ["event_id"]), ({"event_id": "x" * 81}, ["event_id"]),
        ({"event_id": "a\u0007"}, ["event_id"]),
        ({"text": "x" * 501}, ["text"]), ({"camera_ids": [NOBODY]}, ["camera_ids"]), ({"wrong": 1}, ["wrong"]),
        ({"location": {"lat": 0, "lon": 0}}, ["location"]), ({"occurred_at": "2020-01-01T00:00:00Z"}, ["occurred_at"]),
    ],
)  # fmt: skip
def test_what_it_says_is_looked_over(cast: Cast, said: dict[str, Any], fields: list[str]) -> None:
    hook = made(cast)
    status, problem = post(hook.endpoint.id, hook.secret, EVENT | said)
    assert (status, list(problem["errors"])) == (400, fields)
    assert Alert.objects.count() == 0


def test_bodies_that_are_too_long_or_no_json(cast: Cast) -> None:
    hook = made(cast)
    assert post(hook.endpoint.id, hook.secret, b" " * (16 * 1024 + 1))[0] == 413
    assert post(hook.endpoint.id, hook.secret, b"[")[1]["code"] == "malformed"
    assert post(hook.endpoint.id, hook.secret, b"[]")[0] == 400
    assert post(hook.endpoint.id, hook.secret, json.dumps(EVENT).encode() + b" " * 15_000)[0] == 201


def test_a_flood_of_one_system_is_refused_and_another_goes_on(cast: Cast) -> None:
    hook, other = made(cast), made(cast)

    def raised(which: endpoints.Created, number: int) -> Any:
        return endpoints.alert_raise_signed(
            endpoint=which.endpoint, event_id=f"e{number}", category="school_gate", now=moment
        )

    moment = now()
    for number in range(60):
        raised(hook, number)
    with pytest.raises(TooMany):
        raised(hook, 60)
    assert raised(hook, 5).joined  # what is known is answered
    assert raised(other, 0)


def test_the_secret_is_shown_once_and_never_stored_in_clear(cast: Cast) -> None:
    binh = Api(cast.binh)
    status, answer = binh.post("/alert-endpoints/", {"name": "Cổng trường", "categories": ["school_gate"]})
    assert status == 201 and answer["secret"].startswith("mph_") and answer["url"] == f"/hooks/alerts/{answer['id']}/"
    listed = binh.get("/alert-endpoints/")[1]["results"]
    assert [one["name"] for one in listed] == ["Cổng trường"] and "secret" not in listed[0]
    row = AlertEndpoint.objects.get()
    assert answer["secret"].encode() not in bytes(row.secret)
    assert answer["secret"] not in str(list(AuditEntry.objects.values_list("data", flat=True)))
    assert answer["secret"] not in repr(endpoints.Created(row, answer["secret"]))
    assert post(row.id, answer["secret"], EVENT | {"category": "school_gate"})[0] == 201
    for _twice in range(2):
        assert binh.post(f"/alert-endpoints/{row.id}/revoke/")[1]["revoked_at"] is not None
    assert AuditEntry.objects.filter(action="alert_endpoint.revoked").count() == 1
    assert post(row.id, answer["secret"], EVENT | {"category": "school_gate"})[0] == 404


@pytest.mark.parametrize(
    ("said", "field"),
    [({"categories": []}, "categories"), ({"categories": ["robot"]}, "category"), ({"name": "\u202e"}, "name")],
)
def test_bad_endpoints_are_refused(cast: Cast, said: dict[str, Any], field: str) -> None:
    body = {"name": "Tủ", "categories": ["fire"], **said}
    status, problem = Api(cast.binh).post("/alert-endpoints/", body)
    assert (status, list(problem["errors"])) == (400, [field])


def test_twenty_are_enough_and_only_who_leads_makes_them(cast: Cast) -> None:
    for person in (cast.an, cast.dung, cast.hoa):
        assert Api(person).post("/alert-endpoints/", {"name": "Tủ", "categories": ["fire"]})[0] == 404
    for _ in range(20):
        made(cast)
    status, problem = Api(cast.binh).post("/alert-endpoints/", {"name": "Tủ", "categories": ["fire"]})
    assert (status, problem["code"]) == (409, "too_many_endpoints")
