"""Request heads over a real socket: endless ones are cut, and a body that comes along with its head is not one."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from backend.edge import BodyLimit
from backend.serve import HEAD_BYTES, Protocol


async def _echo(scope: Any, receive: Any, send: Any) -> None:
    seen = 0
    while True:
        message = await receive()
        seen += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-seen", b"%d" % seen)]})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    config = uvicorn.Config(
        BodyLimit(_echo, 256 * 1024), port=0, http=Protocol, loop="asyncio", lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (it says so by this flag alone)
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


async def _say(port: int, text: bytes) -> bytes:
    """What comes back for ``text`` sent in one piece; nothing where the connection is cut."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(text)
        await writer.drain()
        return await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""
    finally:
        writer.close()


def _post(length: int, *, extra: bytes = b"") -> bytes:
    return b"POST / HTTP/1.1\r\nHost: x\r\n%sContent-Length: %d\r\n\r\n" % (extra, length)


@pytest.mark.parametrize("length", [10, HEAD_BYTES, 100_000, 250_000])
async def test_a_body_in_one_piece_with_its_head_arrives_whole(port: int, length: int) -> None:
    answer = await _say(port, _post(length) + b"a" * length)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"x-seen: %d\r\n" % length in answer


async def test_an_oversized_body_in_one_piece_is_told_so(port: int) -> None:
    assert (await _say(port, _post(300_000) + b"a" * 300_000)).startswith(b"HTTP/1.1 413")


async def test_an_endless_head_is_cut(port: int) -> None:
    assert await _say(port, _post(0, extra=b"X-Long: " + b"a" * HEAD_BYTES + b"\r\n")) == b""
