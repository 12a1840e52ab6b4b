"""Sockets that send too much: closed with a clear code, while the others' latency does not move."""

import json
import threading
import time
from collections.abc import Callable

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.cameras.playback.conftest import WebServer
from tests.cast import Cast
from tests.notifications.sockets import Phone, close_code, open_socket

LATENCY_S = 0.5
"""Of a ping's answer, on a machine that does other things besides."""


def flood(socket: ClientConnection, messages: Callable[[], list[str | bytes]]) -> int:
    """Send until the other side has had enough; gives its close code."""
    try:
        for message in messages():
            socket.send(message)
    except ConnectionClosed:
        pass
    return close_code(socket)


@pytest.mark.parametrize(
    ("name", "code"), [("10,000 messages", 4409), ("50 MB in one message", 1009), ("50 MB in many", 4409)]
)
@pytest.mark.parametrize("joined", [True, False])
def test_a_flood_is_closed_and_nobody_else_notices(
    live_cast: Cast, feed_server: WebServer, name: str, code: int, joined: bool
) -> None:
    messages: dict[str, Callable[[], list[str | bytes]]] = {
        "10,000 messages": lambda: ['{"seen":[]}'] * 10_000,
        "50 MB in one message": lambda: ["x" * 50_000_000],
        "50 MB in many": lambda: ["y" * 60_000] * 833,
    }
    other = Phone(feed_server, live_cast.cuc)
    socket = Phone(feed_server, live_cast.an).socket if joined else open_socket(feed_server)
    codes: list[int] = []
    flooding = threading.Thread(target=lambda: codes.append(flood(socket, messages[name])))
    flooding.start()
    slowest = 0.0
    while flooding.is_alive():
        begun = time.monotonic()
        assert other.socket.ping().wait(10)
        slowest = max(slowest, time.monotonic() - begun)
        time.sleep(0.06)  # more often would be a flood
    flooding.join()
    if joined or code == 1009 or name == "50 MB in many":
        assert codes == [code]
    else:
        assert codes[0] in (4401, 4409)  # the first of them is a first message without a token
    assert slowest < LATENCY_S
    assert feed_server.process.poll() is None


def test_what_a_phone_says_wrongly_closes_it(live_cast: Cast, feed_server: WebServer) -> None:
    found = []
    for message in ("[]", "{", '{"seen": "all"}', '{"seen": ["x"]}', '{"delivered": [5]}', '{"seen": [null]}',
                    json.dumps({"seen": ["0" * 32] * 101})):  # fmt: skip
        phone = Phone(feed_server, live_cast.an)
        phone.socket.send(message)
        found.append(phone.closed())
    assert found == [4409] * 7


def test_a_message_a_second_is_no_flood(live_cast: Cast, feed_server: WebServer) -> None:
    phone = Phone(feed_server, live_cast.an)
    for _ in range(60):
        phone.say({"seen": [], "of another version": True})
    time.sleep(0.2)
    phone.say({"delivered": []})
    assert phone.socket.ping().wait(10)
