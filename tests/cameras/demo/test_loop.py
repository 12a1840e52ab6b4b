"""Films cut into packets, and the joint of the loop."""

import itertools
import struct

import pytest

from cameras.demo import loop, sei, testcard


@pytest.fixture(scope="module")
def card():
    return testcard.card()


def headers(wire):
    """(channel, sequence, time, marker) of each packet on the wire."""
    out, at = [], 0
    while at < len(wire):
        magic, channel, length = struct.unpack_from("!cBH", wire, at)
        assert magic == b"$"
        first, kind, sequence, time = struct.unpack_from("!BBHI", wire, at + 4)
        assert first == 0x80 and kind & 127 == loop.PAYLOAD_TYPE
        out.append((channel, sequence, time, kind >> 7))
        at += 4 + length
    return out


def test_sequence_time_and_number_run_on_over_the_joint(card):
    rounds = 3 * len(card.frames)
    wires = [bytes(card.wire(n, 7, 1_000_000 + n)) for n in range(rounds)]
    all_headers = [headers(wire) for wire in wires]
    sequences = [h[1] for frame in all_headers for h in frame]
    assert all((b - a) & 0xFFFF == 1 for a, b in itertools.pairwise(sequences))
    assert [{h[2] for h in frame} for frame in all_headers] == [{n * 6000} for n in range(rounds)]
    assert [sei.stamps(wire) for wire in wires] == [[(1_000_000 + n, n)] for n in range(rounds)]


def test_the_marker_ends_every_frame(card):
    for n in range(len(card.frames)):
        assert [h[3] for h in headers(card.wire(n, 0, 0))][:-1].count(1) == 0
        assert headers(card.wire(n, 0, 0))[-1][3] == 1


def test_time_and_sequence_wrap_at_their_width(card):
    frame = 2**32 // 6000 + 1
    assert headers(card.wire(frame, 0, 0))[0][2] == frame * 6000 - 2**32
    assert headers(card.wire(10**6, 0, 0))[0][1] == card.sequence(10**6, 0)


def test_a_key_frame_begins_with_its_parameter_sets(card):
    keys = [n for n in range(len(card.frames)) if card.is_key(n, 0)]
    assert keys == list(range(0, len(card.frames), 30))
    wire = bytes(card.wire(0, 0, 0))
    assert wire.index(card.sps) < wire.index(card.pps) < wire.index(sei.UUID)


def test_fragments_carry_the_whole_nal():
    nal = bytes([0x65]) + bytes(range(256)) * 20
    parts = loop.payloads([nal], mtu=500)
    assert all(len(part) <= 500 for part in parts)
    assert b"".join(part[2:] for part in parts) == nal[1:]
    assert [part[1] >> 6 for part in parts] == [0b10, *[0] * (len(parts) - 2), 0b01]
    assert {(part[0] & 0xE0) | (part[1] & 31) for part in parts} == {0x65}


def test_a_film_without_parameter_sets_is_refused():
    with pytest.raises(ValueError, match="SPS"):
        loop.cut(b"\x00\x00\x01\x41\x9a\x00\x00\x01\x41\x9a", 15)
