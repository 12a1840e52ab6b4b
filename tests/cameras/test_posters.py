"""Posters and frames: fresh while somebody looks, and a decoder that crashes or hangs costs one picture."""

import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import pytest
import redis
from django.conf import settings

from backend.lib.clock import now, to_us
from cameras import frames, posters, registration
from cameras.models import Camera
from cameras.stills.decoder import Decoder
from tests.cameras.playback.conftest import actor_of, make_camera
from tests.cameras.playback.footage import Recorder, ago, encoded
from tests.cameras.playback.test_viewing import daily
from tests.cast import Cast
from tests.pace import allowed
from tests.servers import Valkey

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
ALWAYS = {"days": list(range(7)), "from": "00:00", "to": "00:00"}


@pytest.fixture
def camera(cast: Cast) -> Camera:
    return make_camera(cast)


@pytest.fixture
def recorder(camera: Camera) -> Iterator[Recorder]:
    made = Recorder(camera)
    yield made
    made.close()


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    made = Decoder()
    yield made
    made.close()


def media(camera: Camera) -> bytes:
    key = frames.key_frame(camera.id, "main", to_us(now()), mask_version=0)
    assert key is not None
    return key.read()


def aged(path: Path) -> None:
    """As if the poster had been written long ago: change times cannot be set, so its threshold is waited out."""
    time.sleep(max(0.0, posters.RENEW_S - (time.time() - path.stat().st_ctime)) + 0.05)


def test_a_poster_is_the_newest_key_frame_and_says_when_it_was_taken(camera: Camera, recorder: Recorder) -> None:
    recorder.past(ago(12), 10)
    assert posters.poster_refresh(camera, now=now())
    path = posters.poster_path(camera.id)
    with av.open(str(path)) as picture:
        assert next(picture.decode(video=0)).width == 320
    key = frames.key_frame(camera.id, "main", to_us(now()), mask_version=0)
    assert key is not None and path.stat().st_mtime_ns // 1000 == key.wall_us
    assert [one.name for one in path.parent.glob(f"*{camera.id}*")] == [path.name]


def test_a_fresh_poster_is_left_alone_and_an_old_one_renewed(camera: Camera, recorder: Recorder) -> None:
    recorder.past(ago(30), 10)
    assert [posters.posters_refresh([camera.id], now=now()) for _ in range(2)] == [1, 0]
    aged(posters.poster_path(camera.id))
    assert not posters.poster_refresh(camera, now=now())  # nothing newer came
    recorder.past(ago(10), 8)
    assert posters.poster_refresh(camera, now=now())


def test_private_hours_make_no_poster(camera: Camera, recorder: Recorder) -> None:
    recorder.past(ago(12), 10)
    camera.private_hours = [ALWAYS]
    assert not posters.poster_refresh(camera, now=now())
    assert not posters.poster_path(camera.id).exists()


def test_footage_of_private_hours_makes_no_poster_after_them(camera: Camera, recorder: Recorder) -> None:
    """The camera falls silent two seconds before its private hours end: its newest picture is theirs."""
    over = now().replace(second=0, microsecond=0) - timedelta(minutes=1)
    camera.private_hours = daily(over - timedelta(hours=1), over)
    camera.save()
    recorder.past(over - timedelta(seconds=62), 60)
    assert not posters.poster_refresh(camera, now=over + timedelta(seconds=20))
    assert not posters.poster_path(camera.id).exists()


def test_a_picture_that_began_before_private_hours_and_reaches_into_them_is_theirs(
    camera: Camera, recorder: Recorder
) -> None:
    begin = now().replace(second=0, microsecond=0) - timedelta(minutes=2)
    camera.private_hours = daily(begin, begin + timedelta(minutes=1))
    camera.save()
    recorder.past(begin - timedelta(seconds=10.5), 40)  # key frames at -10.5, -8.5, …, -0.5: the last is a second long
    assert posters.poster_refresh(camera, now=begin + timedelta(seconds=65))
    assert posters.poster_path(camera.id).stat().st_mtime_ns // 1000 == to_us(begin) - 2_500_000


def test_footage_under_other_masks_makes_no_poster(camera: Camera, recorder: Recorder) -> None:
    recorder.past(ago(12), 10)
    camera.mask_version = 1
    camera.save()
    assert posters.posters_refresh([camera.id], now=now()) == 0
    assert not posters.poster_path(camera.id).exists()
    assert frames.frame_jpeg(camera.id, "main", at_us=None, width=160, mask_version=1) is None
    assert frames.frame_jpeg(camera.id, "main", at_us=None, width=160, mask_version=0) is not None


@pytest.mark.parametrize("change", [{"masks": [{"x": 1}]}, {"private_hours": [ALWAYS]}])
def test_a_poster_that_was_being_made_while_the_rules_changed_is_not_kept(
    change: dict[str, object],
    cast: Cast,
    camera: Camera,
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    recorder.past(ago(12), 10)
    decode = frames.still_of

    def slowly(key: frames.KeyFrame, **how: int) -> frames.Still | None:
        still = decode(key, **how)
        with django_capture_on_commit_callbacks(execute=True):
            registration.camera_edit(actor=actor_of(cast.binh), camera_id=camera.id, changes=change, now=now())
        return still

    monkeypatch.setattr(frames, "still_of", slowly)
    assert not posters.poster_refresh(camera, now=now())
    assert not posters.poster_path(camera.id).exists()


def test_one_cameras_damage_leaves_the_others_their_posters(cast: Cast, camera: Camera, recorder: Recorder) -> None:
    recorder.past(ago(12), 10)
    broken = make_camera(cast)
    other = Recorder(broken)
    other.past(ago(12), 10)
    other.close()
    for index in (settings.CONFIG.store_dir / str(broken.id)).glob("*/*/*.mp4"):
        index.write_bytes(b"\0" * index.stat().st_size)
    assert posters.posters_refresh([broken.id, camera.id], now=now()) == 1
    assert posters.poster_path(camera.id).exists()


def test_those_somebody_looks_at_are_found(camera: Camera, valkey: Valkey) -> None:
    with redis.Redis(unix_socket_path=str(valkey.path)) as client:
        for before in client.scan_iter(f"{posters.KEY}*"):  # looks of earlier tests live for half a minute
            client.delete(before)
        client.set(f"{posters.KEY}{camera.id}", 1, ex=30)
        client.set(f"{posters.KEY}nonsense", 1, ex=30)
        assert posters.looked_at(client) == [camera.id]
        client.delete(f"{posters.KEY}{camera.id}", f"{posters.KEY}nonsense")


def test_a_frame_of_the_past_is_the_key_frame_at_or_before(camera: Camera, recorder: Recorder) -> None:
    start = ago(60)
    recorder.past(start, 40)
    at_us = to_us(start) + 11_000_000
    still = frames.frame_jpeg(camera.id, "main", at_us=at_us, width=160, mask_version=0)
    assert still is not None and still.wall_us == to_us(start) + 10_000_000
    asked: dict[str, Any] = {"at_us": at_us, "width": 160, "mask_version": 0}
    outside = frames.frame_jpeg(camera.id, "main", **asked, windows_us=[(at_us, at_us + 1)])
    away = frames.frame_jpeg(camera.id, "main", **asked, away_us=[(at_us - 500_000, at_us)])  # its end touches them
    assert outside is None
    assert away is not None and away.wall_us == to_us(start) + 8_000_000


def test_an_old_frame_is_not_called_the_newest(camera: Camera, recorder: Recorder) -> None:
    recorder.past(ago(85), 10)
    assert frames.frame_jpeg(camera.id, "main", at_us=None, width=160, mask_version=0) is None


def test_what_is_no_video_is_no_picture(decoder: Decoder) -> None:
    init, _units = encoded()
    for junk in (b"", b"\0" * 5000, init, init + b"\xff" * 3000, init[:40]):
        assert decoder.jpeg(junk, width=160, quality=80) is None


def test_the_child_dies_and_the_next_picture_comes(camera: Camera, recorder: Recorder, decoder: Decoder) -> None:
    recorder.past(ago(12), 10)
    good = media(camera)
    assert decoder.jpeg(good, width=160, quality=80)
    child = decoder._child
    assert child is not None
    child.kill()
    child.wait()
    assert decoder.jpeg(good, width=160, quality=80)
    assert decoder._child is not child


def test_a_child_that_hangs_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cameras.stills.decoder.ANSWER_S", 0.5)
    stuck = Decoder((sys.executable, "-c", "import time; time.sleep(60)"))
    begun = time.monotonic()
    assert stuck.jpeg(b"x" * 1_000_000, width=160, quality=80) is None
    assert time.monotonic() - begun < allowed(3)
    assert stuck._child is None


def test_threads_take_turns(camera: Camera, recorder: Recorder, decoder: Decoder) -> None:
    recorder.past(ago(12), 10)
    good = media(camera)
    got: list[bytes | None] = []
    threads = [
        threading.Thread(target=lambda: got.append(decoder.jpeg(good, width=160, quality=80))) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(got)) == 1 and got[0]


def test_the_parent_loads_no_decoder() -> None:
    """PyAV and FFmpeg live in the child alone: a web or worker process must not be able to crash in them."""
    import subprocess

    code = "import sys, cameras.stills.decoder; print([m for m in sys.modules if m.split('.')[0] in ('av', 'django')])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert out.stdout.strip() == "[]"
