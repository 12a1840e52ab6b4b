"""Taken back: from the verb's return to the last byte served, 2 s or less, with slow readers amid a segment."""

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import pytest

from backend.lib.clock import now
from cameras import registration
from cameras.models import Camera, ViewSession
from neighborhoods import codes, devices, households, people
from tests import web
from tests.cameras.playback.conftest import actor_of, live_url, replay_url, segments_of
from tests.cameras.playback.footage import Recorder, ago
from tests.cast import Cast
from tests.pace import PATIENCE_S, allowed
from tests.servers import Valkey
from tests.webserver import WebServer

LIMIT_S = 2.0


@dataclass
class SlowReader:
    """Downloads one segment at about 100 kB/s and remembers when the last byte came, and how it ended."""

    url: str
    got: int = 0
    last_byte_at: float = 0.0
    ended: str = ""
    done: threading.Event = field(default_factory=threading.Event)

    def start(self) -> "SlowReader":
        threading.Thread(target=self._run, daemon=True).start()
        return self

    def _run(self) -> None:
        parts = urlsplit(self.url)
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.connect((parts.hostname, parts.port))
            sock.sendall(f"GET {parts.path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            try:
                while chunk := sock.recv(4096):
                    self.got += len(chunk)
                    self.last_byte_at = time.monotonic()
                    time.sleep(0.04)
                self.ended = "eof"
            except ConnectionResetError:
                self.ended = "reset"
        self.done.set()


@pytest.fixture
def heavy(camera: Camera) -> Iterator[Recorder]:
    """Two-megabyte segments, recorded up to now and going on."""
    recorder = Recorder(camera, pad=100_000)
    recorder.past(ago(20), 20)
    recorder.live()
    yield recorder
    recorder.close()


def by_code(cast: Cast, camera: Camera) -> None:
    assert cast.an.device.code_id is not None
    codes.code_revoke(actor=actor_of(cast.binh), code_id=cast.an.device.code_id, now=now())


def by_device(cast: Cast, camera: Camera) -> None:
    devices.device_revoke(actor=actor_of(cast.binh), device_id=cast.an.device.id, now=now())


def by_household(cast: Cast, camera: Camera) -> None:
    assert cast.an.household is not None
    households.household_leave(actor=actor_of(cast.binh), household_id=cast.an.household.id, now=now())


def by_member(cast: Cast, camera: Camera) -> None:
    assert cast.an.member is not None
    people.member_leave(actor=actor_of(cast.binh), member_id=cast.an.member.id, now=now())


def by_camera(cast: Cast, camera: Camera) -> None:
    registration.camera_retire(actor=actor_of(cast.binh), camera_id=camera.id, now=now())


def by_private_hours(cast: Cast, camera: Camera) -> None:
    hours = [{"days": [0, 1, 2, 3, 4, 5, 6], "from": "00:00", "to": "00:00"}]
    registration.camera_edit(
        actor=actor_of(cast.binh), camera_id=camera.id, changes={"private_hours": hours}, now=now()
    )


ACTS = [by_code, by_device, by_household, by_member, by_camera, by_private_hours]


def cut_within_limit(reader: SlowReader, act: Callable[[], None]) -> float:
    """Wait until the reader is in the middle, act, and give the seconds from the act's return to the last byte."""
    while reader.got < 50_000:
        assert not reader.done.wait(0.02), "the reader ended before it began"
    act()
    answered = time.monotonic()
    assert reader.done.wait(PATIENCE_S), "still being served"
    assert reader.ended == "reset"
    return reader.last_byte_at - answered


@pytest.mark.both_databases
@pytest.mark.parametrize("act", ACTS)
def test_a_download_in_the_middle_ends(
    act: Callable[[Cast, Camera], None], live_cast: Cast, camera: Camera, heavy: Recorder, server: WebServer
) -> None:
    live = live_url(server, live_cast.an, camera)
    replay = replay_url(server, live_cast.an, camera, ago(20), ago(2))
    readers = [SlowReader(segments_of(url)[-1]).start() for url in (live, replay)]
    while readers[1].got < 50_000:
        time.sleep(0.02)
    assert cut_within_limit(readers[0], lambda: act(live_cast, camera)) <= allowed(LIMIT_S)
    assert readers[1].done.wait(1)
    assert readers[1].ended == "reset"
    for url in (live, replay):
        answer = web.get(url)
        assert (answer.status_code, answer.json()["code"]) == (403, "revoked")
        assert answer.headers["content-type"] == "application/problem+json"


@contextmanager
def up(valkey: Valkey) -> Iterator[None]:
    yield


@contextmanager
def frozen(valkey: Valkey) -> Iterator[None]:
    valkey.process.send_signal(signal.SIGSTOP)
    yield
    valkey.process.send_signal(signal.SIGCONT)


@contextmanager
def stopped(valkey: Valkey) -> Iterator[None]:
    valkey.stop()
    yield
    valkey.start()


@contextmanager
def restarted(valkey: Valkey) -> Iterator[None]:
    valkey.stop()
    valkey.start()
    yield


@contextmanager
def flushed(valkey: Valkey) -> Iterator[None]:
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(str(valkey.path))
        door.sendall(b"FLUSHALL\r\n")
        assert door.recv(16).startswith(b"+OK")
    yield


@pytest.mark.both_databases
@pytest.mark.parametrize("state", [up, frozen, stopped, restarted, flushed])
def test_whatever_redis_does(
    state: Callable[[Valkey], AbstractContextManager[None]],
    live_cast: Cast,
    camera: Camera,
    heavy: Recorder,
    server: WebServer,
    valkey: Valkey,
) -> None:
    url = live_url(server, live_cast.an, camera)
    with state(valkey):
        reader = SlowReader(segments_of(url)[-1]).start()
        assert cut_within_limit(reader, lambda: by_code(live_cast, camera)) <= allowed(LIMIT_S)
        assert web.get(url).json()["code"] == "revoked"


def test_a_stranger_goes_on_watching(live_cast: Cast, camera: Camera, heavy: Recorder, server: WebServer) -> None:
    theirs, mine = live_url(server, live_cast.an, camera), live_url(server, live_cast.binh, camera)
    reader = SlowReader(segments_of(mine)[-1]).start()
    by_code(live_cast, camera)
    time.sleep(1.2)
    assert web.get(theirs).status_code == 403
    before = reader.got
    time.sleep(0.5)
    assert reader.got > before
    assert web.get(mine).status_code == 200


def test_alive_answers_at_the_revocation(live_cast: Cast, camera: Camera, heavy: Recorder, server: WebServer) -> None:
    url = live_url(server, live_cast.an, camera).replace("live.m3u8", "alive")
    answers: list[httpx.Response] = []
    waiting = threading.Thread(target=lambda: answers.append(web.get(url, timeout=40)))
    waiting.start()
    time.sleep(0.5)
    by_code(live_cast, camera)
    answered = time.monotonic()
    waiting.join(PATIENCE_S)
    assert time.monotonic() - answered <= allowed(LIMIT_S)
    assert (answers[0].status_code, answers[0].json()["code"]) == (403, "revoked")


def test_a_session_revoked_before_this_process_knew_it(
    live_cast: Cast, camera: Camera, heavy: Recorder, server: WebServer
) -> None:
    url = live_url(server, live_cast.an, camera)
    by_code(live_cast, camera)
    assert web.get(url).json()["code"] == "revoked"


def test_a_download_ends_with_its_session(live_cast: Cast, camera: Camera, heavy: Recorder, server: WebServer) -> None:
    """As at the next boundary of private hours: the end is in the row from the start."""
    url = live_url(server, live_cast.an, camera)
    ends_at = ago(-3)
    ViewSession.objects.update(ends_at=ends_at)
    reader = SlowReader(segments_of(url)[-1]).start()
    assert reader.done.wait(6)
    assert reader.ended == "reset"
    assert abs((now() - ends_at).total_seconds()) < 1
    assert web.get(url).json()["code"] == "session_ended"
