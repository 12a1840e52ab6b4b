"""Households (hộ): one per address. The leader keeps the list."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, Conflict
from backend.lib.text import clean_name
from neighborhoods import audit, revocations
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.addresses import address_key
from neighborhoods.history import numbers_used
from neighborhoods.models import AccessCode, Device, Household, Member, Revocation
from neighborhoods.neighborhood_changes import neighborhood_held
from neighborhoods.places import neighborhood_for, within


def place_of(household: Household) -> Place:
    return Place(ward_id=household.neighborhood.ward_id, neighborhood_id=household.neighborhood_id)


def households_for(actor: Actor) -> QuerySet[Household]:
    """The households whose list the actor may see, those that left included."""
    there = within(actor, Action.SEE_HOUSEHOLDS)
    return Household.objects.select_related("neighborhood").filter(there).order_by("id")


def household_for(actor: Actor, action: Action, household_id: UUID) -> Household:
    """Load and authorise; absent and forbidden are the same ``Absent``."""
    household = Household.objects.select_related("neighborhood").filter(id=household_id).first()
    if household is None:
        raise Absent()
    require(actor, action, place_of(household))
    return household


def living_household(household_id: UUID) -> Household:
    """The household, held until commit so that it cannot leave meanwhile. Raises ``Absent`` where it left or never was.

    What is given to a household (a code, a member) while it leaves would otherwise outlive its leaving.
    """
    held = Household.objects.select_for_update(of=("self",), no_key=True).select_related("neighborhood")
    household = held.filter(id=household_id, left_at=None).first()
    if household is None:
        raise Absent()
    return household


def household_create(*, actor: Actor, neighborhood_id: UUID, name: str, address: str, now: datetime) -> Household:
    """Register a household under the next number. Raises ``Absent``, ``BadInput``, ``Conflict`` for a taken address."""
    name, address = clean_name(name), clean_name(address, field="address", longest=200)
    with transaction.atomic():
        neighborhood = neighborhood_for(actor, Action.MANAGE_HOUSEHOLDS, neighborhood_id)
        neighborhood_held(neighborhood.id)  # two at once take two numbers, and none comes to a place that is merged
        _free_address(neighborhood.id, address)
        number = max(numbers_used(neighborhood), default=0) + 1
        household = Household.objects.create(
            neighborhood=neighborhood, number=number, name=name, address=address, created_at=now
        )
        _record(actor, "household.created", household, now, number=household.number)
    return household


def household_update(
    *, actor: Actor, household_id: UUID, now: datetime, name: str | None = None, address: str | None = None
) -> Household:
    """Correct a household's name or address. Raises as ``household_create`` does."""
    with transaction.atomic():
        household = household_for(actor, Action.MANAGE_HOUSEHOLDS, household_id)
        former_key, changed = household.address_key, []
        if name is not None and (clean := clean_name(name)) != household.name:
            household.name = clean
            changed.append("name")
        if address is not None:
            clean = clean_name(address, field="address", longest=200)
            if clean != household.address:
                if household.left_at is None and address_key(clean) != household.address_key:
                    neighborhood_held(household.neighborhood_id)
                    _free_address(household.neighborhood_id, clean)
                    household.address_twin = 0
                    changed.append("address_twin")
                household.address = clean
                changed.append("address")
        if changed:
            household.save(update_fields=changed)
            lead_twin(household.neighborhood_id, former_key)
            told = [name for name in changed if name != "address_twin"]
            _record(actor, "household.updated", household, now, fields=told)
    return household


def household_leave(*, actor: Actor, household_id: UUID, now: datetime) -> Household:
    """The household moved away: its codes and devices end at once, its members with it. Twice is once."""
    with transaction.atomic():
        household = household_for(actor, Action.MANAGE_HOUSEHOLDS, household_id)
        if Household.objects.filter(id=household.id, left_at=None).update(left_at=now):
            household.left_at = now
            AccessCode.objects.filter(household=household, revoked_at=None).update(revoked_at=now)
            Device.objects.filter(household=household, revoked_at=None).update(revoked_at=now)
            Member.objects.filter(household=household, left_at=None).update(left_at=now)
            lead_twin(household.neighborhood_id, household.address_key)
            revocations.revoke(Revocation.Kind.HOUSEHOLD, household.id, now=now)
            _record(actor, "household.left", household, now)
    return household


def _free_address(neighborhood_id: UUID, address: str) -> None:
    """One household lives at an address, however it is spelled. The neighborhood's row is locked, so the answer holds
    until commit."""
    living = Household.objects.filter(neighborhood_id=neighborhood_id, left_at=None)
    if living.filter(address_key=address_key(address)).exists():
        raise Conflict(_("There is already a household at that address."), code="address_taken")


def lead_twin(neighborhood_id: UUID, key: str) -> None:
    """Of households that a merge brought to one address the first that is left is no longer another's twin."""
    living = Household.objects.filter(neighborhood_id=neighborhood_id, address_key=key, left_at=None)
    first = living.order_by("address_twin").first()
    if first is not None and first.address_twin:
        living.filter(id=first.id).update(address_twin=0)


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
