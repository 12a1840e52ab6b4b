"""What of a granted window is missing: never more, never less, each moment with one reason."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.evidence.gaps import LEAST_US, gaps_of

S = 1_000_000


def test_silences_up_to_a_second_are_no_gap() -> None:
    assert gaps_of((0, 10 * S), [(0, 4 * S), (5 * S, 10 * S)]) == []
    assert gaps_of((0, 10 * S), [(0, 4 * S), (5 * S + 1, 10 * S)]) == [(4 * S, 5 * S + 1, "not_recorded")]


def test_each_part_of_a_gap_has_its_own_reason() -> None:
    away = [(2 * S, 4 * S, "private_hours"), (3 * S, 6 * S, "other_masks")]
    assert gaps_of((0, 10 * S), [(8 * S, 10 * S)], away) == [
        (0, 2 * S, "not_recorded"), (2 * S, 4 * S, "private_hours"), (4 * S, 6 * S, "other_masks"),
        (6 * S, 8 * S, "not_recorded"),
    ]  # fmt: skip


@pytest.mark.parametrize("shown", [[], [(-5 * S, 0)], [(10 * S, 20 * S)]])
def test_what_lies_outside_the_window_fills_nothing(shown: list[tuple[int, int]]) -> None:
    assert gaps_of((0, 10 * S), shown) == [(0, 10 * S, "not_recorded")]


spans = st.lists(
    st.tuples(st.integers(-20, 80), st.integers(1, 30)).map(lambda one: (one[0] * S, (one[0] + one[1]) * S))
)


@given(spans, spans)
def test_every_second_is_either_shown_or_missing_and_has_one_reason(shown, away) -> None:
    window = (0, 60 * S)
    found = gaps_of(window, shown, [(*one, "private_hours") for one in away])
    assert all(a < b for a, b, _why in found) and all(one[1] <= two[0] for one, two in pairwise(found))
    for second in range(60):
        start, end = second * S, (second + 1) * S
        seen = any(a < end and b > start for a, b in shown)
        gap = [why for a, b, why in found if a < end and b > start]
        if seen:
            assert gap == []
        elif not gap:  # alone between two that are shown, and no longer than what counts as none
            assert end - start <= LEAST_US
        else:
            assert gap == ["private_hours" if any(a <= start and end <= b for a, b in away) else "not_recorded"]
