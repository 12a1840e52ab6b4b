"""Sizes are refused early, languages are chosen, and every error is a problem document."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from backend.asgi import application
from backend.edge import BodyLimit
from backend.lib import problems
from backend.lib.errors import Absent, BadInput, NotSignedIn, TooMany
from backend.middleware import EdgeMiddleware, LanguageMiddleware
from tests.pace import allowed


async def _swallow(scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    """An application that reads its whole body before it answers, as Django does."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"read"})


async def _send_body(parts: list[bytes], limit: int, *headers: tuple[bytes, bytes], path: str = "/") -> tuple[int, int]:
    """Status of the answer, and how many parts were taken before it. ``/file`` takes twice as much as every other."""
    sent: list[dict[str, Any]] = []
    queue = [
        {"type": "http.request", "body": part, "more_body": index < len(parts) - 1} for index, part in enumerate(parts)
    ]
    total = len(queue)

    async def receive() -> dict[str, Any]:
        return queue.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    app = BodyLimit(_swallow, limit, files=lambda path: 2 * limit if path == "/file" else 0)
    await app({"type": "http", "path": path, "headers": list(headers)}, receive, send)
    return sent[0]["status"], total - len(queue)


async def test_a_body_within_the_limit_passes() -> None:
    assert await _send_body([b"a" * 50, b"b" * 50], 100) == (200, 2)


async def test_an_endless_body_is_refused_where_it_passes_the_limit() -> None:
    assert await _send_body([b"a" * 60] * 1000, 100) == (413, 2)


async def test_a_declared_oversize_is_refused_before_it_is_read() -> None:
    assert await _send_body([b"a"], 100, (b"content-length", b"101")) == (413, 0)
    assert await _send_body([b"a"], 100, (b"content-length", b"100")) == (200, 1)


async def test_a_route_that_takes_a_file_has_a_limit_of_its_own() -> None:
    declared = (b"content-length", b"180")
    assert await _send_body([b"a" * 60] * 3, 100, declared, path="/file") == (200, 3)
    assert await _send_body([b"a" * 60] * 3, 100, declared) == (413, 0)
    assert await _send_body([b"a"], 100, (b"content-length", b"201"), path="/file") == (413, 0)
    assert await _send_body([b"a" * 60] * 9, 100, declared, path="/file") == (413, 4)  # more than was said
    assert await _send_body([b"a" * 60] * 3, 100, path="/file") == (413, 2)  # nothing was said


async def test_a_body_that_dawdles_is_given_up() -> None:
    sent: list[dict[str, Any]] = []

    async def drip() -> dict[str, Any]:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"a", "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    began = time.monotonic()
    await BodyLimit(_swallow, 100_000, seconds=0.2)({"type": "http", "headers": []}, drip, send)
    assert time.monotonic() - began < allowed(2)
    assert sent[0]["status"] == 408


async def test_whoever_has_sent_everything_may_wait_as_long_as_the_answer_takes() -> None:
    sent: list[dict[str, Any]] = []
    queue = [{"type": "http.request", "body": b"{}"}]

    async def receive() -> dict[str, Any]:
        if queue:
            return queue.pop(0)
        await asyncio.sleep(0.3)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async def listens(
        scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        await _swallow(scope, receive, send)
        assert (await receive())["type"] == "http.disconnect"  # as Django's handler does while a view runs

    await BodyLimit(listens, 100, seconds=0.1)({"type": "http", "headers": []}, receive, send)
    assert sent[0]["status"] == 200


def test_a_problem_document_has_the_contracts_members() -> None:
    status, headers, body = problems.encode(BadInput("No name.", fields={"name": ["Give one."]}))
    document = problems.document(BadInput("No name.", fields={"name": ["Give one."]}))
    assert (status, headers["Content-Type"]) == (400, "application/problem+json")
    assert set(document) == {"type", "title", "status", "detail", "code", "errors"}
    assert document["errors"] == {"name": ["Give one."]}
    assert b"Give one." in body


def test_headers_say_when_to_come_back_and_how_to_sign_in() -> None:
    assert problems.headers(TooMany(retry_after_s=30))["Retry-After"] == "30"
    assert problems.headers(NotSignedIn())["WWW-Authenticate"] == "Bearer"


def test_an_unforeseen_exception_tells_nothing() -> None:
    document = problems.document(problems.from_exception(ValueError("secret place")))
    assert document["status"] == 500
    assert "secret" not in str(document)


def test_absent_and_forbidden_look_alike() -> None:
    from django.core.exceptions import PermissionDenied
    from django.http import Http404
    from rest_framework.exceptions import PermissionDenied as DrfDenied

    seen = {str(problems.document(problems.from_exception(exc))) for exc in
            (Http404("x"), PermissionDenied("y"), DrfDenied("z"), Absent())}  # fmt: skip
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("path", "header", "cookie", "expected"),
    [
        ("/", "en-US,en;q=0.9", None, "vi"),
        ("/", "en", "en", "en"),
        ("/", "vi", "fr", "vi"),
        ("/api/v1/me/", "en", None, "en"),
        ("/api/v1/me/", "fr, en;q=0.5", None, "en"),
        ("/api/v1/me/", "", None, "vi"),
        ("/api/v1/me/", "en", "vi", "vi"),
    ],
)
def test_language_is_chosen_not_guessed(path: str, header: str, cookie: str | None, expected: str) -> None:
    request = RequestFactory().get(path, HTTP_ACCEPT_LANGUAGE=header)
    if cookie:
        request.COOKIES["django_language"] = cookie
    answer = LanguageMiddleware(lambda _: HttpResponse())(request)
    assert answer["Content-Language"] == expected


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
def test_cookies_stay_off_plain_http_where_a_proxy_ends_tls(scheme: str, secure: bool) -> None:
    def sets_one(_: Any) -> HttpResponse:
        answer = HttpResponse()
        answer.set_cookie("matpho", "mp_x", httponly=True)
        return answer

    answer = EdgeMiddleware(sets_one)(RequestFactory().get("/", secure=scheme == "https"))
    assert bool(answer.cookies["matpho"]["secure"]) is secure


CAMPAIGN = "/api/v1/campaigns/00000000-0000-7000-8000-000000000001/"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{CAMPAIGN}receipts/", 401),
        (f"{CAMPAIGN}payments/", 413),
        ("/nowhere", 413),
    ],
)
async def test_the_product_asks_its_own_routing_which_route_takes_a_file(path: str, status: int) -> None:
    """300 KiB without a sign-in: the route that takes a file gets as far as to ask who it is."""
    body, sent = b"x" * 300 * 1024, []
    headers = [(b"host", b"localhost"), (b"content-length", str(len(body)).encode()),
               (b"content-type", b"multipart/form-data; boundary=y")]  # fmt: skip
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": headers, "scheme": "http", "http_version": "1.1", "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
    }  # fmt: skip
    queue = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if queue:
            return queue.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application(scope, receive, send)
    assert sent[0]["status"] == status
