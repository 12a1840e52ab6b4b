"""How much one officer may ask alone, what needs a superior's signature, and what nobody is given. Pure.

The figures are the product's, not the law's: ``docs/design/footage.md`` says where each comes from. A ward's own are
the setting ``FOOTAGE_LIMITS`` (``limits``); what is in force is ``inforce.POLICY``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.lib.clock import VIETNAM


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    # Above these a superior signs, too.
    window: timedelta = timedelta(hours=2)
    extent_km2: float = 0.5
    places: int = 1
    cameras: int = 12
    # Above these it is refused.
    longest_window: timedelta = timedelta(hours=24)
    largest_km2: float = 6.0
    most_places: int = 8
    most_cameras: int = 80
    # What is held.
    held_for: timedelta = timedelta(hours=72)
    extended_by: timedelta = timedelta(days=7)
    most_extensions: int = 3
    officer_hours: int = 200
    """Of footage, summed over cameras, that one officer's undecided requests may hold at once."""
    neighborhood_share: float = 0.2
    """Of the disk, that may be held of one neighborhood."""
    kept_after_release: timedelta = timedelta(days=30)
    package_kept: timedelta = timedelta(days=14)
    """After it was made; then its files are deleted here."""
    link_open: timedelta = timedelta(hours=2)
    """For a package to be fetched, once its link was asked for."""
    review_within: timedelta = timedelta(hours=72)
    """After an urgent release, for somebody who neither asked nor signed to look at it."""


def limits_passed(
    *,
    window: timedelta,
    extent_km2: float,
    places: int,
    cameras: int,
    urgent: bool,
    now: datetime,
    duty: tuple[int, int],
    policy: Policy,
) -> list[str]:
    """Codes of what is asked beyond one officer's own limits, in a fixed order. ``duty``: the hours of the day, on
    Vietnam's clock, outside which somebody else who is awake signs, too."""
    hour = now.astimezone(VIETNAM).hour
    passed = {
        "window": window > policy.window,
        "area": extent_km2 > policy.extent_km2 or places > policy.places,
        "cameras": cameras > policy.cameras,
        "off_duty": not duty[0] <= hour < duty[1],
        "urgent": urgent,
    }
    return [code for code, is_passed in passed.items() if is_passed]
