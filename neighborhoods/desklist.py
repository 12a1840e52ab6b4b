"""The desk's list: whose requests somebody may read, and which comes first."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, When

from backend.lib.clock import vietnam_day
from backend.lib.errors import Absent
from neighborhoods.access import Action, Actor, reach
from neighborhoods.datadesk import OPEN, State
from neighborhoods.models import DataRequest


def data_requests_for(actor: Actor) -> QuerySet[DataRequest]:
    """A household's own, and those of the neighborhoods whose desk the actor keeps.

    What one member asks is told to no other of the household: they may ask because of each other.
    """
    mine, desk = reach(actor, Action.MANAGE_OWN_DATA), reach(actor, Action.HANDLE_DATA_REQUESTS)
    own = Q(member=None) | Q(member_id=actor.member_id)
    found = Q(own, household_id__in=mine.household_ids) | Q(neighborhood_id__in=desk.neighborhood_ids)
    return DataRequest.objects.filter(found).select_related("neighborhood", "household", "member").order_by("id")


def most_urgent_first(rows: QuerySet[DataRequest]) -> QuerySet[DataRequest]:
    """Open ones by the day that comes next, an unanswered one by its answer's."""
    comes_next = Case(When(state=State.RECEIVED, then=F("answer_due")), default=F("finish_due"))
    return rows.filter(state__in=OPEN).order_by(comes_next, "id")


def next_due(request: DataRequest) -> date:
    """The day by which something must happen: the answer's, then the end's."""
    return request.answer_due if request.state == State.RECEIVED else request.finish_due


def is_overdue(request: DataRequest, *, now: datetime) -> bool:
    return request.state in OPEN and vietnam_day(now) > next_due(request)


def data_request_for(actor: Actor, request_id: UUID) -> DataRequest:
    """One that the actor may read; absent and forbidden are the same ``Absent``."""
    request = data_requests_for(actor).filter(id=request_id).first()
    if request is None:
        raise Absent()
    return request
