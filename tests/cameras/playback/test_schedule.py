"""Weekly hours, held against a brute force that looks at every minute of a week."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.lib.clock import VIETNAM
from cameras.playback import schedule

MONDAY = datetime(2026, 11, 16, tzinfo=VIETNAM)
MINUTE = timedelta(minutes=1)
FRIDAY = 20
"""Of November 2026."""
NIGHT = [{"days": [4], "from": "22:00", "to": "05:00"}]
"""From Friday evening."""


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=VIETNAM)


times = st.builds(lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59))
rules = st.lists(
    st.fixed_dictionaries({"days": st.lists(st.integers(0, 6), max_size=7), "from": times, "to": times}), max_size=4
)
instants = st.integers(0, 7 * 24 * 60 - 1).map(lambda minutes: (MONDAY + minutes * MINUTE).astimezone(UTC))


def covered(hours: list[dict], at: datetime) -> bool:
    """By the words of the rule: a day's span, past midnight where it does not end after its start."""
    local = at.astimezone(VIETNAM)
    clock = f"{local:%H:%M}"
    for rule in hours:
        today, yesterday = local.weekday() in rule["days"], (local.weekday() - 1) % 7 in rule["days"]
        if rule["from"] < rule["to"]:
            if today and rule["from"] <= clock < rule["to"]:
                return True
        elif (today and clock >= rule["from"]) or (yesterday and clock < rule["to"]):
            return True
    return False


@given(rules, instants)
def test_it_covers_what_the_words_say(hours: list[dict], at: datetime) -> None:
    assert schedule.covers(hours, at) == covered(hours, at)


@settings(max_examples=40)
@given(rules, instants)
def test_the_next_boundary_is_the_first_change(hours: list[dict], at: datetime) -> None:
    state = covered(hours, at)
    changed = (at + n * MINUTE for n in range(1, 7 * 24 * 60 + 1))
    expected = next((moment for moment in changed if covered(hours, moment) != state), None)
    assert schedule.next_boundary(hours, at) == expected


@given(rules, instants, st.integers(1, 3000))
def test_cutting_leaves_exactly_what_is_not_covered(hours: list[dict], at: datetime, minutes: int) -> None:
    end = at + minutes * MINUTE
    kept = schedule.cut([(at, end)], schedule.spans(hours, at, end))
    for number in range(0, minutes, 7):
        moment = at + number * MINUTE
        assert any(a <= moment < b for a, b in kept) != covered(hours, moment)
    assert all(at <= a < b <= end for a, b in kept)


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        (at(FRIDAY, 21, 59), False),
        (at(FRIDAY, 22), True),
        (at(FRIDAY + 1, 0), True),
        (at(FRIDAY + 1, 4, 59), True),
        (at(FRIDAY + 1, 5), False),
        (at(FRIDAY, 4), False),  # that is Thursday's night
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_starts(moment: datetime, inside: bool) -> None:
    assert schedule.covers(NIGHT, moment) is inside


def test_the_next_boundary_of_a_night() -> None:
    assert schedule.next_boundary(NIGHT, at(FRIDAY, 12)) == at(FRIDAY, 22)
    assert schedule.next_boundary(NIGHT, at(FRIDAY, 22)) == at(FRIDAY + 1, 5)
    assert schedule.next_boundary(NIGHT, at(FRIDAY + 1, 3)) == at(FRIDAY + 1, 5)
    assert schedule.next_boundary(NIGHT, at(FRIDAY + 1, 5)) == at(FRIDAY + 7, 22)


def test_midnight_to_midnight_is_the_whole_day() -> None:
    whole = [{"days": [4], "from": "00:00", "to": "00:00"}]
    assert schedule.covers(whole, at(FRIDAY, 0))
    assert schedule.covers(whole, at(FRIDAY, 23, 59))
    assert not schedule.covers(whole, at(FRIDAY + 1, 0))


def test_always_and_never_have_no_boundary() -> None:
    always = [{"days": [0, 1, 2, 3, 4, 5, 6], "from": "00:00", "to": "00:00"}]
    assert schedule.next_boundary(always, MONDAY) is None
    assert schedule.next_boundary([], MONDAY) is None
    assert schedule.covers(always, MONDAY)


@settings(max_examples=100)
@given(rules, instants, st.integers(1, 3000))
def test_what_lies_outside_is_what_no_hours_cover(hours: list[dict], start: datetime, minutes: int) -> None:
    end = start + minutes * MINUTE
    away = schedule.outside(hours, start, end)
    for step in range(0, minutes, max(1, minutes // 40)):
        instant = start + step * MINUTE
        shown = not hours or covered(hours, instant)  # a code without hours allows every one
        assert any(a <= instant < b for a, b in away) is not shown
    assert all(start <= a < b <= end for a, b in away)
