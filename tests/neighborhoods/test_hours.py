"""The form of weekly hours; what they do to an instant: ``tests/cameras/playback/test_schedule.py``."""

import pytest

from backend.lib.errors import BadInput
from neighborhoods import hours

NIGHT = [{"days": [4], "from": "22:00", "to": "05:00"}]  # from Friday evening


def test_days_are_sorted_and_told_once() -> None:
    assert hours.checked([{"days": [6, 0, 6], "from": "6:00".zfill(5), "to": "22:00:00"}], field="h") == [
        {"days": [0, 6], "from": "06:00", "to": "22:00"}
    ]


def test_more_spans_than_a_week_holds_are_refused() -> None:
    with pytest.raises(BadInput):
        hours.checked(NIGHT * 22, field="h")
