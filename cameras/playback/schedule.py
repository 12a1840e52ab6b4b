"""Weekly hours in local time, and what they do to a window of footage. Pure: no clock, no Django.

Hours are ``[{"days": [0..6], "from": "22:00", "to": "05:00"}]``: day 0 is Monday, ``to`` at or before ``from`` means
the next morning, and the span belongs to the day it starts on. Equal ends mean a whole day. ``24:00`` is midnight.

Instants are aware datetimes; spans are half-open ``[start, end)`` in UTC.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from backend.lib.clock import VIETNAM

Span = tuple[datetime, datetime]
Hours = Iterable[Mapping[str, Any]]

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


def parse_time(text: str) -> timedelta:
    """``"22:30"`` as the time since midnight; raises ``ValueError`` where it is none."""
    hours, colon, minutes = text.partition(":")
    if not (colon and len(hours) == 2 and len(minutes) == 2 and (hours + minutes).isascii()):
        raise ValueError(f"not a time of day: {text!r}")
    since = timedelta(hours=int(hours), minutes=int(minutes))
    if not (hours + minutes).isdigit() or int(minutes) > 59 or since > _DAY:
        raise ValueError(f"not a time of day: {text!r}")
    return since


def spans(hours: Hours, starts_at: datetime, ends_at: datetime, zone: tzinfo = VIETNAM) -> list[Span]:
    """The spans of ``hours`` that overlap ``[starts_at, ends_at)``, whole, in order, touching ones joined."""
    found: list[Span] = []
    day = (starts_at.astimezone(zone) - 2 * _DAY).date()
    last = ends_at.astimezone(zone).date()
    rules = list(hours)
    while day <= last:
        found += [_on(day, rule, zone) for rule in rules if day.weekday() in rule["days"]]
        day += _DAY
    return [span for span in _joined(found) if span[0] < ends_at and span[1] > starts_at]


def covers(hours: Hours, at: datetime, zone: tzinfo = VIETNAM) -> bool:
    """Whether ``at`` lies inside ``hours``."""
    return bool(spans(hours, at, at + timedelta(microseconds=1), zone))


def outside(hours: Hours, starts_at: datetime, ends_at: datetime, zone: tzinfo = VIETNAM) -> list[Span]:
    """What of ``[starts_at, ends_at)`` lies outside ``hours`` that allow something; none where there are no hours."""
    allowed = list(hours)
    return cut([(starts_at, ends_at)], spans(allowed, starts_at, ends_at, zone)) if allowed else []


def next_boundary(hours: Hours, at: datetime, zone: tzinfo = VIETNAM) -> datetime | None:
    """The first instant after ``at`` at which ``hours`` begin or end; None where they never do (empty, or always)."""
    horizon = at + _WEEK
    edges = [edge for span in spans(hours, at, horizon + _DAY, zone) for edge in span]
    return min((edge for edge in edges if at < edge <= horizon), default=None)


def cut(windows: Sequence[Span], away: Sequence[Span]) -> list[Span]:
    """``windows`` without what lies in ``away``."""
    kept = [window for window in windows if window[0] < window[1]]
    for start, end in away:
        pieces: list[Span] = []
        for a, b in kept:
            pieces += [piece for piece in ((a, min(b, start)), (max(a, end), b)) if piece[0] < piece[1]]
        kept = pieces
    return kept


def _on(day: date, rule: Mapping[str, Any], zone: tzinfo) -> Span:
    start, end = parse_time(rule["from"]), parse_time(rule["to"])
    if end <= start:
        end += _DAY
    midnight = datetime.combine(day, time(), tzinfo=zone)
    return _utc(midnight, start), _utc(midnight, end)


def _utc(midnight: datetime, since: timedelta) -> datetime:
    """Wall-clock addition (a zone with summer time keeps 22:00 at 22:00), then UTC."""
    return (midnight + since).astimezone(UTC)


def _joined(found: list[Span]) -> list[Span]:
    out: list[Span] = []
    for start, end in sorted(found):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out
