"""What an alert can be about, as data. Pure. No "suspicious person": an alert names a thing, a place and a time.

Names are message ids: pages translate them. ``released`` says what everybody is told at once; the rest waits until the
leader, a deputy or the duty officer lets it out. The place, where there is one, always goes to everybody.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Severity(StrEnum):
    """How loud. ``emergency`` rings through quiet hours."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    NOTICE = "notice"


class Audience(StrEnum):
    EVERYONE = "everyone"  # the neighborhood; a broadcast: the ward
    STEWARDS = "stewards"  # leader and deputies


TEXT, CLIP = "text", "clip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    code: str
    name: str
    """Message id."""
    severity: Severity
    lives: timedelta
    """So long it is news; then it expires unless somebody resolved it."""
    audience: Audience = Audience.EVERYONE
    tells_officer: bool = False
    """The ward's officers are told at once, not only when nobody answers."""
    released: frozenset[str] = frozenset()
    """What of text and clip is everybody's at once."""
    needs_place: bool = True
    breaks_quiet: bool = False
    """Rings in quiet hours too: fire, flood and violence."""
    raised_by_people: bool = True
    keeps_moment: bool = True
    """The moment is kept as a clip. A camera that gives no picture has none."""
    escalates_after: timedelta | None = timedelta(minutes=5)
    """Unacknowledged for so long it goes on to the deputies, and as long again to the duty officer."""


HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
_OPEN = frozenset({TEXT})

_ALL = (
    Category(code="fire", name="Fire or explosion", severity=Severity.EMERGENCY, lives=6 * HOUR, tells_officer=True,
             released=_OPEN, breaks_quiet=True, escalates_after=2 * MINUTE),
    Category(code="flood", name="Flood or storm", severity=Severity.EMERGENCY, lives=24 * HOUR, tells_officer=True,
             released=_OPEN, breaks_quiet=True),
    Category(code="snatching", name="Snatching or robbery", severity=Severity.EMERGENCY, lives=3 * HOUR,
             tells_officer=True, breaks_quiet=True, escalates_after=2 * MINUTE),
    Category(code="accident", name="Traffic accident", severity=Severity.URGENT, lives=3 * HOUR, tells_officer=True,
             released=_OPEN),
    Category(code="theft", name="Theft", severity=Severity.URGENT, lives=12 * HOUR, tells_officer=True),
    Category(code="disorder", name="Fighting or disorder", severity=Severity.URGENT, lives=3 * HOUR,
             tells_officer=True, breaks_quiet=True),
    Category(code="missing_person", name="Missing person", severity=Severity.URGENT, lives=48 * HOUR,
             tells_officer=True),
    Category(code="school_gate", name="School gate", severity=Severity.NOTICE, lives=2 * HOUR),
    Category(code="utility", name="Power or water", severity=Severity.NOTICE, lives=12 * HOUR, released=_OPEN,
             escalates_after=None),
    Category(code="fraud", name="Online fraud warning", severity=Severity.NOTICE, lives=72 * HOUR,
             needs_place=False, escalates_after=None),
    Category(code="motion", name="Movement in watch hours", severity=Severity.URGENT, lives=HOUR,
             audience=Audience.STEWARDS, raised_by_people=False, escalates_after=None),
    Category(code="camera_health", name="Camera out of order", severity=Severity.NOTICE, lives=72 * HOUR,
             audience=Audience.STEWARDS, raised_by_people=False, keeps_moment=False, escalates_after=None),
)  # fmt: skip

CATEGORIES: dict[str, Category] = {category.code: category for category in _ALL}
"""By code, in the order in which pages show them."""
