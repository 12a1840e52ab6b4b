"""A real server process on a free port, a street camera with real footage, and a way to open views."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.db import connection

from backend.lib.clock import now
from cameras import viewing
from cameras.models import Camera, Rendition
from cameras.store.catalog import node_here
from neighborhoods import devices
from neighborhoods.access import Actor
from tests import web
from tests.cameras.playback.footage import Recorder, ago
from tests.cast import Cast, Person
from tests.servers import Valkey, free_port

ROOT = Path(__file__).resolve().parents[3]


class WebServer:
    """``python -m backend.serve`` as ``make run`` starts it, on this test's database and Valkey."""

    def __init__(self, **env: str) -> None:
        self.port = free_port()
        self.url = f"{'https' if 'TLS_CERT' in env else 'http'}://127.0.0.1:{self.port}"
        self.log = settings.CONFIG.data_dir / f"web.{self.port}.log"
        self.env = {**os.environ, "PORT": str(self.port), "HOST": "127.0.0.1", "DATABASE_URL": database_url(),
                    "DATA_DIR": str(settings.CONFIG.data_dir), "REDIS_URL": settings.CONFIG.REDIS_URL,
                    "DJANGO_SETTINGS_MODULE": "backend.settings", **env}  # fmt: skip
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "backend.serve"], env=self.env, cwd=ROOT, stdout=log, stderr=log
            )
        until = time.monotonic() + 30
        while time.monotonic() < until and self.process.poll() is None:
            try:
                answer = web.get(f"{self.url}/hls/x/alive", verify=False)
                if answer.status_code == 404:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"the server did not start: {self.log.read_text()[-3000:]}")

    def stop(self) -> float:
        """Ask it to stop; gives how long it took."""
        begun = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(15)
        return time.monotonic() - begun

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(5)


def database_url() -> str:
    """Where the test database of this run is, for a child process."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    host = str(found["HOST"]).replace("/", "%2F")
    port = f":{found['PORT']}" if found["PORT"] else ""
    return f"postgres://{found['USER']}@{host}{port}/{found['NAME']}"


@pytest.fixture(scope="session")
def shared_server(django_db_setup: None, django_db_blocker: Any, valkey_server: Valkey) -> Iterator[WebServer]:
    with django_db_blocker.unblock():
        started = WebServer()
    yield started
    started.stop()


@pytest.fixture
def server(live_cast: Cast, valkey: Valkey, shared_server: WebServer) -> WebServer:
    """A server that runs through many tests; whoever stops or kills it takes ``own_server``."""
    return shared_server


@pytest.fixture
def own_server(live_cast: Cast, valkey: Valkey) -> Iterator[WebServer]:
    started = WebServer()
    yield started
    started.stop()


@pytest.fixture
def camera(live_cast: Cast) -> Camera:
    return make_camera(live_cast)


def make_camera(cast: Cast, **facts: object) -> Camera:
    """An active public camera of tổ 7 that nobody records yet."""
    made = Camera.objects.create(
        neighborhood=cast.place, node=node_here(), name="Cổng chào", state=Camera.State.ACTIVE, **facts
    )
    Rendition.objects.create(camera=made, source_url="rtsp://camera.test/1", keyframe_ms=2000)
    return made


@pytest.fixture
def recorder(camera: Camera) -> Iterator[Recorder]:
    """The camera's recorder, with the last minute recorded and time going on."""
    made = Recorder(camera)
    made.past(ago(60), 60)
    made.live()
    yield made
    made.close()


def actor_of(person: Person) -> Actor:
    found = devices.actor_by_id(person.device.id, now=now())
    assert found is not None
    return found


def live_url(server: WebServer, person: Person, camera: Camera, **more: str) -> str:
    """Open live for a person and give the playlist's address."""
    view = viewing.view_open_live(
        actor=actor_of(person), camera_id=camera.id, address="127.0.0.1", now=now(), **more
    )  # fmt: skip
    return server.url + view.url


def replay_url(server: WebServer, person: Person, camera: Camera, starts_at: datetime, ends_at: datetime) -> str:
    view = viewing.view_open_playback(
        actor=actor_of(person),
        camera_id=camera.id,
        starts_at=starts_at,
        ends_at=ends_at,
        address="127.0.0.1",
        now=now(),
    )
    return server.url + view.url


def uris(text: str) -> list[str]:
    """The segments of a playlist."""
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def tag(text: str, name: str) -> int:
    return int(next(line for line in text.splitlines() if line.startswith(f"#EXT-X-{name}:")).partition(":")[2])


def segments_of(url: str) -> list[str]:
    """Whole addresses of a playlist's segments."""
    answer = web.get(url)
    assert answer.status_code == 200, answer.text
    base = url.rpartition("/")[0]
    return [f"{base}/{uri}" for uri in uris(answer.text)]
