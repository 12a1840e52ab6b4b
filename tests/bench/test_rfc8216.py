"""The benchmark's own reader of playlists: it takes what is right and names what is not."""

from datetime import UTC, datetime, timedelta

import pytest

from bench.rig import rfc8216
from bench.rig.rfc8216 import Broken

BEGAN = datetime(2026, 11, 20, 8, tzinfo=UTC)


def live(
    first=100, count=6, *, target=2, seconds="2.000", discontinuity=1, breaks=(), at=None, init="a", more=(), version=7
):  # fmt: skip
    """A right playlist, unless told otherwise. ``breaks`` are sequence numbers that stand behind a discontinuity."""
    lines = [
        "#EXTM3U", f"#EXT-X-VERSION:{version}", f"#EXT-X-TARGETDURATION:{target}", f"#EXT-X-MEDIA-SEQUENCE:{first}",
        "#EXT-X-INDEPENDENT-SEGMENTS", f"#EXT-X-DISCONTINUITY-SEQUENCE:{discontinuity}",
    ]  # fmt: skip
    for number in range(first, first + count):
        if number in breaks:
            lines.append("#EXT-X-DISCONTINUITY")
        if number in breaks or number == first:
            lines.append(f'#EXT-X-MAP:URI="{init}.mp4"')
        stamp = (at or {}).get(number, BEGAN + timedelta(seconds=2 * number))
        lines += [f"#EXT-X-PROGRAM-DATE-TIME:{stamp.isoformat()}", f"#EXTINF:{seconds},", f"{number}.m4s"]
    return "\n".join([*lines, *more]) + "\n"


def found(text):
    return list(rfc8216.faults_of(rfc8216.parse(text)))


def between(old, new):
    return list(rfc8216.faults_between(rfc8216.parse(old), rfc8216.parse(new)))


def test_a_right_playlist_has_no_faults_and_its_numbers_are_counted():
    playlist = rfc8216.parse(live(breaks=[103]))
    assert list(rfc8216.faults_of(playlist)) == []
    assert [segment.sequence for segment in playlist.segments] == list(range(100, 106))
    assert [segment.discontinuity for segment in playlist.segments] == [1, 1, 1, 2, 2, 2]
    assert playlist.seconds == 12


@pytest.mark.parametrize("text", [
    pytest.param("\ufeff" + live(), id="byte order mark"),
    pytest.param(live().replace("#EXTM3U\n", ""), id="no EXTM3U"),
    pytest.param(live().rstrip("\n"), id="no end of line"),
    pytest.param(live().replace("TARGETDURATION:2", "TARGETDURATION:2.0"), id="target is no integer"),
    pytest.param(live().replace("#EXT-X-TARGETDURATION:2\n", ""), id="no target"),
    pytest.param(live().replace("#EXT-X-TARGETDURATION:2\n", "#EXT-X-TARGETDURATION:2\n" * 2), id="target twice"),
    pytest.param(live(more=["#EXT-X-MEDIA-SEQUENCE:7"]), id="media sequence behind segments"),
    pytest.param(live(more=["#EXT-X-DISCONTINUITY-SEQUENCE:7"]), id="discontinuity sequence behind segments"),
    pytest.param(live(more=["#EXTINF:2.0,"]), id="EXTINF without URI"),
    pytest.param(live(more=["200.m4s"]), id="URI without EXTINF"),
    pytest.param(live().replace("+00:00", "", 1), id="time without zone"),
    pytest.param(live(seconds="-2.0"), id="negative duration"),
    pytest.param(live().replace("2.000,", "2.000"), id="EXTINF without comma"),
    pytest.param(live().replace('"a.mp4"', "a.mp4"), id="map without quotes"),
    pytest.param(live(more=["#EXT-X-ENDLIST:1"]), id="ENDLIST with a value"),
    pytest.param(live(more=["#EXT-X-NOVELTY"]), id="unknown tag"),
])  # fmt: skip
def test_what_a_client_could_not_read_is_broken(text):
    with pytest.raises(Broken):
        rfc8216.parse(text)


@pytest.mark.parametrize(("text", "section"), [
    (live(seconds="2.500"), "4.3.3.1"),
    (live(version=5), "7"),
    (live().replace('#EXT-X-MAP:URI="a.mp4"\n', ""), "3.3"),
    (live(at={103: BEGAN + timedelta(seconds=206.06)}), "4.3.2.6"),
    (live().replace("105.m4s", "104.m4s"), "one URL"),
    (live().replace("#EXT-X-VERSION", "#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-VERSION"), "4.3.3.5"),
])  # fmt: skip
def test_what_must_not_stand_in_one_playlist_is_named(text, section):
    assert any(fault.startswith(section) for fault in found(text))


def test_half_a_second_more_is_rounded_up_and_less_is_not():
    assert found(live(seconds="2.499", at={n: BEGAN + timedelta(seconds=2.499 * n) for n in range(100, 106)})) == []


def test_a_window_may_slide_grow_and_lose_its_discontinuity():
    old = live(breaks=[101])
    assert between(old, live()) != []  # the tag vanished while its segment stayed
    assert between(old, live(101, breaks=[], discontinuity=2)) == []
    assert between(old, live(100, 8, breaks=[101])) == []
    assert between(live(), live(106)) == []
    assert between(old, live(102, discontinuity=2)) == []


@pytest.mark.parametrize("new", [
    pytest.param(live(101, target=3), id="target changed"),
    pytest.param(live(99), id="media sequence went back"),
    pytest.param(live(100, 5), id="end went back"),
    pytest.param(live(101, discontinuity=0), id="discontinuity sequence went back"),
    pytest.param(live(101, discontinuity=2), id="discontinuity without a tag"),
    pytest.param(live(101, 3), id="too little left"),
    pytest.param(live(101).replace("103.m4s", "x.m4s"), id="URL changed"),
    pytest.param(live(101, seconds="1.990"), id="EXTINF changed"),
    pytest.param(live(101, init="b"), id="map changed"),
    pytest.param(live(101).replace("#EXT-X-INDEPENDENT-SEGMENTS\n", ""), id="independence taken back"),
    pytest.param(live(108), id="segments never listed"),
    pytest.param(live(106, at={n: BEGAN + timedelta(seconds=2 * n + 1) for n in range(106, 112)}), id="time jumped"),
])  # fmt: skip
def test_what_must_not_happen_between_two_readings_is_named(new):
    assert between(live(), new) != []
