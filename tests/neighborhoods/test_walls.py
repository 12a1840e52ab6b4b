"""The wall: RFC 8628 from the screen's first question to the end of its picture's right."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest import mock
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.lib.errors import Absent, BadInput, Conflict, TooMany
from neighborhoods import codeforms, walls
from neighborhoods.access import Action
from neighborhoods.devices import actor_of, signed_in
from neighborhoods.models import AuditEntry, Device, Revocation, WallPairing
from neighborhoods.wallpolls import PairingRefused, pairing_poll
from tests.cast import Cast, make_phuc
from tests.neighborhoods.conftest import NOW, actor, at_once

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

TV, PHONE = "203.0.113.7", "203.0.113.9"
SECOND = timedelta(seconds=1)


def poll(pair: walls.Pair, after_s: float) -> str:
    """The RFC's error, or ``token``."""
    try:
        pairing_poll(device_code=pair.device_code, now=NOW + after_s * SECOND)
    except PairingRefused as refused:
        return refused.code
    return "token"


def approve(cast: Cast, pair: walls.Pair, name: str = "Nhà ông Tư") -> None:
    walls.wall_approve(
        actor=actor(cast.binh), user_code=pair.user_code, neighborhood_id=cast.place.id, name=name, now=NOW
    )


@pytest.fixture
def pair(cast: Cast) -> walls.Pair:
    return walls.pairing_open(address=TV, now=NOW)


def test_a_screen_waits_is_let_in_and_gets_its_token_once(cast: Cast, pair: walls.Pair) -> None:
    assert poll(pair, 5) == "authorization_pending"
    approve(cast, pair)
    redeemed = pairing_poll(device_code=pair.device_code, now=NOW + 10 * SECOND)
    found = signed_in(redeemed.token, now=NOW + 11 * SECOND)
    assert found is not None
    assert (found.device.kind, found.device.name, found.device.neighborhood) == ("wall", "Nhà ông Tư", cast.place)
    assert poll(pair, 15) == "invalid_grant"


def test_it_only_watches_live_in_its_one_place(cast: Cast, pair: walls.Pair) -> None:
    approve(cast, pair)
    redeemed = pairing_poll(device_code=pair.device_code, now=NOW)
    wall = actor_of(redeemed.token, now=NOW)
    assert wall is not None
    allowed = {action for action in Action if wall.may(action)}
    assert allowed == {
        Action.SEE_CAMERAS, Action.VIEW_LIVE, Action.HEAR_NEWS, Action.SEE_ALERTS, Action.READ_ALERTS,
        Action.VIEW_ALERT_CLIP,
    }  # fmt: skip
    assert (wall.neighborhood_id, wall.account_id, wall.home_id) == (cast.place.id, None, None)


def test_codes_have_the_rfcs_letters_and_are_not_stored(pair: walls.Pair) -> None:
    letters = pair.user_code.replace("-", "")
    assert len(letters) == 8 and set(letters) <= set(codeforms.ALPHABET)
    assert len(pair.device_code) >= 43  # 256 bits in base64
    kept = WallPairing.objects.values().get()
    assert pair.device_code not in str(kept) and letters not in str(kept) and TV not in str(kept)
    assert pair.user_code not in repr(pair) and pair.device_code not in repr(pair)


@pytest.mark.parametrize("typed", ["{a}-{b}", "{a}{b}", " {la} {lb} ", "{a}–{b}"])
def test_the_letters_are_read_tolerantly(cast: Cast, pair: walls.Pair, typed: str) -> None:
    a, b = pair.user_code.split("-")
    text = typed.format(a=a, b=b, la=a.lower(), lb=b.lower())
    found = walls.pairing_find(actor=actor(cast.binh), user_code=text, address=PHONE, now=NOW)
    assert (found.user_code, found.same_network) == (pair.user_code, False)
    assert walls.pairing_find(actor=actor(cast.binh), user_code=text, address=TV, now=NOW).same_network


def test_who_asks_too_often_is_told_to_slow_down_by_five_seconds_each_time(pair: walls.Pair) -> None:
    assert [poll(pair, at) for at in (5, 6, 16, 17)] == [
        "authorization_pending", "slow_down", "authorization_pending", "slow_down"
    ]  # fmt: skip
    assert WallPairing.objects.get().interval_s == 15
    assert poll(pair, 27) == "slow_down"  # ten seconds later, where it is to be fifteen
    assert poll(pair, 47) == "authorization_pending"


def test_a_screen_that_was_let_in_gets_its_token_however_hasty_it_is(cast: Cast, pair: walls.Pair) -> None:
    assert poll(pair, 5) == "authorization_pending"
    approve(cast, pair)
    assert poll(pair, 5.1) == "token"


def test_after_ten_minutes_it_is_expired_even_where_it_was_let_in(cast: Cast, pair: walls.Pair) -> None:
    assert poll(pair, 599) == "authorization_pending"
    assert poll(pair, 600) == "expired_token"
    late = walls.pairing_open(address=TV, now=NOW)
    approve(cast, late)
    assert poll(late, 601) == "expired_token"
    with pytest.raises(BadInput):
        walls.pairing_find(
            actor=actor(cast.binh), user_code=pair.user_code, address=PHONE, now=NOW + timedelta(minutes=10)
        )


def test_a_screen_that_was_turned_away_is_told(cast: Cast, pair: walls.Pair) -> None:
    walls.wall_deny(
        actor=actor(cast.binh), user_code=pair.user_code, neighborhood_id=cast.place.id, now=NOW
    )  # fmt: skip
    assert poll(pair, 5) == "access_denied"
    with pytest.raises(BadInput):
        approve(cast, pair)


def test_a_code_nobody_gave_out_is_an_invalid_grant() -> None:
    with pytest.raises(PairingRefused) as refused:
        pairing_poll(device_code="x" * 43, now=NOW)
    assert refused.value.code == "invalid_grant"


@pytest.mark.parametrize("who", ["an", "hoa", "dung"])
def test_nobody_but_leader_and_deputy_lets_a_screen_in(cast: Cast, pair: walls.Pair, who: str) -> None:
    person = actor(getattr(cast, who))
    asks: list[Any] = [
        lambda: walls.pairing_find(actor=person, user_code=pair.user_code, address=TV, now=NOW),
        lambda: walls.wall_approve(
            actor=person, user_code=pair.user_code, neighborhood_id=cast.place.id, name="TV", now=NOW
        ),
        lambda: walls.wall_deny(actor=person, user_code=pair.user_code, neighborhood_id=cast.place.id, now=NOW),
    ]
    for ask in asks:
        with pytest.raises(Absent):
            ask()
    walls.wall_approve(
        actor=actor(make_phuc(cast)), user_code=pair.user_code, neighborhood_id=cast.place.id, name="TV", now=NOW
    )
    assert poll(pair, 5) == "token"


def test_a_leader_lets_it_in_at_no_other_place_than_their_own(cast: Cast, pair: walls.Pair) -> None:
    with pytest.raises(Absent):
        walls.wall_approve(
            actor=actor(cast.binh), user_code=pair.user_code, neighborhood_id=cast.other_place.id, name="TV", now=NOW
        )


def test_twenty_misses_an_hour_and_then_not_even_the_right_code(cast: Cast, pair: walls.Pair) -> None:
    binh = actor(cast.binh)
    for _n in range(20):
        with pytest.raises(BadInput) as missed:
            walls.pairing_find(actor=binh, user_code="BBBBBBBB", address=PHONE, now=NOW)
        assert missed.value.code == "wall_code"
    for code in ("BBBBBBBB", pair.user_code):
        with pytest.raises(TooMany) as refused:
            walls.pairing_find(actor=binh, user_code=code, address=PHONE, now=NOW)
        assert refused.value.retry_after_s
    later = NOW + timedelta(minutes=70)
    fresh = walls.pairing_open(address=TV, now=later)
    assert walls.pairing_find(actor=binh, user_code=fresh.user_code, address=PHONE, now=later).pairing == fresh.pairing


def test_a_hit_is_not_counted(cast: Cast, pair: walls.Pair) -> None:
    for _n in range(25):
        walls.pairing_find(actor=actor(cast.binh), user_code=pair.user_code, address=PHONE, now=NOW)


def test_one_address_opens_thirty_pairings_an_hour(cast: Cast) -> None:
    for _n in range(30):
        walls.pairing_open(address=TV, now=NOW)
    with pytest.raises(TooMany):
        walls.pairing_open(address=TV, now=NOW)
    walls.pairing_open(address=PHONE, now=NOW)


def test_a_wall_is_cut_off_at_once(cast: Cast, pair: walls.Pair) -> None:
    approve(cast, pair)
    redeemed = pairing_poll(device_code=pair.device_code, now=NOW)
    binh = actor(cast.binh)
    assert [wall.name for wall in walls.walls_for(binh, now=NOW)] == ["Nhà ông Tư"]
    assert not walls.walls_for(actor(cast.an), now=NOW).exists()
    with pytest.raises(Absent):
        walls.wall_revoke(actor=actor(cast.hoa), wall_id=redeemed.device.id, now=NOW)
    for _twice in range(2):
        walls.wall_revoke(actor=binh, wall_id=redeemed.device.id, now=NOW)
    assert actor_of(redeemed.token, now=NOW) is None
    assert Revocation.objects.filter(kind="device", subject_id=redeemed.device.id).count() == 1
    assert not walls.walls_for(binh, now=NOW).exists()
    with pytest.raises(Absent):
        walls.wall_revoke(actor=binh, wall_id=cast.an.device.id, now=NOW)  # a phone is no wall
    acts = AuditEntry.objects.filter(action__startswith="wall.").order_by("seq").values_list("action", flat=True)
    assert list(acts) == ["wall.approved", "wall.paired", "wall.revoked"]


def test_twenty_screens_are_enough(cast: Cast) -> None:
    with mock.patch.object(walls, "MOST_WALLS", 2):
        for _n in range(2):
            approve(cast, walls.pairing_open(address=TV, now=NOW))
        with pytest.raises(Conflict) as refused:
            approve(cast, walls.pairing_open(address=TV, now=NOW))
    assert refused.value.code == "too_many_walls"


def test_what_is_over_since_a_day_is_forgotten(pair: walls.Pair) -> None:
    assert walls.pairings_expire(now=NOW + timedelta(hours=24)) == 0
    assert walls.pairings_expire(now=NOW + timedelta(hours=25)) == 1


@pytest.mark.django_db(transaction=True)
def test_eight_polls_at_once_are_given_one_token(live_cast: Cast) -> None:
    pair = walls.pairing_open(address=TV, now=NOW)
    approve(live_cast, pair)
    answers = at_once(lambda _n: poll(pair, 5), 8)
    assert sorted(answers) == ["invalid_grant"] * 7 + ["token"]
    assert Device.objects.filter(kind="wall").count() == 1


# Over HTTP.


@pytest.fixture
def browser(valkey: object) -> Iterator[Client]:
    yield Client(REMOTE_ADDR=TV)


def test_the_rfcs_form_and_its_errors_over_http(browser: Client, cast: Cast) -> None:
    opened = browser.post("/api/v1/walls/pair/").json()
    assert opened["verification_uri_complete"] == f"{opened['verification_uri']}#{opened['user_code']}"
    assert opened["verification_uri"].endswith("/walls/")
    assert (opened["interval"], opened["expires_in"]) == (5, 600)
    asked = {"device_code": opened["device_code"], "grant_type": "urn:ietf:params:oauth:grant-type:device_code"}
    form = "application/x-www-form-urlencoded"
    answer = browser.post("/api/v1/walls/token/", urlencode(asked), content_type=form)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/json")
    assert answer.json()["error"] == answer.json()["code"] == "authorization_pending"
    assert answer.json()["error_description"]
    again = browser.post("/api/v1/walls/token/", asked, content_type="application/json")
    assert again.json()["error"] == "slow_down"
    for body, error in (
        ({}, "invalid_request"),
        ({"device_code": "x" * 43}, "invalid_grant"),
        ({**asked, "grant_type": "password"}, "unsupported_grant_type"),
        ({"device_code": "x" * 300}, "invalid_request"),
    ):
        refused = browser.post("/api/v1/walls/token/", body, content_type="application/json")
        assert (refused.status_code, refused.json()["error"]) == (400, error)


def test_the_page_gets_a_cookie_and_no_script_the_token(browser: Client, cast: Cast) -> None:
    opened = browser.post("/api/v1/walls/pair/").json()
    body = {"user_code": opened["user_code"], "neighborhood": str(cast.place.id), "name": "Nhà ông Tư"}
    found = Client(REMOTE_ADDR=PHONE).post(
        "/api/v1/walls/find/", body, content_type="application/json", **cast.binh.bearer
    )
    assert (found.status_code, found.json()["same_network"]) == (200, False)
    key = {"HTTP_IDEMPOTENCY_KEY": "let-it-in-once"}
    for _twice in range(2):
        let_in = browser.post(
            "/api/v1/walls/approve/", body, content_type="application/json", **cast.binh.bearer, **key
        )
        assert let_in.status_code == 204
    asked = {"device_code": opened["device_code"]}
    token = browser.post(
        "/api/v1/walls/token/", asked, content_type="application/json", headers={"X-Matpho-Cookie": "1"}
    )
    assert token.status_code == 200 and token.json()["access_token"] is None
    cookie = token.cookies["matpho"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert browser.get("/api/v1/cameras/").status_code == 200
    assert browser.get("/api/v1/households/").status_code == 404
    listed = browser.get("/api/v1/walls/", **cast.binh.bearer).json()["results"]
    assert [wall["name"] for wall in listed] == ["Nhà ông Tư"]


def test_two_screens_that_name_the_same_key_are_two(client: Client, cast: Cast) -> None:
    """Else who guesses a television's key holds its device code, and is given the token when it is let in."""
    key = {"HTTP_IDEMPOTENCY_KEY": "tivi-nha-van-hoa"}
    pairs = [client.post("/api/v1/walls/pair/", {}, "application/json", **key).json() for _n in range(2)]
    assert len({pair["device_code"] for pair in pairs}) == 2


def test_a_code_that_was_never_given_costs_one_look(cast: Cast) -> None:
    """Anybody may ask: on SQLite a transaction would take the one writer's place each time."""
    with CaptureQueriesContext(connection) as asked, pytest.raises(PairingRefused) as refused:
        pairing_poll(device_code="x" * 43, now=NOW)
    assert (refused.value.code, len(asked)) == ("invalid_grant", 1)
