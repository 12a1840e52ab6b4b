"""Footage requests made ready for a template; nothing is decided here."""

from dataclasses import dataclass
from datetime import datetime

from backend.pages import footagewords
from cameras.footage import reading
from cameras.footage.reading import Asked
from cameras.models import Case, FootageAsk, FootageRequest
from neighborhoods.access import Action, Actor, Place, reach
from neighborhoods.models import Neighborhood

SHOWN = 60


@dataclass(frozen=True, slots=True)
class Mine:
    """One of the reader's cameras. ``answer``: it can still be given."""

    ask: FootageAsk
    said: str
    decides: bool
    confirms: bool
    asks_back: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One request. ``asked`` is the asker's side of it, ``mine`` the reader's own cameras."""

    request: FootageRequest
    kind: str
    basis: str
    reason: str
    over: list[str]
    left: str
    late: bool
    asked: Asked | None
    mine: list[Mine]
    waits: bool
    """Whether the reader has something to answer."""
    signs: bool
    extends: bool
    withdraws: bool
    reviews: bool


def rows(actor: Actor, *, now: datetime) -> list[Row]:
    """The newest requests the actor may read, those that wait for them first."""
    found = [_row(actor, request, now) for request in reading.requests_for(actor)[:SHOWN]]
    return sorted(found, key=lambda row: not row.waits)


def _row(actor: Actor, request: FootageRequest, now: datetime) -> Row:
    seen = reading.seen_by(actor, request, now=now)
    left, late = footagewords.left(request, now=now)
    is_open = request.state == FootageRequest.State.OPEN
    mine = [_mine(ask, request, is_open=is_open, late=late) for ask in seen.mine]
    place, others = Place(ward_id=request.case.ward_id), actor.account_id != request.asked_by_id
    in_charge = others and actor.role_at(place, Action.SIGN_FOOTAGE) is not None
    unsigned = request.state == FootageRequest.State.UNSIGNED
    signs = in_charge and unsigned and not late
    over_words = footagewords.limits()
    reviews = (
        request.urgent and request.signed_at is not None and request.reviewed_at is None
        and actor.account_id not in (request.asked_by_id, request.signed_by_id)
        and actor.role_at(place, Action.REVIEW_FOOTAGE) is not None
    )  # fmt: skip
    return Row(
        request=request,
        kind=footagewords.kinds()[request.kind],
        basis=footagewords.bases()[request.basis],
        reason=footagewords.reasons()[request.reason],
        over=[over_words.get(code, code) for code in request.over_limits],
        left=left if request.state != FootageRequest.State.WITHDRAWN else "",
        late=late,
        asked=seen.asked,
        mine=mine,
        waits=any(one.decides or one.confirms for one in mine) or signs or reviews,
        signs=signs,
        extends=in_charge and is_open and not late,
        withdraws=not others and request.state != FootageRequest.State.WITHDRAWN and not late,
        reviews=reviews,
    )


def _mine(ask: FootageAsk, request: FootageRequest, *, is_open: bool, late: bool) -> Mine:
    demanded, released = request.kind == FootageRequest.Kind.DEMAND, ask.state == FootageAsk.State.RELEASED
    pending = ask.state == FootageAsk.State.PENDING
    decides = is_open and not demanded and not late and not released
    return Mine(
        ask=ask,
        said=footagewords.said(ask),
        decides=decides,
        confirms=is_open and demanded and not released,
        asks_back=decides and pending and not ask.question,
    )


def open_cases(actor: Actor) -> list[Case]:
    """The cases an officer may ask for."""
    to = reach(actor, Action.ASK_FOOTAGE)
    return list(Case.objects.filter(ward_id__in=to.ward_ids, outcome=None).order_by("-id")[:SHOWN])


def neighborhoods_of(actor: Actor) -> list[Neighborhood]:
    """The neighborhoods an officer may name."""
    to = reach(actor, Action.ASK_FOOTAGE)
    return list(Neighborhood.objects.filter(ward_id__in=to.ward_ids, closed_at=None).order_by("name"))
