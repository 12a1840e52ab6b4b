"""Clocks. Time is read once and passed on; where it matters, the clock is injected.

Inside everything is UTC. ``Asia/Ho_Chi_Minh`` appears only at the edge (pages, printed paper).
"""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

Now = Callable[[], datetime]
"""Gives the present as an aware UTC datetime."""

Monotonic = Callable[[], float]
"""Gives seconds on a clock that never steps (CLOCK_MONOTONIC)."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def now() -> datetime:
    """The present, UTC."""
    return datetime.now(UTC)


monotonic: Monotonic = time.monotonic


def vietnam_day(at: datetime) -> date:
    """The day in Vietnam, which begins at 17:00 UTC of the day before. Raises ``ValueError`` for a naive datetime."""
    if at.tzinfo is None:
        raise ValueError(f"a day needs an aware datetime, got {at!r}")
    return at.astimezone(VIETNAM).date()


def to_us(at: datetime) -> int:
    """An aware datetime as whole microseconds since the Unix epoch, exactly."""
    return (at - EPOCH) // MICROSECOND


def from_us(us: int) -> datetime:
    """Microseconds since the Unix epoch as an aware UTC datetime, exactly."""
    return EPOCH + timedelta(microseconds=us)


def iso(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and a ``Z``: ``2026-11-20T04:05:06.789Z``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
