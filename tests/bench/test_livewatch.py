"""The reader against a small server of real footage: silent where all is right, plain where a byte is not."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.rig.livewatch import LiveWatch, Watched
from tests.cameras.store.footage import Recording, encoded, muxed
from tests.cameras.store.serving import Served

pytestmark = pytest.mark.slow
WATCHED_S = 9.0


@pytest.fixture
def growing(tmp_path: Path) -> Iterator[Path]:
    """A store in which a camera is being recorded: ten seconds are there, a reconnect comes four seconds on."""
    stream = encoded(frames=450)
    fragments = muxed(stream)
    recording = Recording(tmp_path, slice_seconds=60).write(fragments[:10], stream.init)
    stop = threading.Event()

    def go_on() -> None:
        began = time.monotonic()
        for number, one in enumerate(fragments[10:]):
            if stop.wait(max(0.0, began + number - time.monotonic())):
                return
            if number == 4:
                recording.writer.seam()
            recording.writer.write(one, stream.init)

    camera = threading.Thread(target=go_on)
    camera.start()
    yield tmp_path
    stop.set()
    camera.join()
    recording.close()


class Tampered(Served):
    """Serves segments whose last byte of media time is another."""

    def body(self, path: str) -> bytes:
        body = super().body(path)
        at = body.find(b"tfdt")
        if path.endswith(".m4s") and at > 0:
            return body[: at + 15] + bytes([body[at + 15] ^ 1]) + body[at + 16 :]
        return body


def watched(server: Served) -> Watched:
    with server as url:
        watch = LiveWatch(f"{url}/live.m3u8").start()
        time.sleep(WATCHED_S)
        assert watch.alive
        return watch.stop()


def test_it_finds_nothing_where_all_is_right(growing: Path) -> None:
    seen = watched(Served(growing))
    assert seen.faults == []
    assert seen.segments >= 8
    assert seen.frames == seen.segments * 30
    assert len(seen.discontinuities) == 1
    assert seen.readings >= 12


def test_it_finds_media_that_does_not_go_on(growing: Path) -> None:
    seen = watched(Tampered(growing))
    assert any("tfdt" in fault for fault in seen.faults)
