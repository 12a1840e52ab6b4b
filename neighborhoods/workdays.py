"""Days as the law counts them in Vietnam: working days, calendar days, and a last day that moves past a day off.

The day of the act itself does not count (Civil Code 2015, Article 147.1), the last day ends at midnight in Vietnam
(Article 148.6), and a last day that is a Saturday, a Sunday or a public holiday moves on to the next working day
(Article 148.5). Public holidays, Tết and the Saturdays that the government swaps come from the ``holidays`` package
(MIT), which is brought up to date with the announcements.

Decree 356/2025 says "working days" of the answer and "days" of the rest. So the answer's two skip weekends and holidays
as they go, and the 15 and 20 are calendar days whose last one moves on. A desk that reads the decree otherwise changes
``CLOCKS`` and nothing else. Pure: no database, no clock.
"""

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Any

from backend.lib.clock import vietnam_day

log = logging.getLogger(__name__)

DAY = timedelta(days=1)
SATURDAY = 5
FIXED = frozenset({(1, 1), (4, 30), (5, 1), (9, 2)})
"""Month and day of the holidays that no lunar calendar moves (Labour Code 2019, Article 112)."""


class Counted(StrEnum):
    WORKING = "working"
    CALENDAR = "calendar"


class Clock(StrEnum):
    ANSWER = "answer"
    FINISH = "finish"
    FINISH_WITH_OTHERS = "finish_with_others"  # where somebody else must act too
    EXTENSION = "extension"  # once, from the day that was due


@dataclass(frozen=True, slots=True)
class Span:
    days: int
    counted: Counted


CLOCKS = {
    Clock.ANSWER: Span(2, Counted.WORKING),
    Clock.FINISH: Span(15, Counted.CALENDAR),
    Clock.FINISH_WITH_OTHERS: Span(20, Counted.CALENDAR),
    Clock.EXTENSION: Span(15, Counted.CALENDAR),
}
"""Decree 356/2025: answered in 2 working days; done in 15 days, 20 where another party must act; one extension of 15 at
the most."""


def due(clock: Clock, at: datetime | date) -> date:
    """The last day of ``clock`` begun at ``at`` (an aware datetime, or a day in Vietnam)."""
    span = CLOCKS[clock]
    after = due_after_workdays if span.counted is Counted.WORKING else due_after_days
    return after(at, span.days)


def due_after_workdays(at: datetime | date, days: int) -> date:
    """The ``days``-th working day after the day of ``at``. Raises ``ValueError`` below 1."""
    _check(days)
    day = _day_of(at)
    for _n in range(days):
        day = next_workday(day + DAY)
    return day


def due_after_days(at: datetime | date, days: int) -> date:
    """``days`` calendar days after the day of ``at``, moved on to a working day. Raises ``ValueError`` below 1."""
    _check(days)
    return next_workday(_day_of(at) + days * DAY)


def next_workday(day: date) -> date:
    """``day`` itself, or the first working day after it."""
    while not is_workday(day):
        day += DAY
    return day


def is_workday(day: date) -> bool:
    """Monday to Friday but for public holidays, and a Saturday that the government made a working day for another.

    For a year that the calendar does not know, only weekends and ``FIXED`` are days off: without Tết a day falls due
    too early rather than too late, and nobody's request waits for an update. It is said in the log.
    """
    calendar = _calendar_of(day.year)
    if calendar is None:
        return day.weekday() < SATURDAY and (day.month, day.day) not in FIXED
    return bool(calendar.is_working_day(day))


def is_known(year: int) -> bool:
    """Whether the calendar knows Tết of ``year``."""
    return _calendar_of(year) is not None


def _day_of(at: datetime | date) -> date:
    return vietnam_day(at) if isinstance(at, datetime) else at


@cache
def _calendar_of(year: int) -> Any:
    """The package's calendar of one year; None where it knows none.

    Loaded at the first question: a tenth of a second and some megabytes that recorder and players never need.
    """
    calendar = import_module("holidays.countries.vietnam").Vietnam(years=year)
    if not any(found.year == year for found in calendar):
        log.warning(
            "the calendar knows no holidays of %d: update the package holidays; Tết counts as working days", year
        )
        return None
    return calendar


def _check(days: int) -> None:
    if days < 1:
        raise ValueError(f"a clock runs one day at least, not {days}")
