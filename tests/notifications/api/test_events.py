"""``GET /events/``: the feed over HTTP."""

import pytest

from backend.lib.clock import now
from neighborhoods.access import Role
from notifications import cursors, feed
from notifications.dispatching import dispatch_once
from notifications.models import Alert, Event
from tests.cameras.api.conftest import Api
from tests.cast import Cast, make_staff
from tests.notifications.pipeline import make_alert, tell_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def an(cast: Cast) -> Api:
    for _ in range(3):
        tell_of(make_alert(cast))
    dispatch_once(now=now())
    return Api(cast.an)


def test_it_gives_what_happened_and_where_to_go_on(an: Api, cast: Cast) -> None:
    status, first = an.get("/events/", limit=2)
    assert (status, sorted(first)) == (200, ["cursor", "heads", "more", "reload", "results"])
    own = Event.objects.filter(stream__kind="neighborhood").order_by("id")
    assert first["results"] == [feed.shape(event) for event in own[:2]]
    assert (first["more"], first["reload"], sorted(first["heads"].values())) == (True, False, [0, 0, 3])
    status, rest = an.get("/events/", since=first["cursor"])
    assert [event["seq"] for event in rest["results"]] == [3] and rest["more"] is False
    assert an.get("/events/", since=rest["cursor"])[1]["results"] == []
    assert an.get("/events/", since="")[1]["results"] == [feed.shape(event) for event in own]


@pytest.mark.parametrize("broadcast", [False, True])
def test_withdrawn_words_are_gone_from_every_cursor(cast: Cast, broadcast: bool) -> None:
    whose = {"neighborhood": None, "category": "fraud"} if broadcast else {}
    other, alert = make_alert(cast, text_released_at=now(), text="Vẫn còn"), make_alert(cast, **whose)
    tell_of(other)
    tell_of(alert)
    dispatch_once(now=now())
    Alert.objects.filter(id=alert.id).update(text_released_at=now(), version=2)
    tell_of(alert, "alert.released")
    dispatch_once(now=now())
    an, dung = Api(cast.an), Api(cast.dung)
    assert alert.text in str(an.get("/events/")[1]) and alert.text in str(dung.get("/events/")[1])
    Alert.objects.filter(id=alert.id).update(state="withdrawn", withdrawn_reason="Nhầm", version=3)
    tell_of(alert, "alert.withdrawn")
    dispatch_once(now=now())
    told = [event for event in an.get("/events/")[1]["results"] if event["data"]["alert"]["id"] == str(alert.id)]
    assert [event["kind"] for event in told] == ["alert.raised", "alert.released", "alert.withdrawn"]
    assert {(view["view"], view["version"], view["text"]) for view in (event["data"]["alert"] for event in told)} == {
        ("open", 3, None)
    }
    assert alert.text not in str(an.get("/events/")[1])
    assert "Vẫn còn" in str(an.get("/events/")[1]), "another's words stay"
    assert alert.text in str(dung.get("/events/")[1]), "who decides about it still reads what it said"


def test_a_cursor_too_old_is_told_to_reload(an: Api) -> None:
    status, answer = an.get("/events/", since=cursors.pack(0, now().replace(year=2020)))
    assert (status, answer["reload"], answer["results"]) == (200, True, [])
    assert an.get("/events/", since=answer["cursor"])[1]["reload"] is False


@pytest.mark.parametrize(
    ("field", "text"),
    [("since", text) for text in ("1", "AQAAAA", "x" * 23, "x" * 10_000, "\u0663" * 23, "null", "a\x00b")]
    + [("limit", text) for text in ("0", "-1", "201", "many", "1e9", "9" * 400)],
)
def test_bad_input_is_400_and_names_the_field(an: Api, field: str, text: str) -> None:
    status, answer = an.get("/events/", **{field: text})
    assert (status, answer["code"], list(answer["errors"])) == (400, "bad_input", [field])


def test_the_message_says_what_to_do_in_the_askers_language(an: Api) -> None:
    assert "con trỏ" in an.get("/events/", since="xyz")[1]["detail"]


def test_who_may(an: Api, cast: Cast) -> None:
    worker = make_staff("nam", "Nam", Role.STREET_WORKER, cast.ward)
    auditor = make_staff("kiem", "Kiểm", Role.AUDITOR, cast.place)
    asking = [cast.binh, cast.cuc, cast.dung, cast.hoa, worker, auditor, None]
    assert [Api(person).get("/events/")[0] for person in asking] == [200, 200, 200, 200, 404, 404, 401]
    assert Api(cast.cuc).get("/events/")[1]["results"] == []


def test_it_costs_the_same_however_much_there_is(an: Api, cast: Cast, django_assert_max_num_queries) -> None:
    an.get("/events/")
    for _ in range(20):
        tell_of(make_alert(cast))
    dispatch_once(now=now())
    with django_assert_max_num_queries(7):
        assert len(an.get("/events/")[1]["results"]) == 23
