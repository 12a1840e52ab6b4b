"""Whose word about a client's address counts: nobody's, unless TRUSTED_PROXIES names them."""

import logging
from dataclasses import replace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from backend import run
from backend.lib.config import Config
from backend.middleware import EdgeMiddleware
from backend.serve import settings_of

FORGED = [(b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-proto", b"https")]


async def seen(trusted: str, peer: str, headers: list[tuple[bytes, bytes]]) -> tuple[str, str]:
    """Client address and scheme as our applications see them, under the server's own settings."""
    found: dict[str, Any] = {}

    async def look(scope: Any, receive: Any, send: Any) -> None:
        found.update(scope)

    server = settings_of(Config(TRUSTED_PROXIES=trusted))
    server.app = look
    server.load()
    scope = {"type": "http", "scheme": "http", "client": (peer, 40_000), "headers": headers}
    await server.loaded_app(scope, None, None)  # type: ignore[arg-type]
    return found["client"][0], found["scheme"]


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "192.168.1.7"])
async def test_by_default_nobody_is_believed(peer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # uvicorn's own variable opens nothing here
    assert await seen("", peer, FORGED) == (peer, "http")


async def test_a_named_proxy_is_believed() -> None:
    assert await seen("127.0.0.1", "127.0.0.1", FORGED) == ("203.0.113.9", "https")
    assert await seen("10.0.0.0/8, ::1", "10.1.2.3", FORGED) == ("203.0.113.9", "https")
    assert await seen("10.0.0.0/8, ::1", "::1", FORGED) == ("203.0.113.9", "https")


async def test_anybody_else_is_not() -> None:
    assert await seen("10.0.0.0/8", "127.0.0.1", FORGED) == ("127.0.0.1", "http")


async def test_what_a_client_wrote_before_the_proxy_is_not_believed() -> None:
    """A proxy that appends: the last address that is no proxy's is the client's; what stands before it is hearsay."""
    chain = [(b"x-forwarded-for", b"198.51.100.1, 203.0.113.9, 10.0.0.2")]
    assert await seen("10.0.0.0/8", "10.0.0.1", chain) == ("203.0.113.9", "http")
    apart = [(b"x-forwarded-for", b"198.51.100.1"), (b"x-forwarded-for", b"203.0.113.9")]
    assert await seen("10.0.0.0/8", "10.0.0.1", apart) == ("203.0.113.9", "http")


@pytest.mark.parametrize("wrong", ["localhost", "*", "10.0.0.1/8", "0.0.0.0/0", "::/0", "10.0.0.0/33", "127.0.0.1;x"])
def test_what_is_no_network_is_said_at_the_start(
    wrong: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TRUSTED_PROXIES", f"127.0.0.1,{wrong}")
    assert run.main() == 1
    said = capsys.readouterr().err
    assert said.startswith(f"TRUSTED_PROXIES=127.0.0.1,{wrong} cannot be used: ")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(("trusted", "lines"), [("", 1), ("127.0.0.1", 0)])
def test_a_forgotten_proxy_is_said_once(
    trusted: str, lines: int, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CONFIG = replace(settings.CONFIG, TRUSTED_PROXIES=trusted)
    edge = EdgeMiddleware(lambda _: HttpResponse())
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            edge(RequestFactory().get("/", HTTP_X_FORWARDED_FOR="203.0.113.9"))
    assert [record.getMessage().count("TRUSTED_PROXIES") for record in caplog.records] == [1] * lines
