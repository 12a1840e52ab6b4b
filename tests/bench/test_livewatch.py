"""The reader against a small server of real footage: silent where all is right, plain where a byte is not."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench.rig.livewatch import LiveWatch, Watched
from tests.cameras.store.footage import Recording, encoded, muxed
from tests.cameras.store.serving import Served

pytestmark = pytest.mark.slow
WATCHED_S = 9.0


@pytest.fixture(scope="module")
def growing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store in which a camera is being recorded: ten seconds are there, a reconnect comes four seconds on."""
    root = tmp_path_factory.mktemp("growing")
    stream = encoded(frames=450)
    fragments = muxed(stream)
    recording = Recording(root, slice_seconds=60).write(fragments[:10], stream.init)
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
    yield root
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


@pytest.fixture(scope="module")
def seen(growing: Path) -> dict[str, Watched]:
    """What it sees of the right server and of the other, in the same seconds."""
    with ExitStack() as open_servers:
        watches = {}
        for name, server in (("right", Served(growing)), ("tampered", Tampered(growing))):
            watches[name] = LiveWatch(f"{open_servers.enter_context(server)}/live.m3u8").start()
        time.sleep(WATCHED_S)
        assert all(watch.alive for watch in watches.values())
        return {name: watch.stop() for name, watch in watches.items()}


def test_it_finds_nothing_where_all_is_right(seen: dict[str, Watched]) -> None:
    right = seen["right"]
    assert right.faults == []
    assert right.segments >= 8
    assert right.frames == right.segments * 30
    assert len(right.discontinuities) == 1
    assert right.readings >= 12


def test_it_finds_media_that_does_not_go_on(seen: dict[str, Watched]) -> None:
    assert any("tfdt" in fault for fault in seen["tampered"].faults)
