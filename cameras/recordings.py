"""What of a camera is recorded: ranges and gaps of a window, seconds a day, and how far the recorder has come.

Rows say where slices begin and end; inside a slice there is no gap (a reconnect closes it). Only slices that are still
open are asked for their end in their journal.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from uuid import UUID

from backend.lib.clock import from_us
from cameras import registry, rules
from cameras.models import Camera, Rendition
from cameras.playback import schedule
from cameras.store import catalog
from cameras.store.journal import Journal, JournalDamaged
from neighborhoods.access import Actor

REACH = timedelta(hours=24)
LONGEST = timedelta(days=31)
JOIN = timedelta(seconds=1)
"""Silences up to a second are no gap: two frames of a slow camera, or a slice that was handed over."""

Span = schedule.Span


@dataclass(frozen=True, slots=True)
class Gap:
    """Why there is nothing: ``private_hours``, ``outside_hours`` (of the asker's code), or ``no_footage`` (camera or
    line down, retention has taken it, or it was recorded under other masks)."""

    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Recordings:
    ranges: list[Span]
    gaps: list[Gap]


def recordings_between(
    actor: Actor, camera: Camera, starts_at: datetime, ends_at: datetime, *, now: datetime
) -> Recordings:
    """Ranges and gaps that cover what of the window the actor may replay, exactly and in order.

    A neighbour reaches 24 hours back, whoever looks after the camera as far as it is kept. A window that makes no sense
    gives two empty lists.
    """
    earliest = now - LONGEST if registry.sees_details(actor, camera) else now - REACH
    starts_at, ends_at = max(starts_at, earliest), min(ends_at, now)
    if starts_at >= ends_at:
        return Recordings([], [])
    window = [(starts_at, ends_at)]
    private = _clipped(schedule.spans(camera.private_hours, starts_at, ends_at), starts_at, ends_at)
    outside = schedule.cut(schedule.outside(actor.hours_scope, starts_at, ends_at), private)
    recorded = _clipped(joined(_slices(camera, starts_at, ends_at)), starts_at, ends_at)
    away = private + outside
    ranges = schedule.cut(recorded, away)
    missing = schedule.cut(schedule.cut(window, away), recorded)
    told = {"no_footage": missing, "private_hours": private, "outside_hours": outside}
    gaps = [Gap(start, end, reason) for reason, spans in told.items() for start, end in spans]
    return Recordings(ranges, sorted(gaps, key=lambda gap: gap.starts_at))


def summary(actor: Actor, camera: Camera, zone: tzinfo, *, now: datetime) -> dict[str, int]:
    """Local day (ISO 8601) → whole seconds recorded, for the days that have any."""
    found = recordings_between(actor, camera, now - LONGEST, now, now=now)
    days: dict[str, float] = defaultdict(float)
    for start, end in found.ranges:
        for day, seconds in _by_day(start, end, zone):
            days[day] += seconds
    return {day: int(seconds) for day, seconds in sorted(days.items())}


def recorded_until_us(camera_id: UUID, rendition: str, *, now: datetime) -> int:
    """The instant (µs) up to which the recorder has written; 0 where nothing of the last five minutes is there."""
    files = catalog.slices_between(camera_id, rendition, now - timedelta(minutes=5), now + timedelta(minutes=5))
    return max((_end_us(file) for file in files), default=0)


def shown_between(camera: Camera, starts_at: datetime, ends_at: datetime) -> list[Span]:
    """What of ``[starts_at, ends_at)`` is recorded and may ever be shown, in order: not private hours, and not what was
    recorded under other masks."""
    recorded = _clipped(joined(_slices(camera, starts_at, ends_at)), starts_at, ends_at)
    return schedule.cut(recorded, schedule.spans(camera.private_hours, starts_at, ends_at))


def joined(spans: Iterable[Span], within: timedelta = JOIN) -> list[Span]:
    """Spans in order, those joined that overlap or lie at most ``within`` apart."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start - out[-1][1] <= within:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        elif end > start:
            out.append((start, end))
    return out


def _slices(camera: Camera, starts_at: datetime, ends_at: datetime) -> list[Span]:
    """What may be shown of the recording: masks do not reach the past."""
    files = catalog.slices_between(camera.id, Rendition.Name.MAIN, starts_at - JOIN, ends_at + JOIN)
    shown = [file for file in files if rules.same_masks(file.mask_version, camera.mask_version)]
    return [(from_us(file.starts_us), from_us(_end_us(file))) for file in shown]


def _end_us(file: catalog.SliceFile) -> int:
    if file.ends_us is not None:
        return file.ends_us
    try:
        return Journal.open(file.index).ends_us
    except (OSError, JournalDamaged):
        return file.starts_us


def _clipped(spans: Sequence[Span], starts_at: datetime, ends_at: datetime) -> list[Span]:
    return [(max(a, starts_at), min(b, ends_at)) for a, b in spans if a < ends_at and b > starts_at]


def _by_day(start: datetime, end: datetime, zone: tzinfo) -> Iterable[tuple[str, float]]:
    """A span cut at local midnights; arithmetic in UTC, so that a day of 23 or 25 hours counts as it was."""
    while start < end:
        local = start.astimezone(zone)
        midnight = (local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) + timedelta(days=1)).astimezone(
            UTC
        )
        until = min(end, midnight) if midnight > start else end
        yield local.date().isoformat(), (until - start).total_seconds()
        start = until
