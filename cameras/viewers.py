"""Who watched, and who watches now: what owners and leaders may ask."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from cameras.models import Camera, ViewMinute, ViewSession
from neighborhoods.access import Action, Actor, reach
from neighborhoods.models import Household

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
GRID = ViewSession.Mode.GRID
POLLED = timedelta(seconds=90)
"""A session in use is written down at least this often (once a minute, and a flush)."""


@dataclass(frozen=True, slots=True)
class Watching:
    """Footage of ``[starts_at, ends_at)`` that one household or office watched, in one mode and under one purpose."""

    household: str
    role: str
    mode: str
    purpose: str
    starts_at: datetime
    ends_at: datetime
    watched_at: datetime


def viewings_of(camera: Camera, starts_at: datetime, ends_at: datetime) -> QuerySet[ViewMinute, Any]:
    """The view sessions that showed footage of ``[starts_at, ends_at)``: rows of one column, ``session_id``, each
    once."""
    return _minutes(camera, starts_at, ends_at).order_by("-session_id").values("session_id").distinct()


def viewers_of(camera: Camera, starts_at: datetime, ends_at: datetime, *, sessions: Collection[UUID]) -> list[Watching]:
    """Who watched which minutes of ``camera`` in these ``sessions``, neighbouring minutes of one session joined.

    Whoever looked at its poster is told too, by the hour: a picture ten seconds old is watching. Newest session first,
    and of one session the newest footage. The owner sees the household or the office, never the person (the persons
    come out only on a complaint).
    """
    rows = _minutes(camera, starts_at, ends_at).filter(session_id__in=sessions).order_by("-session_id", "-minute")
    listed = list(rows)
    ids = {row.household_id for row in listed if row.household_id}
    names = dict(Household.objects.filter(id__in=ids).values_list("id", "name"))
    out: list[Watching] = []
    for _session, group in groupby(listed, key=lambda row: row.session_id):
        out += _joined(group, names)
    return out


def _minutes(camera: Camera, starts_at: datetime, ends_at: datetime) -> QuerySet[ViewMinute]:
    """Those that touch the range: a look at the grid is noted by the hour, everything else by the minute."""
    found = ViewMinute.objects.filter(camera=camera, minute__gt=starts_at - HOUR, minute__lt=ends_at)
    return found.filter(Q(mode=GRID) | Q(minute__gt=starts_at - MINUTE))


def _joined(rows: Iterable[ViewMinute], names: Mapping[UUID, str]) -> list[Watching]:
    """The minutes (or hours) of one session, given newest first, as spans in the same order."""
    out: list[Watching] = []
    for row in rows:
        name = names.get(row.household_id, "") if row.household_id else ""
        until = row.minute + (HOUR if row.mode == GRID else MINUTE)
        span = Watching(name, row.role, row.mode, row.purpose, row.minute, until, row.watched_at)
        later = out[-1] if out else None
        if later and later.starts_at == span.ends_at and _alike(later, span):
            out[-1] = replace(later, starts_at=span.starts_at, watched_at=max(later.watched_at, span.watched_at))
        else:
            out.append(span)
    return out


def _alike(one: Watching, other: Watching) -> bool:
    return (one.household, one.role, one.mode, one.purpose) == (other.household, other.role, other.mode, other.purpose)


def watching_now(actor: Actor, *, now: datetime) -> QuerySet[ViewSession]:
    """Sessions in use where ``actor`` may ask, newest first, device and household joined.

    A use is written down once a minute, so a player that was simply closed is still listed for up to 90 s.
    """
    where = reach(actor, Action.SEE_WATCHING_NOW)
    place = (
        Q()
        if where.everywhere
        else (
            Q(device__household__neighborhood_id__in=where.neighborhood_ids)
            | Q(camera__neighborhood_id__in=where.neighborhood_ids)
            | Q(camera__neighborhood__ward_id__in=where.ward_ids)
        )
    )
    return (
        ViewSession.objects.filter(place, ended_at=None, ends_at__gt=now, last_used_at__gt=now - POLLED)
        .exclude(mode__in=[ViewSession.Mode.GRID, ViewSession.Mode.FRAME])
        .filter(device__revoked_at=None)
        .select_related("camera", "device__household")
        .order_by("-created_at")
    )
