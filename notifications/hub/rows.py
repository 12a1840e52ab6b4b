"""What the hub asks of the database, each in one function, called from its threads and never from the event loop."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, Subquery

from neighborhoods import devices, revocations
from neighborhoods.access import Action, Actor
from neighborhoods.models import Revocation
from notifications import feed, streams
from notifications.hub.listeners import Signed, StreamRef, Subject, subject_of
from notifications.hub.ring import Ready, ready_of
from notifications.models import Event, Stream

POLL_EVENTS = 1_000
RECENT_EVENTS = 2_000
AT_ONCE = 200
"""Streams looked up by one condition each, of which SQLite takes a thousand in one statement; alerts by their ids."""

Reads = streams.Reads


@dataclass(frozen=True, slots=True)
class Recent:
    complete_after: int
    events: list[Ready]


def recent_events() -> Recent:
    """The newest events, for a process that has just started."""
    rows = list(Event.objects.order_by("-id")[:RECENT_EVENTS])[::-1]
    return Recent(rows[0].id - 1 if rows else 0, [ready_of(row) for row in rows])


def events_after(last_id: int) -> list[Ready]:
    return [ready_of(row) for row in feed.events_after(last_id, limit=POLL_EVENTS)]


@dataclass(frozen=True, slots=True)
class Start:
    """Where a phone goes on, or that it has to ask for the state first."""

    last_id: int
    reload: bool


def start_of(since: str, now: datetime) -> Start:
    """Raises ``BadInput`` for text that is no cursor of ours."""
    where = feed.position(since, now=now)
    return Start(where.last_id, where.reload)


@dataclass(frozen=True, slots=True)
class Page:
    events: list[Ready]
    read_to: int
    """Everything of these streams up to here is in ``events`` or was before."""


def page_after(last_id: int, stream_ids: Collection[UUID], limit: int) -> Page:
    newest = feed.head_id()  # read first: what is committed after it may or may not be in the page
    rows = feed.events_after(last_id, limit=limit, stream_ids=stream_ids)
    full = len(rows) == limit
    return Page([ready_of(row) for row in rows], rows[-1].id if full else max(newest, last_id))


def sign_in(hashes: Collection[bytes], now: datetime) -> tuple[dict[bytes, Signed], list[UUID]]:
    """Everybody behind these token hashes, and the devices whose ``last_seen_at`` is to be touched."""
    floor = revocations.last_id()
    found = devices.signed_in_all(hashes, now=now)
    reads = {
        key: streams.streams_of(one.actor) if one.actor.may(Action.HEAR_NEWS) else [] for key, one in found.items()
    }
    refs, newest = _refs({each for several in reads.values() for each in several})
    signed = {
        key: Signed(
            device_id=one.device.id,
            streams=tuple(refs[each] for each in reads[key]),
            newest=newest,
            subjects=_subjects(one.actor),
            floor=floor,
            ends_at=one.actor.expires_at.timestamp() if one.actor.expires_at else float("inf"),
        )
        for key, one in found.items()
    }
    return signed, [one.device.id for one in found.values() if devices.is_unseen(one.device, now=now)]


def _subjects(actor: Actor) -> tuple[Subject, ...]:
    subjects = {
        Revocation.Kind.DEVICE: actor.device_id,
        Revocation.Kind.HOUSEHOLD: actor.household_id,
        Revocation.Kind.ROLE: actor.account_id,
        Revocation.Kind.CODE: actor.code_id,
        Revocation.Kind.NEIGHBORHOOD: actor.neighborhood_id,
    }
    return tuple(subject_of(kind.value, subject) for kind, subject in subjects.items() if subject)


def _refs(wanted: set[Reads]) -> tuple[dict[Reads, StreamRef], int]:
    """The streams' ids and heads, and the newest event's id of the same snapshot (one statement is one). Streams that
    nothing was ever told on are made, so that whoever joins now hears the first word."""
    found, newest = _existing(wanted)
    missing = sorted(wanted - found.keys())
    if missing:
        for begin in range(0, len(missing), AT_ONCE):
            streams.rows_for(missing[begin : begin + AT_ONCE])
        found, newest = _existing(wanted)
    return found, newest


def _existing(wanted: Iterable[Reads]) -> tuple[dict[Reads, StreamRef], int]:
    by_kind: dict[str, list[UUID]] = {}
    for kind, subject_id in wanted:
        by_kind.setdefault(kind, []).append(subject_id)
    these = Q(pk__in=[])
    for one_kind, subject_ids in by_kind.items():
        these |= Q(kind=one_kind, subject_id__in=subject_ids)
    newest = Event.objects.order_by("-id").values("id")[:1]
    rows = Stream.objects.filter(these).annotate(newest=Subquery(newest))
    found = {(Stream.Kind(row.kind), row.subject_id): row for row in rows}
    last = min((row.newest or 0 for row in found.values()), default=0)
    return {key: StreamRef(row.id, row.kind, row.head) for key, row in found.items()}, last


def touch(device_ids: Collection[UUID], now: datetime) -> None:
    devices.devices_touch(device_ids, now=now)


def answers() -> None:
    """Return where the database answers and may be written to; else raises as whatever asks it would."""
    with transaction.atomic(), connection.cursor() as cursor:  # SQLite takes its lock for writing at the beginning
        cursor.execute("SELECT 1")


def streams_told(alert_ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """On which streams each of these alerts was told. A statement takes only so many parameters."""
    told: dict[UUID, set[UUID]] = {}
    ids = list(alert_ids)
    for begin in range(0, len(ids), AT_ONCE):
        events = Event.objects.filter(alert_id__in=ids[begin : begin + AT_ONCE]).order_by()
        for alert_id, stream_id in events.values_list("alert_id", "stream_id").distinct():
            told.setdefault(alert_id, set()).add(stream_id)
    return {alert_id: frozenset(stream_ids) for alert_id, stream_ids in told.items()}
