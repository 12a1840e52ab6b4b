"""Forgetting a person: names and telephone numbers go, pseudonyms stay in the audit, and the fund's books stay by law.

The audit holds ids alone, so nothing in a chain has to change (``audit.record``). Money is kept by household and
number, as accounting law asks; a person is not named there. Parts above keep more of a phone: each registers what it
erases in ``ERASERS``.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from backend.lib.errors import Absent
from neighborhoods import audit, devices, people
from neighborhoods.access import Action, Actor, require
from neighborhoods.datadesk import OPEN, PERSONAL
from neighborhoods.households import living_household, place_of
from neighborhoods.models import DataRequest, Device, Household, HouseholdImport, HouseholdRegistration, Member

ERASED = people.ERASED
Eraser = Callable[[list[UUID]], None]
ERASERS: list[Eraser] = []
"""Each forgets what it keeps of these devices. In the verb's transaction; filled in ``AppConfig.ready``."""


def member_erase(*, actor: Actor, member_id: UUID, now: datetime) -> Member:
    """Erase a member for good: name, telephone number, names of their phones, words of their requests; the phones end.

    Where the household is called by them ("Hộ ông An"), or nobody is left in it, it is called by its number from now
    on: its name stands on every picture that it watches. Twice is once. Raises ``Absent``.
    """
    with transaction.atomic():
        household = _held(actor, member_id)
        member = Member.objects.select_for_update(of=("self",)).select_related("household").get(id=member_id)
        mine = list(Device.objects.filter(member=member).order_by("id").values_list("id", flat=True))
        Device.objects.filter(id__in=mine).update(name=ERASED)
        over = ~Q(state__in=OPEN) | Q(kind=DataRequest.Kind.DELETE)  # what else is open must still be acted on
        DataRequest.objects.filter(over, member=member).update(**dict.fromkeys(PERSONAL, ""))
        called_by_them = _is_called_by(household, member.name)
        _forget_lists(household, member.name)
        member.name, member.phone, member.left_at = ERASED, "", member.left_at or now
        member.save()
        alone = not Member.objects.filter(household=household, left_at=None).exists()
        if alone:
            HouseholdRegistration.objects.filter(household=household).update(reference="")
        if alone or called_by_them:
            household.name = f"Hộ H{household.number:03d}"
            household.save(update_fields=["name"])
        for erase in ERASERS:
            erase(mine)
        ended = devices.devices_end(Device.objects.filter(member=member), now=now)
        audit.record(
            actor=actor,
            action="member.erased",
            subject=("member", member.id),
            ward_id=household.neighborhood.ward_id,
            neighborhood_id=household.neighborhood_id,
            data={"household": household.id, "devices": ended, "household_name": alone or called_by_them},
            now=now,
        )
    return member


def _is_called_by(household: Household, name: str) -> bool:
    """Whether the household's name holds the person's given name, which is the last word of a Vietnamese one."""
    return name != ERASED and name.casefold().split()[-1] in household.name.casefold().split()


def _forget_lists(household: Household, name: str) -> None:
    """Registrations that name the person, and lists that were read and wait for a yes: they would bring them back."""
    named = [
        row.id
        for row in HouseholdRegistration.objects.filter(household=household)
        if name != ERASED and name.casefold() in row.reference.casefold()
    ]
    HouseholdRegistration.objects.filter(id__in=named).update(reference="")
    HouseholdImport.objects.filter(neighborhood_id=household.neighborhood_id, applied_at=None).delete()


def _held(actor: Actor, member_id: UUID) -> Household:
    """The member's household, held until commit so that nothing is given to it meanwhile; it may have left."""
    member = Member.objects.select_related("household__neighborhood").filter(id=member_id).first()
    if member is None:
        raise Absent()
    household = member.household
    require(actor, Action.MANAGE_HOUSEHOLDS, place_of(household))
    return living_household(household.id) if household.left_at is None else household
