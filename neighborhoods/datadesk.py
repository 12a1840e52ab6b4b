"""The desk for data-subject requests (yêu cầu về dữ liệu cá nhân): received, answered, then done or refused in time.

Decree 356/2025: an answer within two working days, the act within 15 days, 20 where another party must act, and one
extension of at most 15 more, which the asker is told before the day has come. The days are computed once by
``workdays`` and stored. A resident asks for themselves and follows it; whoever has no phone asks the leader, who
enters it.

Words are free text and personal: they stand in the request's row alone, never in the audit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.clock import vietnam_day
from backend.lib.errors import Absent, BadInput, Conflict
from backend.lib.text import clean_name
from neighborhoods import audit, workdays
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.models import DataRequest, Household, Member, Neighborhood
from neighborhoods.people import ERASED
from neighborhoods.workdays import Clock

LONGEST_WORDS = 1000
MOST_OPEN = 10
"""Of one household at once: a desk that is flooded answers nobody."""
LONGEST_EXTENSION_DAYS = workdays.CLOCKS[Clock.EXTENSION].days
PERSONAL = ("asker_name", "asker_contact", "words", "answer", "outcome", "extension_reason")
"""What somebody wrote. It goes with the person; kind, days and ground stay."""
OPEN = (DataRequest.State.RECEIVED, DataRequest.State.ANSWERED)
Kind, State, Ground = DataRequest.Kind, DataRequest.State, DataRequest.Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks. ``camera_id``: whose view it is about."""

    kind: str
    words: str = ""
    camera_id: UUID | None = None


def data_request_make(*, actor: Actor, asked: Asked, now: datetime) -> DataRequest:
    """A resident asks for themselves and their household. Raises ``Absent`` for a guest or staff, ``BadInput``,
    ``Conflict`` (``too_many_data_requests``)."""
    facts = _checked(asked)
    if actor.home_id is None:
        raise Absent()
    with transaction.atomic():
        home = Household.objects.select_for_update(of=("self",), no_key=True).select_related("neighborhood").filter(
            id=actor.home_id, left_at=None
        ).first()  # fmt: skip
        if home is None:
            raise Absent()
        require(actor, Action.MANAGE_OWN_DATA, _place(home.neighborhood, home.id))
        if DataRequest.objects.filter(household=home, state__in=OPEN).count() >= MOST_OPEN:
            reason = _("Ten requests of your household wait already. Wait until they are answered.")
            raise Conflict(reason, code="too_many_data_requests")
        facts |= {"household": home, "member_id": actor.member_id}
        return _receive(actor, home.neighborhood, facts, other_party=False, now=now)


def data_request_enter(
    *,
    actor: Actor,
    neighborhood_id: UUID,
    asked: Asked,
    now: datetime,
    household_id: UUID | None = None,
    member_id: UUID | None = None,
    asker_name: str = "",
    asker_contact: str = "",
    other_party: bool = False,
    received_at: datetime | None = None,
) -> DataRequest:
    """The leader enters what somebody asked at the door: a household's, a member's, or anybody's by name and contact.

    ``received_at`` where it was earlier (a letter), up to thirty days back: the clocks began then. Raises ``Absent``,
    ``BadInput``.
    """
    facts = _checked(asked) | _asker(neighborhood_id, household_id, member_id, asker_name, asker_contact)
    began = received_at or now
    if not now - timedelta(days=30) <= began <= now:
        reason = _("It was received within the last thirty days.")
        raise BadInput(reason, fields={"received_at": [reason]})
    with transaction.atomic():
        place = Neighborhood.objects.filter(id=neighborhood_id).first()
        if place is None:
            raise Absent()
        require(actor, Action.HANDLE_DATA_REQUESTS, _place(place))
        facts["entered_by_id"] = actor.account_id
        return _receive(actor, place, facts, other_party=other_party, now=now, began=began)


def data_request_answer(
    *, actor: Actor, request_id: UUID, answer: str, now: datetime, other_party: bool | None = None
) -> DataRequest:
    """Tell the asker what happens now. ``other_party=True`` where the owner of a camera, say, must act too: then there
    are 20 days, counted from the day it was received. Raises ``Absent``, ``BadInput``, ``Conflict``."""
    words = clean_name(answer, field="answer", longest=LONGEST_WORDS)
    with transaction.atomic():
        request = _held(actor, request_id)
        if request.state != State.RECEIVED:
            raise Conflict(_("This request has been answered already."), code="data_request_state")
        if other_party and not request.other_party and request.extended_at is None:
            request.other_party = True
            request.finish_due = workdays.due(Clock.FINISH_WITH_OTHERS, request.received_at)
        request.state, request.answer, request.answered_at = State.ANSWERED, words, now
        request.save()
        _record(actor, "data_request.answered", request, now, in_time=vietnam_day(now) <= request.answer_due)
    return request


def data_request_extend(*, actor: Actor, request_id: UUID, days: int, reason: str, now: datetime) -> DataRequest:
    """Once, by 1 to 15 days, with a reason that the asker is told, and before the day is over.

    Raises ``Absent``, ``BadInput``, ``Conflict`` (``data_request_state``, ``extended_already``, ``extended_late``).
    """
    words = clean_name(reason, field="reason", longest=300)
    if not 1 <= days <= LONGEST_EXTENSION_DAYS:
        wrong = _("From %(low)s to %(high)s.") % {"low": 1, "high": LONGEST_EXTENSION_DAYS}
        raise BadInput(wrong, fields={"days": [wrong]})
    with transaction.atomic():
        request = _held(actor, request_id)
        if request.state not in OPEN:
            raise _over()
        if request.extended_at is not None:
            raise Conflict(_("It was put off once already; the law allows no second time."), code="extended_already")
        if vietnam_day(now) > request.finish_due:
            raise Conflict(_("Its day is over. It cannot be put off any more: act on it now."), code="extended_late")
        request.finish_due = workdays.due_after_days(request.finish_due, days)
        request.extended_at, request.extension_reason = now, words
        request.save()
        _record(actor, "data_request.extended", request, now, days=days, finish_due=request.finish_due.isoformat())
    return request


def data_request_finish(*, actor: Actor, request_id: UUID, outcome: str, now: datetime) -> DataRequest:
    """What was asked is done; ``outcome`` says what. Raises ``Absent``, ``BadInput``, ``Conflict``."""
    return _close(actor, request_id, State.DONE, outcome, "", now)


def data_request_refuse(*, actor: Actor, request_id: UUID, ground: str, outcome: str, now: datetime) -> DataRequest:
    """Refused on a ground of the closed list, in words to the asker. Raises ``Absent``, ``BadInput``, ``Conflict``."""
    if ground not in Ground.values:
        wrong = _("Choose one of: %(all)s.") % {"all": ", ".join(Ground.values)}
        raise BadInput(wrong, fields={"ground": [wrong]})
    return _close(actor, request_id, State.REFUSED, outcome, ground, now)


def _receive(
    actor: Actor, place: Neighborhood, facts: Mapping[str, object], *, other_party: bool, now: datetime,
    began: datetime | None = None,
) -> DataRequest:  # fmt: skip
    began = began or now
    clock = Clock.FINISH_WITH_OTHERS if other_party else Clock.FINISH
    answer_due, finish_due = workdays.due(Clock.ANSWER, began), workdays.due(clock, began)
    request = DataRequest.objects.create(
        neighborhood=place,
        other_party=other_party,
        received_at=began,
        answer_due=answer_due,
        finish_due=max(answer_due, finish_due),
        **facts,
    )
    dues = {"answer_due": request.answer_due.isoformat(), "finish_due": request.finish_due.isoformat()}
    _record(actor, "data_request.received", request, now, kind=request.kind, **dues)
    return request


def _close(
    actor: Actor, request_id: UUID, state: DataRequest.State, outcome: str, ground: str, now: datetime
) -> DataRequest:
    words = clean_name(outcome, field="outcome", longest=LONGEST_WORDS)
    with transaction.atomic():
        request = _held(actor, request_id)
        if request.state not in OPEN:
            raise _over()
        request.state, request.outcome, request.ground, request.closed_at = state, words, ground, now
        if request.answered_at is None:  # who is told that it is done has been answered by it
            request.answered_at = now
        if _is_forgotten(request):
            for column in PERSONAL:
                setattr(request, column, "")
        request.save()
        in_time = vietnam_day(now) <= request.finish_due
        _record(actor, f"data_request.{state.value}", request, now, ground=ground, in_time=in_time)
    return request


def _is_forgotten(request: DataRequest) -> bool:
    """Whether the asker was erased while it had to stay open, or is a passer-by whose deletion is done.

    Else the request itself would be what is kept of them.
    """
    if request.member is not None:
        return bool(request.member.left_at) and request.member.name == ERASED
    return request.kind == Kind.DELETE and request.state == State.DONE and request.household_id is None


def _held(actor: Actor, request_id: UUID) -> DataRequest:
    request = (
        DataRequest.objects.select_for_update(of=("self",))
        .select_related("neighborhood", "member")
        .filter(id=request_id)
        .first()
    )
    if request is None:
        raise Absent()
    require(actor, Action.HANDLE_DATA_REQUESTS, _place(request.neighborhood))
    return request


def _checked(asked: Asked) -> dict[str, object]:
    if asked.kind not in Kind.values:
        wrong = _("Choose one of: %(all)s.") % {"all": ", ".join(Kind.values)}
        raise BadInput(wrong, fields={"kind": [wrong]})
    words = clean_name(asked.words, field="words", longest=LONGEST_WORDS) if asked.words.strip() else ""
    if asked.kind == Kind.VIEW and not words:
        reason = _("Say which camera sees what it should not.")
        raise BadInput(reason, fields={"words": [reason]})
    return {"kind": asked.kind, "words": words, "camera_id": asked.camera_id}


def _asker(
    neighborhood_id: UUID, household_id: UUID | None, member_id: UUID | None, name: str, contact: str
) -> dict[str, object]:
    """Who asked at the door: a household or member of the place, or somebody with a name and a way to reach them."""
    if member_id is not None:
        member = Member.objects.filter(id=member_id, household__neighborhood_id=neighborhood_id).first()
        if member is None:
            raise Absent()
        return {"member": member, "household_id": member.household_id}
    if household_id is not None:
        if not Household.objects.filter(id=household_id, neighborhood_id=neighborhood_id).exists():
            raise Absent()
        return {"household_id": household_id}
    return {
        "asker_name": clean_name(name, field="asker_name"),
        "asker_contact": clean_name(contact, field="asker_contact"),
    }


def _over() -> Conflict:
    return Conflict(_("This request is closed."), code="data_request_state")


def _place(place: Neighborhood, owner: UUID | None = None) -> Place:
    return Place(ward_id=place.ward_id, neighborhood_id=place.id, owner_household_id=owner)


def _record(actor: Actor, action: str, request: DataRequest, now: datetime, **facts: object) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=("data_request", request.id),
        ward_id=request.neighborhood.ward_id,
        neighborhood_id=request.neighborhood_id,
        data={"household": request.household_id, **facts},
        now=now,
    )
