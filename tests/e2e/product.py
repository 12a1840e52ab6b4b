"""The whole product, really running: ``python -m backend.run`` on a free port with a data folder of its own."""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from backend.lib import totp
from backend.lib.config import ROOT, Config
from tests import migrated
from tests.pace import PATIENCE_S
from tests.servers import Server, free_port

CAMERAS = 8
DATABASE = "matpho.sqlite3"
CHROMIUM = "/usr/bin/chromium"
"""The whole browser, with windows and tabs that nobody sees: twice the work of the shell below."""
SHELL = shutil.which("chromium-headless-shell") or CHROMIUM
"""The same engine, players and all, without them. It shows no notifications. Not every distribution has it."""
BROWSER_ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip


FILMS = ROOT / "build" / "films"
"""Drawing the demonstration's streets takes a minute of one core, so it is done once for all test runs."""


class SixDigits:
    """Somebody's app: a code that was not used before. The server takes the neighbours of this half minute's, too, so
    that several sign-ins need not wait for each other; the one before only while there is time to type it."""

    def __init__(self, key: str) -> None:
        self.key, self.last = key, 0

    def fresh(self) -> str:
        while True:
            present, since = divmod(int(time.time()), totp.PERIOD_S)
            oldest = present - 1 if since < totp.PERIOD_S // 2 else present
            code = max(self.last + 1, oldest)
            if code <= present + 1:
                self.last = code
                return totp.code_of(self.key, code)
            time.sleep(1)


def films() -> Path:
    """The drawn films, made where they are missing. One process makes them, the others wait."""
    FILMS.mkdir(parents=True, exist_ok=True)
    with (FILMS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([sys.executable, "-m", "cameras.demo.serve", "--paint", "--folder", FILMS], cwd=ROOT, check=True)
    return FILMS


def films_laid_out(data: Path, *, without: str = "") -> None:
    """As if a product had drawn them into ``data`` before; ``without`` one it has still to draw, beside its start."""
    shutil.copytree(films(), data / "demo", ignore=shutil.ignore_patterns(f"{without}.h264", "lock"))


class Running(Server):
    """``python -m backend.run`` on a free port, ready; ``said`` is what it had printed by then."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        names = set(Config.__dataclass_fields__) | {"DJANGO_SETTINGS_MODULE"}
        env = {name: value for name, value in os.environ.items() if name not in names}
        env |= {"PORT": str(self.port), "DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1", **settings}
        self.log = folder / "e2e.log"
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / DATABASE).exists():
            migrated.lay(folder / DATABASE)
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "backend.run"], cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT
            )
        self.said = self._wait_until_ready()

    def _wait_until_ready(self) -> str:
        end = time.monotonic() + 2 * PATIENCE_S
        while time.monotonic() < end:
            said = self.log.read_text(errors="replace")
            if "Ctrl-C" in said:
                return said
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"the product did not start:\n{self.log.read_text(errors='replace')[-3000:]}")


class Product(Running):
    """With the demonstration; ``code`` and ``leader`` are what it printed."""

    def __init__(self, folder: Path, **settings: str) -> None:
        films_laid_out(folder)
        super().__init__(folder, **settings)
        self.code = re.search(r"^Household code: (\S+)$", self.said, re.MULTILINE).group(1)
        leader = re.search(r"^Leader sign-in: (\S+) / (\S+) / \d{6}$", self.said, re.MULTILINE)
        self.leader = (leader.group(1), leader.group(2))
        kept = json.loads((folder / "demo-signins.json").read_text())
        self.keys = {person["username"]: SixDigits(person["totp"]) for person in kept["staff"]}
        self.passwords = {person["username"]: person["password"] for person in kept["staff"]}
        self.household = kept["household"]
        self.camera_port = int((folder / "demo-port").read_text())
        self._wait_for_cameras()
        self.recording_since = time.monotonic()

    def _wait_for_cameras(self) -> None:
        end = time.monotonic() + 2 * PATIENCE_S
        while len({journal.parts[-4] for journal in self.folder.glob("store/*/*/*/*.idx")}) < CAMERAS:
            if time.monotonic() > end:
                raise RuntimeError(f"not every camera records:\n{self.log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.1)

    def wait_for_footage(self, seconds: float) -> None:
        """Wait until every camera has been recorded for that long."""
        time.sleep(max(0.0, self.recording_since + seconds - time.monotonic()))


class EmptyProduct(Running):
    """``DEMO=0``: nobody in it yet. ``link`` is the one-time set-up link it printed; ``camera`` may be dialled."""

    def __init__(self, folder: Path, camera: "StreetCamera | None" = None) -> None:
        super().__init__(folder, DEMO="0", CAMERA_ALLOW=f"127.0.0.1:{camera.port}" if camera else "")
        self.link = re.search(r"set-up link .*: (http\S+)$", self.said, re.MULTILINE).group(1)


class StreetCamera(Server):
    """One of the drawn cameras, really speaking RTSP on a port of its own: the one an empty product can add."""

    SCENE = "ngo-12"

    def __init__(self) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cameras.demo.serve", "--port", str(self.port), "--only", self.SCENE,
             "--folder", str(films())],
            cwd=ROOT, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.process.stdout.readline()  # says where it is once it listens
        self.address = f"rtsp://127.0.0.1:{self.port}/{self.SCENE}"
