"""Footage requests made ready for a template; nothing is decided here."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.pages import footagewords
from cameras.footage import reading
from cameras.footage.area import CELL, MOST_CORNERS
from cameras.footage.inforce import POLICY
from cameras.footage.outcomes import outcome_of
from cameras.footage.packages import State
from cameras.footage.reading import Asked, Packed
from cameras.models import Case, EvidencePackage, FootageAsk, FootageRequest
from neighborhoods.access import Action, Actor, Place, reach
from neighborhoods.models import Neighborhood

SHOWN = 60
TAKEN_BACK = (FootageAsk.How.APPROVED, FootageAsk.How.NARROWED)
"""What an owner may take back: what was theirs to give."""


@dataclass(frozen=True, slots=True)
class Mine:
    """One of the reader's cameras. ``answer``: it can still be given."""

    ask: FootageAsk
    said: str
    outcome: str
    decides: bool
    confirms: bool
    asks_back: bool
    withdraws: bool


@dataclass(frozen=True, slots=True)
class Pack:
    """One package, to whoever may read its request: what it is, and what this reader may do with it."""

    package: EvidencePackage
    said: str
    cameras: str
    expires_at: datetime | None
    problem: str
    making: bool
    ready: bool
    has_record: bool
    begins_again: bool
    fetches: bool
    allows: bool
    opens: bool


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
    all_at_once: list[UUID]
    """The cameras the reader may say yes for in one go; empty where it is one."""
    waits: bool
    """Whether the reader has something to answer."""
    packages: list[Pack]
    taken: list[int]
    """Numbers of the cameras of which something has left."""
    orders: int
    """How many cameras wait to be packed."""
    looks: bool
    signs: bool
    extends: bool
    withdraws: bool
    reviews: bool
    concludes: bool
    brings_scan: bool


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
    asks, asker = list(request.asks.all()), not others and actor.may(Action.ASK_FOOTAGE)
    unpacked = sum(ask.state == FootageAsk.State.RELEASED and ask.package_id is None for ask in asks)
    orders = asker and is_open and not request.concluded_at and request.delivery == FootageRequest.Delivery.COPY
    undecided = [one.ask.camera_id for one in mine if one.decides and not one.said]
    taken = [ask.number for ask in asks if ask.extraction_id]
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
        all_at_once=undecided if len(undecided) > 1 else [],
        waits=any(one.decides or one.confirms for one in mine) or signs or reviews,
        packages=[_pack(actor, place, one, asker=asker) for one in seen.asked.packages] if seen.asked else [],
        taken=taken,
        orders=unpacked if orders else 0,
        looks=asker and is_open and request.concluded_at is None,
        signs=signs,
        extends=in_charge and is_open and not late,
        withdraws=asker and request.state != FootageRequest.State.WITHDRAWN and not late and not taken,
        reviews=reviews,
        concludes=asker and bool(taken) and request.concluded_at is None,
        brings_scan=asker and request.kind == FootageRequest.Kind.DEMAND and request.scan_id is None and is_open,
    )


def _pack(actor: Actor, place: Place, one: Packed, *, asker: bool) -> Pack:
    state, in_charge = one.state, not asker and actor.role_at(place, Action.SIGN_FOOTAGE) is not None
    job = one.package.job
    return Pack(
        package=one.package,
        said=footagewords.package_states()[state],
        cameras=", ".join(f"K{number}" for number in one.cameras),
        expires_at=one.expires_at,
        problem=(job.problem or {}).get("detail", "") if state == State.FAILED and job else "",
        making=asker and state == State.MAKING,
        ready=state == State.READY,
        has_record=state in (State.READY, State.FETCHED),
        begins_again=asker and state == State.FAILED,
        fetches=asker and state == State.READY,
        allows=in_charge and state == State.FETCHED,
        opens=in_charge and actor.role_at(place, Action.OPEN_FOOTAGE_ANNEX) is not None and bool(one.cameras),
    )


def _mine(ask: FootageAsk, request: FootageRequest, *, is_open: bool, late: bool) -> Mine:
    demanded, released = request.kind == FootageRequest.Kind.DEMAND, ask.state == FootageAsk.State.RELEASED
    pending = ask.state == FootageAsk.State.PENDING
    decides = is_open and not demanded and not late and not released
    return Mine(
        ask=ask,
        said=footagewords.said(ask),
        outcome=footagewords.outcomes().get(outcome_of(ask), ""),
        decides=decides,
        confirms=is_open and demanded and not released,
        asks_back=decides and pending and not ask.question,
        withdraws=is_open and released and ask.how in TAKEN_BACK and not ask.extraction_id,
    )


def area_facts(neighborhoods: list[Neighborhood]) -> dict[str, object]:
    """What the map on which an area is drawn knows: where neighborhoods lie as they say, the limits, and no camera."""
    return {
        "places": [
            {"name": one.name, "lat": one.latitude, "lon": one.longitude}
            for one in neighborhoods
            if one.latitude is not None
        ],
        "alone_km2": POLICY.extent_km2,
        "largest_km2": POLICY.largest_km2,
        "most_corners": MOST_CORNERS,
        "cell": CELL,
    }


def open_cases(actor: Actor) -> list[Case]:
    """The cases an officer may ask for."""
    to = reach(actor, Action.ASK_FOOTAGE)
    return list(Case.objects.filter(ward_id__in=to.ward_ids, outcome=None).order_by("-id")[:SHOWN])


def neighborhoods_of(actor: Actor) -> list[Neighborhood]:
    """The neighborhoods an officer may name."""
    to = reach(actor, Action.ASK_FOOTAGE)
    return list(Neighborhood.objects.filter(ward_id__in=to.ward_ids, closed_at=None).order_by("name"))
