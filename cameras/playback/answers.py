"""Small ASGI answers: whole bodies, problem documents, and the ranges of RFC 9110 section 14."""

import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from backend.lib import problems
from backend.lib.errors import MatPhoError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

NO_STORE = (b"cache-control", b"no-store")
ALWAYS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_RANGE = re.compile(rb"bytes=(\d{0,15})-(\d{0,15})")


class MethodNotAllowed(MatPhoError):
    status, code, title = 405, "method_not_allowed", "That method is not allowed here"


class RangeNotSatisfiable(MatPhoError):
    """The part of the body that was asked for does not exist (416)."""

    status, code, title = 416, "range_not_satisfiable", "That part does not exist"

    def __init__(self, length: int) -> None:
        super().__init__(f"There are {length} bytes.")
        self.length = length


def header(scope: Scope, name: bytes) -> bytes:
    """The first header of that (lower-case) name, or nothing."""
    return next((value for key, value in scope["headers"] if key == name), b"")


def range_of(asked: bytes, length: int) -> tuple[int, int] | None:
    """``(first, count)`` of a single byte range; None where the whole is to be sent.

    Several ranges, other units and nonsense are ignored, as RFC 9110 section 14.2 allows. Raises
    ``RangeNotSatisfiable`` for a range that lies outside.
    """
    match = _RANGE.fullmatch(asked)
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        count = min(int(match[2]), length)
        if count == 0:
            raise RangeNotSatisfiable(length)
        return length - count, count
    first = int(match[1])
    last = min(int(match[2]), length - 1) if match[2] else length - 1
    if match[2] and int(match[2]) < first:
        return None
    if first >= length:
        raise RangeNotSatisfiable(length)
    return first, last - first + 1


async def answer(scope: Scope, send: Send, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> None:
    """One whole answer; HEAD gets the headers of GET and no body."""
    head = [(b"content-length", str(len(body)).encode()), *headers, *ALWAYS]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


async def problem(scope: Scope, send: Send, error: MatPhoError) -> None:
    status, found, body = problems.encode(error)
    head = [(name.lower().encode(), value.encode()) for name, value in found.items()]
    if isinstance(error, RangeNotSatisfiable):
        head.append((b"content-range", b"bytes */%d" % error.length))
    if isinstance(error, MethodNotAllowed):
        head.append((b"allow", b"GET, HEAD"))
    await answer(scope, send, status, head, body)
