"""Footage requests as their two sides see them.

Who asked sees counts, questions under a number, and what was released: never a camera, and never whether somebody said
no or nothing. Who decides sees what is asked, by whom and why, and their own cameras of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from backend.lib.errors import Absent
from cameras.footage import packages
from cameras.footage.inforce import POLICY
from cameras.footage.telling import decider_place
from cameras.models import Camera, EvidencePackage, FootageAsk, FootageRequest
from neighborhoods.access import Action, Actor, Place, reach
from neighborhoods.models import Paper

State = FootageAsk.State


@dataclass(frozen=True, slots=True)
class Numbered:
    """A camera as its asker sees it."""

    number: int
    starts_at: datetime | None
    ends_at: datetime | None
    """What was released of it; None while it waits, and for good where it was not."""
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Packed:
    """A package as its asker sees it."""

    package: EvidencePackage
    state: packages.State
    cameras: tuple[int, ...]
    """Numbers."""
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """The asker's side. The deadline turns all that is ``waiting`` into ``not_released``."""

    cameras: int
    released: int
    waiting: int
    not_released: int
    numbered: tuple[Numbered, ...]
    packages: tuple[Packed, ...]
    review_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as one reader sees it; ``asked`` and ``mine`` are None and empty for the other side."""

    request: FootageRequest
    asked: Asked | None
    mine: tuple[FootageAsk, ...]


def requests_for(actor: Actor) -> QuerySet[FootageRequest]:
    """The requests of the actor's wards, and those that their own word is asked of; newest first."""
    to = reach(actor, Action.SEE_FOOTAGE_REQUESTS)
    own = FootageAsk.objects.filter(_mine(actor), request=OuterRef("pk"))
    put = Q(Exists(own)) & ~Q(state=FootageRequest.State.UNSIGNED)
    asks = FootageAsk.objects.select_related(
        "camera__neighborhood", "camera__owner_household", "package", "extraction"
    ).order_by("number")
    made = EvidencePackage.objects.select_related("job").prefetch_related("links").order_by("number")
    rows = FootageRequest.objects.select_related("case__ward", "asked_by", "signed_by").prefetch_related(
        Prefetch("asks", queryset=asks), Prefetch("packages", queryset=made)
    )
    return rows.filter(Q(case__ward_id__in=to.ward_ids) | put).order_by("-id")


def request_for(actor: Actor, request_id: UUID) -> FootageRequest:
    """One of ``requests_for``; absent and another's are the same ``Absent``."""
    request = requests_for(actor).filter(id=request_id).first()
    if request is None:
        raise Absent()
    return request


def scan_of(actor: Actor, request_id: UUID) -> Paper:
    """The scan of a legal demand, for both sides. Raises ``Absent``."""
    scan = request_for(actor, request_id).scan
    if scan is None:
        raise Absent()
    return scan


def seen_by(actor: Actor, request: FootageRequest, *, now: datetime) -> Seen:
    """``request``, of ``requests_for``, as ``actor`` may know it at ``now``."""
    asks = list(request.asks.all())
    asker = actor.role_at(Place(ward_id=request.case.ward_id), Action.SEE_FOOTAGE_REQUESTS) is not None
    put = request.state != FootageRequest.State.UNSIGNED
    mine = tuple(ask for ask in asks if put and _is_mine(actor, ask, request.kind))
    return Seen(request, asked_of(request, asks, now=now) if asker else None, mine)


def asked_of(request: FootageRequest, asks: Iterable[FootageAsk], *, now: datetime) -> Asked:
    """The asker's side of a request and its cameras."""
    listed = list(asks)
    released = sum(ask.state == State.RELEASED for ask in listed)
    rest = len(listed) - released
    is_over = now >= request.deadline_at or request.state == FootageRequest.State.WITHDRAWN
    reviewable = request.urgent and request.signed_at is not None
    return Asked(
        cameras=len(listed),
        released=released,
        waiting=0 if is_over else rest,
        not_released=rest if is_over else 0,
        numbered=tuple(_numbered(ask) for ask in listed),
        packages=tuple(_packed(package, listed, now) for package in request.packages.all()),
        review_due_at=request.signed_at + POLICY.review_within if reviewable and request.signed_at else None,
    )


def _packed(package: EvidencePackage, asks: Iterable[FootageAsk], now: datetime) -> Packed:
    numbers = tuple(ask.number for ask in asks if ask.package_id == package.id)
    expires_at = package.made_at + POLICY.package_kept if package.made_at else None
    return Packed(package, packages.state_of(package, now=now), numbers, expires_at)


def _numbered(ask: FootageAsk) -> Numbered:
    starts_at, ends_at = (ask.starts_at, ask.ends_at) if ask.state == State.RELEASED else (None, None)
    return Numbered(ask.number, starts_at, ends_at, ask.question, ask.answer)


def _mine(actor: Actor) -> Q:
    """Asks that the actor decides on or may serve, as a condition of a query (``_is_mine`` says the same of one)."""
    decides, serves = reach(actor, Action.DECIDE_FOOTAGE), reach(actor, Action.SERVE_FOOTAGE)
    lives_there = Q(camera__owner_household__isnull=False, camera__owner_household__left_at=None)
    school = Q(camera__ownership=Camera.Ownership.SCHOOL)
    at_school = reach(actor, Action.DECIDE_FOOTAGE, at_school=True).household_ids
    of_mine = (~school & Q(camera__owner_household_id__in=decides.household_ids)) | (
        school & Q(camera__owner_household_id__in=at_school)
    )
    own = lives_there & of_mine
    led = Q(camera__neighborhood_id__in=serves.neighborhood_ids)
    wards = decides.ward_ids if settings.CONFIG.ward_answers else ()
    of_ward = Q(camera__ownership=Camera.Ownership.PUBLIC, camera__neighborhood__ward_id__in=wards)
    return own | of_ward & ~lives_there | led & (~lives_there | Q(request__kind=FootageRequest.Kind.DEMAND))


def _is_mine(actor: Actor, ask: FootageAsk, kind: str) -> bool:
    if actor.role_at(decider_place(ask), Action.DECIDE_FOOTAGE) is not None:
        return True
    where = Place(ask.camera.neighborhood.ward_id, ask.camera.neighborhood_id)
    return kind == FootageRequest.Kind.DEMAND and actor.role_at(where, Action.SERVE_FOOTAGE) is not None
