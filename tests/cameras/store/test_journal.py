"""The journal's bytes, every truncation and every flipped bit of them, and segments as they become complete."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import UUID
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.store.journal import (
    HEADER_LENGTH,
    INDEPENDENT,
    RECORD_LENGTH,
    SEGMENT_END,
    SEGMENT_START,
    Close,
    Fragment,
    Header,
    Journal,
    JournalDamaged,
)
from tests.cameras.store.footage import indexes, recorded

HEADER = Header(
    camera_id=UUID(int=1), slice_id=UUID(int=2), rendition="sub", generation=3, mask_version=4, media_sequence=2**40,
    discontinuity_sequence=6, first_tfdt=2**34, timescale=90_000, wall_us=-8, init_length=700, init_hash="ab" * 32,
    previous_slice=None,
)  # fmt: skip


def record(number: int, flags: int) -> Fragment:
    return Fragment(700 + 100 * number, 100, 90_000 * number, 90_000, 1_000_000 * number, 15, flags, bytes(32))


def written(path: Path, *flags: int, close: bool = False) -> Journal:
    records = b"".join(record(number, flag).pack() for number, flag in enumerate(flags))
    end = Close(700 + 100 * len(flags), bytes(32), None).pack() if close else b""
    path.write_bytes(HEADER.pack() + records + end)
    return Journal.open(path)


S, E = SEGMENT_START | INDEPENDENT, SEGMENT_END


def test_header_and_records_have_the_sizes_of_the_format(tmp_path: Path):
    assert (len(HEADER.pack()), len(record(0, S).pack()), len(Close(1, bytes(32), None).pack())) == (192, 80, 80)
    assert (HEADER_LENGTH, RECORD_LENGTH) == (192, 80)
    assert HEADER.pack()[:8] == b"MPIX\0\1\0\xc0"


def test_the_bytes_are_those_of_the_design_note():
    """Files exist: this test changes only together with the format's version."""
    raw = replace(HEADER, previous_slice=UUID(int=9)).pack()
    assert raw[8:24] == UUID(int=1).bytes
    assert raw[24:40] == UUID(int=2).bytes
    assert raw[40] == 1
    numbers = [(41, 4), (45, 4), (49, 8), (57, 8), (65, 8), (73, 4), (85, 4)]
    assert [int.from_bytes(raw[at : at + size], "big") for at, size in numbers] == [3, 4, 2**40, 6, 2**34, 90_000, 700]
    assert int.from_bytes(raw[77:85], "big", signed=True) == -8
    assert (raw[89:121], raw[121:137]) == (b"\xab" * 32, UUID(int=9).bytes)
    assert raw[137:188] == bytes(51)
    assert raw[188:] == crc32(raw[:188]).to_bytes(4, "big")
    one = Fragment(2**33, 77, 2**35, 5, -6, 15, 6, b"\x11" * 32).pack()
    assert one[:4] == b"\1\6\0\x0f"
    assert [int.from_bytes(one[at:end], "big") for at, end in ((4, 12), (12, 16), (16, 24), (24, 28))] == [
        2**33, 77, 2**35, 5,
    ]  # fmt: skip
    assert one[28:36] == (-6).to_bytes(8, "big", signed=True)
    assert one[36:76] == b"\x11" * 32 + bytes(8)
    assert one[76:] == crc32(one[:76]).to_bytes(4, "big")
    close = Close(99, b"\x22" * 32, UUID(int=2**64 + 5)).pack()
    assert close[:24] == b"\2\0\0\0" + bytes(7) + b"\1" + (99).to_bytes(4, "big") + bytes(7) + b"\5"


uuids = st.uuids().filter(lambda value: value.int > 0)


@given(
    st.builds(
        Header, camera_id=uuids, slice_id=uuids, rendition=st.sampled_from(["main", "sub"]),
        generation=st.integers(0, 2**32 - 1), mask_version=st.integers(0, 2**32 - 1),
        media_sequence=st.integers(0, 2**64 - 1), discontinuity_sequence=st.integers(0, 2**64 - 1),
        first_tfdt=st.integers(0, 2**64 - 1), timescale=st.just(90_000), wall_us=st.integers(-(2**63), 2**63 - 1),
        init_length=st.integers(0, 2**32 - 1), init_hash=st.binary(min_size=32, max_size=32).map(bytes.hex),
        previous_slice=st.none() | uuids,
    )
)  # fmt: skip
def test_a_header_comes_back_as_it_was(header: Header):
    assert Header.unpack(header.pack(), Path("x.idx")) == header


@given(uuids | st.none(), st.booleans(), st.integers(0, 2**32 - 1), st.binary(min_size=32, max_size=32))
def test_a_close_record_names_the_next_slice(tmp_path_factory, following, recovered, length, root):
    path = tmp_path_factory.mktemp("close") / "x.idx"
    path.write_bytes(HEADER.pack() + Close(length, root, following, recovered).pack())
    assert Journal.open(path).close == Close(length, root, following, recovered)


def test_truncated_at_every_byte_it_keeps_exactly_the_whole_records(tmp_path: Path):
    recorded(tmp_path)
    whole = indexes(tmp_path)[0].read_bytes()
    records = Journal.open(indexes(tmp_path)[0]).fragments
    path = tmp_path / "cut.idx"
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        if length < HEADER_LENGTH:
            with pytest.raises(JournalDamaged):
                Journal.open(path)
            continue
        journal = Journal.open(path)
        count = min((length - HEADER_LENGTH) // RECORD_LENGTH, len(records))
        assert journal.fragments == records[:count]
        assert (journal.close is not None) == (length == len(whole))


def test_a_flipped_bit_anywhere_ends_the_journal_there(tmp_path: Path):
    recorded(tmp_path)
    whole = indexes(tmp_path)[0].read_bytes()
    path = tmp_path / "flipped.idx"
    for at in range(len(whole)):
        broken = bytearray(whole)
        broken[at] ^= 1 << at % 8
        path.write_bytes(broken)
        if at < HEADER_LENGTH:
            with pytest.raises(JournalDamaged):
                Journal.open(path)
        else:
            assert len(Journal.open(path).fragments) == min((at - HEADER_LENGTH) // RECORD_LENGTH, 4)


@given(st.lists(st.integers(1, 200), max_size=30))
def test_read_in_any_steps_it_says_the_same_as_read_at_once(tmp_path_factory, steps: list[int]):
    folder = tmp_path_factory.mktemp("steps")
    whole = written(folder / "whole.idx", S, E, S, 0, E, S, close=True)
    raw, path = whole.path.read_bytes(), folder / "growing.idx"
    path.write_bytes(raw[:HEADER_LENGTH])
    journal, length = Journal.open(path), HEADER_LENGTH
    for step in [*steps, len(raw)]:
        before = journal.length
        path.write_bytes(raw[: (length := min(length + step, len(raw)))])
        assert journal.refresh() == (journal.length > before)
    assert (journal.fragments, journal.close, journal.segments()) == (whole.fragments, whole.close, whole.segments())


def test_only_complete_segments_count_until_the_close_record(tmp_path: Path):
    open_ = written(tmp_path / "open.idx", S, E, S, 0)
    assert [(one.sequence, one.duration, one.offset, one.length) for one in open_.segments()] == [
        (2**40, 180_000, 700, 200)
    ]
    assert [one.sequence for one in open_.segments(ended=True)] == [2**40, 2**40 + 1]
    closed = written(tmp_path / "closed.idx", S, E, S, 0, close=True)
    assert closed.segments() == open_.segments(ended=True)


def test_a_segment_that_never_got_its_end_ends_where_the_next_begins(tmp_path: Path):
    journal = written(tmp_path / "x.idx", S, 0, S, E)
    assert [one.length for one in journal.segments()] == [200, 200]


def test_a_segment_that_starts_without_a_key_frame_says_so(tmp_path: Path):
    journal = written(tmp_path / "x.idx", S, E, SEGMENT_START, E)
    assert [one.independent for one in journal.segments()] == [True, False]


def test_the_root_is_the_hash_of_header_and_records_as_they_stand(tmp_path: Path):
    recorded(tmp_path)
    for path in indexes(tmp_path):
        journal = Journal.open(path)
        assert journal.close is not None
        assert journal.close.root == journal.root() == sha256(path.read_bytes()[:-RECORD_LENGTH]).digest()


@pytest.mark.parametrize("raw", [b"", b"MPIX", b"RIFF" + bytes(300), bytes(192)])
def test_what_is_no_journal_is_damaged(tmp_path: Path, raw: bytes):
    path = tmp_path / "x.idx"
    path.write_bytes(raw)
    with pytest.raises(JournalDamaged, match=r"x\.idx"):
        Journal.open(path)


def test_a_rendition_of_another_name_cannot_be_written():
    with pytest.raises(ValueError, match="not in tuple"):
        replace(HEADER, rendition="third").pack()
