"""A real server process on a free port, a street camera with real footage, and a way to open views."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from backend.lib.clock import now
from cameras import viewing
from cameras.models import Camera, Rendition
from cameras.store.catalog import node_here
from neighborhoods import devices
from neighborhoods.access import Actor
from tests import web
from tests.cameras.playback.footage import Recorder, ago
from tests.cast import Cast, Person
from tests.webserver import WebServer


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
