"""Who may see which figures: those of the places where the table gives ``SEE_STATISTICS``."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from backend.figures.report import Report, Sees, report_of
from backend.lib.clock import vietnam_day
from backend.lib.errors import Absent, BadInput
from neighborhoods.access import Action, Actor, Place, reach, require
from neighborhoods.models import Neighborhood, Ward
from neighborhoods.scopes import Scope, Span

USUAL = timedelta(days=29)
LONGEST = timedelta(days=366 * 10)
MOST_PLACES = 200
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for; at most one of the three places."""

    neighborhood_id: UUID | None = None
    ward_id: UUID | None = None
    province_code: str | None = None
    first: date | None = None
    last: date | None = None


def statistics_for(actor: Actor, wanted: Wanted, *, now: datetime) -> Report:
    """The figures of a place the actor reaches; their own where none is named, and the last thirty days.

    Raises ``Absent``, ``BadInput`` with fields.
    """
    span = span_of(wanted.first, wanted.last, now=now)
    scope = scope_of(actor, wanted)
    place = _place(scope)
    _require(actor, scope, place)
    sees = Sees(
        outages=actor.role_at(place, Action.SEE_CAMERA_DETAILS) is not None,
        stewards_alerts=actor.role_at(place, Action.STEWARD_ALERTS) is not None,
        cases=actor.role_at(place, Action.SEE_CASES) is not None,
    )
    return report_of(scope, span, now=now, sees=sees)


def scope_of(actor: Actor, wanted: Wanted) -> Scope:
    """The place that was named, or the actor's own: everything, their neighborhood, their ward."""
    named = [place for place in (wanted.neighborhood_id, wanted.ward_id, wanted.province_code) if place]
    if len(named) > 1:
        reason = _("Name one place: a neighborhood, a ward or a province.")
        raise BadInput(reason, fields={"ward": [reason]})
    if named:
        return Scope(
            neighborhood_id=wanted.neighborhood_id, ward_id=wanted.ward_id, province_code=wanted.province_code or None
        )
    to = reach(actor, Action.SEE_STATISTICS)
    if to.everywhere:
        return Scope()
    if actor.neighborhood_id in to.neighborhood_ids:
        return Scope(neighborhood_id=actor.neighborhood_id)
    if to.ward_ids:
        return Scope(ward_id=actor.ward_id if actor.ward_id in to.ward_ids else min(to.ward_ids))
    raise Absent()


def span_of(first: date | None, last: date | None, *, now: datetime) -> Span:
    """Whole days in Việt Nam, at most ten years; raises ``BadInput``."""
    end = last or vietnam_day(now)
    start = first or max(end, EARLIEST + USUAL) - USUAL
    if not (timedelta() <= end - start <= LONGEST and start >= EARLIEST and end < LATEST):
        reason = _("The last day is not before the first, and at most ten years after it.")
        raise BadInput(reason, fields={"to": [reason]})
    return Span(start, end)


def _place(scope: Scope) -> Place:
    """The place to ask the table about; a province or everything is nowhere in particular. Raises ``Absent``."""
    if scope.neighborhood_id is not None:
        ward_id = Neighborhood.objects.filter(id=scope.neighborhood_id).values_list("ward_id", flat=True).first()
        if ward_id is None:
            raise Absent()
        return Place(ward_id=ward_id, neighborhood_id=scope.neighborhood_id)
    if scope.ward_id is not None and not Ward.objects.filter(id=scope.ward_id).exists():
        raise Absent()
    return Place(ward_id=scope.ward_id)


def _require(actor: Actor, scope: Scope, place: Place) -> None:
    require(actor, Action.SEE_STATISTICS, place)
    provinces = Ward.objects.filter(province_code=scope.province_code)
    if scope.province_code is not None and not provinces.exists():
        raise Absent()


def title_of(scope: Scope) -> str:
    """What the place of the figures is called."""
    if scope.neighborhood_id is not None:
        return str(Neighborhood.objects.select_related("ward").get(id=scope.neighborhood_id))
    if scope.ward_id is not None:
        return str(Ward.objects.get(id=scope.ward_id))
    if scope.province_code is not None:
        named = Ward.objects.filter(province_code=scope.province_code).values_list("province_name", flat=True)
        return named.first() or scope.province_code
    return _("Everything here")


def narrower(scope: Scope) -> list[Ward] | list[Neighborhood]:
    """The places inside: whoever sees the figures of all sees those of each. At most ``MOST_PLACES``."""
    if scope.neighborhood_id is not None:
        return []
    if scope.ward_id is not None:
        inside = Neighborhood.objects.filter(ward_id=scope.ward_id, closed_at=None).order_by("code")
        return list(inside[:MOST_PLACES])
    wards = Ward.objects.filter(closed_at=None, neighborhoods__isnull=False).distinct().order_by("code")
    if scope.province_code is not None:
        wards = wards.filter(province_code=scope.province_code)
    return list(wards[:MOST_PLACES])
