"""Alerts over the API: lists, the reader's view, and everything that is no alert."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.test import Client

from backend.lib.clock import now
from neighborhoods.models import OutboxRow
from notifications.categories import CATEGORIES
from notifications.models import Alert
from tests.cameras.api.conftest import Api
from tests.cameras.playback.conftest import make_camera
from tests.cast import Cast, make_lan, make_resident
from tests.notifications.pipeline import make_alert
from tests.webserver import WebServer

pytestmark = pytest.mark.django_db

HERE = {"lat": 22.8234, "lon": 104.9836}
NOBODY = "00000000-0000-7000-8000-000000000000"
FIRE = {"category": "fire", "location": HERE}


def ago(**span: float) -> str:
    return (now() - timedelta(**span)).isoformat()


class TestLists:
    def test_newest_first_in_pages_and_with_the_feeds_cursor(self, cast: Cast) -> None:
        made = [str(make_alert(cast, at=now() - timedelta(hours=n)).id) for n in range(3)]
        an = Api(cast.an)
        status, first = an.get("/alerts/", page_size="2")
        assert (status, [one["id"] for one in first["results"]]) == (200, [made[2], made[1]])
        rest = an.get(first["next"].partition("/api/v1")[2])[1]
        assert [one["id"] for one in rest["results"]] == [made[0]] and rest["next"] is None
        assert an.get("/events/", since=first["cursor"])[1]["reload"] is False

    def test_filters(self, cast: Cast) -> None:
        fire, theft = make_alert(cast, category="fire"), make_alert(cast, state="acknowledged")
        old = make_alert(cast, at=now() - timedelta(hours=3), state="resolved")
        an = Api(cast.an)

        def found(**asked: str) -> set[str]:
            return {one["id"] for one in an.get("/alerts/", **asked)[1]["results"]}

        assert found(category="fire") == {str(fire.id)}
        assert found(state="open") == {str(fire.id), str(theft.id)}
        assert found(state="resolved") == {str(old.id)}
        assert found(since=ago(hours=1)) == {str(fire.id), str(theft.id)}
        assert found(neighborhood=str(cast.other_place.id)) == set()
        for wrong in ({"state": "gone"}, {"category": "x"}, {"since": "x"}, {"since": "2026-11-25T00:00:00"}):
            assert an.get("/alerts/", **wrong)[0] == 400
        assert an.get("/alerts/", cursor="x")[1]["code"] == "bad_cursor"

    def test_a_street_worker_has_her_own_list(self, cast: Cast) -> None:
        make_alert(cast)
        lan = Api(make_lan(cast))
        assert lan.get("/alerts/")[1]["results"] == []
        own = lan.post("/alerts/", {**FIRE, "neighborhood": str(cast.place.id)})[1]
        assert (own["source"], own["mine"], own["view"]) == ("street_worker", True, "open")
        assert [one["id"] for one in lan.get("/alerts/")[1]["results"]] == [own["id"]]
        assert lan.get("/events/")[0] == 404

    def test_categories_are_data_in_the_callers_language(self, cast: Cast) -> None:
        found = Api(None).get("/alert-categories/")[1]
        assert [one["code"] for one in found] == list(CATEGORIES)
        assert not any("suspicious" in one["code"] for one in found)
        assert [one["code"] for one in found if one["only_stewards"]] == ["fraud"]
        fire = found[0]
        assert (fire["severity"], fire["released"], fire["escalates_after_s"]) == ("emergency", ["text"], 120)
        english = Client().get("/api/v1/alert-categories/", headers={"Accept-Language": "en"}).json()
        assert english[0]["name"] == "Fire or explosion" != fire["name"]
        assert all(one["name"] != other["name"] for one, other in zip(found, english, strict=True))


class TestRaising:
    def test_new_is_201_and_joined_200_with_the_earlier_one(self, cast: Cast) -> None:
        status, first = Api(cast.an).post("/alerts/", {**FIRE, "text": "Cháy"})
        again_status, again = Api(make_resident(cast.place, 20, "Hộ Em", "Em")).post("/alerts/", FIRE)
        assert (status, again_status, first["id"]) == (201, 200, again["id"])
        assert (again["reports"], again["mine"], again["said"], again["text"]) == (2, False, True, "Cháy")

    def test_the_same_key_again_is_one_alert_and_one_piece_of_news(self, cast: Cast) -> None:
        client, head = Client(), {**cast.an.bearer, "HTTP_IDEMPOTENCY_KEY": "offline-0001"}
        body = {**FIRE, "occurred_at": ago(hours=2)}
        answers = [client.post("/api/v1/alerts/", body, "application/json", **head) for _twice in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].json() == answers[1].json()
        assert (Alert.objects.count(), OutboxRow.objects.filter(topic__startswith="alert.").count()) == (1, 1)

    def test_who_is_refused_is_told_how_long_to_wait(self, cast: Cast) -> None:
        for _ in range(5):
            Api(cast.an).post("/alerts/", FIRE)
        answer = Client().post("/api/v1/alerts/", FIRE, "application/json", **cast.an.bearer)
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
        assert 0 < int(answer["Retry-After"]) <= 660
        assert "114" in answer.json()["detail"]

    def test_words_come_after_it(self, cast: Cast) -> None:
        an, em = Api(cast.an), Api(make_resident(cast.place, 20, "Hộ Em", "Em"))
        path = f"/alerts/{an.post('/alerts/', {'category': 'theft', 'location': HERE})[1]['id']}/words/"
        status, view = an.post(path, {"text": "Áo đỏ"})
        assert (status, view["text"], view["mine"], view["version"]) == (200, "Áo đỏ", True, 2)
        assert em.post(path, {"text": "Xe xanh"})[0] == 404
        assert em.post("/alerts/", {"category": "theft", "location": HERE})[0] == 200
        status, view = em.post(path, {"text": "Xe xanh"})
        assert (status, view["text"], view["said"]) == (200, "Xe xanh", True)
        for wrong in ({}, {"text": " "}, {"text": "a\u202e"}, {"text": "x" * 501}):
            assert list(an.post(path, wrong)[1]["errors"]) == ["text"]

    def test_broadcasts(self, cast: Cast) -> None:
        dung = Api(cast.dung)
        status, alert = dung.post("/alerts/broadcast/", {"category": "fraud", "text": "Giả danh điện lực"})
        assert (status, alert["neighborhood"], alert["ward"]) == (201, None, str(cast.ward.id))
        assert Api(cast.cuc).get(f"/alerts/{alert['id']}/")[1]["text"] == "Giả danh điện lực"
        for wrong, field in (
            ({"category": "fraud", "text": " "}, "text"), ({"category": "camera_health", "text": "x"}, "category"),
        ):  # fmt: skip
            assert list(dung.post("/alerts/broadcast/", wrong)[1]["errors"]) == [field]
        assert Api(cast.binh).post("/alerts/broadcast/", {"category": "fraud", "text": "x"})[0] == 404

    def test_statistics(self, cast: Cast) -> None:
        make_alert(cast, verdict="used", state="resolved")
        status, found = Api(cast.binh).get("/alerts/statistics/")
        (resident,) = [one for one in found["sources"] if one["source"] == "resident"]
        assert (status, resident["raised"], resident["precision"]) == (200, 1, 1.0)
        assert Api(cast.an).get("/alerts/statistics/")[0] == 404
        assert Api(cast.binh).get("/alerts/statistics/", to=ago(hours=1))[1]["sources"][0]["raised"] == 0


BAD = [
    ({}, "category"),
    ({"category": "suspicious_person"}, "category"),
    ({"category": "camera_health"}, "category"),
    ({"category": "fraud", "text": "Giả danh"}, "category"),
    ({"category": None}, "category"),
    ({"category": "x" * 1000}, "category"),
    ({"category": "fire", "text": "x" * 501}, "text"),
    ({"category": "fire", "text": "a\u0000b"}, "text"),
    ({"category": "fire", "text": "a\u0007b"}, "text"),
    ({"category": "fire", "text": "a\u202eb"}, "text"),
    ({"category": "fire", "text": "a\u200bb"}, "text"),
    ({"category": "fire", "text": "a" + "\u0301" * 6}, "text"),
    ({"category": "fire", "text": ["x"]}, "text"),
    ({"category": "fire", "camera_ids": [NOBODY] * 200}, "camera_ids"),
    ({"category": "fire", "camera_ids": ["x"]}, "camera_ids.0"),
    ({"category": "fire", "camera_ids": "x"}, "camera_ids"),
    ({"category": "fire", "camera_ids": [NOBODY]}, "camera_ids"),
    ({"category": "fire", "location": {"lat": 48.85, "lon": 2.35}}, "location"),
    ({"category": "fire", "location": {"lat": 13.75, "lon": 100.5}}, "location"),
    ({"category": "fire", "location": {"lat": "nan", "lon": 105}}, "location.lat"),
    ({"category": "fire", "location": {"lat": 91, "lon": 105}}, "location.lat"),
    ({"category": "fire", "location": {"lat": 21}}, "location.lon"),
    ({"category": "fire", "location": [21, 105]}, "location.non_field_errors"),
    ({"category": "fire", "occurred_at": "2020-01-01T00:00:00Z"}, "occurred_at"),
    ({"category": "fire", "occurred_at": "2026-11-25T10:00:00"}, "occurred_at"),
    ({"category": "fire", "occurred_at": "yesterday"}, "occurred_at"),
    ({"category": "fire", "nonsense": 1}, "nonsense"),
    ({"category": "fire", "neighborhood": "x"}, "neighborhood"),
]


@pytest.mark.parametrize(("body", "field"), BAD, ids=str)
def test_what_is_no_alert_is_refused_by_its_field(cast: Cast, body: dict[str, Any], field: str) -> None:
    status, problem = Api(cast.an).post("/alerts/", body)
    assert (status, list(problem["errors"])) == (400, [field]), problem
    assert Alert.objects.count() == 0 and OutboxRow.objects.count() == 0


def test_times_at_the_edge(cast: Cast) -> None:
    an = Api(cast.an)
    for body in ({"occurred_at": ago(minutes=-3)}, {"occurred_at": ago(hours=25)}):
        assert list(an.post("/alerts/", FIRE | body)[1]["errors"]) == ["occurred_at"]
    for body in ({"occurred_at": ago(minutes=-1)}, {"occurred_at": ago(hours=23)}):
        assert an.post("/alerts/", FIRE | body)[0] in (200, 201)


def test_islands_are_the_country_and_a_category_without_a_place_asks_for_none(cast: Cast) -> None:
    an = Api(cast.an)
    assert an.post("/alerts/", {"category": "flood", "location": {"lat": 8.64, "lon": 111.92}})[0] == 201  # Trường Sa
    status, fraud = Api(cast.binh).post("/alerts/", {"category": "fraud", "location": {"lat": 48.85, "lon": 2.35}})
    assert (status, fraud["location"]) == (201, None)


def test_words_are_kept_as_one_reads_them(cast: Cast) -> None:
    status, alert = Api(cast.an).post("/alerts/", {"category": "fire", "text": "  Cha\u0301y\r\n\tto  "})
    assert (status, alert["text"]) == (201, "Cháy to")


def test_ten_megabytes_are_too_large_and_the_next_alert_goes_through(live_cast: Cast, server: WebServer) -> None:
    """At the real server's edge, whether it says its length or sends on and on."""
    url, head = f"{server.url}/api/v1/alerts/", {"Authorization": f"Bearer {live_cast.an.token}"}
    head["Content-Type"] = "application/json"
    body = b'{"category": "fire", "text": "' + b"x" * 10_000_000 + b'"}'
    with httpx.Client(headers=head, timeout=20) as client:
        answer = client.post(url, content=body)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    with httpx.Client(headers=head, timeout=20) as client:
        with suppress(httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):  # it closes while we send
            assert client.post(url, content=(body[at : at + 65_536] for at in range(0, len(body), 65_536))).is_error
        assert client.post(url, json=FIRE).status_code == 201
    assert Alert.objects.get().text == ""


def test_somebody_elses_camera_and_none_at_all_are_refused_alike(cast: Cast) -> None:
    there = make_camera(cast)
    there.neighborhood = cast.other_place
    there.save()
    problems = [
        Api(cast.an).post("/alerts/", {"category": "fire", "camera_ids": [camera]})
        for camera in (str(there.id), NOBODY)
    ]
    assert problems[0] == problems[1] and problems[0][0] == 400


@pytest.mark.parametrize(
    ("act", "body", "field"),
    [
        ("resolve", {}, "verdict"), ("resolve", {"verdict": "great"}, "verdict"), ("withdraw", {}, "reason"),
        ("withdraw", {"reason": " \n"}, "reason"), ("withdraw", {"reason": "x" * 301}, "reason"),
        ("withdraw", {"reason": "a\u202e"}, "reason"), ("release", {"text": "perhaps"}, "text"),
        ("release", {"all": True}, "all"),
    ],
)  # fmt: skip
def test_acts_say_what_they_want(cast: Cast, act: str, body: dict[str, Any], field: str) -> None:
    alert = make_alert(cast)
    status, problem = Api(cast.binh).post(f"/alerts/{alert.id}/{act}/", body)
    assert (status, list(problem["errors"])) == (400, [field])
    alert.refresh_from_db()
    assert (alert.state, alert.version) == ("raised", 1)
