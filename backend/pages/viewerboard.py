"""Who watched a camera, and what was odd about it, made ready for a template; nothing is decided here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.utils.translation import gettext as _

from backend.lib.clock import VIETNAM, vietnam_day
from backend.pages import viewerwords, words
from cameras import odduses, viewers
from cameras.models import Camera, OddUse, ViewMinute
from cameras.viewers import Names, Watching
from neighborhoods.access import Actor, Role

VIEWS, ODD_USES = 40, 40
"""On one page."""


@dataclass(frozen=True, slots=True)
class Row:
    """One stretch that somebody watched. ``role`` and ``purpose`` are empty for a household."""

    who: str
    role: str
    purpose: str
    what: str
    icon: str
    footage: str
    """From when to when, on the neighborhood's clock; with the day where it is another than that of the watching."""
    at: str
    """When it was watched; empty where that is the same."""


@dataclass(frozen=True, slots=True)
class Day:
    name: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Page:
    days: list[Day]
    after: UUID | None
    """The last view on the page; None where no older ones follow."""


@dataclass(frozen=True, slots=True)
class OddRow:
    what: str
    who: str
    role: str
    cameras: list[Camera]
    day: str
    span: str
    """With the last day where it is another than the first."""


def page_of(actor: Actor, camera: Camera, *, before: UUID | None, now: datetime) -> Page:
    """The views of the last 31 days, newest first, those before the view ``before``."""
    found = viewers.viewings_since(camera, now - viewers.REACH)
    if before is not None:
        found = found.filter(session_id__lt=before)
    sessions = [view["session_id"] for view in found[: VIEWS + 1]]
    watched = viewers.viewers_of(camera, sessions=sessions[:VIEWS])
    watched.sort(key=lambda one: one.began_at, reverse=True)
    days = [
        Day(words.local_day(day[0].began_at), [_row(actor, one) for one in day])
        for _key, group in groupby(watched, key=lambda one: vietnam_day(one.began_at))
        for day in [list(group)]
    ]
    return Page(days, sessions[VIEWS - 1] if len(sessions) > VIEWS else None)


def odd_rows(found: Collection[OddUse], *, cameras: bool = True) -> list[OddRow]:
    """Odd uses, with the cameras that are the reader's business where they are not the page's one."""
    names = Names.of(found)
    return [_odd_row(odd, names, list(odd.cameras.all()) if cameras else []) for odd in found]


def _odd_row(odd: OddUse, names: Names, cameras: list[Camera]) -> OddRow:
    starts, ends = odd.starts_at.astimezone(VIETNAM), odd.ends_at.astimezone(VIETNAM)
    until = f"{ends:%H:%M}" if ends.date() == starts.date() else f"{ends:%H:%M %d/%m}"
    return OddRow(
        what=viewerwords.odd(odd.rule, odd.count),
        who=_who(names.household(odd), names.person(odd), odd.role),
        role=viewerwords.role(odd.role),
        cameras=cameras,
        day=words.local_day(odd.starts_at),
        span=f"{starts:%H:%M} – {until}",
    )


def odd_rows_of(camera: Camera, *, now: datetime) -> list[OddRow]:
    return odd_rows(odduses.odd_uses_of(camera, since=now - viewers.REACH)[:ODD_USES], cameras=False)


def _row(actor: Actor, one: Watching) -> Row:
    what, icon = viewerwords.mode(one.mode)
    ours = one.household_id is not None and one.household_id == actor.home_id
    who = _("Your household, guests included") if ours else _who(one.household, one.person, one.role)
    same_time = one.mode in (ViewMinute.Mode.LIVE, ViewMinute.Mode.GRID)
    at = "" if same_time else one.began_at.astimezone(VIETNAM).strftime("%H:%M")
    return Row(who, viewerwords.role(one.role), viewerwords.purpose(one.purpose), what, icon, _span(one), at)


def _who(household: str, person: str, role: str) -> str:
    return household or person or (_("A shared screen") if role == Role.WALL else role)


def _span(one: Watching) -> str:
    starts, ends = one.starts_at.astimezone(VIETNAM), one.ends_at.astimezone(VIETNAM)
    day = "" if starts.date() == vietnam_day(one.began_at) else f"{starts:%d/%m} "
    return f"{day}{starts:%H:%M} – {ends:%H:%M}"
