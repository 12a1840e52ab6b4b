"""Other people's players play what the writer wrote: PyAV, ffmpeg, GStreamer, and hls.js in Chromium."""

import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.cameras.store.footage import WALL_US, Recording, encoded, indexes, muxed
from tests.cameras.store.serving import HLS_JS, Served
from tests.e2e.product import BROWSER_ARGS, SHELL
from tests.pace import PATIENCE_MS

pytestmark = pytest.mark.slow


@pytest.fixture(params=[0, 2], ids=["no B-frames", "B-frames"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Ten seconds in three slices, a reconnect, ten more seconds of another picture size."""
    first = encoded(b_frames=request.param)
    second = encoded(b_frames=request.param, width=640, height=360)
    recording = Recording(tmp_path)
    recording.write(muxed(first), first.init)
    recording.writer.seam()
    recording.write(muxed(second, at=900_000, wall_us=WALL_US + 13_000_000), second.init).close()
    return tmp_path


def frames_of(url: str) -> int:
    probe = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", url],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert probe.returncode == 0, probe.stderr
    return int(probe.stdout.split()[0])


def test_every_slice_plays_alone_in_pyav_and_ffmpeg(root: Path):
    counts = []
    for index in indexes(root):
        media = index.with_suffix(".mp4")
        with av.open(str(media), "r") as container:
            pictures = [frame.pts or 0 for frame in container.decode(video=0)]
        assert pictures == sorted(pictures)
        done = subprocess.run(
            ["ffmpeg", "-v", "warning", "-xerror", "-i", str(media), "-f", "null", "-"], capture_output=True, text=True
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        assert frames_of(str(media)) == len(pictures)
        counts.append(len(pictures))
    assert sum(counts) == 300


def test_a_slice_that_is_being_written_plays_too(tmp_path: Path):
    stream = encoded(b_frames=2)
    recording = Recording(tmp_path, slice_seconds=60).write(muxed(stream)[:4], stream.init)
    assert frames_of(str(indexes(tmp_path)[0].with_suffix(".mp4"))) == sum(one.frames for one in muxed(stream)[:4])
    recording.close()


def test_ffmpeg_plays_the_replay(root: Path):
    with Served(root) as url:
        assert frames_of(f"{url}/vod.m3u8") == 300


def test_gstreamer_plays_the_replay(root: Path):
    out = root / "gray.raw"
    with Served(root) as url:
        done = subprocess.run(
            [
                "gst-launch-1.0", "-q", "souphttpsrc", f"location={url}/vod.m3u8", "!", "hlsdemux", "!", "qtdemux", "!",
                "h264parse", "!", "avdec_h264", "!", "videoconvert", "!", "videoscale", "!",
                "video/x-raw,format=GRAY8,width=64,height=36", "!", "filesink", f"location={out}",
            ],
            capture_output=True, text=True, timeout=90,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert out.stat().st_size == 300 * 64 * 36


def test_gstreamer_plays_a_slice_alone(root: Path):
    media, out = indexes(root)[0].with_suffix(".mp4"), root / "gray.raw"
    done = subprocess.run(
        [
            "gst-launch-1.0", "-q", "filesrc", f"location={media}", "!", "qtdemux", "!", "h264parse", "!", "avdec_h264",
            "!", "videoconvert", "!", "videoscale", "!", "video/x-raw,format=GRAY8,width=64,height=36", "!",
            "filesink", f"location={out}",
        ],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert out.stat().st_size == 60 * 64 * 36


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert HLS_JS.exists(), "hls.js is missing: set-up installs it into build/vendor"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=SHELL, args=BROWSER_ARGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


STATE = """() => {
  const video = document.querySelector("video"), quality = video.getVideoPlaybackQuality();
  return {at: video.currentTime, frames: quality.totalVideoFrames, width: video.videoWidth, ended: video.ended,
          duration: video.duration, faults: window.faults};
}"""


def state(page: Page) -> dict[str, Any]:
    return dict(page.evaluate(STATE))


TRIES = 3
"""At four times the speed a busy machine halts the picture where it likes; footage that cannot be played halts it at
the same place each time."""


def played_to_its_end(page: Page, url: str) -> dict[str, Any]:
    page.goto("about:blank")
    page.goto(f"{url}/page.html#{url}/vod.m3u8")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.5", timeout=PATIENCE_MS)
    page.evaluate("() => { document.querySelector('video').playbackRate = 4 }")
    page.wait_for_function("() => document.querySelector('video').ended", timeout=PATIENCE_MS)
    return state(page)


@pytest.mark.browser
def test_hls_js_plays_the_replay_across_slices_and_a_reconnect_to_its_end(root: Path, page: Page):
    with Served(root) as url:
        for _ in range(TRIES):
            end = played_to_its_end(page, url)
            if set(end["faults"]) != {"bufferStalledError"}:
                break
    assert end["faults"] == []
    assert end["at"] == pytest.approx(20, abs=0.3)
    assert end["width"] == 640
    assert end["frames"] > 200


@pytest.mark.browser
def test_hls_js_seeks_in_the_replay(root: Path, page: Page):
    with Served(root) as url:
        page.goto(f"{url}/page.html#{url}/vod.m3u8")
        page.wait_for_function("() => document.querySelector('video').currentTime > 0.2", timeout=PATIENCE_MS)
        page.evaluate("() => { document.querySelector('video').currentTime = 15 }")
        page.wait_for_function("() => document.querySelector('video').currentTime > 15.5", timeout=PATIENCE_MS)
        assert state(page)["width"] == 640
        page.evaluate("() => { document.querySelector('video').currentTime = 3 }")
        page.wait_for_function(
            "() => { const v = document.querySelector('video'); return v.currentTime > 3.5 && v.currentTime < 9 }",
            timeout=PATIENCE_MS,
        )
        now = state(page)
    assert [fault for fault in now["faults"] if fault != "aborted"] == []  # a seek gives up the segment under way
    assert now["width"] == 320


@pytest.mark.browser
@pytest.mark.parametrize("b_frames", [0, 2])
def test_hls_js_follows_a_live_camera_over_a_reconnect(tmp_path: Path, page: Page, b_frames: int):
    stream = encoded(b_frames=b_frames)
    recording = Recording(tmp_path)
    before = muxed(stream)
    recording.write(before, stream.init)
    recording.writer.seam()
    after = muxed(encoded(b_frames=b_frames, frames=330), at=900_000, wall_us=WALL_US + 11_000_000)
    recording.write(after[:4], stream.init)
    stop = threading.Event()

    def go_on() -> None:
        began = time.monotonic()
        for number, one in enumerate(after[4:], start=1):
            if stop.wait(max(0.0, began + number - time.monotonic())):
                return
            recording.writer.write(one, stream.init)

    camera = threading.Thread(target=go_on)
    camera.start()
    try:
        with Served(tmp_path) as url:
            page.goto(f"{url}/page.html#{url}/live.m3u8")
            page.wait_for_function("() => document.querySelector('video').currentTime > 0", timeout=PATIENCE_MS)
            first = state(page)
            time.sleep(9)
            second = state(page)
    finally:
        stop.set()
        camera.join()
        recording.close()
    assert second["faults"] == []
    assert second["at"] - first["at"] > 7.5
    assert second["frames"] - first["frames"] > 90
