"""Whether a phone may ring: quiet hours around midnight, what is muted, and what always rings."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.categories import CATEGORIES
from notifications.quiet import Wishes, is_quiet, may_ring

MINUTES = st.integers(0, 1439)
CATEGORY = st.sampled_from(list(CATEGORIES.values()))
NIGHT = Wishes(quiet_from=time(22), quiet_to=time(6))


def at(minute: int) -> time:
    return time(minute // 60, minute % 60)


@given(start=MINUTES, end=MINUTES, asked=MINUTES, second=st.integers(0, 59))
def test_quiet_hours_are_the_minutes_one_walks_through_from_start_to_end(start, end, asked, second) -> None:
    walked, minute = set(), start
    while minute != end:
        walked.add(minute)
        minute = (minute + 1) % 1440  # past midnight it is the next day's
    assert is_quiet(at(start), at(end), at(asked).replace(second=second)) == (asked in walked)


@given(category=CATEGORY, muted=st.sets(st.sampled_from(list(CATEGORIES))), digest=st.booleans(), asked=MINUTES)
def test_fire_flood_and_violence_always_ring_and_the_rest_only_where_nothing_speaks_against_it(
    category, muted, digest, asked
) -> None:
    wishes = Wishes(quiet_from=time(22), quiet_to=time(6), muted=frozenset(muted), digest=digest)
    night = asked >= 22 * 60 or asked < 6 * 60
    wanted = category.breaks_quiet or not (night or digest or category.code in muted)
    assert may_ring(category, wishes, at(asked)) == wanted


@pytest.mark.parametrize(("clock", "rings"), [("21:59:59", True), ("22:00:00", False), ("00:00:00", False),
                                              ("05:59:59", False), ("06:00:00", True)])  # fmt: skip
def test_the_night_begins_and_ends_to_the_second(clock: str, rings: bool) -> None:
    assert may_ring(CATEGORIES["theft"], NIGHT, time.fromisoformat(clock)) is rings
    assert may_ring(CATEGORIES["fire"], NIGHT, time.fromisoformat(clock)) is True


def test_what_breaks_quiet_hours_is_fire_flood_and_violence() -> None:
    assert {code for code, one in CATEGORIES.items() if one.breaks_quiet} == {"fire", "flood", "snatching", "disorder"}


def test_without_wishes_everything_rings() -> None:
    assert all(may_ring(category, Wishes(), time(3)) for category in CATEGORIES.values())
