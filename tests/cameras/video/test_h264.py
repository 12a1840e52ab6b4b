"""SPS parsing against libx264's own output, ffprobe's reading and hand-made sets; NAL iteration; the codec string."""

import subprocess
from itertools import pairwise

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.video.h264 import BadParameterSet, annexb_nals, codec_string, parse_sps, sized, sized_nals
from tests.cameras.store.footage import encoded

HRD = "nal-hrd=cbr:vbv-maxrate=500:vbv-bufsize=500:bitrate=500"


class Writer:
    """Writes an RBSP bit by bit, so that a test can spell any SPS."""

    def __init__(self) -> None:
        self.bits = ""

    def u(self, count: int, value: int) -> "Writer":
        self.bits += f"{value:0{count}b}"
        return self

    def ue(self, *values: int) -> "Writer":
        for value in values:
            code = f"{value + 1:b}"
            self.bits += "0" * (len(code) - 1) + code
        return self

    def nal(self) -> bytes:
        bits = self.bits + "1"
        bits += "0" * (-len(bits) % 8)
        raw = int(bits, 2).to_bytes(len(bits) // 8, "big")
        escaped = bytearray()
        zeros = 0
        for byte in raw:
            if zeros >= 2 and byte <= 3:
                escaped.append(3)
                zeros = 0
            escaped.append(byte)
            zeros = zeros + 1 if byte == 0 else 0
        return b"\x67" + bytes(escaped)


def high(chroma: int = 1, *, lists: bool = False) -> Writer:
    bits = Writer().u(8, 100).u(8, 0).u(8, 31).ue(0, chroma)
    if chroma == 3:
        bits.u(1, 0)
    bits.ue(0, 0).u(1, 0).u(1, int(lists))
    if lists:
        for index in range(8 if chroma != 3 else 12):
            bits.u(1, 1)
            for _ in range(16 if index < 6 else 64):
                bits.ue(1)  # se(1): every entry one above the last
    return bits.ue(0).ue(0, 0)  # frame_num, POC type 0


def ending(bits: Writer, *, mbs: tuple[int, int], crop: tuple[int, int, int, int] | None, frames: int = 1) -> Writer:
    bits.ue(1).u(1, 0).ue(mbs[0] - 1, mbs[1] - 1).u(1, frames)
    if not frames:
        bits.u(1, 0)
    bits.u(1, 1).u(1, int(crop is not None))
    if crop is not None:
        bits.ue(*crop)
    return bits


@pytest.mark.parametrize("b_frames", [0, 2])
@pytest.mark.parametrize(("width", "height"), [(320, 180), (1280, 720), (1920, 1080), (354, 290)])
def test_it_reads_what_libx264_wrote(width: int, height: int, b_frames: int):
    sps = parse_sps(encoded(frames=5, width=width, height=height, b_frames=b_frames).sps)
    assert (sps.width, sps.height) == (width, height)
    assert (sps.chroma_format, sps.bit_depth_luma, sps.sar) == (1, 8, (1, 1))
    assert sps.reorder == (2 if b_frames > 1 else 0)


@pytest.mark.parametrize(
    ("options", "pix_fmt"),
    [
        ({"profile": "baseline"}, "yuv420p"),
        ({"x264-params": "cqm=jvt:bframes=3:b-pyramid=normal"}, "yuv420p"),
        ({"x264-params": f"videoformat=pal:colorprim=bt709:{HRD}", "vf": "setsar=4/3"}, "yuv420p"),
        ({"x264-params": "interlaced=1"}, "yuv420p"),
        ({"profile": "high422"}, "yuv422p"),
        ({"profile": "high444"}, "yuv444p"),
        ({"profile": "high10"}, "yuv420p10le"),
    ],
)  # fmt: skip
def test_it_agrees_with_ffprobe(tmp_path, options: dict[str, str], pix_fmt: str):
    path = tmp_path / "one.h264"
    flags = [text for key, value in options.items() for text in (f"-{key}", value)]
    source = ["-f", "lavfi", "-i", "testsrc2=s=356x292:r=15:d=1", "-pix_fmt", pix_fmt, "-c:v", "libx264"]
    subprocess.run(["ffmpeg", "-v", "error", *source, *flags, str(path)], check=True)
    asked = "width,height,profile,level,has_b_frames,sample_aspect_ratio,pix_fmt"
    probe = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", f"stream={asked}", "-of", "default=nw=1", str(path)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    said = dict(line.split("=", 1) for line in probe.stdout.splitlines())
    nal = next(nal for nal in annexb_nals(path.read_bytes()) if nal[0] & 0x1F == 7)
    sps = parse_sps(nal)
    assert (sps.width, sps.height, sps.level) == (int(said["width"]), int(said["height"]), int(said["level"]))
    assert sps.reorder == int(said["has_b_frames"])
    assert f"{sps.sar[0]}:{sps.sar[1]}" == said.get("sample_aspect_ratio", "1:1").replace("N/A", "1:1")
    assert {"yuv420p": (1, 8), "yuv422p": (2, 8), "yuv444p": (3, 8), "yuv420p10le": (1, 10)}[pix_fmt] == (
        sps.chroma_format,
        sps.bit_depth_luma,
    )


@pytest.mark.parametrize("chroma", [0, 1, 2, 3])
def test_scaling_lists_and_cropping_by_chroma_format(chroma: int):
    nal = ending(high(chroma, lists=True), mbs=(8, 6), crop=(1, 2, 0, 3)).u(1, 0).nal()
    sps = parse_sps(nal)
    across, down = (2 if chroma in (1, 2) else 1), (2 if chroma == 1 else 1)
    assert (sps.width, sps.height) == (128 - 3 * across, 96 - 3 * down)


def test_interlaced_streams_count_their_lines_twice():
    sps = parse_sps(ending(high(), mbs=(8, 3), crop=(0, 0, 0, 1), frames=0).u(1, 0).nal())
    assert (sps.width, sps.height) == (128, 96 - 4)


def test_reorder_is_unknown_where_the_stream_does_not_say():
    assert parse_sps(ending(high(), mbs=(8, 6), crop=None).u(1, 0).nal()).reorder is None


def test_a_vui_that_is_cut_short_keeps_what_could_be_read():
    bits = ending(high(), mbs=(8, 6), crop=None).u(1, 1).u(1, 1).u(8, 255).u(16, 40).u(16, 33)
    sps = parse_sps(bits.nal())
    assert (sps.sar, sps.reorder) == ((40, 33), None)


def test_picture_order_type_1():
    bits = Writer().u(8, 77).u(8, 0).u(8, 31).ue(0, 0, 1).u(1, 0).ue(1, 2).ue(3, 1, 2, 4)
    sps = parse_sps(ending(bits, mbs=(4, 4), crop=None).u(1, 0).nal())
    assert (sps.poc_type, sps.width, sps.height) == (1, 64, 64)


@pytest.mark.parametrize(
    "nal",
    [
        b"",
        b"\x67",
        b"\x68\xce\x3c\x80",
        b"\x67\x64\x00\x1f",
        b"\x67\x64\x00\x1f" + bytes(40),
        b"\x67" + b"\xff" * 5000,
        ending(high(), mbs=(2, 2), crop=(8, 8, 0, 0)).u(1, 0).nal(),
        ending(high(), mbs=(5000, 2), crop=None).u(1, 0).nal(),
    ],
)
def test_nonsense_is_a_bad_parameter_set(nal: bytes):
    with pytest.raises(BadParameterSet):
        parse_sps(nal)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tail: bytes):
    try:
        sps = parse_sps(b"\x67" + tail)
    except BadParameterSet:
        return
    assert sps.width > 0
    assert sps.height > 0


def test_every_cut_of_a_real_sps_is_read_or_refused():
    whole = encoded(b_frames=2).sps
    for length in range(len(whole)):
        try:
            parse_sps(whole[:length])
        except BadParameterSet:
            continue


def test_the_codec_string_is_what_the_browser_is_told():
    assert codec_string(b"\x67\x64\x00\x1f\xac") == "avc1.64001f"
    assert codec_string(b"\x67\x42\xc0\x0c\xda") == "avc1.42c00c"


@given(st.lists(st.binary(min_size=1, max_size=30).map(lambda raw: b"\x65" + raw + b"\x80"), max_size=6), st.booleans())
def test_annexb_gives_back_what_was_put_in(units: list[bytes], long_codes: bool):
    safe = [unit.replace(b"\0\0", b"\0\x80") for unit in units]
    code = b"\0\0\0\1" if long_codes else b"\0\0\1"
    assert list(annexb_nals(b"".join(code + unit for unit in safe))) == safe


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6))
def test_sized_units_go_there_and_back(units: list[bytes]):
    assert [bytes(unit) for unit in sized_nals(sized(units))] == units


@pytest.mark.parametrize("raw", [b"\0\0\0", b"\0\0\0\2\x65", b"\0\0\0\1\x65\0"])
def test_a_length_past_the_end_is_an_error(raw: bytes):
    with pytest.raises(ValueError, match="passes the end"):
        list(sized_nals(raw))


def test_the_helper_stream_decodes():
    """The fixture itself: its frames, in decoding order, give every picture in order."""
    stream = encoded(b_frames=2)
    codec = av.CodecContext.create("h264", "r")
    start = b"\0\0\0\1"
    pictures: list[av.VideoFrame] = []
    for frame in stream.frames:
        raw = b"".join(start + bytes(nal) for nal in sized_nals(frame.data))
        packet = av.Packet(raw)
        packet.pts = frame.pts
        pictures += codec.decode(packet)
    pictures += codec.decode(None)
    assert len(pictures) == len(stream.frames)
    assert all((before.pts or 0) < (after.pts or 0) for before, after in pairwise(pictures))
