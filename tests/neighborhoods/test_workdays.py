"""Days as the law counts them: Tết, swapped Saturdays, last days that are days off, and years nobody knows yet."""

import logging
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.lib.clock import VIETNAM
from neighborhoods import workdays
from neighborhoods.workdays import DAY, Clock, due, due_after_days, due_after_workdays, is_workday

KNOWN = st.dates(min_value=date(2020, 1, 1), max_value=date(2060, 12, 1))
COUNT = st.integers(min_value=1, max_value=40)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (date(2026, 11, 18), date(2026, 11, 20)),  # a Wednesday: Thursday, Friday
        (date(2026, 11, 19), date(2026, 11, 23)),  # over a weekend
        (date(2026, 2, 13), date(2026, 2, 24)),  # the Friday before Tết: 16 to 20 February are off
        (date(2026, 4, 29), date(2026, 5, 5)),  # 30 April, 1 May, a weekend
        (date(2026, 8, 20), date(2026, 8, 22)),  # that Saturday was made a working day for 31 August
    ],
)
def test_two_working_days_skip_weekends_and_holidays(asked: date, answer: date) -> None:
    assert due(Clock.ANSWER, asked) == answer


@pytest.mark.parametrize(
    ("asked", "finished"),
    [
        (date(2026, 11, 3), date(2026, 11, 18)),
        (date(2026, 11, 6), date(2026, 11, 23)),  # the 21st is a Saturday
        (date(2026, 2, 2), date(2026, 2, 23)),  # the 17th is Tết; the first working day after it
    ],
)
def test_fifteen_days_are_calendar_days_whose_last_one_moves_on(asked: date, finished: date) -> None:
    assert due(Clock.FINISH, asked) == finished


def test_where_another_party_must_act_it_is_twenty() -> None:
    assert due(Clock.FINISH_WITH_OTHERS, date(2026, 11, 3)) == date(2026, 11, 23)


def test_the_day_is_the_one_in_vietnam() -> None:
    """A quarter past one in the night there is still yesterday in UTC."""
    night = datetime(2026, 11, 19, 18, 15, tzinfo=UTC)
    assert night.astimezone(VIETNAM).date() == date(2026, 11, 20)
    assert due(Clock.ANSWER, night) == date(2026, 11, 25)  # Monday, and Tuesday the 24th is a holiday
    with pytest.raises(ValueError, match="aware"):
        due(Clock.ANSWER, datetime(2026, 11, 20))  # noqa: DTZ001  (what is refused)


@given(KNOWN, COUNT)
def test_a_due_day_is_a_working_day_after_the_day_asked(asked: date, days: int) -> None:
    for found in (due_after_workdays(asked, days), due_after_days(asked, days)):
        assert is_workday(found) and found > asked


@given(KNOWN, COUNT)
def test_working_days_are_counted_one_by_one(asked: date, days: int) -> None:
    found = due_after_workdays(asked, days)
    span = (asked + n * DAY for n in range(1, (found - asked).days + 1))
    assert sum(map(is_workday, span)) == days


@given(KNOWN, COUNT)
def test_a_calendar_day_is_moved_on_no_further_than_it_must(asked: date, days: int) -> None:
    found = due_after_days(asked, days)
    skipped = (asked + (days + n) * DAY for n in range((found - asked).days - days))
    assert not any(map(is_workday, skipped))


@given(KNOWN, KNOWN, COUNT)
def test_who_asks_later_is_never_due_earlier(one: date, other: date, days: int) -> None:
    first, second = sorted((one, other))
    assert due_after_workdays(first, days) <= due_after_workdays(second, days)
    assert due_after_days(first, days) <= due_after_days(second, days)


@settings(max_examples=20)
@given(st.integers(min_value=2010, max_value=2099))
def test_every_year_has_its_tet(year: int) -> None:
    """From mid-January to the end of February nothing else is off."""
    off = [date(year, 1, 1) + n * DAY for n in range(60) if not is_workday(date(year, 1, 1) + n * DAY)]
    weekdays = [day for day in off if day.weekday() < workdays.SATURDAY and day > date(year, 1, 15)]
    assert len(weekdays) >= 3
    assert weekdays[-1] - weekdays[0] <= timedelta(days=10)


def test_a_year_that_nobody_knows_yet_is_counted_by_weekends_and_said(caplog: pytest.LogCaptureFixture) -> None:
    assert workdays.is_known(2026) and not workdays.is_known(2150)
    workdays._calendar_of.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert due_after_workdays(date(2150, 4, 29), 2) == date(2150, 5, 5)  # a Wednesday; 30/4, 1/5, a weekend
    assert "2150" in caplog.text
