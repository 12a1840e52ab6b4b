"""The fused hot path gives what the readable modules give, byte for byte, however the bytes are cut on their way."""

import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cameras.demo.testcard import card
from cameras.ingest.intake import GAP_TICKS, Intake
from cameras.ingest.parameters import ParameterSets
from cameras.video.fmp4 import SEGMENT_END, SEGMENT_START, Frame, Muxer
from cameras.video.h264 import sized, sized_nals
from cameras.video.rtp import MAX_UNIT, Depacketiser, StreamDamaged
from cameras.video.timeline import Timeline

WALL_US = 1_800_000_000_000_000


@pytest.fixture(scope="module")
def sets():
    loop = card()
    return loop.sps, loop.pps


class Reader:
    """An intake, the buffer it reads from, and what it gave."""

    def __init__(self, out_of_band=(), *, now=100.0):
        self.intake = Intake(channel=0, timeline=Timeline(), sets=ParameterSets(out_of_band))
        self.fragments, self.inits, self.seams = [], [], []
        self.now, self._left = now, b""

    def feed(self, data):
        buffer = bytearray(self._left + data)
        done = self.intake.feed(buffer, memoryview(buffer), 0, len(buffer), self.now)
        self._left = bytes(buffer[done:])
        buffer[:] = b"\xff" * len(buffer)  # as the next camera's bytes would
        self.deliver()

    def deliver(self):
        wall_us = WALL_US + round((self.now - 100.0) * 1e6)
        self.intake.deliver(self.now, wall_us, self._emit, lambda: self.seams.append(len(self.fragments)))

    def finish(self):
        self.intake.finish()
        self.deliver()
        return self.fragments

    def _emit(self, fragment, init):
        self.fragments.append(fragment)
        self.inits.append(init)

    def frames(self):
        return [bytes(nal) for f in self.fragments for nal in sized_nals(b"".join(map(bytes, f.buffers[1:])))]


def frame(packet, channel=0):
    return b"$" + struct.pack(">BH", channel, len(packet)) + packet


def packets(nals, *, time, seq, rng, marker=True, mtu=400):
    """RTP packets of one picture, in a random mix of single units, fragments and aggregates."""
    payloads, small = [], []
    for nal in nals:
        if len(nal) > mtu:
            at = 1
            while at < len(nal):
                size = rng.randint(1, mtu)
                head = nal[0] & 31 | (0x80 if at == 1 else 0) | (0x40 if at + size >= len(nal) else 0)
                payloads.append(bytes([nal[0] & 0xE0 | 28, head]) + nal[at : at + size])
                at += size
        elif rng.random() < 0.3:
            small.append(nal)
            payloads.append(b"\x78" + b"".join(struct.pack(">H", len(n)) + n for n in small))
            small = []
        else:
            payloads.append(nal)
    out = []
    for place, payload in enumerate(payloads):
        bits, extra, tail = 0x80, b"", b""
        if rng.random() < 0.1:
            bits, extra, tail = 0x80 | 0x20 | 0x10 | 1, bytes(4) + b"\xbe\xde\0\1" + bytes(4), b"\0\2"
        mark = 0x80 if marker and place == len(payloads) - 1 else 0
        number = (seq + place) & 0xFFFF
        out.append(struct.pack(">BBHII", bits, 96 | mark, number, time & 0xFFFFFFFF, 9) + extra + payload + tail)
    return out


def film(count, rng, sets, *, gop=15, big=3000):
    """Pictures as lists of NAL units: parameter sets before key frames, SEI here and there, one or two slices."""
    for number in range(count):
        key = number % gop == 0
        nals = [*sets] if key else []
        if rng.random() < 0.5:
            nals.append(b"\x06\x05" + _body(rng, 20))
        slices = 2 if rng.random() < 0.2 else 1
        for part in range(slices):
            head = (0x65 if key else 0x41, 0x80 | rng.randint(0, 127) if part == 0 else rng.randint(1, 127))
            nals.append(bytes(head) + _body(rng, rng.randint(1, big)))
        yield nals


def _body(rng, size):
    return bytes(rng.randint(1, 255) for _ in range(size))  # no zeros, hence no start codes


def readable(all_packets):
    """The same through Depacketiser, Timeline and Muxer."""
    depacketiser, line, muxer, done = Depacketiser(), Timeline(), Muxer(), []
    units = [unit for packet in all_packets for unit in depacketiser.feed(packet)]
    started = False
    for unit in units:
        started = started or (unit.key and unit.begins)
        if started and unit.begins:  # else its first slice was lost
            dts, offset = line.stamp(unit.timestamp, 100.0)
            done.append(muxer.add(Frame(sized(unit.nals), dts + offset, dts, unit.key), WALL_US))
    return [fragment for fragment in [*done, muxer.flush()] if fragment is not None]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 60), markers=st.booleans(), lose=st.booleans())
def test_it_gives_what_the_readable_modules_give(sets, seed, count, markers, lose):
    rng = random.Random(seed)
    stream, seq = [], rng.randint(0, 65535)
    for number, nals in enumerate(film(count, rng, sets)):
        parts = packets(nals, time=number * 6000 + 77, seq=seq, rng=rng, marker=markers)
        seq += len(parts)
        stream += [part for part in parts if not (lose and rng.random() < 0.05)]
    reader, wire = Reader(sets), b"".join(frame(part) for part in stream)
    at = 0
    while at < len(wire):
        size = rng.choice([1, 17, 300, 5000, 100_000])
        reader.feed(wire[at : at + size])
        at += size
    found, wanted = reader.finish(), readable(stream)
    for one, other in zip(found, wanted, strict=True):
        assert b"".join(one.buffers[1:]) == b"".join(other.buffers[1:])
        assert (one.tfdt, one.flags, one.frames) == (other.tfdt, other.flags, other.frames)
    # Of the very last picture nobody knows how long it lasts; the others are the same to the last byte of the moof.
    assert [f.sha256 for f in found[:-1]] == [f.sha256 for f in wanted[:-1]]


def _send(reader, count, sets, *, begin=0, seq=0, gop=15, seed=1):
    rng = random.Random(seed)
    for number, nals in enumerate(film(count, rng, sets, gop=gop)):
        parts = packets(nals, time=(begin + number) * 6000, seq=seq, rng=rng)
        reader.feed(b"".join(map(frame, parts)))
        reader.now += 1 / 15
        seq += len(parts)
    return seq


def test_nothing_is_kept_before_the_first_key_frame(sets):
    reader = Reader(sets)
    rng = random.Random(3)
    for part in packets([b"\x41\x9a" + _body(rng, 50)], time=0, seq=0, rng=rng):
        reader.feed(frame(part))
    assert reader.finish() == [] and reader.intake.frames == 0


def test_other_channels_are_passed_over(sets):
    reader = Reader()
    seq = _send(reader, 10, sets)
    reader.feed(frame(bytes(40), channel=1) + frame(b"x", channel=7))
    _send(reader, 10, sets, begin=10, seq=seq, seed=2)
    reader.finish()
    assert reader.intake.frames == 20 and reader.intake.lost == 0


def test_it_stops_at_what_is_no_interleaved_frame(sets):
    reader = Reader(sets)
    answer = b"RTSP/1.0 200 OK\r\nCSeq: 9\r\n\r\n"
    buffer = bytearray(frame(bytes(12) + b"\x41\x9a", channel=1) + answer)
    assert reader.intake.feed(buffer, memoryview(buffer), 0, len(buffer), 1.0) == len(buffer) - len(answer)


def test_a_pause_is_a_seam_and_not_a_long_frame(sets):
    reader = Reader()
    seq = _send(reader, 20, sets)
    reader.now += 5
    _send(reader, 20, sets, begin=20 + 75, seq=seq)
    reader.finish()
    assert len(reader.seams) == 1
    before = reader.fragments[reader.seams[0] - 1]
    assert before.flags & SEGMENT_END and before.duration <= 90_000
    after = reader.fragments[reader.seams[0]]
    assert after.flags & SEGMENT_START
    assert after.tfdt - before.tfdt - before.duration > GAP_TICKS


def test_a_picture_without_end_is_refused(sets):
    reader = Reader(sets)
    with pytest.raises(StreamDamaged):
        for seq in range(MAX_UNIT // 60_000 + 2):
            head = b"\x7c\x85" if seq == 0 else b"\x7c\x05"
            reader.feed(frame(struct.pack(">BBHII", 0x80, 96, seq, 0, 1) + head + bytes([7]) * 60_000))


@given(st.binary(min_size=1, max_size=3000), st.integers(0, 3000))
def test_any_bytes_are_read_or_refused_and_never_run_past_the_end(data, cut):
    reader = Reader()
    for part in (data[:cut], data[cut:]):
        try:
            reader.feed(frame(b"\x80\x60" + part) if part else b"")
            reader.feed(frame(part[:2000]))
        except StreamDamaged:
            return
    reader.finish()


def sender_report(wall_us: int) -> bytes:
    """RFC 3550, 6.4.1, without report blocks."""
    seconds, us = divmod(wall_us, 1_000_000)
    ntp = ((seconds + 2_208_988_800) % (1 << 32) << 32) + (us << 32) // 1_000_000
    return frame(struct.pack(">BBHIQIII", 0x80, 200, 6, 7, ntp, 0, 0, 0), channel=1)


def test_the_quickest_sender_report_tells_how_wrong_the_cameras_clock_is():
    reader = Reader()
    for late_us in (400_000, 20_000, 250_000):
        reader.now += 5.0
        reader.feed(sender_report(WALL_US + round((reader.now - 100.0) * 1e6) + 90_000_000 - late_us))
    assert abs(reader.intake.clock_error_us - (90_000_000 - 20_000)) <= 1


@pytest.mark.parametrize("wall_us", [1, 1_000_000_000_000_000, 2_085_978_495_999_999, 2_085_978_496_000_000])
def test_a_clock_that_was_never_set_and_one_beyond_2036_are_read_as_they_are(wall_us):
    reader = Reader()
    reader.feed(sender_report(wall_us))
    assert abs(reader.intake.clock_error_us - (wall_us - WALL_US)) <= 1


def test_what_is_no_sender_report_tells_nothing():
    reader = Reader()
    for packet in (
        struct.pack(">BBHIQIII", 0x80, 201, 6, 7, 1 << 60, 0, 0, 0),
        struct.pack(">BBHIIII", 0x80, 200, 4, 7, 9, 9, 9),
    ):
        reader.feed(frame(packet, channel=1) + frame(bytes(20), channel=1))
    assert reader.intake.clock_error_us is None
