"""Trying an address: a real camera answers, and every failure looks the same."""

import base64
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache

from backend.lib.errors import BadInput
from cameras import probe
from cameras.demo.rtsp_server import CameraServer
from cameras.demo.testcard import card
from tests import pace
from tests.cameras.api.conftest import Api
from tests.cast import Cast
from tests.servers import Valkey, free_port

pytestmark = pytest.mark.django_db
USER, PASSWORD = "admin", "mat-khau-thu-3"


@pytest.fixture(scope="module")
def street() -> Iterator[CameraServer]:
    server = CameraServer(user=USER, password=PASSWORD)
    server.add("1", card(size=(320, 180), gop=30))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server
    server.stop()
    thread.join(5)


@pytest.fixture
def allowed(settings: Any, street: CameraServer) -> int:
    """The test's own ports pass the guard; the second one is closed."""
    closed = free_port()
    settings.CONFIG = replace(settings.CONFIG, CAMERA_ALLOW=f"127.0.0.1:{street.port},127.0.0.1:{closed}")
    return closed


def test_a_camera_is_measured(street: CameraServer, allowed: int) -> None:
    found = probe.camera_probe(url=street.url("1"), user=USER, password=PASSWORD)
    assert (found.width, found.height, found.keyframe_ms) == (320, 180, 2000)
    assert found.codec.startswith("avc1.")
    assert 12 <= found.fps <= 19 and found.bitrate_bps > 10_000
    assert found.advice == []
    assert found.snapshot is not None
    picture = base64.b64decode(found.snapshot.partition(",")[2])
    assert picture[:2] == b"\xff\xd8" and len(picture) > 1000


def test_failures_look_alike(street: CameraServer, allowed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong password, a path that is not there, a closed port, a port that is silent: one answer, one duration."""
    monkeypatch.setattr(probe, "LASTS_S", 2.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        quiet = silent.getsockname()[1]
        from django.conf import settings

        allow = f"{settings.CONFIG.CAMERA_ALLOW},127.0.0.1:{quiet}"
        settings.CONFIG = replace(settings.CONFIG, CAMERA_ALLOW=allow)
        tries = [
            (street.url("1"), "sai"),
            (street.url("khong-co"), PASSWORD),
            (f"rtsp://127.0.0.1:{allowed}/1", ""),
            (f"rtsp://127.0.0.1:{quiet}/1", ""),
        ]

        def answer(tried: tuple[str, str]) -> tuple[object, ...]:
            url, password = tried
            begun = time.monotonic()
            with pytest.raises(probe.ProbeFailed) as failed:
                probe.camera_probe(url=url, user=USER, password=password)
            assert 1.9 <= time.monotonic() - begun <= pace.allowed(3.0)
            return failed.value.status, failed.value.code, failed.value.detail, str(failed.value.fields)

        with ThreadPoolExecutor(len(tries)) as at_once:
            assert len(set(at_once.map(answer, tries))) == 1


class Snooper:
    """A host that asks for Basic, or points elsewhere, and keeps whatever it is told."""

    def __init__(self, host: str, *, points_to: str = "") -> None:
        self.heard = b""
        self._answer = (
            f"302 Moved\r\nCSeq: 1\r\nLocation: {points_to}"
            if points_to
            else '401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Basic realm="x"'
        )
        self._door = socket.create_server((host, 0))
        self.place = f"{host}:{self._door.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> "Snooper":
        return self

    def __exit__(self, *_error: object) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._thread.join(5)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._door.accept()
                caller.settimeout(2)
                with caller, contextlib.suppress(OSError):
                    while said := caller.recv(65536):
                        self.heard += said
                        caller.sendall(f"RTSP/1.0 {self._answer}\r\n\r\n".encode())


def allow(settings: Any, *places: str) -> None:
    settings.CONFIG = replace(settings.CONFIG, CAMERA_ALLOW=",".join(places))


def test_a_password_is_not_taken_to_another_host(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "LASTS_S", 2.0)
    with Snooper("127.0.0.2") as stranger, Snooper("127.0.0.1", points_to=f"rtsp://{stranger.place}/x") as camera:
        allow(settings, stranger.place, camera.place)
        with pytest.raises(probe.ProbeFailed):
            probe.camera_probe(url=f"rtsp://{camera.place}/1", user=USER, password=PASSWORD)
    assert b"DESCRIBE" in stranger.heard
    assert b"Authorization" not in stranger.heard


def test_the_same_host_on_another_port_is_told_the_password(
    settings: Any, street: CameraServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Snooper("127.0.0.1", points_to=street.url("1")) as pointer:
        allow(settings, pointer.place, f"127.0.0.1:{street.port}")
        assert probe.camera_probe(url=f"rtsp://{pointer.place}/1", user=USER, password=PASSWORD).width == 320


def test_where_tls_was_asked_for_nothing_goes_in_the_clear(settings: Any) -> None:
    with Snooper("127.0.0.1") as camera:
        allow(settings, camera.place)
        with pytest.raises(BadInput) as refused:
            probe.camera_probe(url=f"rtsps://{camera.place}/1", user=USER, password=PASSWORD)
    assert (refused.value.code, list(refused.value.fields)) == ("tls_unsupported", ["url"])
    assert camera.heard == b""


def test_a_redirect_to_tls_is_a_failure_like_any_other(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "LASTS_S", 2.0)
    with Snooper("127.0.0.1") as secure, Snooper("127.0.0.1", points_to=f"rtsps://{secure.place}/1") as camera:
        allow(settings, camera.place, secure.place)
        with pytest.raises(probe.ProbeFailed):
            probe.camera_probe(url=f"rtsp://{camera.place}/1", user=USER, password=PASSWORD)
    assert secure.heard == b""


@pytest.mark.parametrize(
    ("measured", "advice"),
    [
        ({"fps": 15, "keyframe_ms": 2000, "bitrate_bps": 1_200_000}, []),
        ({"fps": 15, "keyframe_ms": 0, "bitrate_bps": 1_200_000}, ["keyframe_smart"]),
        ({"fps": 15, "keyframe_ms": 10_000, "bitrate_bps": 1_200_000}, ["keyframe_smart"]),
        ({"fps": 5, "keyframe_ms": 5000, "bitrate_bps": 8_000_000}, ["keyframe_slow", "bitrate_high", "fps_low"]),
    ],
)
def test_advice(measured: dict[str, Any], advice: list[str]) -> None:
    assert probe.advice_for(**measured) == advice
    assert all(probe.advice_text(word) for word in advice)


def test_the_api_is_the_leaders(cast: Cast, street: CameraServer, allowed: int, valkey: Valkey) -> None:
    body = {"url": street.url("1"), "user": USER, "password": PASSWORD}
    for person in (cast.an, cast.cuc, cast.hoa, cast.dung):
        assert Api(person).post("/cameras/probe/", body)[0] == 404
    assert Api(None).post("/cameras/probe/", body)[0] == 401
    cache.clear()
    status, answer = Api(cast.binh).post("/cameras/probe/", body)
    assert status == 200 and answer["width"] == 320
    assert PASSWORD not in str(answer)


def test_six_a_minute(cast: Cast, valkey: Valkey) -> None:
    cache.clear()
    answers = [Api(cast.binh).post("/cameras/probe/", {"url": "http://x/"})[0] for _ in range(7)]
    assert answers == [400] * 6 + [429]
    cache.clear()


def test_without_redis_nobody_probes(cast: Cast, valkey: Valkey) -> None:
    valkey.kill()
    status, answer = Api(cast.binh).post("/cameras/probe/", {"url": "http://x/"})
    assert (status, answer["code"]) == (503, "unavailable")


@pytest.mark.parametrize(
    "body",
    [
        {}, {"url": "rtsp://127.0.0.1/x"}, {"url": "rtsp://169.254.169.254/"}, {"brand": "hikvision"},
        {"brand": "nobody", "host": "192.168.1.20"}, {"brand": "tapo", "host": "127.0.0.1"},
        {"brand": "tapo", "host": "a b"}, {"brand": "tapo", "host": "192.168.1.20:22"},
        {"url": "rtsp://192.168.1.20/1", "brand": "tapo", "host": "192.168.1.21"}, {"url": "rtsp://192.168.1.20\r\nX/"},
        {"url": "rtsp://192.168.1.20/1", "extra": 1}, {"url": 3}, {"url": None}, {"host": "192.168.1.20"},
    ],
)  # fmt: skip
def test_bad_input_is_refused_before_any_dial(
    cast: Cast, valkey: Valkey, body: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()

    def dialled(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("dialled")

    monkeypatch.setattr(probe, "Connection", dialled)
    status, answer = Api(cast.binh).post("/cameras/probe/", body)
    assert status == 400 and answer["errors"]
