"""A phone on a socket of a real server process, and events for it to hear."""

import contextlib
import json
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from backend.lib.clock import now
from notifications.dispatching import dispatch_once
from notifications.models import Alert
from notifications.publishing import Publisher
from tests.cast import Cast, Person
from tests.notifications.pipeline import make_alert, tell_of
from tests.pace import PATIENCE_S
from tests.webserver import WebServer

PATH = "/ws/v1/events/"
WAIT_S = PATIENCE_S


def open_socket(server: WebServer, **options: Any) -> ClientConnection:
    """As an app opens it; ``options`` change that."""
    known: dict[str, Any] = {"subprotocols": ["matpho.v1"], "compression": None, "ping_interval": None,
                             "legacy": True}  # fmt: skip
    path = options.pop("path", PATH)
    return connect(server.url.replace("http", "ws", 1) + path, **known | options)


class Phone:
    """A joined phone. ``heard`` is every event that came, in order."""

    def __init__(self, server: WebServer, person: Person, since: str | None = None, **options: Any) -> None:
        self.socket = open_socket(server, **options)
        self.say({"token": person.token} | ({"since": since} if since is not None else {}))
        self.heard: list[dict[str, Any]] = []
        self.signals: list[dict[str, Any]] = []
        self.hello = self.signal("hello")
        self.cursor = self.hello["cursor"]

    def say(self, message: Any) -> None:
        self.socket.send(json.dumps(message))

    def _hear(self, until: float) -> dict[str, Any]:
        message = json.loads(self.socket.recv(timeout=max(0.01, until - time.monotonic())))
        if "seq" in message:
            self.heard.append(message)
            self.cursor = message["cursor"]
        else:
            self.signals.append(message)
        return message

    def signal(self, kind: str, seconds: float = WAIT_S) -> dict[str, Any]:
        """The next signal of that kind; events that come before it are heard."""
        until = time.monotonic() + seconds
        while True:
            message = self._hear(until)
            if "seq" not in message and message["kind"] == kind:
                return message

    def event(self, seconds: float = WAIT_S) -> dict[str, Any]:
        """The next event."""
        until = time.monotonic() + seconds
        while True:
            message = self._hear(until)
            if "seq" in message:
                return message

    def closed(self, seconds: float = WAIT_S) -> int:
        return close_code(self.socket, seconds)

    def alerts(self) -> list[str]:
        return [event["data"]["alert"]["id"] for event in self.heard]


def masked(payload: bytes, opcode: int = 1) -> bytes:
    """A client's whole frame, its mask all zeros."""
    length = len(payload)
    if length < 126:
        head = bytes((0x80 | opcode, 0x80 | length))
    elif length < 65_536:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, length)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, length)
    return head + bytes(4) + payload


class RawPhone:
    """A bare TCP client, for what a decent library does not do: to read nothing, or to send without end."""

    def __init__(self, server: WebServer, token: str | None, receive_buffer: int | None = None) -> None:
        self.line = socket.socket()
        if receive_buffer is not None:
            self.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.line.settimeout(WAIT_S)
        self.line.connect(("127.0.0.1", server.port))
        self.line.sendall(
            f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Protocol: matpho.v1\r\n\r\n".encode()
        )
        self.got = b""
        self._until(b"\r\n\r\n")
        if token is not None:
            self.line.sendall(masked(json.dumps({"token": token}).encode()))
            self._until(b'"hello"')
        self.got = b""

    def _until(self, what: bytes, count: int = 1) -> None:
        while self.got.count(what) < count:
            part = self.line.recv(65_536)
            assert part, "the server closed it"
            self.got += part

    def read_on(self, events: int) -> list[int]:
        """Read until so many events have come; gives their numbers in order."""
        self._until(b',"seq":', events)
        return [int(part.split(b",")[0]) for part in self.got.split(b',"seq":')[1:]]

    def flood(self, data: bytes) -> int:
        """Send ``data`` until the other side has had enough; gives its close code, 1006 where it only hung up."""
        with contextlib.suppress(OSError):
            self.line.sendall(data)
        with contextlib.suppress(OSError):
            while b"\x88" not in self.got[:-3] and (part := self.line.recv(65_536)):  # besides it there are only pongs
                self.got += part
        at = self.got.find(b"\x88")
        return int.from_bytes(self.got[at + 2 : at + 4], "big") if at >= 0 else 1006


def close_code(connection: ClientConnection, seconds: float = WAIT_S) -> int:
    """Read until the other side closes; gives its code."""
    until = time.monotonic() + seconds
    while True:
        try:
            connection.recv(timeout=max(0.01, until - time.monotonic()))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


def happen(cast: Cast, publisher: Publisher | None = None, **fields: Any) -> Alert:
    """An alert in tổ 7, dispatched; without ``publisher`` the hub finds it by its poll."""
    alert = make_alert(cast, **fields)
    tell_of(alert)
    dispatch_once(now=now(), **({"tell": publisher.publish} if publisher else {}))
    return alert


def wait_for(what: Callable[[], Any], seconds: float = WAIT_S) -> Any:
    """The first true answer of ``what``; fails where there is none in time."""
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)
    return found
