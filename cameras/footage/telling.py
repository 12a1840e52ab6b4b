"""Audit entries of footage requests, and the news in them: each owner hears of their own camera and of no other."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from cameras.models import Camera, Case, EvidencePackage, FootageAsk, FootageRequest
from neighborhoods import audit
from neighborhoods.access import Actor, Place, system

ITSELF = system("footage")
"""What the product does by itself with packages."""


def case_act(actor: Actor, action: str, case: Case, now: datetime, **facts: object) -> None:
    """One entry about a case, in the transaction of the act. A case's number is never in it."""
    audit.record(
        actor=actor, action=action, subject=("case", case.id), ward_id=case.ward_id, neighborhood_id=None, data=facts,
        now=now,
    )  # fmt: skip


def request_act(
    actor: Actor, action: str, request: FootageRequest, now: datetime, *, asks: Sequence[audit.Act] = (),
    **facts: object,
) -> None:  # fmt: skip
    """One entry about a request, and those of its cameras after it."""
    ward_id = request.case.ward_id
    about = {"case": request.case_id, **facts}
    act = audit.Act(action=action, subject=("footage_request", request.id), ward_id=ward_id, data=about)
    audit.record_all(actor=actor, acts=[act, *asks], now=now)


def ask_act(action: str, ask: FootageAsk, **facts: object) -> audit.Act:
    """An entry about one camera of a request."""
    camera = ask.camera
    about: dict[str, object] = {"request": ask.request_id, "camera": camera.id, **facts}
    if decider_place(ask).owner_household_id:
        about["household"] = camera.owner_household_id
    return audit.Act(
        action=action, subject=("footage_ask", ask.id), ward_id=camera.neighborhood.ward_id,
        neighborhood_id=camera.neighborhood_id, data=about,
    )  # fmt: skip


def put_to_owners(request: FootageRequest) -> list[audit.Act]:
    """What tells the owners of a request's cameras that they are asked, or of an urgent one that it was released."""
    asks = request.asks.select_related("camera__neighborhood", "camera__owner_household").order_by("number")
    return [ask_news("footage.put_to", ask, kind=request.kind, urgent=request.urgent) for ask in asks]


def ask_news(stem: str, ask: FootageAsk, **facts: object) -> audit.Act:
    """An entry that whose word counts is told of: ``<stem>_owner``, ``<stem>_school`` or ``<stem>_leader``.
    Of a school's camera its staff hear, and not the phones of its address, which may do nothing with it."""
    place = decider_place(ask)
    owned = "school" if place.at_school else "owner"
    to = owned if place.owner_household_id else "leader"
    return ask_act(f"{stem}_{to}", ask, **facts)


def package_act(actor: Actor, action: str, package: EvidencePackage, now: datetime, *, asks: Sequence[audit.Act] = (),
                **facts: object) -> None:  # fmt: skip
    """One entry about a package, and those of its cameras after it."""
    request = package.request
    about = {"case": request.case_id, "request": request.id, **facts}
    act = audit.Act(action=action, subject=("evidence_package", package.id), ward_id=request.case.ward_id, data=about)
    audit.record_all(actor=actor, acts=[act, *asks], now=now)


def asks_of(package: EvidencePackage) -> list[FootageAsk]:
    """The cameras of a package, in the order of their numbers."""
    rows = package.asks.select_related("camera__neighborhood", "camera__owner_household", "request", "hold")
    return list(rows.order_by("number"))


def decider_place(ask: FootageAsk) -> Place:
    """Whose word counts: the household's that owns the camera and lives there, its alone (a school's staff for a
    school's); else of those who lead. Of a public camera it is the ward's, too, where ``FOOTAGE_PUBLIC`` says so: only
    such a place is in the ward for whoever holds a role there."""
    camera = ask.camera
    at_school = camera.ownership == Camera.Ownership.SCHOOL
    if camera.owner_household_id and camera.owner_left_at is None:
        return Place(owner_household_id=camera.owner_household_id, at_school=at_school)
    wards = settings.CONFIG.ward_answers and camera.ownership == Camera.Ownership.PUBLIC
    return Place(camera.neighborhood.ward_id if wards else None, camera.neighborhood_id, at_school=at_school)
