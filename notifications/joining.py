"""Whether two people tell of the same thing. Pure.

The later one is joined to the earlier ("5 people report this"): a fire is one alert on every phone and not five.
Wrongly joined is worse than wrongly apart, for a second thing would be hidden: category, time and place must agree.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from notifications.facing import Place, metres

SOON = timedelta(minutes=10)
NEAR_M = 150.0
"""Phones are off by up to 50 m between houses, and people tell of a fire from both ends of the alley."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What of an alert decides. ``cameras`` are those the person named."""

    category: str
    neighborhood_id: UUID
    occurred_at: datetime
    open: bool = True
    place: Place | None = None
    cameras: frozenset[UUID] = frozenset()


def same(a: Telling, b: Telling) -> bool:
    """Same category and neighborhood, both open, within 10 minutes, and at one place: within 150 m, seen by one camera,
    or both without a place."""
    return (
        a.open
        and b.open
        and (a.category, a.neighborhood_id) == (b.category, b.neighborhood_id)
        and abs(a.occurred_at - b.occurred_at) <= SOON
        and _one_place(a, b)
    )


def _one_place(a: Telling, b: Telling) -> bool:
    if a.cameras & b.cameras:
        return True
    if a.place is not None and b.place is not None:
        return metres(a.place, b.place) <= NEAR_M
    return a.place is None and b.place is None and not a.cameras and not b.cameras
