"""``WS /ws/v1/events/``: the feed over a socket. Sign-in, resume and goodbye; the writing is the hub's.

A plain ASGI application with no channel of its own: the hub holds the process's one. Whoever comes from a foreign page,
without our subprotocol or with a token in the address is refused before anything is accepted (403). Then the first
message says who it is: apps send the token, pages their cookie, which only counts beside an ``Origin`` of our own
(a browser sends a cookie by itself, from whatever page). Close codes: ``hub.codes``. Design: ``docs/design/alerts.md``.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from backend.lib.errors import BadInput, Unavailable
from neighborhoods.access import Action
from neighborhoods.api.authentication import COOKIE
from notifications.hub.codes import Close
from notifications.hub.house import House
from notifications.hub.joining import join
from notifications.hub.listeners import Listener, Wire
from notifications.hub.notes import Claim

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

SUBPROTOCOL = "matpho.v1"
FIRST_MESSAGE_S = 5.0
MOST_BYTES = 4_096
MOST_IDS = 100


class Feed:
    """The application. ``startup``, ``drain`` and ``shutdown`` are called by the server's lifespan."""

    action = Action.HEAR_NEWS

    def __init__(self) -> None:
        self._house: House | None = None

    async def startup(self) -> None:
        self._house = House(asyncio.get_running_loop())
        await self._house.start()

    def drain(self) -> None:
        if self._house is not None:
            self._house.drain()

    async def shutdown(self) -> None:
        if self._house is not None:
            await self._house.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        house, wire = self._house, scope["extensions"].get("matpho.socket")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if house is None or wire is None or not _is_ours(scope, headers):
            await send({"type": "websocket.close", "code": Close.NOT_SIGNED_IN})
            return
        cookie = _cookie(headers) if "origin" in headers else ""
        scope.clear()  # ten thousand of them are 30 MB
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        await _serve(house, wire, cookie, receive)


async def _serve(house: House, wire: Wire, cookie: str, receive: Receive) -> None:
    """From the first message to the last. Whatever is wrong becomes a close code."""
    listener = None
    try:
        listener = await _join(house, wire, cookie, receive)
        while listener is not None and (text := await _hear(receive)) is not None:
            _note(house, listener, _object(text))
    except (BadInput, ValueError):  # JSON can hold text that is none: half of a surrogate pair
        wire.end(Close.BAD_MESSAGE)
    except Unavailable:
        wire.end(Close.TRY_LATER)
    finally:
        if listener is not None:
            house.hub.leave(listener)
        if wire.listener is not None:
            house.hub.leave(wire.listener)


async def _join(house: House, wire: Wire, cookie: str, receive: Receive) -> Listener | None:
    """The joined listener; None where the socket was closed."""
    late = asyncio.get_running_loop().call_later(FIRST_MESSAGE_S, wire.end, Close.TOO_SLOW)
    try:
        text = await _hear(receive)
    finally:
        late.cancel()
    if text is None:
        return None
    said = _object(text)
    token, since = said.get("token", cookie), said.get("since")
    if not isinstance(token, str) or not isinstance(since, str | None):
        raise BadInput()
    signed = await house.signins.signed(token) if token else None
    if signed is None:
        wire.end(Close.NOT_SIGNED_IN)
        return None
    if not signed.streams:
        wire.end(Close.REVOKED)
        return None
    listener = Listener(house.hub, wire, signed)
    if not house.hub.admit(listener):
        return None
    await join(house.hub, listener, since, kept=house.kept, ask=house.ask)
    return listener


async def _hear(receive: Receive) -> str | None:
    """The next text; None when the socket has closed. Raises ``BadInput`` for what is no text, or too long."""
    message = await receive()
    if message["type"] != "websocket.receive":
        return None
    text = message.get("text")
    if not isinstance(text, str) or len(text) > MOST_BYTES or len(text.encode()) > MOST_BYTES:
        raise BadInput()
    return text


def _object(text: str) -> Mapping[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise BadInput() from None
    if not isinstance(said, dict):
        raise BadInput()
    return said


def _note(house: House, listener: Listener, said: Mapping[str, Any]) -> None:
    """What the phone says of alerts. Names we do not know are another version's, and passed over."""
    now = house.now()
    for what in ("delivered", "seen"):
        if what in said:
            alert_ids = _ids(said[what])
            alert_ids = alert_ids[: listener.believed(len(alert_ids))]
            stream_ids = frozenset(channel.id for channel in listener.channels)
            house.notes.claimed(Claim(what, alert_ids, listener.signed.device_id, stream_ids, now))


def _ids(said: object) -> tuple[UUID, ...]:
    if not isinstance(said, list) or len(said) > MOST_IDS:
        raise BadInput()
    try:
        return tuple(UUID(cast(str, each)) for each in said)
    except (ValueError, TypeError, AttributeError):
        raise BadInput() from None


def _is_ours(scope: Scope, headers: Mapping[str, str]) -> bool:
    """Our subprotocol, our own name, no foreign page, and no token where logs and histories would keep it."""
    host = headers.get("host", "")
    name, _port = split_domain_port(host)
    asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return (
        SUBPROTOCOL in scope["subprotocols"]
        and not any(key.lower() == "token" for key, _ in asked)
        and bool(name)
        and validate_host(name, settings.ALLOWED_HOSTS)
        and _is_own_page(headers.get("origin"), host)
    )


def _is_own_page(origin: str | None, host: str) -> bool:
    """An app sends no ``Origin``. A page's must be the very host it asks: scheme aside, which a proxy may change."""
    if origin is None:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


def _cookie(headers: Mapping[str, str]) -> str:
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return cookie.value if cookie else ""


application = Feed()
