"""What the media path asks of the database, each in one function, called from threads and never from the event loop.

Reads and writes are apart: the watcher's thread only reads, so that a writer's lock (SQLite has one) cannot make its
confirmations stale.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.db.models import Q

from backend.lib.clock import from_us, to_us
from backend.lib.errors import Absent, Conflict
from cameras import registry, rules
from cameras.models import Snapshot, ViewSession
from cameras.playback import schedule
from cameras.playback.sessions import IDLE_S, LONGEST, MAX_ADDRESSES, Micros, State, Subject, Viewer, Watched
from neighborhoods import devices
from neighborhoods.access import Action
from neighborhoods.models import Revocation

T = TypeVar("T")
Hidden = Callable[[datetime], bool]
"""Whether a picture of that instant is not shown."""
EDGE = timedelta(seconds=15)
"""A segment that overlaps a window reaches at most ten seconds past it."""


def keeping_connection(ask: Callable[[], T]) -> T:
    """Run ``ask`` on this thread's own connection, which stays open; a broken one is closed, so the next is fresh."""
    try:
        return ask()
    except DatabaseError:
        connection.close()
        raise


def load(session_id: UUID, now: datetime) -> Watched | None:
    """The session as the rows say now, revoked and ended ones included; None where there is none."""
    row = ViewSession.objects.select_related("device__code", "camera").filter(id=session_id).first()
    if row is None:
        return None
    subjects = _subjects(row)
    watched = Watched(
        id=row.id,
        device_id=row.device_id,
        mode=row.mode,
        camera_id=row.camera_id,
        rendition=row.rendition,
        windows=tuple((start, end) for start, end in row.windows),
        away=_away(row),
        target_s=row.target_duration_s,
        mask_version=row.mask_version,
        subjects=subjects,
        floor=row.revocation_floor,
        ends_at=row.ends_at,
        addresses=list(row.client_addresses),
        viewer=Viewer(row.device.household_id, row.device.account_id, row.data.get("role", ""), row.purpose),
        counts_as=row.data.get("counts_as", row.mode),
        data=row.data,
        moment_us=_moment_us(row),
    )
    watched.state = _state(row, subjects, now)
    if watched.state is not State.OPEN:
        watched.gone.set()
    return watched


def _subjects(row: ViewSession) -> frozenset[Subject]:
    """The row's own, and the household whose camera it shows: when that leaves, it shares its camera no more."""
    found = {(kind, UUID(subject)) for kind, subject in row.subjects.items()}
    if row.camera is not None and row.camera.owner_household_id is not None:
        found.add((Revocation.Kind.HOUSEHOLD.value, row.camera.owner_household_id))
    return frozenset(found)


def _away(row: ViewSession) -> tuple[Micros, ...]:
    """Private hours, as they were when the session was opened (new ones end it), and all outside the code's hours."""
    away = [(start, end) for start, end in row.data.get("away", ())]
    if row.windows and row.device.code is not None:
        first, last = from_us(row.windows[0][0]) - EDGE, from_us(row.windows[-1][1]) + EDGE
        outside = schedule.outside(row.device.code.hours_scope, first, last)
        away += [(to_us(start), to_us(end)) for start, end in outside]
    return tuple(away)


def _moment_us(row: ViewSession) -> int | None:
    if row.mode != ViewSession.Mode.SNAPSHOT:
        return None
    moment = Snapshot.objects.filter(id=row.data["snapshot"]).values_list("at", flat=True).first()
    return to_us(moment) if moment else None


def _state(row: ViewSession, subjects: Iterable[tuple[str, UUID]], now: datetime) -> State:
    touched = Q(pk__in=[])
    for kind, subject_id in subjects:
        touched |= Q(kind=kind, subject_id=subject_id)
    if Revocation.objects.filter(touched, id__gt=row.revocation_floor).exists():
        return State.REVOKED
    idle = now - row.last_used_at > timedelta(seconds=IDLE_S)
    return State.ENDED if row.ended_at or idle or now >= row.ends_at else State.OPEN


def revocations_since_any_session(now: datetime) -> list[tuple[int, str, UUID]]:
    """Those that could concern a session alive now, and the newest id whatever its age."""
    found = Revocation.objects.filter(at__gt=now - LONGEST - timedelta(minutes=10)).order_by("id")
    newest = Revocation.objects.order_by("-id")[:1]
    rows = {row[0]: row for queried in (found, newest) for row in queried.values_list("id", "kind", "subject_id")}
    return [rows[number] for number in sorted(rows)]


def ended_among(session_ids: Iterable[UUID]) -> list[UUID]:
    """Which of these sessions somebody has ended."""
    ended = ViewSession.objects.filter(id__in=list(session_ids), ended_at__isnull=False)
    return list(ended.values_list("id", flat=True))


def add_address(session_id: UUID, address: str) -> list[str]:
    """Count ``address`` in where there is room; gives the addresses that count now."""
    with transaction.atomic():
        row = ViewSession.objects.select_for_update(of=("self",)).get(id=session_id)
        if address not in row.client_addresses and len(row.client_addresses) < MAX_ADDRESSES:
            row.client_addresses = [*row.client_addresses, address]
            row.save(update_fields=["client_addresses"])
        return list(row.client_addresses)


def save_uses(used: Mapping[UUID, int]) -> None:
    """Remember when sessions were last used (µs since the epoch), so that a restart does not end them."""
    for session_id, used_us in used.items():
        at = from_us(used_us)
        ViewSession.objects.filter(id=session_id, last_used_at__lt=at).update(last_used_at=at)


def save_ends(ended: Mapping[UUID, int]) -> None:
    """Write down what ended here without a verb: idle, past its end, or revoked (that act has its own audit entry)."""
    for session_id, ended_us in ended.items():
        ViewSession.objects.filter(id=session_id, ended_at=None).update(ended_at=from_us(ended_us))


def poster_hidden(device_id: UUID, camera_id: UUID, now: datetime) -> Hidden | None:
    """Which instants of a camera are hidden from the holder of a grid session; None where they may not see it now.

    Scope, hours and state are asked each time. A grid states no purpose, so where one is asked it shows nothing.
    """
    actor = devices.actor_by_id(device_id, now=now)
    if actor is None:
        return None
    try:
        camera = registry.camera_for(actor, Action.VIEW_LIVE, camera_id, now=now)
    except (Absent, Conflict):
        return None
    if registry.asks_purpose(actor, camera):
        return None
    return partial(rules.hidden_at, camera, code_hours=actor.hours_scope)
