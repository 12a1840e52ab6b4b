"""The muxer's output, read back by PyAV and by ffprobe, and its rules, frame by frame."""

import io
import json
import struct
import subprocess
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.video.fmp4 import (
    FRAGMENT_BYTES,
    INDEPENDENT,
    KEY_SAMPLE,
    OTHER_SAMPLE,
    SEGMENT_END,
    SEGMENT_START,
    TIMESCALE,
    Frame,
    MuxedFragment,
    Muxer,
    fragment,
    init_segment,
    moof,
    new_samples,
    read_fragment,
)
from cameras.video.h264 import sized
from tests.cameras.store.footage import WALL_US, Stream, encoded, muxed

FAR = 2**33 + 12_345
"""A decode time beyond 32 bits, as a camera has after thirteen hours."""


def raw(fragments: list[MuxedFragment]) -> bytes:
    return b"".join(bytes(buffer) for one in fragments for buffer in one.buffers)


def shown_by_ffmpeg(stream: Stream) -> list[int]:
    """Presentation times as ffmpeg reads them: key frames at their decode time, then all of a file with negative
    composition offsets moved until none is negative. (Browsers leave them negative.)"""
    delay = stream.frames[0].pts - stream.frames[0].dts
    lowest = min(frame.pts - frame.dts - delay for frame in stream.frames)
    return [frame.pts - delay - lowest for frame in stream.frames]


def small(dts: int, *, key: bool = False, size: int = 20) -> Frame:
    return Frame(sized([b"\x65" + bytes(size - 5)]), dts, dts, key)


@pytest.mark.parametrize("b_frames", [0, 2])
@pytest.mark.parametrize("at", [0, FAR])
def test_pyav_reads_back_every_frame_with_its_times(b_frames: int, at: int):
    stream = encoded(b_frames=b_frames)
    with av.open(io.BytesIO(stream.init + raw(muxed(stream, at=at))), "r") as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        assert container.streams.video[0].time_base == Fraction(1, TIMESCALE)
    shown = shown_by_ffmpeg(stream)
    assert [(p.pts, p.dts, bytes(p), p.is_keyframe) for p in packets] == [
        (pts + at, frame.dts + at, bytes(frame.data), frame.key)
        for pts, frame in zip(shown, stream.frames, strict=True)
    ]
    assert {packet.duration for packet in packets} == {TIMESCALE // 15}


@pytest.mark.parametrize("b_frames", [0, 2])
def test_ffprobe_decodes_every_picture_without_a_complaint(tmp_path: Path, b_frames: int):
    stream = encoded(b_frames=b_frames)
    path = tmp_path / "one.mp4"
    path.write_bytes(stream.init + raw(muxed(stream)))
    probe = subprocess.run(
        ["ffprobe", "-v", "warning", "-count_frames", "-show_streams", "-show_frames", "-of", "json", str(path)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert probe.stderr == ""
    said = json.loads(probe.stdout)
    video = said["streams"][0]
    assert (video["width"], video["height"], video["codec_tag_string"]) == (320, 180, "avc1")
    assert int(video["nb_read_frames"]) == len(stream.frames)
    shown = [int(frame["pts"]) for frame in said["frames"]]
    assert shown == sorted(shown_by_ffmpeg(stream))
    assert {after - before for before, after in pairwise(shown)} == {TIMESCALE // 15}


@pytest.mark.parametrize(
    ("pix_fmt", "flags"),
    [
        ("yuv420p", ["-vf", "setsar=4/3"]),
        ("yuv422p", []),
        ("yuv420p10le", []),
        ("yuv420p", ["-x264-params", "cqm=jvt"]),
    ],
)
def test_init_segments_of_high_profiles_and_oblong_pixels(tmp_path: Path, pix_fmt: str, flags: list[str]):
    source = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=15:d=1", "-pix_fmt", pix_fmt, "-c:v", "libx264"]
    elementary = tmp_path / "one.h264"
    subprocess.run(["ffmpeg", "-v", "error", *source, *flags, str(elementary)], check=True)
    theirs = tmp_path / "theirs.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(elementary), "-c", "copy", str(theirs)], check=True)
    with av.open(str(theirs)) as container:
        avcc = container.streams.video[0].codec_context.extradata
    assert avcc is not None
    sps_length = int.from_bytes(avcc[6:8], "big")
    sps = avcc[8 : 8 + sps_length]
    at = 8 + sps_length + 1
    pps = avcc[at + 2 : at + 2 + int.from_bytes(avcc[at : at + 2], "big")]
    ours = init_segment([sps], [pps])
    assert avcc in ours  # byte for byte what ffmpeg's own muxer puts into avcC, high profile's tail included
    assert (b"pasp" in ours) == ("setsar=4/3" in flags)


def test_two_parameter_sets_of_each_kind_fit():
    stream = encoded()
    init = init_segment([stream.sps], [stream.pps, stream.pps])
    with av.open(io.BytesIO(init + raw(muxed(stream))), "r") as container:
        assert len(list(container.decode(video=0))) == len(stream.frames)


def test_the_hash_and_the_length_are_those_of_the_bytes():
    for one in muxed(encoded(b_frames=2)):
        whole = b"".join(bytes(buffer) for buffer in one.buffers)
        assert (one.length, one.sha256) == (len(whole), sha256(whole).digest())


def test_the_hot_path_and_the_muxer_write_the_same_bytes():
    """A recorder builds payload and sample table by itself and calls ``fragment``."""
    stream = encoded(b_frames=2)
    first = muxed(stream)[0]
    samples, payload = new_samples(), bytearray()
    for frame in stream.frames[: first.frames]:
        kind = KEY_SAMPLE if frame.key else OTHER_SAMPLE
        samples.extend((TIMESCALE // 15, len(frame.data), kind, frame.pts - frame.dts - stream.frames[0].pts))
        payload += frame.data
    own = fragment(1, 0, samples, [payload], wall_us=WALL_US, flags=INDEPENDENT | SEGMENT_START)
    assert own.sha256 == first.sha256
    assert own.duration == first.duration == TIMESCALE


def test_the_sample_table_is_left_as_it_is_and_may_hold_negative_offsets():
    samples = new_samples()
    samples.extend((3000, 10, KEY_SAMPLE, -6000))
    before = samples[:]
    box = moof(1, FAR, samples)
    assert samples == before
    assert box[-16:] == (3000).to_bytes(4, "big") + (10).to_bytes(4, "big") + KEY_SAMPLE.to_bytes(4, "big") + (
        -6000
    ).to_bytes(4, "big", signed=True)
    assert FAR.to_bytes(8, "big") in box


def test_a_key_frame_is_shown_at_its_decode_time():
    """Else every discontinuity of a camera with B-frames is a hole, and players stall on it."""
    stream = encoded(b_frames=2)
    assert stream.frames[0].pts - stream.frames[0].dts == 12_000
    offsets = [words[3] for one in muxed(stream) for words in sample_words(bytes(one.buffers[0]))]
    assert [offset for offset, frame in zip(offsets, stream.frames, strict=True) if frame.key] == [0] * 5
    assert min(offsets) == -6_000


def sample_words(head: bytes) -> list[tuple[int, ...]]:
    at = head.index(b"trun") + 16
    return [struct.unpack_from(">IIIi", head, at + 16 * n) for n in range((len(head) - at - 8) // 16)]


def test_frames_before_the_first_key_frame_are_dropped():
    muxer = Muxer()
    assert muxer.add(small(0), WALL_US) is None
    assert muxer.flush() is None
    muxer.add(small(6000, key=True), WALL_US + 66_667)
    last = muxer.flush()
    assert last is not None
    assert (last.tfdt, last.frames, last.wall_us) == (6000, 1, WALL_US + 66_667)


def test_a_decode_time_that_does_not_rise_is_refused():
    muxer = Muxer()
    muxer.add(small(6000, key=True), WALL_US)
    with pytest.raises(ValueError, match="dts 6000 after 6000"):
        muxer.add(small(6000), WALL_US)


def test_a_fragment_closes_before_a_key_frame_and_says_where_segments_begin_and_end():
    fragments = muxed(encoded(frames=90, gop=15))  # a key frame each second, segments of two
    flags = [one.flags for one in fragments]
    start, end = INDEPENDENT | SEGMENT_START, INDEPENDENT | SEGMENT_END
    assert flags == [start, end] * 3
    assert [one.duration for one in fragments] == [TIMESCALE] * 6


def test_a_key_frame_that_comes_a_little_early_still_ends_the_segment():
    muxer = Muxer()
    muxer.add(small(0, key=True), WALL_US)
    muxer.add(small(6000), WALL_US)
    closed = muxer.add(small(2 * TIMESCALE - 8000, key=True), WALL_US)
    assert closed is not None
    assert closed.flags & SEGMENT_END


def test_a_fragment_never_passes_a_second_nor_256_kib():
    muxer = Muxer()
    fragments = [muxer.add(small(n * 3600, key=n == 0, size=30_000), WALL_US) for n in range(240)]
    whole = [one for one in [*fragments, muxer.flush()] if one]
    assert all(one.duration <= TIMESCALE for one in whole)
    assert all(len(one.buffers[-1]) <= FRAGMENT_BYTES for one in whole)
    assert sum(one.frames for one in whole) == 240


@pytest.mark.parametrize("fps", [1, 7, 15, 25])
def test_without_key_frames_a_segment_is_cut_before_it_passes_ten_seconds(fps: int):
    muxer = Muxer()
    step = TIMESCALE // fps
    done = [muxer.add(small(n * step, key=n == 0), WALL_US) for n in range(35 * fps)]
    fragments = [one for one in [*done, muxer.flush()] if one]
    lengths, at = [], 0
    for one in fragments:
        at += one.duration
        if one.flags & SEGMENT_END:
            lengths.append(at)
            at = 0
    assert len(lengths) == 4
    assert max(lengths) <= 10 * TIMESCALE
    starts = [one.flags & INDEPENDENT for one in fragments if one.flags & SEGMENT_START]
    assert starts == [INDEPENDENT, 0, 0, 0]


@given(st.lists(st.tuples(st.integers(1, 40_000), st.booleans(), st.integers(5, 60_000)), min_size=1, max_size=120))
def test_nothing_is_lost_and_time_is_seamless(steps: list[tuple[int, bool, int]]):
    muxer = Muxer()
    dts, out = 0, []
    for number, (step, key, size) in enumerate(steps):
        out.append(muxer.add(small(dts, key=key or number == 0, size=size), WALL_US + dts))
        dts += step
    fragments = [one for one in [*out, muxer.flush()] if one]
    assert sum(one.frames for one in fragments) == len(steps)
    assert all(a.tfdt + a.duration == b.tfdt for a, b in pairwise(fragments))
    # every segment that starts has ended before the next starts
    marks = [mark for one in fragments for mark in (one.flags & SEGMENT_START, one.flags & SEGMENT_END) if mark]
    assert marks == [SEGMENT_START, SEGMENT_END] * (len(marks) // 2)


def test_a_whole_fragment_is_read_back_from_its_bytes():
    for one in muxed(encoded(b_frames=2)):
        found = read_fragment(b"".join(bytes(buffer) for buffer in one.buffers) + b"and more")
        assert found is not None
        assert (found.length, found.tfdt, found.duration, found.frames) == (
            one.length,
            one.tfdt,
            one.duration,
            one.frames,
        )
        assert found.independent == bool(one.flags & INDEPENDENT)


def test_every_cut_of_a_fragment_and_every_zeroed_tail_is_refused():
    whole = raw(muxed(encoded(frames=6))[:1])
    for length in range(len(whole)):
        assert read_fragment(whole[:length]) is None
    payload = len(whole) - len(encoded(frames=6).frames[-1].data)
    for length in range(100, payload, 97):
        assert read_fragment(whole[:length] + bytes(len(whole) - length)) is None
