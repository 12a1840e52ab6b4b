"""Who watched, and who watches now: what owners and leaders may ask.

Who watched a household's camera is told to that household alone; of a camera that is no household's, to those who lead.
Residents are told by household, staff by name: an office is no hiding place.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Protocol
from uuid import UUID

from django.db.models import Q, QuerySet

from cameras import registry
from cameras.models import Camera, ViewMinute, ViewSession
from neighborhoods.access import Action, Actor, Place, reach, require
from neighborhoods.models import Account, Household

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
GRID = ViewMinute.Mode.GRID
POLLED = timedelta(seconds=90)
"""A session in use is written down at least this often (once a minute, and a flush)."""
REACH = timedelta(days=31)
"""How far back an owner may ask. View sessions are kept as long, so that a complaint can be traced to a phone."""


@dataclass(frozen=True, slots=True)
class Watching:
    """Footage of ``[starts_at, ends_at)`` that one household, or one of staff, watched in one mode and for one purpose.

    ``person`` names staff, as the account says now; an account that is gone is told by its pseudonym. A wall is neither
    a household nor a person: its role says it.
    """

    household: str
    household_id: UUID | None
    person: str
    role: str
    mode: str
    purpose: str
    starts_at: datetime
    ends_at: datetime
    began_at: datetime
    """When the first of it was watched, and when the last."""
    watched_at: datetime


def owner_place(camera: Camera) -> Place:
    """Whose business it is who watched: the owning household's alone, else that of those who lead."""
    if camera.owner_household_id is not None:
        return Place(owner_household_id=camera.owner_household_id)
    return Place(neighborhood_id=camera.neighborhood_id)


def sees_viewers(actor: Actor, camera: Camera) -> bool:
    """Whether ``actor`` is told who watched ``camera``."""
    return actor.role_at(owner_place(camera), Action.SEE_VIEWERS) is not None


def watched_camera_for(actor: Actor, camera_id: UUID, *, now: datetime) -> Camera:
    """The camera, where ``actor`` is told who watched it. Raises ``Absent``."""
    camera = registry.camera_for(actor, Action.SEE_VIEWERS, camera_id, now=now)
    require(actor, Action.SEE_VIEWERS, owner_place(camera))
    return camera


def viewings_of(camera: Camera, starts_at: datetime, ends_at: datetime) -> QuerySet[ViewMinute, Any]:
    """The view sessions that showed footage of ``[starts_at, ends_at)``: rows of one column, ``session_id``, each
    once."""
    return _views(_minutes(camera, starts_at, ends_at))


def viewings_since(camera: Camera, since: datetime) -> QuerySet[ViewMinute, Any]:
    """The same of what was done since then, however old the footage."""
    return _views(ViewMinute.objects.filter(camera=camera, watched_at__gte=since))


def viewers_of(
    camera: Camera, *, sessions: Collection[UUID], span: tuple[datetime, datetime] | None = None
) -> list[Watching]:
    """Who watched which minutes of ``camera`` in these ``sessions`` (of ``span`` alone, where given), neighbouring
    minutes of one session joined.

    Whoever looked at its poster is told too, by the hour: a picture ten seconds old is watching. Newest session first,
    and of one session the newest footage. Of a household the persons come out only on a complaint.
    """
    rows = _minutes(camera, *span) if span else ViewMinute.objects.filter(camera=camera)
    listed = list(rows.filter(session_id__in=sessions).order_by("-session_id", "-minute"))
    names = Names.of(listed)
    out: list[Watching] = []
    for _session, group in groupby(listed, key=lambda row: row.session_id):
        out += _joined(group, names)
    return out


class Viewed(Protocol):
    """Who watched, as a row says it."""

    household_id: UUID | None
    account_id: UUID | None


@dataclass(frozen=True, slots=True)
class Names:
    """Names of who watched, as they are now."""

    households: Mapping[UUID, str]
    accounts: Mapping[UUID, str]

    @classmethod
    def of(cls, rows: Collection[Viewed]) -> "Names":
        homes = Household.objects.filter(id__in={row.household_id for row in rows if row.household_id})
        staff = Account.objects.filter(id__in={row.account_id for row in rows if row.account_id})
        return cls(dict(homes.values_list("id", "name")), {account.id: str(account) for account in staff})

    def household(self, row: Viewed) -> str:
        return self.households.get(row.household_id, "") if row.household_id else ""

    def person(self, row: Viewed) -> str:
        return self.accounts.get(row.account_id, f"account:{row.account_id}") if row.account_id else ""


def _views(minutes: QuerySet[ViewMinute]) -> QuerySet[ViewMinute, Any]:
    return minutes.order_by("-session_id").values("session_id").distinct()


def _minutes(camera: Camera, starts_at: datetime, ends_at: datetime) -> QuerySet[ViewMinute]:
    """Those that touch the range: a look at the grid is noted by the hour, everything else by the minute."""
    found = ViewMinute.objects.filter(camera=camera, minute__gt=starts_at - HOUR, minute__lt=ends_at)
    return found.filter(Q(mode=GRID) | Q(minute__gt=starts_at - MINUTE))


def _joined(rows: Iterable[ViewMinute], names: Names) -> list[Watching]:
    """The minutes (or hours) of one session, given newest first, as spans in the same order."""
    out: list[Watching] = []
    for row in rows:
        span = Watching(
            household=names.household(row), household_id=row.household_id, person=names.person(row), role=row.role,
            mode=row.mode, purpose=row.purpose, starts_at=row.minute,
            ends_at=row.minute + (HOUR if row.mode == GRID else MINUTE), began_at=row.watched_at,
            watched_at=row.watched_at,
        )  # fmt: skip
        later = out[-1] if out else None
        if later and later.starts_at == span.ends_at and _alike(later, span):
            out[-1] = replace(
                later, starts_at=span.starts_at, began_at=min(later.began_at, span.began_at),
                watched_at=max(later.watched_at, span.watched_at),
            )  # fmt: skip
        else:
            out.append(span)
    return out


def _alike(one: Watching, other: Watching) -> bool:
    """Of one session they differ in nothing else, unless somebody forged a row; then it stands alone."""
    same = ("household_id", "person", "role", "mode", "purpose")
    return all(getattr(one, name) == getattr(other, name) for name in same)


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
