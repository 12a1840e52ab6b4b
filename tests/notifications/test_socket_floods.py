"""Sockets that send too much: closed with a clear code, while the others' latency does not move."""

import json
import threading
import time

import pytest

from tests.cast import Cast
from tests.notifications.sockets import Phone, RawPhone, close_code, masked, open_socket
from tests.webserver import WebServer

LATENCY_S = 0.5
"""Of a ping's answer, on a machine that does other things besides."""


PIECE = masked(b"z" * 60_000)
FLOODS = {
    "10,000 messages": (masked(b'{"seen":[]}') * 10_000, 4409),
    "10,000 pings": (masked(b"", 9) * 10_000, 4409),
    "50 MB in one message": (masked(bytes(50_000_000)), 1009),
    "50 MB in many": (masked(b"y" * 60_000) * 833, 4409),
    "50 MB in pieces of one message": (b"\x01" + PIECE[1:] + (b"\x00" + PIECE[1:]) * 833, 1009),
}


@pytest.mark.parametrize("name", FLOODS)
@pytest.mark.parametrize("joined", [True, False])
def test_a_flood_is_closed_and_nobody_else_notices(live_cast: Cast, server: WebServer, name: str, joined: bool) -> None:
    data, code = FLOODS[name]
    other, raw = Phone(server, live_cast.cuc), RawPhone(server, live_cast.an.token if joined else None)
    codes: list[int] = []
    flooding = threading.Thread(target=lambda: codes.append(raw.flood(data)))
    flooding.start()
    slowest = 0.0
    while flooding.is_alive():
        begun = time.monotonic()
        assert other.socket.ping().wait(10)
        slowest = max(slowest, time.monotonic() - begun)
        time.sleep(0.06)  # more often would be a flood
    flooding.join()
    if not joined and name == "10,000 messages":
        assert codes[0] in (4401, 4409)  # the first of them is a first message without a token
    else:
        assert codes == [code]
    assert slowest < LATENCY_S
    assert server.process.poll() is None


def test_what_a_phone_says_wrongly_closes_it(live_cast: Cast, server: WebServer) -> None:
    found = []
    for message in ("[]", "{", '{"seen": "all"}', '{"seen": ["x"]}', '{"delivered": [5]}', '{"seen": [null]}',
                    json.dumps({"seen": ["0" * 32] * 101})):  # fmt: skip
        phone = Phone(server, live_cast.an)
        phone.socket.send(message)
        found.append(phone.closed())
    assert found == [4409] * 7


def test_text_that_is_none_closes_it_with_a_code_and_no_error(live_cast: Cast, server: WebServer) -> None:
    logged = server.log.stat().st_size
    codes = []
    for message in (r'{"token": "mp_\ud800"}', json.dumps({"token": live_cast.an.token, "since": "\ud800"})):
        with open_socket(server) as socket:
            socket.send(message)
            codes.append(close_code(socket))
    assert codes == [4401, 4409]
    assert b"Traceback" not in server.log.read_bytes()[logged:]


def test_fifty_messages_at_once_are_no_flood(live_cast: Cast, server: WebServer) -> None:
    phone = Phone(server, live_cast.an)
    for _ in range(50):
        phone.say({"seen": [], "of another version": True})
    time.sleep(0.2)
    phone.say({"delivered": []})
    assert phone.socket.ping().wait(10)
