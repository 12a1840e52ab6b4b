"""What is kept of a person and their household: seen, corrected, taken along, and left (Law 91/2025, rights of the
data subject).

Parts above keep more (cameras, views, alerts): each registers a ``Holding`` in ``AppConfig.ready``, so that one page
and one file hold everything. Where the phone's holder has said who they are, the person is that member; else only the
household is known. What one member watched is told to nobody else of the household.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from backend.lib.clock import iso
from backend.lib.errors import Absent, Conflict
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.households import living_household
from neighborhoods.models import AccessCode, DataRequest, Device, Household, Member
from neighborhoods.people import member_change, member_depart

MOST_ROWS = 1000
"""Of one list in one answer. Nothing of the app's own lists comes near it but views and minutes."""

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Subject:
    """Of whom: ``device_ids`` are the member's own phones, or the one in hand where nobody has said who they are."""

    household_id: UUID
    neighborhood_id: UUID
    member_id: UUID | None
    device_ids: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Holding:
    """One kind of thing that a part keeps. ``collect`` gives JSON rows of at most ``MOST_ROWS``, newest first."""

    name: str
    collect: Callable[[Subject], Rows]


HOLDINGS: list[Holding] = []
"""In the order in which they are shown. Filled in ``AppConfig.ready``: those who keep the rows know us."""


def subject_of(actor: Actor) -> Subject:
    """Raises ``Absent`` for a guest or staff: of staff nothing is kept here but their account."""
    if actor.home_id is None or actor.neighborhood_id is None or actor.device_id is None:
        raise Absent()
    home = Place(actor.ward_id, actor.neighborhood_id, actor.home_id)
    require(actor, Action.MANAGE_OWN_DATA, home)
    mine = {actor.device_id}
    if actor.member_id is not None:
        mine |= set(Device.objects.filter(member_id=actor.member_id).values_list("id", flat=True))
    return Subject(actor.home_id, actor.neighborhood_id, actor.member_id, frozenset(mine))


def own_data(*, actor: Actor, now: datetime) -> dict[str, Any]:
    """Everything, as JSON: the household, its members, phones and codes, what was asked at the desk, each holding.

    Telephone numbers of other members are cut to their last three digits: they are theirs.
    """
    subject = subject_of(actor)
    household = Household.objects.select_related("neighborhood__ward").get(id=subject.household_id)
    found: dict[str, Any] = {
        "made_at": iso(now),
        "household": {
            "number": household.number, "name": household.name, "address": household.address,
            "neighborhood": str(household.neighborhood), "since": iso(household.created_at),
        },
        "members": _members(subject),
        "phones": _phones(subject),
        "codes": _codes(subject),
        "requests": _requests(subject),
    }  # fmt: skip
    return found | {holding.name: holding.collect(subject) for holding in HOLDINGS}


def member_correct(*, actor: Actor, changes: Mapping[str, str], now: datetime) -> Member:
    """The member corrects their own ``name`` or ``phone``. Raises ``Absent``, ``BadInput``, ``Conflict``
    (``member_unknown``: the phone's holder has not said who they are)."""
    with transaction.atomic():
        member = _self(actor)
        member_change(actor, member, name=changes.get("name"), phone=changes.get("phone"), now=now)
    return member


def member_leave_own(*, actor: Actor, now: datetime) -> Member:
    """The member leaves the household: all their phones end, this one too. Raises as ``member_correct``."""
    with transaction.atomic():
        member = _self(actor)
        member_depart(actor, member, now=now)
    return member


def _self(actor: Actor) -> Member:
    subject = subject_of(actor)
    if subject.member_id is None:
        raise Conflict(_("Say first who of the household holds this phone."), code="member_unknown")
    living_household(subject.household_id)
    return Member.objects.select_related("household__neighborhood").get(id=subject.member_id)


def _members(subject: Subject) -> Rows:
    rows = Member.objects.filter(household_id=subject.household_id, left_at=None).order_by("created_at")
    return [
        {
            "id": str(row.id), "name": row.name, "me": row.id == subject.member_id, "since": iso(row.created_at),
            "phone": row.phone if row.id == subject.member_id else _cut(row.phone),
        }
        for row in rows
    ]  # fmt: skip


def _phones(subject: Subject) -> Rows:
    rows = Device.objects.filter(household_id=subject.household_id).select_related("member").order_by("-created_at")
    return [
        {
            "name": row.name, "member": row.member.name if row.member else None, "mine": row.id in subject.device_ids,
            "since": iso(row.created_at), "last_used": iso(row.last_seen_at) if row.last_seen_at else None,
            "ended": iso(row.revoked_at) if row.revoked_at else None,
        }
        for row in rows[:MOST_ROWS]
    ]  # fmt: skip


def _codes(subject: Subject) -> Rows:
    rows = AccessCode.objects.filter(household_id=subject.household_id).order_by("-issued_at")
    return [
        {
            "kind": row.kind, "ends_with": row.hint, "phones": row.slots_used, "issued": iso(row.issued_at),
            "until": iso(row.expires_at), "taken_back": iso(row.revoked_at) if row.revoked_at else None,
        }
        for row in rows[:MOST_ROWS]
    ]  # fmt: skip


def _requests(subject: Subject) -> Rows:
    own = Q(member=None) | Q(member_id=subject.member_id)  # as ``desklist.data_requests_for``
    rows = DataRequest.objects.filter(own, household_id=subject.household_id).order_by("-received_at")
    return [
        {
            "kind": row.kind, "state": row.state, "words": row.words, "received": iso(row.received_at),
            "answer_due": row.answer_due.isoformat(), "finish_due": row.finish_due.isoformat(),
            "answer": row.answer, "outcome": row.outcome,
        }
        for row in rows[:MOST_ROWS]
    ]  # fmt: skip


def _cut(phone: str) -> str:
    return f"…{phone[-3:]}" if phone else ""
