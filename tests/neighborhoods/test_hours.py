"""Weekly hours in local time."""

from datetime import datetime

import pytest

from backend.lib.clock import VIETNAM
from backend.lib.errors import BadInput
from neighborhoods import hours

NIGHT = [{"days": [4], "from": "22:00", "to": "05:00"}]  # from Friday evening
FRIDAY = 20  # 2026-11-20


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=VIETNAM)


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
    assert hours.inside(NIGHT, moment) is inside


def test_the_next_boundary_is_where_it_changes() -> None:
    assert hours.next_boundary(NIGHT, at(FRIDAY, 12)) == at(FRIDAY, 22)
    assert hours.next_boundary(NIGHT, at(FRIDAY, 22)) == at(FRIDAY + 1, 5)
    assert hours.next_boundary(NIGHT, at(FRIDAY + 1, 5)) == at(FRIDAY + 7, 22)
    assert hours.next_boundary([], at(FRIDAY, 12)) is None


def test_midnight_to_midnight_is_the_whole_day() -> None:
    whole = [{"days": [4], "from": "00:00", "to": "00:00"}]
    assert hours.inside(whole, at(FRIDAY, 0))
    assert hours.inside(whole, at(FRIDAY, 23, 59))
    assert not hours.inside(whole, at(FRIDAY + 1, 0))


def test_days_are_sorted_and_told_once() -> None:
    assert hours.checked([{"days": [6, 0, 6], "from": "6:00".zfill(5), "to": "22:00:00"}], field="h") == [
        {"days": [0, 6], "from": "06:00", "to": "22:00"}
    ]


def test_more_spans_than_a_week_holds_are_refused() -> None:
    with pytest.raises(BadInput):
        hours.checked(NIGHT * 22, field="h")
