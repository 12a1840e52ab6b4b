"""``FOOTAGE_LIMITS``: the figures of ``Policy`` that a ward or a city decides, as text. Pure.

``window_hours=3, cameras=20`` changes two and leaves the others at their defaults. ``docs/settings.md`` has the table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cameras.footage.policy import Policy

SETTING = "FOOTAGE_LIMITS"


@dataclass(frozen=True, slots=True)
class Limit:
    """One figure: which field of ``Policy`` it is, and the least and the most that may be said, both allowed."""

    field: str
    least: float
    most: float
    read: Callable[[float], Any]
    whole: bool = True


def _hours(value: float) -> timedelta:
    return timedelta(hours=value)


def _days(value: float) -> timedelta:
    return timedelta(days=value)


LIMITS = {
    "window_hours": Limit("window", 0.25, 24, _hours, whole=False),
    "extent_km2": Limit("extent_km2", 0.01, 50, float, whole=False),
    "places": Limit("places", 1, 100, int),
    "cameras": Limit("cameras", 1, 500, int),
    "longest_window_hours": Limit("longest_window", 0.25, 24, _hours, whole=False),  # as ``cases.LONGEST_SPAN``
    "largest_km2": Limit("largest_km2", 0.01, 50, float, whole=False),
    "most_places": Limit("most_places", 1, 100, int),
    "most_cameras": Limit("most_cameras", 1, 500, int),
    "held_hours": Limit("held_for", 1, 720, _hours),
    "extended_days": Limit("extended_by", 1, 90, _days),
    "most_extensions": Limit("most_extensions", 0, 12, int),
    "officer_hours": Limit("officer_hours", 1, 10_000, int),
    "neighborhood_share": Limit("neighborhood_share", 0.01, 1, float, whole=False),
    "kept_days": Limit("kept_after_release", 1, 365, _days),
    "package_days": Limit("package_kept", 1, 365, _days),
    "link_hours": Limit("link_open", 0.25, 48, _hours, whole=False),
    "review_hours": Limit("review_within", 1, 720, _hours),
}
NO_MORE_THAN = (
    ("window_hours", "longest_window_hours"), ("extent_km2", "largest_km2"), ("places", "most_places"),
    ("cameras", "most_cameras"),
)  # fmt: skip
"""What one officer asks alone is no more than what anybody is given."""


def policy_of(text: str) -> Policy:
    """The policy in force. Raises ``ValueError`` that names the setting, the figure and what is allowed."""
    said: dict[str, Any] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        name, _equals, value = (one.strip() for one in part.partition("="))
        limit = LIMITS.get(name)
        if limit is None:
            raise ValueError(f"{SETTING}: there is no {name!r}. There are {', '.join(LIMITS)}.")
        if limit.field in said:
            raise ValueError(f"{SETTING}: {name} is said twice.")
        said[limit.field] = limit.read(_figure(name, value, limit))
    policy = Policy(**said)
    for alone, most in NO_MORE_THAN:
        if getattr(policy, LIMITS[alone].field) > getattr(policy, LIMITS[most].field):
            raise ValueError(
                f"{SETTING}: {alone} is {figure_of(policy, alone)} and may be {most} at the most,"
                f" which is {figure_of(policy, most)}."
            )
    return policy


def figure_of(policy: Policy, name: str) -> str:
    """A figure as the setting has it: ``72``, ``0.5``."""
    value = getattr(policy, LIMITS[name].field)
    if isinstance(value, timedelta):
        value /= timedelta(days=1) if name.endswith("_days") else timedelta(hours=1)
    return f"{value:g}"


def _figure(name: str, text: str, limit: Limit) -> float:
    kind = "a whole number" if limit.whole else "a number"
    allowed = f"{SETTING}: {name}={text} is not allowed: {kind} from {limit.least:g} to {limit.most:g}."
    try:
        value = int(text) if limit.whole else float(text)
    except ValueError:
        raise ValueError(allowed) from None
    if not limit.least <= value <= limit.most:  # not a number is in no range
        raise ValueError(allowed)
    return value
