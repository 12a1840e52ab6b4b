"""Who may join by a socket, how it starts, and what is refused."""

import json
import time
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from neighborhoods.access import Role
from neighborhoods.models import Device
from notifications.publishing import Publisher
from tests.architecture.walkers import WALKERS, committed_table, make_world
from tests.cast import Cast, make_staff
from tests.notifications.sockets import PATH, Phone, close_code, happen, open_socket, wait_for
from tests.servers import Valkey
from tests.webserver import WebServer


def test_a_phone_joins_with_its_token_and_hears_an_alert(
    live_cast: Cast, server: WebServer, publisher: Publisher
) -> None:
    phone, neighbour = Phone(server, live_cast.an), Phone(server, live_cast.cuc)
    kinds = [stream["kind"] for stream in phone.hello["streams"]]
    assert sorted(kinds) == ["household", "neighborhood", "ward"]
    assert set(phone.hello["heads"]) == {stream["id"] for stream in phone.hello["streams"]}
    assert set(phone.hello["heads"].values()) == {0}
    alert = happen(live_cast, publisher)
    event = phone.event()
    assert (event["kind"], event["data"]["alert"]["id"]) == ("alert.raised", str(alert.id))
    assert event["data"]["alert"]["view"] == "open" and event["data"]["alert"]["text"] is None
    wait_for(lambda: Device.objects.get(id=live_cast.an.device.id).last_seen_at)
    theirs = happen(live_cast, publisher, neighborhood=live_cast.other_place)
    assert neighbour.event()["data"]["alert"]["id"] == str(theirs.id), "of the other neighborhood nothing was told"


def test_the_leader_hears_the_full_view_beside_the_open_one(
    live_cast: Cast, server: WebServer, publisher: Publisher
) -> None:
    leader = Phone(server, live_cast.binh)
    happen(live_cast, publisher)
    views = {leader.event()["data"]["alert"]["view"], leader.event()["data"]["alert"]["view"]}
    assert views == {"open", "full"}
    assert [event["seq"] for event in leader.heard] == [1, 1]


def test_a_page_joins_with_its_cookie_from_our_own_origin_only(live_cast: Cast, server: WebServer) -> None:
    cookie = {"Cookie": f"csrftoken=x; matpho={live_cast.an.token}"}
    with open_socket(server, origin=server.url, additional_headers=cookie) as page:
        page.send("{}")
        assert json.loads(page.recv(timeout=10))["kind"] == "hello"
    with open_socket(server, additional_headers=cookie) as nobodys:  # no page says where it is from
        nobodys.send("{}")
        assert close_code(nobodys) == 4401


@pytest.mark.parametrize(
    "options",
    [
        {"origin": "https://evil.test"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"path": f"{PATH}?token=mp_x"},
        {"path": f"{PATH}?a=1&TOKEN=mp_x"},
        {"path": "/ws/v1/other/"},
        {"path": "/"},
        {"subprotocols": None},
        {"subprotocols": ["matpho.v2"]},
        {"additional_headers": {"Host": "evil.test"}, "origin": "http://evil.test"},
    ],
    ids=str,
)
def test_what_is_foreign_is_refused_before_it_is_accepted(
    live_cast: Cast, server: WebServer, options: dict[str, Any]
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        open_socket(server, **options)
    assert refused.value.response.status_code == 403


def test_who_may_not_listen_is_told_so(live_cast: Cast, server: WebServer) -> None:
    Device.objects.filter(id=live_cast.cuc.device.id).update(revoked_at=live_cast.cuc.device.created_at)
    worker = make_staff("lan", "Chị Lan", Role.STREET_WORKER, live_cast.ward)
    codes = {}
    for name, token in (("unknown", "mp_nobodys"), ("taken back", live_cast.cuc.token), ("none", ""),
                        ("other", "x" * 1000), ("worker", worker.token)):  # fmt: skip
        with open_socket(server) as socket:
            socket.send(json.dumps({"token": token}))
            codes[name] = close_code(socket)
    assert codes == {"unknown": 4401, "taken back": 4401, "none": 4401, "other": 4401, "worker": 4403}


def test_of_every_role_exactly_those_join_that_hear_news(
    transactional_db: None, valkey: Valkey, shared_server: WebServer
) -> None:
    may = committed_table()["hear_news"]
    world = make_world()
    found = {}
    for name, person in world.people.items():
        with open_socket(shared_server) as socket:
            socket.send(json.dumps({"token": person.token}))
            joins = WALKERS[name].roles & may
            found[name] = json.loads(socket.recv(timeout=10))["kind"] if joins else close_code(socket)
    assert found == {name: "hello" if walker.roles & may else 4403 for name, walker in WALKERS.items()}


def test_a_first_message_that_is_none_closes_the_socket(live_cast: Cast, server: WebServer) -> None:
    token = live_cast.an.token
    bad: list[tuple[Any, int]] = [
        ("", 4409), ("no json", 4409), ("[]", 4409), ("17", 4409), ("[" * 3000, 4409), (b"\x00\x01", 4409),
        (json.dumps({"token": 5}), 4409),
        (json.dumps({"token": token, "since": 5}), 4409),
        (json.dumps({"token": token, "since": "garbled"}), 4409),
        (json.dumps({"token": token, "since": "A" * 23}), 4409),
        (json.dumps({"token": token, "x": "y" * 5000}), 4409),
        (json.dumps({"token": token, "x": "ờ" * 1500}), 4409),
        ("x" * 100_000, 1009),
    ]  # fmt: skip
    found = []
    for message, _ in bad:
        with open_socket(server) as socket:
            socket.send(message)
            found.append(close_code(socket))
    assert found == [code for _, code in bad]


def test_who_says_nothing_is_let_go_after_five_seconds(live_cast: Cast, server: WebServer) -> None:
    with open_socket(server) as socket:
        begun = time.monotonic()
        assert close_code(socket, 15) == 4408
        assert time.monotonic() - begun >= 4.5
