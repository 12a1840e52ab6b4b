"""What protects the household that owns a camera, and may be given up by that household alone. Pure.

Its private hours, in which nobody sees anything; that staff must say why before they watch (``rules.asks_purpose``);
that nobody looks whether anything moves before its house; a school's hours, outside which the ward sees nothing.
Leaders may add to each, and end the camera; taking away is consent, which nobody gives for another (Law 91/2025).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from backend.lib.clock import VIETNAM
from cameras.playback import schedule
from cameras.playback.schedule import Hours
from cameras.rules import PUBLIC

_MONDAY = datetime(2024, 1, 1, tzinfo=VIETNAM)
_WEEK = (_MONDAY, _MONDAY + timedelta(days=7))
"""Any week: hours repeat, and Vietnam has no summer time."""


def loosened(before: Mapping[str, object], after: Mapping[str, object]) -> set[str]:
    """The fields whose change shows more of a camera, or shows it more easily: ``private_hours``, ``ownership``,
    ``watch_hours`` and ``school_hours`` (more of them).

    ``before`` has all four; ``after`` has what is to change.
    """
    found = set()
    if after.get("ownership") == PUBLIC != before["ownership"]:
        found.add("ownership")
    if "private_hours" in after and loosened_hours(before["private_hours"], after["private_hours"]):  # type: ignore[arg-type]
        found.add("private_hours")
    for field in ("watch_hours", "school_hours"):
        if field in after and loosened_hours(after[field], before[field]):  # type: ignore[arg-type]
            found.add(field)
    return found


def loosened_hours(before: Hours, after: Hours) -> bool:
    """Whether any minute of the week that was private would be no more."""
    shown_before, shown_after = (schedule.cut([_WEEK], schedule.spans(hours, *_WEEK)) for hours in (before, after))
    return bool(schedule.cut(shown_after, shown_before))
