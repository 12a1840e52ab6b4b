"""Media time only goes forward, keeps to the wall clock, and loses nothing, whatever a camera's stamps say."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.video.timeline import MEDIA_RATE, Timeline

SWEEP_S = 0.5
WALL0_US = 1_800_000_000_000_000


def play(stamps, *, fps=15.0, sweep_s=SWEEP_S, timeline=None, began=100.0, delay=lambda n: 0.01, wall=lambda now: 0.0):
    """Feed stamps as a camera would send them, ``fps`` a second, read at sweeps. Gives [(dts, offset, real time)]."""
    line = timeline or Timeline()
    out, waiting = [], []
    sweep = began
    for number, stamp in enumerate(stamps):
        sent = began + number / fps
        arrives = sent + delay(number)
        while sweep < arrives:
            _sweep(line, waiting, sweep, out, wall)
            sweep += sweep_s
        waiting.append((stamp & 0xFFFFFFFF, sent))
    _sweep(line, waiting, sweep, out, wall)
    return line, out


def _sweep(line, waiting, now, out, wall):
    for stamp, sent in waiting:
        dts, offset = line.stamp(stamp, now)
        out.append((dts, offset, sent))
    waiting.clear()
    wall_us = round(WALL0_US + (now + wall(now)) * 1e6)
    line.observe(now, wall_us)
    if len(out) > 15:  # the first fragment is finished: from here on its wall clock stands
        line.wall_us(out[0][0], now, wall_us)


def rising(out):
    times = [dts for dts, _, _ in out]
    return all(later > earlier for earlier, later in itertools.pairwise(times))


def test_an_honest_camera_keeps_its_own_distances():
    _, out = play([n * 6000 for n in range(3000)])
    times = [dts for dts, _, _ in out]
    assert {later - earlier for earlier, later in itertools.pairwise(times)} == {6000}
    assert {offset for _, offset, _ in out} == {0}


def test_time_goes_on_where_it_is_told_to():
    _, out = play([n * 6000 for n in range(10)], timeline=Timeline(987_654))
    assert out[0][0] == 987_654


def test_the_stamps_wrap_at_32_bits():
    _, out = play([2**32 - 60_000 + n * 6000 for n in range(100)])
    assert [dts for dts, _, _ in out] == [n * 6000 for n in range(100)]


@pytest.mark.parametrize("jump_s", [37_000, -10_000, 30, -30, 3, -3])
def test_after_a_jump_the_line_moves_with_the_third_frame_that_agrees(jump_s):
    line, out = play([n * 6000 + (jump_s * MEDIA_RATE if n >= 50 else 0) for n in range(100)])
    assert line.jumps == 1
    assert rising(out)
    assert out[-1][0] == pytest.approx(99 * 6000, abs=200)


def test_one_wild_stamp_moves_nothing():
    line, out = play([n * 6000 + (900_000_000 if n == 50 else 0) for n in range(100)])
    assert line.jumps == 0
    assert [dts for dts, _, _ in out] == pytest.approx([n * 6000 for n in range(100)], abs=2)


def test_a_pause_that_really_happened_is_kept():
    stamps = [n * 6000 for n in range(60)]
    line, out = play(stamps)
    dts, _ = line.stamp(59 * 6000 + 4 * MEDIA_RATE, out[-1][2] + 4.0)
    assert dts - out[-1][0] == 4 * MEDIA_RATE


@pytest.mark.parametrize(("says", "delivers"), [(25, 21), (25, 15), (12, 15), (30, 29)])
def test_a_wrong_rate_is_found_out(says, delivers):
    """'Says 25, delivers 21': media time follows the clock, not the stamps."""
    _, out = play([n * MEDIA_RATE // says for n in range(delivers * 120)], fps=delivers)
    assert rising(out)
    for dts, _, sent in out[delivers * 60 :]:
        assert dts / MEDIA_RATE == pytest.approx(sent - 100.0, abs=0.6)


@pytest.mark.parametrize("ppm", [200, -200, 20_000, -20_000])
def test_a_drifting_clock_is_slewed(ppm):
    _, out = play([round(n * 6000 * (1 + ppm / 1e6)) for n in range(15 * 600)])
    assert rising(out)
    assert out[-1][0] / MEDIA_RATE == pytest.approx(out[-1][2] - 100.0, abs=0.35)


def test_a_stalled_line_does_not_change_the_pace_for_good():
    """Wi-Fi holds everything back for three seconds, then delivers it at once."""
    held = lambda n: max(0.01, 3.0 - (n - 300) / 15) if 300 <= n < 345 else 0.01  # noqa: E731
    _, out = play([n * 6000 for n in range(1500)], delay=held)
    assert out[-1][0] == pytest.approx(1499 * 6000, abs=0.2 * MEDIA_RATE)


def test_b_frames_get_decode_times_before_their_presentation():
    shown = [0] + [base + step for base in range(0, 300, 3) for step in (3, 1, 2)]
    for promised in (0, 1, 2):
        _, out = play([n * 6000 for n in shown], timeline=Timeline(reorder=promised))
        assert rising(out)
        settled = out[13:]
        assert all(offset >= 0 for _, offset, _ in settled)
        pts = [dts + offset for dts, offset, _ in settled]
        assert [b - a for a, b in zip(sorted(pts), sorted(pts)[1:], strict=False)] == [6000] * (len(pts) - 1)
        assert [pts.index(p) for p in sorted(pts)] == [shown[13:].index(s) for s in sorted(shown[13:])]


def test_stored_video_at_the_start_is_dated_back():
    """A camera that begins with two seconds from its memory sends them at once: their wall clock is the past."""
    line = Timeline()
    for number in range(31):
        line.stamp(number * 6000, 50.0)
    line.observe(50.0, WALL0_US)
    assert line.wall_us(0, 50.0, WALL0_US) == pytest.approx(WALL0_US - 2_000_000, abs=2000)


def test_a_wall_clock_set_forward_is_noticed_and_a_new_relation_is_made():
    line = Timeline()
    line.stamp(0, 10.0)
    line.observe(10.0, WALL0_US)
    assert line.wall_us(0, 10.0, WALL0_US) == WALL0_US
    for number in range(1, 200):
        now = 10.0 + number / 15
        line.stamp(number * 6000, now)
        line.observe(now, WALL0_US + number / 15 * 1e6 + (3_600e6 if number > 100 else 0))
    assert line.clock_stepped
    line.rewall(WALL0_US)
    ahead = line.wall_us(199 * 6000, now, round(WALL0_US + 199 / 15 * 1e6 + 3_600e6))
    assert ahead == pytest.approx(WALL0_US + 199 / 15 * 1e6 + 3_600e6, abs=100_000)


def test_a_wall_clock_set_back_never_turns_the_order_round():
    line = Timeline(not_before_us=WALL0_US + 5_000_000)
    line.stamp(0, 10.0)
    line.observe(10.0, WALL0_US)
    assert line.wall_us(0, 10.0, WALL0_US) >= WALL0_US + 5_000_000


@given(
    steps=st.lists(
        st.one_of(
            st.just(6000),
            st.integers(-300_000, 300_000),
            st.integers(-(2**32), 2**32),
        ),
        min_size=1,
        max_size=300,
    ),
    start=st.integers(0, 2**32 - 1),
    reorder=st.integers(0, 6),
    seed=st.integers(0, 2**16),
)
def test_whatever_the_stamps_decode_times_rise_and_every_frame_has_one(steps, start, reorder, seed):
    rng = random.Random(seed)
    stamp, stamps = start, []
    for step in steps:
        stamp += step
        stamps.append(stamp)
    _, out = play(stamps, timeline=Timeline(reorder=reorder), delay=lambda n: rng.random())
    assert len(out) == len(stamps)
    assert rising(out)
    assert all(-(2**31) <= offset < 2**31 for _, offset, _ in out)
    assert all(later - earlier < 2**31 for (earlier, *_), (later, *_) in itertools.pairwise(out))
