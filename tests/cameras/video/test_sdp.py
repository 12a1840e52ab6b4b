"""Session descriptions as cameras write them."""

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.video import sdp

SPS, PPS = bytes.fromhex("674d001f9a6402802dff"), bytes.fromhex("68ee3c80")
SPROP = f"{base64.b64encode(SPS).decode()},{base64.b64encode(PPS).decode()}"

PLAIN = f"""v=0\r
o=- 1 1 IN IP4 127.0.0.1\r
s=cam\r
a=control:rtsp://10.0.0.9/live/\r
m=video 0 RTP/AVP 96\r
a=rtpmap:96 H264/90000\r
a=framerate:25.0\r
a=fmtp:96 packetization-mode=1;profile-level-id=4D001F; sprop-parameter-sets={SPROP}\r
a=control:trackID=1\r
m=audio 0 RTP/AVP 8\r
a=control:trackID=2\r
m=application 0 RTP/AVP 107\r
a=rtpmap:107 vnd.onvif.metadata/90000\r
"""


def track(text):
    return sdp.video_track(sdp.parse(text))


def test_it_finds_the_video_among_audio_and_metadata():
    session = sdp.parse(PLAIN.encode())
    assert session.control == "rtsp://10.0.0.9/live/"
    assert [m.kind for m in session.media] == ["video", "audio", "application"]
    assert session.media[1].formats[0].encoding == "PCMA"
    assert sdp.video_track(session) == sdp.VideoTrack("H264", 96, 90000, "trackID=1", (SPS, PPS), 25.0)


def test_audio_before_video_does_not_matter():
    text = "m=audio 0 RTP/AVP 0\na=control:a\nm=video 0 RTP/AVP 97\na=rtpmap:97 H264/90000\na=control:v\n"
    assert track(text).control == "v"


def test_h264_is_chosen_over_jpeg_and_h265():
    text = (
        "m=video 0 RTP/AVP 26\na=control:j\nm=video 0 RTP/AVP 98 96\na=rtpmap:98 H265/90000\na=rtpmap:96 h264/90000\n"
    )
    assert (track(text).codec, track(text).payload_type) == ("H264", 96)


def test_a_camera_with_h265_alone_says_so():
    assert track("m=video 0 RTP/AVP 98\na=rtpmap:98 H265/90000\n").codec == "H265"


def test_no_rtpmap_but_h264_parameters():
    assert track("m=video 0 RTP/AVP 96\na=fmtp:96 packetization-mode=1\n").codec == "H264"


@pytest.mark.parametrize(
    "text", ["", "v=0\r\n", "m=audio 0 RTP/AVP 0\r\n", "m=\r\n", "m=video\r\n", "m=video 0 RTP/AVP x 999"]
)
def test_without_video_there_is_no_track(text):
    assert track(text) is None


@pytest.mark.parametrize("rate", ["0", "", "abc", "99999999999"])
def test_an_absurd_clock_rate_becomes_90000(rate):
    assert track(f"m=video 0 RTP/AVP 96\na=rtpmap:96 H264/{rate}\n").clock_rate == 90000


DIGITS = "9" * 5_000
"""More than int() takes."""


@pytest.mark.parametrize(
    "lines",
    [
        f"m=video 0 RTP/AVP 96\na=rtpmap:96 H264/{DIGITS}", f"m=video 0 RTP/AVP 96\na=rtpmap:{DIGITS} H264/90000",
        f"m=video 0 RTP/AVP {DIGITS} 96", f"m=video 0 RTP/AVP 96\na=fmtp:{DIGITS} a=b",
        f"m=video 0 RTP/AVP 96\na=framerate:{DIGITS}",
    ],
)  # fmt: skip
def test_numbers_without_end_are_passed_over(lines):
    found = track(lines)
    assert (found.payload_type, found.clock_rate) == (96, 90_000)


def test_a_description_made_to_be_slow_is_read_quickly():
    text = "m=video 0 RTP/AVP" + " 96" * 10_000 + "\n" + "a=rtpmap:97 x/1\n" * 2_000
    began = time.thread_time()
    sdp.parse(text)
    assert time.thread_time() - began < 0.2


@pytest.mark.parametrize(
    ("sprop", "expected"),
    [
        (SPROP, (SPS, PPS)),
        ("", ()),
        ("!!!,###", ()),
        (f"not base64,{base64.b64encode(PPS).decode()}", (PPS,)),
        (base64.b64encode(SPS).decode().rstrip("="), (SPS,)),
        (base64.b64encode(b"\x00\x00\x00\x01" + SPS).decode(), (SPS,)),
        (base64.b64encode(b"x" * 5000).decode(), ()),
        ("A", ()),
    ],
)
def test_parameter_sets(sprop, expected):
    assert sdp.parameter_sets(sprop) == expected


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
def test_nothing_a_camera_writes_raises(body):
    sdp.video_track(sdp.parse(body))


@given(
    st.lists(st.sampled_from([*PLAIN.splitlines(), "a=rtpmap:", "a=fmtp:96", "m=video 0 RTP/AVP 96 97", "a=control"]))
)
def test_lines_in_any_order_do_not_raise(lines):
    sdp.video_track(sdp.parse("\n".join(lines)))
