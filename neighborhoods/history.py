"""The past of places: what is written when one changes, and how old paper still leads to what it named."""

from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from backend.lib.clock import vietnam_day
from backend.lib.errors import BadInput
from backend.lib.text import clean_name
from neighborhoods.models import Household, Neighborhood, PlaceHistory, Ward

Change = PlaceHistory.Change


def clean_decision(text: str) -> str:
    """The number of a decision; may be empty."""
    return clean_name(text, field="decision", longest=120) if text.strip() else ""


def until_day(until: date | None, now: datetime) -> date:
    """The day from which the new holds: today in Vietnam where none is said. ``BadInput`` for one still to come."""
    today = vietnam_day(now)
    if until is not None and until > today:
        reason = _("Write it down on the day it comes into force, not before.")
        raise BadInput(reason, fields={"until": [reason]})
    return until or today


def past_of(
    place: Ward | Neighborhood | Household, change: Change, *, until: date, decision: str, now: datetime,
    into_id: UUID | None = None,
) -> PlaceHistory:  # fmt: skip
    """The row that keeps what ``place`` is now, before it is changed. Not saved."""
    row = PlaceHistory(change=change, until=until, decision=decision, recorded_at=now, into_id=into_id)
    match place:
        case Ward():
            row.ward, row.name, row.code = place, place.name, place.code
        case Neighborhood():
            row.neighborhood, row.name, row.code, row.former_place_id = place, place.name, place.code, place.ward_id
        case Household():
            row.household, row.code, row.former_place_id = place, f"H{place.number:03d}", place.neighborhood_id
    return row


def numbers_used(neighborhood: Neighborhood) -> set[int]:
    """Numbers that a household of it has or had. Paper names them, so none is given a second time."""
    gone = PlaceHistory.objects.filter(former_place_id=neighborhood.id, household__isnull=False)
    before = {int(code[1:]) for code in gone.values_list("code", flat=True)}
    return before | set(Household.objects.filter(neighborhood=neighborhood).values_list("number", flat=True))


def neighborhood_now(neighborhood: Neighborhood) -> Neighborhood:
    """The one that has what hung on ``neighborhood``: itself, or what it was merged into, however often."""
    while neighborhood.merged_into is not None:
        neighborhood = neighborhood.merged_into
    return neighborhood


def household_under(selector: str, number: int) -> Household | None:
    """The household that paper calls ``<selector> … H<number>``, though its place was merged or divided since."""
    place = Neighborhood.objects.filter(selector=selector).first()
    if place is None:
        return None
    past = PlaceHistory.objects.filter(former_place_id=place.id, code=f"H{number:03d}", household__isnull=False)
    moved = past.select_related("household").order_by("recorded_at").first()
    if moved is not None:
        return moved.household
    return Household.objects.filter(neighborhood=neighborhood_now(place), number=number).first()
