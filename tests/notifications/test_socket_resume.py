"""Phones that come back: nothing is missed and nothing comes twice, whatever ended in between."""

import time
from datetime import timedelta

import pytest

from backend.lib.clock import now
from notifications import cursors, feed
from notifications.models import Delivery
from notifications.publishing import Publisher
from tests.cast import Cast
from tests.notifications.sockets import Phone, RawPhone, close_code, happen, open_socket, wait_for
from tests.pace import PATIENCE_S, allowed
from tests.servers import Valkey
from tests.webserver import WebServer

DAY = timedelta(days=1)


@pytest.mark.both_databases
def test_a_killed_server_loses_nothing_and_doubles_nothing(
    live_cast: Cast, own_server: WebServer, publisher: Publisher
) -> None:
    told = []
    phone = Phone(own_server, live_cast.an)
    for _ in range(3):
        told.append(str(happen(live_cast, publisher).id))
    phone.event()
    phone.event()
    first, since = phone.alerts(), phone.cursor
    own_server.kill()
    assert close_code(phone.socket) == 1006
    told += [str(happen(live_cast).id) for _ in range(2)]
    own_server.start()
    again = Phone(own_server, live_cast.an, since)
    told.append(str(happen(live_cast, publisher).id))
    while len(first + again.alerts()) < 6:
        again.event()
    assert first + again.alerts() == told, "in order, each once"
    third = Phone(own_server, live_cast.an, again.hello["cursor"])
    assert third.alerts() == told[5:]
    assert own_server.stop() < allowed(8)
    assert close_code(third.socket) == close_code(again.socket) == 1012
    assert Delivery.objects.filter(alert_id=told[-1]).get(device=live_cast.an.device).sent_at


def test_a_cursor_that_helps_no_more_is_answered_with_reload(live_cast: Cast, server: WebServer) -> None:
    happen(live_cast)
    head = feed.head_id()
    for event_id, at in ((head, now() - 8 * DAY), (head + 1_000, now()), (2**62, now())):
        phone = Phone(server, live_cast.an, cursors.pack(event_id, at))
        assert [signal["kind"] for signal in phone.signals] == ["reload", "hello"]
        assert cursors.unpack(phone.signals[0]["cursor"]).event_id == head
        assert phone.heard == []
    happen(live_cast)
    assert phone.event()["seq"] == 2, "it goes on from there"


def test_a_cursor_ahead_of_the_hub_waits_for_it(live_cast: Cast, server: WebServer) -> None:
    """``GET /alerts/`` may have seen an event that no poll has found yet."""
    for _ in range(5):
        happen(live_cast)
        phone = Phone(server, live_cast.an, cursors.pack(feed.head_id(), now()))
        assert [signal["kind"] for signal in phone.signals] == ["hello"]


def test_what_a_phone_says_it_has_is_noted_where_it_was_told(
    live_cast: Cast, server: WebServer, publisher: Publisher
) -> None:
    phone, stranger = Phone(server, live_cast.an), Phone(server, live_cast.cuc)
    alert = happen(live_cast, publisher)
    phone.event()
    stranger.say({"delivered": [str(alert.id)], "seen": [str(alert.id)]})
    stranger.say({"delivered": ["00000000-0000-0000-0000-000000000000"]})
    phone.say({"delivered": [str(alert.id)]})
    found = wait_for(lambda: Delivery.objects.filter(alert=alert, delivered_at__isnull=False).first())
    assert (found.device_id, found.seen_at) == (live_cast.an.device.id, None)
    assert alert.raised_at < found.sent_at <= found.delivered_at
    phone.say({"seen": [str(alert.id)]})
    wait_for(lambda: Delivery.objects.filter(alert=alert, seen_at__isnull=False).count())
    assert Delivery.objects.get().delivered_at == found.delivered_at, (
        "the first time counts; a stranger's word does not"
    )


def test_a_phone_that_does_not_read_delays_nobody_and_is_caught_up(
    live_cast: Cast, server: WebServer, publisher: Publisher
) -> None:
    stuck = RawPhone(server, live_cast.an.token, receive_buffer=4096)
    other = Phone(server, live_cast.hoa)
    for _ in range(130):  # 190 KB: more than its buffers hold
        happen(live_cast, text="Nước ngập " * 50, text_released_at=now())
    slowest = 0.0
    while len(other.heard) < 130:
        other.event()
    for _ in range(3):
        begun = time.monotonic()
        happen(live_cast, publisher)
        other.event()
        slowest = max(slowest, time.monotonic() - begun)
    assert slowest < allowed(1.5)
    assert stuck.read_on(133) == list(range(1, 134))


def test_a_valkey_that_was_away_brings_news_at_once_again(
    live_cast: Cast, own_server: WebServer, valkey: Valkey, publisher: Publisher
) -> None:
    phone = Phone(own_server, live_cast.an)
    valkey.stop()
    happen(live_cast, publisher)
    phone.event()
    valkey.start()

    def comes_at_once() -> bool:
        happen(live_cast, publisher)
        begun = time.monotonic()
        phone.event()
        return time.monotonic() - begun < allowed(0.1)

    until = time.monotonic() + PATIENCE_S
    quick = 0
    while quick < 4:
        assert time.monotonic() < until, "news come by the poll alone"
        quick = quick + 1 if comes_at_once() else 0


def test_a_socket_that_says_goodbye_is_let_go(live_cast: Cast, server: WebServer) -> None:
    phone = Phone(server, live_cast.an)
    begun = time.monotonic()
    phone.socket.close()
    assert time.monotonic() - begun < allowed(1)
    with open_socket(server) as silent:
        silent.close()
    assert Phone(server, live_cast.an).hello
