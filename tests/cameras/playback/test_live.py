"""Live: what a player gets out of the real server, from real slices that grow."""

import subprocess
import time
from datetime import datetime

import pytest

from cameras.models import Camera, Slice
from tests import web
from tests.cameras.playback.conftest import live_url, segments_of, tag, uris
from tests.cameras.playback.footage import Recorder, ago
from tests.cast import Cast
from tests.pace import PATIENCE_S
from tests.webserver import WebServer


def test_it_lists_the_newest_segments_and_goes_on(
    live_cast: Cast, camera: Camera, recorder: Recorder, server: WebServer
) -> None:
    url = live_url(server, live_cast.an, camera)
    first = web.get(url)
    assert first.status_code == 200
    assert first.headers["cache-control"] == "no-store"
    assert tag(first.text, "TARGETDURATION") == 2
    assert len(uris(first.text)) >= 6
    time.sleep(4.5)
    later = web.get(url)
    assert tag(later.text, "MEDIA-SEQUENCE") - tag(first.text, "MEDIA-SEQUENCE") in (2, 3)
    init = next(line for line in later.text.splitlines() if line.startswith("#EXT-X-MAP")).split('"')[1]
    assert web.get(f"{url.rpartition('/')[0]}/{init}").content == recorder.init
    assert web.get(segments_of(url)[-1]).content[4:8] == b"moof"


@pytest.mark.slow
def test_ffmpeg_plays_every_frame_of_it(live_cast: Cast, camera: Camera, recorder: Recorder, server: WebServer) -> None:
    url = live_url(server, live_cast.an, camera)
    played = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", url, "-t", "12", "-f", "framecrc", "-"], capture_output=True, timeout=60
    )
    frames = [line for line in played.stdout.splitlines() if not line.startswith(b"#")]
    assert (played.returncode, played.stderr) == (0, b"")
    assert len(frames) == 120


def test_it_follows_the_journals_from_slice_to_slice_without_rows(
    live_cast: Cast, camera: Camera, server: WebServer
) -> None:
    recorder = Recorder(camera, slice_seconds=4)
    recorder.past(ago(20), 20)
    try:
        url = live_url(server, live_cast.an, camera)
        segments_of(url)
        Slice.objects.all().delete()
        recorder.live()
        time.sleep(9)
        listed = segments_of(url)
        names = {address.split("/")[-2] for address in listed}
        assert len(names) >= 2
        assert "#EXT-X-DISCONTINUITY" not in web.get(url).text.split("#EXTINF")[-1]
    finally:
        recorder.close()


def test_a_seam_shows_as_a_discontinuity_with_its_map(live_cast: Cast, camera: Camera, server: WebServer) -> None:
    recorder = Recorder(camera)
    recorder.past(ago(14), 8)
    recorder.seam()
    recorder.past(ago(6), 6)
    text = web.get(live_url(server, live_cast.an, camera)).text
    recorder.close()
    before, mark, after = text.partition("#EXT-X-DISCONTINUITY\n")
    assert mark
    assert before.count("#EXTINF") >= 2
    assert after.startswith("#EXT-X-MAP")


def test_the_successor_of_a_killed_recorder_is_found(live_cast: Cast, camera: Camera, server: WebServer) -> None:
    """No close record leads from one to the other; the rows do, within the silence the watcher allows."""
    killed = Recorder(camera, generation=1)
    killed.past(ago(30), 30)
    url = live_url(server, live_cast.an, camera)
    first = segments_of(url)
    successor = Recorder(camera, generation=2)
    successor.live()
    try:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and segments_of(url)[-1].split("/")[-2] == first[-1].split("/")[-2]:
            time.sleep(0.3)
        text = web.get(url).text
        assert segments_of(url)[-1].split("/")[-2] != first[-1].split("/")[-2]
        assert "#EXT-X-DISCONTINUITY\n" in text
    finally:
        successor.close()


def test_an_old_picture_is_not_called_live(live_cast: Cast, camera: Camera, server: WebServer) -> None:
    recorder = Recorder(camera)
    recorder.past(ago(200), 60)
    recorder.close()
    answer = web.get(live_url(server, live_cast.an, camera))
    assert (answer.status_code, answer.json()["code"]) == (503, "no_picture")
    assert answer.headers["retry-after"] == "2"


def test_footage_of_another_mask_is_not_shown_live(live_cast: Cast, camera: Camera, server: WebServer) -> None:
    recorder = Recorder(camera)
    recorder.past(ago(20), 20)
    listed = segments_of(live_url(server, live_cast.an, camera))
    Camera.objects.filter(id=camera.id).update(mask_version=1)
    masked = live_url(server, live_cast.an, camera)
    recorder.close()
    assert web.get(masked).json()["code"] == "no_picture"
    stolen = f"{masked.rpartition('/')[0]}/{'/'.join(listed[-1].split('/')[-2:])}"
    assert web.get(stolen).status_code == 404


def test_program_date_time_is_when_it_was_recorded(live_cast: Cast, camera: Camera, server: WebServer) -> None:
    recorder = Recorder(camera)
    begun = ago(20)
    recorder.past(begun, 20)
    text = web.get(live_url(server, live_cast.an, camera)).text
    recorder.close()
    said = [line.partition(":")[2] for line in text.splitlines() if "DATE-TIME" in line]
    since = [datetime.fromisoformat(one) - begun for one in said]
    assert [round(one.total_seconds(), 2) for one in since] == [2.0 * n for n in range(3, 3 + len(said))]
