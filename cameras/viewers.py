"""Who watched, and who watches now: what owners and leaders may ask."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Q, QuerySet

from cameras.models import Camera, ViewMinute, ViewSession
from neighborhoods.access import Action, Actor, reach
from neighborhoods.models import Household

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


def viewers_of(camera: Camera, starts_at: datetime, ends_at: datetime) -> list[Watching]:
    """Who watched which minutes of ``camera``, neighbouring minutes of one session joined, newest first.

    The owner sees the household or the office, never the person (the persons come out only on a complaint).
    """
    rows = ViewMinute.objects.filter(camera=camera, minute__gte=starts_at, minute__lt=ends_at).exclude(mode="grid")
    listed = list(rows.order_by("session_id", "minute"))
    ids = {row.household_id for row in listed if row.household_id}
    names = dict(Household.objects.filter(id__in=ids).values_list("id", "name"))
    out: list[Watching] = []
    minute = timedelta(minutes=1)
    for _session, group in groupby(listed, key=lambda row: row.session_id):
        for row in group:
            name = names.get(row.household_id, "") if row.household_id else ""
            before = out[-1] if out else None
            span = Watching(name, row.role, row.mode, row.purpose, row.minute, row.minute + minute, row.watched_at)
            if before and before.ends_at == row.minute and _alike(before, span):
                span = Watching(name, row.role, row.mode, row.purpose, before.starts_at, span.ends_at, row.watched_at)
                out[-1] = span
            else:
                out.append(span)
    return sorted(out, key=lambda one: one.watched_at, reverse=True)


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
