"""Whether a phone may ring now, as its holder wishes. Pure. The feed itself is never cut: this is only about noise."""

from dataclasses import dataclass, field
from datetime import time

from notifications.categories import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """One device's wishes. Times are local ones, to the minute; both or none."""

    quiet_from: time | None = None
    quiet_to: time | None = None
    muted: frozenset[str] = field(default_factory=frozenset)
    """Codes of categories."""
    digest: bool = False
    """Only the evening's summary."""


def may_ring(category: Category, wishes: Wishes, local: time) -> bool:
    """Fire, flood and violence always; the rest where it is not muted, no quiet hour, and no summary is wished."""
    if category.breaks_quiet:
        return True
    if wishes.digest or category.code in wishes.muted:
        return False
    return not is_quiet(wishes.quiet_from, wishes.quiet_to, local)


def is_quiet(start: time | None, end: time | None, local: time) -> bool:
    """Whether ``local`` lies in ``[start, end)``. An end before its start is the next morning's; equal ones: never."""
    if start is None or end is None or start == end:
        return False
    if start < end:
        return start <= local < end
    return local >= start or local < end
