"""How often a socket is swept, and when a camera is tried again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.ingest.backoff import FIRST_S, LONGEST_S, SLOW_S, wait_s
from cameras.ingest.pace import FASTEST_S, HURRY_S, SLOWEST_S, Pace


def test_the_wait_grows_and_stays_bounded():
    waits = [wait_s(failures, lambda: 0.999) for failures in range(1, 12)]
    assert waits == sorted(waits) and waits[0] <= FIRST_S and LONGEST_S * 0.9 < waits[-1] <= LONGEST_S


@given(st.integers(1, 10**6), st.floats(0, 1, exclude_max=True), st.booleans())
def test_the_wait_is_never_nothing_and_never_forever(failures, chance, slow):
    assert FIRST_S / 2 <= wait_s(failures, lambda: chance, slow=slow) <= SLOW_S * 1.25


def test_fifty_cameras_are_not_dialled_in_step():
    assert wait_s(5, lambda: 0.0) * 1.9 < wait_s(5, lambda: 0.999)


def test_a_refusal_is_tried_again_once_a_minute():
    assert wait_s(1, lambda: 0.0, slow=True) == SLOW_S


def test_cameras_of_one_pace_are_due_together():
    assert len({Pace().next(now, 10_000, 1_000_000) for now in (10.01, 10.2, 10.49)}) == 1


def test_a_new_connection_is_swept_fast_for_a_moment():
    pace = Pace()
    pace.hurry(10.0)
    assert pace.next(10.0, 0, 0) - 10.0 <= FASTEST_S
    assert pace.next(10.0 + HURRY_S, 0, 0) - 10.0 - HURRY_S == pytest.approx(SLOWEST_S)


@pytest.mark.parametrize(("bytes_per_s", "window"), [(150_000, 65_536), (1_000_000, 65_536), (1_000_000, 3_000_000)])
def test_half_the_window_is_never_passed_for_long(bytes_per_s, window):
    pace, now, counts = Pace(), 0.0, []
    for _ in range(40):
        due = pace.next(now, counts[-1] if counts else 0, window)
        counts.append(round(bytes_per_s * (due - now)))
        now = due
    assert max(counts[10:]) <= max(window / 2, bytes_per_s * FASTEST_S)


def test_it_slows_down_again_where_there_is_room():
    pace = Pace()
    for now in range(8):
        pace.next(now, 60_000, 65_536)
    for now in range(8, 16):
        pace.next(now, 1_000, 65_536)
    assert pace.interval_s == SLOWEST_S
