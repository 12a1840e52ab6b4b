"""Replay: a range of the past across slices, and nothing beside it."""

import gzip
import subprocess
import time
from datetime import timedelta

from cameras.models import Camera
from cameras.store.journal import Journal
from tests import web
from tests.cameras.playback.conftest import live_url, replay_url, segments_of, tag, uris
from tests.cameras.playback.footage import Recorder, ago
from tests.cameras.playback.test_viewing import daily
from tests.cast import Cast
from tests.webserver import WebServer


def names(url: str) -> list[str]:
    """``<slice>/<offset>-<length>.m4s`` of every segment of a playlist."""
    return ["/".join(address.split("/")[-2:]) for address in segments_of(url)]


def test_ffmpeg_plays_a_range_across_slices_and_a_seam(live_cast: Cast, camera: Camera, server: WebServer) -> None:
    recorder = Recorder(camera, slice_seconds=6)
    recorder.past(ago(60), 20)
    recorder.seam()
    recorder.past(ago(36), 20)
    recorder.close()
    url = replay_url(server, live_cast.an, camera, ago(60), ago(10))
    text = web.get(url).text
    assert text.count("#EXT-X-DISCONTINUITY\n") == 1
    assert text.rstrip().endswith("#EXT-X-ENDLIST")
    assert tag(text, "TARGETDURATION") == 2
    played = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", url, "-f", "framecrc", "-"], capture_output=True, timeout=60
    )
    assert played.returncode == 0
    assert len([line for line in played.stdout.splitlines() if not line.startswith(b"#")]) == 400


def test_a_range_up_to_the_present_does_not_grow_while_it_is_watched(
    live_cast: Cast, camera: Camera, server: WebServer
) -> None:
    recorder = Recorder(camera)
    recorder.past(ago(20), 20)
    recorder.live()
    try:
        url = replay_url(server, live_cast.an, camera, ago(20), ago(0))
        first = web.get(url).text
        time.sleep(4.5)  # the segment that was open when the session began is whole now
        assert web.get(url).text == first
        assert first.rstrip().endswith("#EXT-X-ENDLIST")
    finally:
        recorder.close()


def test_only_what_lies_in_the_window_is_served(live_cast: Cast, camera: Camera, server: WebServer) -> None:
    recorder = Recorder(camera)
    begun = ago(60)
    recorder.past(begun, 50)
    recorder.close()
    whole = segments_of(replay_url(server, live_cast.an, camera, begun, ago(5)))
    part = replay_url(server, live_cast.an, camera, begun + timedelta(seconds=20), begun + timedelta(seconds=30))
    inside = segments_of(part)
    base = part.rpartition("/")[0]
    names = ["/".join(address.split("/")[-2:]) for address in whole]
    assert len(whole) == 25
    assert len(inside) == 5
    served = [web.get(f"{base}/{name}").status_code for name in names]
    assert served == [404] * 10 + [200] * 5 + [404] * 10


def test_private_hours_are_cut_out(live_cast: Cast, camera: Camera, server: WebServer) -> None:
    """Private for one minute of the past: what touches it is neither listed nor served."""
    recorder = Recorder(camera)
    begun = ago(400)
    recorder.past(begun, 300)
    recorder.close()
    everything = names(replay_url(server, live_cast.an, camera, begun, ago(90)))
    start = (begun + timedelta(seconds=130)).replace(second=0, microsecond=0)
    camera.private_hours = daily(start, start + timedelta(minutes=1))
    camera.save()
    url = replay_url(server, live_cast.an, camera, begun, ago(90))
    missing = [name for name in everything if name not in names(url)]
    assert len(missing) in (30, 31)
    base = url.rpartition("/")[0]
    assert {web.get(f"{base}/{name}").status_code for name in missing} == {404}
    assert "#EXT-X-DISCONTINUITY" in web.get(url).text


def test_exactly_one_segment_or_one_fragment(
    live_cast: Cast, camera: Camera, recorder: Recorder, server: WebServer
) -> None:
    url = live_url(server, live_cast.an, camera)
    address = segments_of(url)[0]
    base, _, name = address.rpartition("/")
    offset, length = (int(text) for text in name.removesuffix(".m4s").split("-"))
    journal = Journal.open(next((recorder.root / str(camera.id) / "main").glob("*/*.idx")))
    first = next(part for part in journal.fragments if part.offset == offset)
    fragments = [part for part in journal.fragments if offset <= part.offset < offset + length]
    whole = web.get(address).content
    assert len(fragments) == 2
    assert web.get(f"{base}/{first.offset}-{first.length}.m4s").content == whole[: first.length]
    for other in (
        f"{offset + 1}-{length - 1}", f"{offset}-{length - 1}", f"{offset}-{length + 1}", f"0-{offset}",
        f"{offset}-{fragments[0].length + fragments[1].length + 1}", f"0{offset}-{length}", f"{offset}-0{length}",
        f"{offset}-99999999999999", f"0-{journal.header.init_length}", "0-0",
    ):  # fmt: skip
        assert web.get(f"{base}/{other}.m4s").status_code == 404, other


def test_ranges_and_head(live_cast: Cast, camera: Camera, recorder: Recorder, server: WebServer) -> None:
    address = segments_of(live_url(server, live_cast.an, camera))[0]
    whole = web.get(address)
    assert whole.headers["cache-control"] == "private, max-age=600"
    assert whole.headers["accept-ranges"] == "bytes"
    head = web.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))
    part = web.get(address, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.content)}"
    assert web.get(address, headers={"Range": "bytes=-5"}).content == whole.content[-5:]
    assert web.get(address, headers={"Range": f"bytes={len(whole.content)}-"}).status_code == 416
    assert web.get(address, headers={"Range": "bytes=5-1"}).status_code == 200
    assert web.get(address, headers={"Range": "lines=1-2"}).status_code == 200
    assert web.post(address).status_code == 405


def test_a_long_playlist_travels_packed(live_cast: Cast, camera: Camera, server: WebServer) -> None:
    recorder = Recorder(camera)
    recorder.past(ago(400), 400)
    recorder.close()
    url = replay_url(server, live_cast.an, camera, ago(400), ago(1))
    with web.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == "gzip"
    plain = web.get(url, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(packed) == plain.content
    assert len(uris(plain.text)) >= 198
