"""What may happen with a camera, from its facts alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from backend.lib.clock import VIETNAM
from cameras import rules
from neighborhoods.access import Action

NOON = datetime(2026, 11, 20, 12, tzinfo=VIETNAM)
MINUTE = timedelta(minutes=1)
SIGNED = UUID(int=1)
"""A legal record."""
LUNCH = {"days": list(range(7)), "from": "12:00", "to": "13:00"}


@dataclass(frozen=True)
class Facts:
    state: str = rules.ACTIVE
    source_kind: str = "rtsp"
    masks: Sequence[object] = ()
    private_hours: Sequence[Mapping[str, object]] = ()
    owner_left_at: datetime | None = None
    legal_record_id: UUID | None = SIGNED


@pytest.mark.parametrize(
    "over", [Facts(state=rules.RETIRED), Facts(state=rules.PROPOSED), Facts(owner_left_at=datetime.now(UTC))]
)
def test_what_is_shared_no_more_shows_nothing_and_is_found_only_by_those_who_look_after_it(over: Facts) -> None:
    for action in rules.WATCHING:
        assert rules.may_show(Facts(), action, sees_details=False)
        assert not rules.may_show(over, action, sees_details=True)
    assert rules.may_show(over, Action.SEE_CAMERAS, sees_details=True)
    assert not rules.may_show(over, Action.SEE_CAMERAS, sees_details=False)
    assert not rules.may_record(over)


def test_nothing_is_recorded_before_the_legal_record_is_signed() -> None:
    assert rules.may_record(Facts())
    assert not rules.may_record(Facts(legal_record_id=None))


def test_a_picture_is_private_when_its_first_or_last_instant_is() -> None:
    camera = Facts(private_hours=[LUNCH])
    spans = [(-2, -1), (-1, 0), (-1, 1), (1, 2), (59, 61), (60, 61), (-1, 61)]
    touched = [rules.touches_private_hours(camera, NOON + a * MINUTE, NOON + b * MINUTE) for a, b in spans]
    assert touched == [False, False, True, True, True, False, True]


@pytest.mark.parametrize(("minute", "private", "outside"), [(-1, False, True), (0, True, False), (60, False, True)])
def test_an_instant_is_hidden_in_private_hours_and_outside_the_codes(minute: int, private: bool, outside: bool) -> None:
    at = NOON + minute * MINUTE
    assert rules.hidden_at(Facts(private_hours=[LUNCH]), at) is private
    assert rules.hidden_at(Facts(), at, code_hours=[LUNCH]) is outside
    assert rules.hidden_at(Facts(private_hours=[LUNCH]), at, code_hours=[LUNCH])
    assert not rules.hidden_at(Facts(), at, code_hours=[])


def test_footage_is_shown_under_the_masks_it_was_recorded_with() -> None:
    assert rules.same_masks(3, 3)
    assert not rules.same_masks(2, 3)
    assert not rules.same_masks(3, 2)
