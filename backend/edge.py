"""An ASGI shell around Django that counts request bodies as they arrive, and waits for none of them for ever.

Django's ASGI handler spools a whole body to disk before any view sees it; a chunked body of any length would fill it,
and one that comes a byte a second would keep its connection as long as it likes.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from backend.lib import problems
from backend.lib.errors import MatPhoError, TooLarge, TooSlow

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

BODY_S = 30.0
"""From the request's head to the last byte of its body. 256 KiB take that long at 70 kbit/s."""
FILE_S = 180.0
"""The same for a file of 10 MB, at 450 kbit/s."""


class _Refused(Exception):
    """The body passed a limit; holds what is answered."""

    def __init__(self, error: MatPhoError) -> None:
        super().__init__(error.code)
        self.error = error


class BodyLimit:
    """Answers 413 where a body says it is, or turns out, longer than ``limit`` bytes, and reads no further.

    408 where it has not arrived whole after ``seconds``. ``files`` knows, by path, the larger limit of routes that take
    a file; it is asked only where a length is declared that needs it, as browsers declare theirs.
    """

    def __init__(
        self, app: App, limit: int, *, seconds: float = BODY_S, files: Callable[[str], int] = lambda _path: 0
    ) -> None:
        self.app, self.limit, self.seconds, self.files = app, limit, seconds, files

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        limit, seconds = self.limit, self.seconds
        if (declared := _declared(scope)) > limit:
            limit, seconds = self.files(scope["path"]), FILE_S
        if declared > limit:
            return await _answer(TooLarge(), send)
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, _counted(receive, limit, seconds), noted)
        except _Refused as refused:
            if not started:
                await _answer(refused.error, send)


def _declared(scope: Message) -> int:
    """A length that is no number never comes here: the server's parser refuses it."""
    return max((int(value) for name, value in scope["headers"] if name == b"content-length"), default=0)


def _counted(receive: Receive, limit: int, seconds: float) -> Receive:
    seen, whole = 0, False
    until = asyncio.get_running_loop().time() + seconds

    async def counted() -> Message:
        nonlocal seen, whole
        if whole:  # Django goes on listening, for the client's end
            return await receive()
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            raise _Refused(TooSlow()) from None
        seen += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if seen > limit:
            raise _Refused(TooLarge())
        return message

    return counted


async def _answer(error: MatPhoError, send: Send) -> None:
    status, headers, body = problems.encode(error)
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    raw += [(b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    raw += [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
