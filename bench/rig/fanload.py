"""The load client of ``make bench-fanout`` (``fanclient.c``, compiled at each run) and the two servers it talks to."""

import json
import mmap
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from backend.setup import scripts, system
from tests.servers import free_port

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SERVER_CORE, CLIENT_CORE = "0", "1"
INFLIGHT = 200
LONGEST_S = 120.0


def pinned(core: str, *command: str | Path) -> list[str]:
    """The command on one core where the machine has two."""
    words = [str(word) for word in command]
    return ["taskset", "-c", core, *words] if len(os.sched_getaffinity(0)) > 1 and shutil.which("taskset") else words


def compiled(folder: Path) -> Path:
    program = folder / "fanclient"
    subprocess.run([system.compiler_ensure(), "-O2", "-o", program, HERE / "fanclient.c"], check=True)
    return program


class Clock:
    """When the present event set out, for the clients to read."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "clock"
        self.path.write_bytes(bytes(4096))
        with self.path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), 4096)

    def start(self) -> None:
        self._shared[:8] = struct.pack("d", time.monotonic())


class Phones:
    """One client process with ``count`` sockets."""

    def __init__(
        self,
        program: Path,
        clock: Clock,
        port: int,
        path: str,
        count: int,
        *,
        tokens: Path | None = None,
        slow: int = 0,
    ) -> None:
        self.count = count
        more = [str(tokens or "-"), str(slow)]
        self._process = subprocess.Popen(
            pinned(CLIENT_CORE, program, str(port), path, str(count), str(INFLIGHT), clock.path, *more),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip

    def ask(self, command: str) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(command + "\n")
        return json.loads(self._process.stdout.readline())

    def wait(self, events: int, seconds: float = 20.0) -> None:
        """Until so many events have come since the last ``mark``, or the time is over."""
        until = time.monotonic() + seconds
        while self.ask("count")["events"] < events and time.monotonic() < until:
            time.sleep(0.02)

    def close(self) -> None:
        self._process.kill()
        self._process.wait(10)


class Ours:
    """``python -m backend.serve`` on the database and Valkey of the environment."""

    def __init__(self) -> None:
        self.port = free_port()
        self.start()

    def start(self) -> None:
        env = {**os.environ, "PORT": str(self.port), "HOST": "127.0.0.1"}
        self.process = subprocess.Popen(pinned(SERVER_CORE, sys.executable, "-m", "backend.serve"), env=env, cwd=ROOT)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/hls/x/alive").status_code == 404:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise RuntimeError("the server did not start")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(30)


class Peer:
    """Node's ``ws`` package (``fanpeer.cjs``)."""

    CHANNEL = "bench-fanout"

    def __init__(self, valkey: Path) -> None:
        self.port = free_port()
        env = {**os.environ, "NODE_PATH": str(scripts.MODULES)}
        self.process = subprocess.Popen(
            pinned(SERVER_CORE, scripts.node(), HERE / "fanpeer.cjs", str(self.port), valkey, self.CHANNEL), env=env
        )
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the peer did not start")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
