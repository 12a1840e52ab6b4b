"""The access check alone: ``python -m bench.rig.media_check <live playlist path> <times>`` (for ``make bench-media``).

Everything between a request and its first byte (a HEAD of one segment), in process, where a query on the event loop's
thread is an error. Prints p50 and p99 in ms as JSON.
"""

import asyncio
import json
import os
import sys
import time
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
django.setup()

from django.db import connection  # noqa: E402

from cameras.playback.media_app import MediaApp  # noqa: E402


def scope_of(path: str, method: str) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "headers": [],
        "client": ("127.0.0.1", 1),
        "query_string": b"",
    }


async def measure(live: str, times: int) -> list[float]:
    """Sorted, in ms."""
    app = MediaApp()
    await app.startup()
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    await app(scope_of(live, "GET"), receive, send)
    name = [line for line in sent[-1]["body"].decode().splitlines() if line.endswith(".m4s")][-1]
    asked = f"{live.rpartition('/')[0]}/{name}"
    took: list[float] = []
    for number in range(times):
        sent.clear()
        begun = time.perf_counter()
        await app(scope_of(asked, "HEAD"), receive, send)
        took.append((time.perf_counter() - begun) * 1000)
        assert sent[0]["status"] == 200, sent
        if number % 500 == 0:
            await asyncio.sleep(0)  # lets the watcher's confirmations in
    await app.shutdown()
    return sorted(took)


def refuse(*_: Any) -> None:
    raise AssertionError("a query on the way of a request")


if __name__ == "__main__":
    with connection.execute_wrapper(refuse):  # this thread's connection, the event loop's
        found = asyncio.run(measure(sys.argv[1], int(sys.argv[2])))
    print(json.dumps([found[len(found) // 2], found[len(found) * 99 // 100]]))
