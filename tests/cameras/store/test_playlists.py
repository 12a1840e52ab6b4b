"""Playlists to the letter of RFC 8216, and the arithmetic of time: windows, gaps, generations."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.store.journal import Journal, Segment
from cameras.store.playlists import clip, coverage, live_playlist, target_of, undoubled, vod_playlist
from tests.cameras.store.footage import WALL_US, Recording, encoded, indexes, muxed

SECOND = 1_000_000


class Urls:
    def segment(self, segment: Segment) -> str:
        return f"{segment.slice_id.int}/{segment.offset}-{segment.length}.m4s"

    def init(self, init_hash: str) -> str:
        return f"init/{init_hash}.mp4"


def segment(number: int, *, seconds: float = 2.0, discontinuity: int = 0, **changes: object) -> Segment:
    base = Segment(
        slice_id=UUID(int=1), sequence=number, discontinuity_sequence=discontinuity, init_hash="a", offset=number * 100,
        length=100, tfdt=number * 180_000, duration=round(seconds * 90_000), timescale=90_000,
        wall_us=WALL_US + number * 2 * SECOND, independent=True, generation=1,
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def live(segments: list[Segment], target_s: int = 2, *, ended: bool = False) -> list[str]:
    return live_playlist(segments, target_s=target_s, url=Urls(), ended=ended).splitlines()


def vod(segments: list[Segment]) -> list[str]:
    return vod_playlist(segments, url=Urls()).splitlines()


def listed(lines: list[str]) -> list[str]:
    return [line for line in lines if not line.startswith("#")]


def test_a_live_playlist_letter_by_letter():
    assert live([segment(7), segment(8, seconds=1.9996)]) == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:2",
        "#EXT-X-MEDIA-SEQUENCE:7",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        '#EXT-X-MAP:URI="init/a.mp4"',
        "#EXT-X-PROGRAM-DATE-TIME:2026-11-18T11:06:54.000Z",
        "#EXTINF:2.000,",
        "1/700-100.m4s",
        "#EXT-X-PROGRAM-DATE-TIME:2026-11-18T11:06:56.000Z",
        "#EXTINF:2.000,",
        "1/800-100.m4s",
    ]


def test_a_live_window_keeps_six_segments_and_three_target_durations():
    assert len(listed(live([segment(n) for n in range(50)]))) == 6
    short = [segment(n, seconds=0.5) for n in range(200)]
    assert len(listed(live(short, target_s=10))) == 60
    assert len(listed(live([segment(n) for n in range(3)]))) == 3
    assert live([segment(n) for n in range(50)])[3] == "#EXT-X-MEDIA-SEQUENCE:44"


def test_an_empty_live_playlist_waits_and_an_ended_one_says_so():
    lines = live([])
    assert lines[3] == "#EXT-X-MEDIA-SEQUENCE:0"
    assert "#EXT-X-ENDLIST" not in lines
    assert live([], ended=True)[-1] == "#EXT-X-ENDLIST"


def test_a_segment_longer_than_the_sessions_target_ends_the_playlist_before_it():
    lines = live([segment(0), segment(1), segment(2, seconds=2.5), segment(3)])
    assert listed(lines) == ["1/0-100.m4s", "1/100-100.m4s"]
    assert lines[-1] == "#EXT-X-ENDLIST"
    within = live([segment(0), segment(1, seconds=2.499)])
    assert len(listed(within)) == 2
    assert "#EXT-X-ENDLIST" not in within


def test_independent_segments_is_said_only_where_it_is_true():
    assert "#EXT-X-INDEPENDENT-SEGMENTS" not in live([segment(0), segment(1, independent=False)])
    assert "#EXT-X-INDEPENDENT-SEGMENTS" in live([segment(n, independent=n > 0) for n in range(9)])


def test_a_reconnect_is_a_discontinuity_with_a_map_of_its_own():
    lines = live([segment(0), segment(1, discontinuity=1, init_hash="b"), segment(2, discontinuity=1, init_hash="b")])
    at = lines.index("#EXT-X-DISCONTINUITY")
    assert lines[at + 1] == '#EXT-X-MAP:URI="init/b.mp4"'
    assert lines.count("#EXT-X-DISCONTINUITY") == 1
    assert not any(line.startswith("#EXT-X-DISCONTINUITY-SEQUENCE") for line in lines)


def test_the_discontinuity_sequence_counts_what_has_left_the_window():
    segments = [segment(n, discontinuity=n // 10) for n in range(25)]
    lines = live(segments)
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:1" in lines
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:2" in live([*segments, *(segment(n, discontinuity=2) for n in range(25, 30))])


def test_a_hole_in_the_numbers_ends_the_window_on_the_left():
    lines = live([segment(0), segment(1), segment(5, discontinuity=1), segment(6, discontinuity=1)])
    assert listed(lines) == ["1/500-100.m4s", "1/600-100.m4s"]
    assert lines[3] == "#EXT-X-MEDIA-SEQUENCE:5"


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(1, 20))
def test_reloading_never_contradicts_what_was_listed_before(reconnects: list[bool], step: int):
    """RFC 8216, 6.2.1: a segment keeps its number, its discontinuity number and its address as long as it is listed."""
    segments, discontinuity = [], 0
    for number, again in enumerate(reconnects):
        discontinuity += again
        segments.append(segment(number, discontinuity=discontinuity))
    known: dict[int, tuple[str, int]] = {}
    last = -1
    for end in range(1, len(segments) + 1, step):
        numbered = numbers(live(segments[:end]))
        assert min(numbered) >= 0
        assert max(numbered) >= last
        last = max(numbered)
        for number, said in numbered.items():
            assert known.setdefault(number, said) == said


def numbers(lines: list[str]) -> dict[int, tuple[str, int]]:
    """Media sequence → address and discontinuity number, counted as a client counts (RFC 8216, 6.2.1 and 6.2.3)."""
    text = "\n".join(lines)
    sequence = int(re.findall(r"^#EXT-X-MEDIA-SEQUENCE:(\d+)$", text, re.M)[0])
    discontinuity = int(([*re.findall(r"^#EXT-X-DISCONTINUITY-SEQUENCE:(\d+)$", text, re.M), "0"])[0])
    found = {}
    for line in lines:
        if line == "#EXT-X-DISCONTINUITY":
            discontinuity += 1
        elif not line.startswith("#"):
            found[sequence] = line, discontinuity
            sequence += 1
    return found


def test_a_replay_lists_all_and_marks_every_gap():
    segments = [segment(0), segment(1), segment(40), segment(41, discontinuity=3, init_hash="b")]
    lines = vod(segments)
    assert lines[2:6] == [
        "#EXT-X-TARGETDURATION:2", "#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-INDEPENDENT-SEGMENTS",
        "#EXT-X-PLAYLIST-TYPE:VOD",
    ]  # fmt: skip
    assert len(listed(lines)) == 4
    assert lines.count("#EXT-X-DISCONTINUITY") == 4  # three numbers were passed between the last two
    assert [line for line in lines if "MAP" in line] == [
        '#EXT-X-MAP:URI="init/a.mp4"', '#EXT-X-MAP:URI="init/a.mp4"', '#EXT-X-MAP:URI="init/b.mp4"',
    ]  # fmt: skip
    assert lines[-1] == "#EXT-X-ENDLIST"
    assert sum(line.startswith("#EXT-X-PROGRAM-DATE-TIME:") for line in lines) == 4


def test_a_replay_of_nothing_is_an_empty_list():
    assert listed(vod([])) == []
    assert vod([])[-1] == "#EXT-X-ENDLIST"


@pytest.mark.parametrize(("seconds", "target"), [(2.0, 2), (2.499, 2), (2.5, 3), (9.99, 10), (0.2, 1)])
def test_the_target_is_the_longest_rounded(seconds: float, target: int):
    assert target_of([segment(0, seconds=seconds), segment(1, seconds=0.1)]) == target


def test_ranges_that_make_no_sense_are_empty():
    segments = [segment(n) for n in range(5)]
    assert clip(segments, [(WALL_US + SECOND, WALL_US)]) == []
    assert clip(segments, [(WALL_US, WALL_US)]) == []
    assert clip(segments, []) == []
    assert coverage(segments, WALL_US + 1, WALL_US) == ([], [])


def test_a_window_takes_the_segments_it_touches():
    segments = [segment(n) for n in range(10)]
    asked = [(WALL_US + start * SECOND, WALL_US + (start + 1) * SECOND) for start in (3, 12)]
    taken = clip(segments, asked)
    assert [one.sequence for one in taken] == [1, 6]


def test_the_successor_of_a_recorder_that_slept_wins():
    slept = [segment(n) for n in range(10)]
    successor = [segment(n, generation=2, wall_us=WALL_US + (n * 2 + 1) * SECOND) for n in range(6, 9)]
    assert [(one.generation, one.sequence) for one in undoubled([*slept, *successor])] == [
        *((1, n) for n in range(6)), (2, 6), (2, 7), (2, 8),
    ]  # fmt: skip


spans = st.builds(
    lambda start, length, generation, sequence: segment(
        sequence, seconds=length / 10, wall_us=WALL_US + start * 100_000, generation=generation
    ),
    st.integers(0, 300), st.integers(1, 60), st.integers(1, 4), st.integers(0, 1000),
)  # fmt: skip
windows = st.lists(st.tuples(st.integers(-20, 400), st.integers(-20, 400)), max_size=4).map(
    lambda pairs: [(WALL_US + a * 100_000, WALL_US + b * 100_000) for a, b in pairs]
)


@given(st.lists(spans, max_size=25), windows)
def test_clip_doubles_nothing_and_invents_nothing(segments: list[Segment], asked: list[tuple[int, int]]):
    taken = clip(segments, asked)
    assert all(one in segments for one in taken)
    assert [one.wall_us for one in taken] == sorted(one.wall_us for one in taken)
    for one in taken:
        assert any(one.wall_us < to and one.end_us > from_ for from_, to in asked if from_ < to)
        for other in taken:
            if one.generation != other.generation:
                assert one.end_us <= other.wall_us or other.end_us <= one.wall_us


@given(st.lists(spans, max_size=25))
def test_the_highest_generation_is_never_left_out(segments: list[Segment]):
    top = max((one.generation for one in segments), default=0)
    kept = undoubled(segments)
    assert [one for one in kept if one.generation == top] == sorted(
        (one for one in segments if one.generation == top), key=lambda one: (one.wall_us, one.generation, one.sequence)
    )
    # what was left out overlaps something of a higher generation that was kept
    for one in segments:
        if one not in kept:
            assert any(
                other.generation > one.generation and other.wall_us < one.end_us and other.end_us > one.wall_us
                for other in kept
            )


@given(st.lists(spans, max_size=25), st.integers(-20, 400), st.integers(-20, 400), st.integers(0, 30))
def test_coverage_and_gaps_fill_the_window_exactly(segments: list[Segment], a: int, b: int, join: int):
    from_us, to_us, join_us = WALL_US + a * 100_000, WALL_US + b * 100_000, join * 100_000
    ranges, gaps = coverage(segments, from_us, to_us, join_us=join_us)
    if from_us >= to_us:
        assert (ranges, gaps) == ([], [])
        return
    edges = sorted([*ranges, *gaps])
    assert edges[0][0] == from_us
    assert edges[-1][1] == to_us
    assert all(before[1] == after[0] for before, after in pairwise(edges))
    assert all(start < end for start, end in edges)
    for one in segments:  # footage is never called a gap
        assert not any(one.wall_us < end and one.end_us > start for start, end in gaps)
    for start, end in gaps[1:-1]:
        assert end - start > join_us


def test_what_a_writer_wrote_comes_out_as_a_playlist(tmp_path: Path):
    stream = encoded()
    Recording(tmp_path).write(muxed(stream), stream.init).close()
    segments = [one for path in indexes(tmp_path) for one in Journal.open(path).segments()]
    lines = vod(sorted(segments, key=lambda one: one.sequence))
    assert lines.count("#EXTINF:2.000,") == 5
    assert "#EXT-X-DISCONTINUITY" not in lines
    assert len([line for line in lines if "MAP" in line]) == 1
