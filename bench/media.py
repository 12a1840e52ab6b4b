"""``make bench-media``: what one media request costs, and what 500 slow readers do to the server and to everyone else.

Ours is the whole product server (``python -m backend.serve``: sessions, journals, view minutes, watcher); the peer is a
bare ASGI application on the same uvicorn that sends the same file in the same chunks and asks nobody anything. They
take turns, ``ROUNDS`` times each.
"""

import json
import os
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import uvicorn

from bench.report import Report, median
from bench.rig import gauge
from tests.servers import Valkey, free_port

ROUNDS = 3
READERS = 500
READER_BPS = 25_000
LOAD_S = 8.0
CHECKS = 20_000
SESSIONS = 50
CHECK_LIMIT_MS, MEMORY_LIMIT_MB, SEGMENT_S = 0.2, 150.0, 2.0


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="mp-", dir="/tmp") as folder:
        os.environ |= {"DATA_DIR": folder, "DATABASE_URL": "", "REDIS_URL": f"unix://{folder}/valkey.sock"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "backend.settings"
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], check=True)
        return _measure(Path(folder))


def _measure(folder: Path) -> int:
    report = Report(
        "media",
        [("way", "way", ""), ("round", "round", "d"), ("alone_ms", "segment alone ms", ".1f"),
         ("p50_ms", "among 500 p50 ms", ".1f"), ("p99_ms", "p99 ms", ".1f"), ("rss_mb", "RSS MB", ".1f"),
         ("idle_mb", "before MB", ".1f"), ("tcp_mb", "kernel TCP MB", ".1f"),
         ("cpu_s", "CPU s", ".2f"), ("sent_mb", "sent MB", ".0f")],
    )  # fmt: skip
    valkey = Valkey(folder / "valkey.sock")
    try:
        scene = _run("tests.cameras.playback.scene", str(SESSIONS))
        check = _run("bench.rig.media_check", scene["live"], str(CHECKS))
        for number in range(ROUNDS):
            for way in (_Ours(scene), _Peer(scene)):
                report.row(round=number, **_round(way))
    finally:
        valkey.stop()
    ours = [row for row in report.rows if row["way"] == "ours"]
    peer = [row for row in report.rows if row["way"] == "peer"]
    report.note(f"access check of one segment, {CHECKS} times: p50 {check[0]:.4f} ms, p99 {check[1]:.4f} ms, no query")
    for key, words in (("p50_ms", "time of others' segments"), ("rss_mb", "memory"), ("cpu_s", "processor")):
        ratio = median([row[key] for row in ours]) / median([row[key] for row in peer])
        report.note(f"{words}: {ratio:.2f} of the peer's (median of {ROUNDS})")
    report.check("access check p50, ms", check[0], CHECK_LIMIT_MS, at_most=True)
    report.check("access check p99, ms", check[1], CHECK_LIMIT_MS, at_most=True)
    report.check("memory with 500 slow readers, MB", max(row["rss_mb"] for row in ours), MEMORY_LIMIT_MB, at_most=True)
    worst = max(row["p99_ms"] for row in ours) / 1000
    report.check("others' segments p99, s", worst, SEGMENT_S, at_most=True)
    return report.finish()


def _run(module: str, *words: str) -> Any:
    """What a module of its own process (they set Django up) prints as its last line, as JSON."""
    done = subprocess.run([sys.executable, "-m", module, *words], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout.splitlines()[-1])


class _Server:
    """A server process, the addresses the slow readers take, and the one somebody else fetches."""

    name = ""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(command, env={**os.environ, **env, "PORT": str(self.port)})
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        time.sleep(0.5)
        self.readers: list[str] = []
        self.other = ""

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


class _Ours(_Server):
    name = "ours"

    def __init__(self, scene: dict[str, Any]) -> None:
        super().__init__([sys.executable, "-m", "backend.serve"], {"HOST": "127.0.0.1"})
        origin = f"http://127.0.0.1:{self.port}"
        lists = {}
        for url in scene["replays"]:
            text = httpx.get(origin + url).text
            base = origin + url.rpartition("/")[0]
            lists[url] = [f"{base}/{line}" for line in text.splitlines() if line.endswith(".m4s")]
        replays = list(lists.values())
        self.readers = [replays[n % SESSIONS][n // SESSIONS % len(replays[0])] for n in range(READERS)]
        self.other = replays[0][-1]


class _Peer(_Server):
    name = "peer"

    def __init__(self, scene: dict[str, Any]) -> None:
        super().__init__([sys.executable, "-m", "bench.media", "peer", scene["media"]], {})
        self.readers = [f"http://127.0.0.1:{self.port}/{n % 20 * 2_000_000}" for n in range(READERS)]
        self.other = self.readers[0]


def _round(server: _Server) -> dict[str, Any]:
    try:
        alone = [_fetch(server.other) for _ in range(10)]
        idle = server.memory_mb()
        load = subprocess.Popen(
            [sys.executable, "-m", "bench.media", "readers", *server.readers], stdout=subprocess.PIPE
        )
        time.sleep(1.5)
        before = gauge.cpu_seconds([server.process.pid])
        took, rss, tcp = [], idle, 0.0
        until = time.monotonic() + LOAD_S - 2
        while time.monotonic() < until:
            took.append(_fetch(server.other))
            rss = max(rss, server.memory_mb())
            tcp = max(tcp, gauge.tcp_bytes() / 1e6)
            time.sleep(0.05)
        spent = gauge.spent(before, gauge.cpu_seconds([server.process.pid]))
        said, _ = load.communicate(timeout=30)
        took.sort()
        return {
            "way": server.name, "alone_ms": sorted(alone)[5] * 1000, "p50_ms": took[len(took) // 2] * 1000,
            "p99_ms": took[min(len(took) - 1, len(took) * 99 // 100)] * 1000, "rss_mb": rss, "idle_mb": idle,
            "tcp_mb": tcp, "cpu_s": spent, "sent_mb": int(said) / 1e6,
        }  # fmt: skip
    finally:
        server.stop()


def _fetch(url: str) -> float:
    """Seconds for one whole segment over a connection of its own."""
    parts = urlsplit(url)
    begun = time.perf_counter()
    with socket.create_connection((parts.hostname, parts.port), 10) as sock:
        sock.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        got = 0
        while chunk := sock.recv(1 << 18):
            got += len(chunk)
    assert got > 1_900_000, got
    return time.perf_counter() - begun


def readers(urls: list[str]) -> int:
    """Read all of ``urls`` at once, each at ``READER_BPS``, for ``LOAD_S``; prints the bytes that came."""
    picked = selectors.DefaultSelector()
    for url in urls:
        parts = urlsplit(url)
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        sock.connect((parts.hostname, parts.port))
        sock.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        sock.setblocking(False)
        picked.register(sock, selectors.EVENT_READ)
    total, until = 0, time.monotonic() + LOAD_S
    turn = 8192 / READER_BPS
    while time.monotonic() < until:
        begun = time.monotonic()
        for key, _ in picked.select(0):
            total += len(key.fileobj.recv(8192))  # type: ignore[union-attr]
        time.sleep(max(0.0, turn - (time.monotonic() - begun)))
    print(total)
    return 0


def peer(media: str) -> int:
    """The bare application: 2 MB of one file from the offset that is the path, in chunks of 64 KB."""
    fd, length = os.open(media, os.O_RDONLY), 2_000_000

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        at = int(scope["path"][1:])
        head = [(b"content-length", str(length).encode()), (b"content-type", b"video/mp4")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        for done in range(0, length, 65_536):
            body = os.pread(fd, min(65_536, length - done), at + done)
            await send({"type": "http.response.body", "body": body, "more_body": done + len(body) < length})

    uvicorn.run(app, port=int(os.environ["PORT"]), loop="uvloop", http="httptools", access_log=False, log_level="error",
                lifespan="off", backlog=4096, timeout_graceful_shutdown=1)  # fmt: skip
    return 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["readers", *addresses]:
            sys.exit(readers(addresses))
        case ["peer", path]:
            sys.exit(peer(path))
        case _:
            sys.exit(main())
