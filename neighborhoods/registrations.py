"""Registrations that share a household's address: the family's, lodgers', a shop's. One household all the same."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.clock import iso
from backend.lib.errors import Absent, BadInput
from backend.lib.text import ID_NUMBER, clean_name
from neighborhoods import audit
from neighborhoods.access import Action, Actor, require
from neighborhoods.households import living_household, place_of
from neighborhoods.models import Household, HouseholdRegistration
from neighborhoods.owndata import MOST_ROWS, Rows, Subject


def registration_add(
    *, actor: Actor, household_id: UUID, kind: str, now: datetime, reference: str = ""
) -> HouseholdRegistration:
    """Note a registration of a household. ``reference`` is the leader's own words for it ("lodgers, upstairs").

    Raises ``Absent``, ``BadInput`` with ``id_number`` for what looks like the number of an identity card.
    """
    reference = _clean(reference)
    with transaction.atomic():
        household = living_household(household_id)
        require(actor, Action.MANAGE_HOUSEHOLDS, place_of(household))
        made = HouseholdRegistration.objects.create(
            household=household, kind=HouseholdRegistration.Kind(kind), reference=reference, created_at=now
        )
        _record(actor, "household.registration_added", household, now, registration=made.id, kind=made.kind)
    return made


def registration_end(*, actor: Actor, registration_id: UUID, now: datetime) -> HouseholdRegistration:
    """It is over. Twice is once. Raises ``Absent``."""
    with transaction.atomic():
        joined = HouseholdRegistration.objects.select_related("household__neighborhood")
        found = joined.filter(id=registration_id).first()
        if found is None:
            raise Absent()
        require(actor, Action.MANAGE_HOUSEHOLDS, place_of(found.household))
        if HouseholdRegistration.objects.filter(id=found.id, ended_at=None).update(ended_at=now):
            found.ended_at = now
            _record(actor, "household.registration_ended", found.household, now, registration=found.id)
    return found


def registrations(subject: Subject) -> Rows:
    """What is noted of the address, for those who live there (``owndata``)."""
    rows = HouseholdRegistration.objects.filter(household_id=subject.household_id).order_by("-id")[:MOST_ROWS]
    return [
        {"kind": row.kind, "reference": row.reference, "since": iso(row.created_at), "ended": row.ended_at is not None}
        for row in rows
    ]


def _clean(reference: str) -> str:
    if ID_NUMBER.search(reference):
        reason = _("Write no number of an identity card: only words by which you know it.")
        raise BadInput(reason, code="id_number", fields={"reference": [reason]})
    return clean_name(reference, field="reference", longest=80) if reference.strip() else ""


def _record(actor: Actor, action: str, household: Household, now: datetime, **facts: object) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=("household", household.id),
        ward_id=household.neighborhood.ward_id,
        neighborhood_id=household.neighborhood_id,
        data=facts,
        now=now,
    )
