"""The readable depacketiser, packet by packet."""

import struct

import pytest

from cameras.video.rtp import MAX_UNIT, Depacketiser, StreamDamaged, split

SPS, PPS, SEI = b"\x67sps", b"\x68pps", b"\x06sei"
IDR, SLICE, REST = b"\x65\x88picture", b"\x41\x9apicture", b"\x41\x1asecond slice"


def packet(payload, *, seq=0, time=0, marker=False, bits=0x80, extra=b"", tail=b""):
    return struct.pack(">BBHII", bits, 96 | (0x80 if marker else 0), seq, time, 1) + extra + payload + tail


def fu(nal, sizes):
    at, out = 1, []
    for place, size in enumerate(sizes):
        last = place == len(sizes) - 1
        piece = nal[at:] if last else nal[at : at + size]
        head = bytes([nal[0] & 0xE0 | 28, nal[0] & 31 | (0x80 if place == 0 else 0) | (0x40 if last else 0)])
        out.append(head + piece)
        at += size
    return out


def feed(payloads, depacketiser=None, *, time=0, seq=0):
    one = depacketiser or Depacketiser()
    done = []
    for place, payload in enumerate(payloads):
        done += one.feed(packet(payload, seq=(seq + place) & 0xFFFF, time=time, marker=place == len(payloads) - 1))
    return done


def test_single_units_make_a_picture_and_parameter_sets_stand_apart():
    (unit,) = feed([SPS, PPS, SEI, IDR])
    assert (unit.nals, unit.sets, unit.key) == ([SEI, IDR], [SPS, PPS], True)


def test_fragments_are_joined():
    nal = b"\x65\x88" + bytes(range(200))
    (unit,) = feed(fu(nal, [50, 60, 0]))
    assert unit.nals == [nal]


def test_aggregates_are_taken_apart():
    stap = b"\x78" + b"".join(struct.pack(">H", len(nal)) + nal for nal in (SPS, PPS, SEI, SLICE))
    (unit,) = feed([stap])
    assert (unit.nals, unit.sets) == ([SEI, SLICE], [SPS, PPS])


def test_delimiters_and_filler_are_left_out():
    (unit,) = feed([b"\x09\xf0", b"\x0c\xff\xff\x80", SLICE])
    assert unit.nals == [SLICE]


def test_start_codes_split_a_payload():
    (unit,) = feed([b"\0\0\0\1".join([SPS, PPS, SEI, IDR])])
    assert (unit.nals, unit.sets) == ([SEI, IDR], [SPS, PPS])


def test_a_new_timestamp_ends_a_picture_without_marker():
    one = Depacketiser()
    assert one.feed(packet(SLICE, seq=0, time=0)) == []
    (unit,) = one.feed(packet(SLICE, seq=1, time=6000))
    assert unit.timestamp == 0


def test_a_marker_after_sei_alone_ends_nothing():
    one = Depacketiser()
    assert feed([SEI], one) == []
    (unit,) = feed([SLICE], one, seq=1)
    assert unit.nals == [SEI, SLICE]


def test_a_second_slice_does_not_begin_a_picture():
    first, second = feed([SLICE])[0], feed([REST])[0]
    assert first.begins and not second.begins


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_picture_that_lost_a_packet_is_dropped_whole_and_no_other(missing):
    nal = b"\x65\x88" + bytes(range(200))
    one = Depacketiser()
    kept = []
    for place, payload in enumerate([*fu(nal, [50, 60, 0]), SLICE]):
        if place != missing:
            kept += one.feed(packet(payload, seq=place, time=0 if place < 3 else 6000, marker=place >= 2))
    assert [unit.nals for unit in kept] == [[SLICE]]
    assert one.lost == (missing > 0)


def test_extension_sources_and_padding_are_stepped_over():
    extra = bytes(8) + b"\xbe\xde\x00\x01" + bytes(4)
    raw = packet(SLICE, bits=0x80 | 0x20 | 0x10 | 2, extra=extra, tail=b"\0\0\3", marker=True, seq=7, time=9)
    assert split(raw) == (SLICE, True, 7, 9)


def test_what_is_no_rtp_is_refused():
    with pytest.raises(StreamDamaged):
        split(b"\x80\x60short")
    with pytest.raises(StreamDamaged):
        split(bytes(20))


def test_a_picture_without_end_is_refused():
    one = Depacketiser()
    one.feed(packet(b"\x7c\x85" + bytes(60_000)))
    with pytest.raises(StreamDamaged):
        for seq in range(1, MAX_UNIT // 60_000 + 2):
            one.feed(packet(b"\x7c\x05" + bytes(60_000), seq=seq))
