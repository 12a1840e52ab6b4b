"""Members of households. A device belongs to a household and, once its holder says who they are, to a member."""

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from backend.lib.text import clean_name
from neighborhoods import audit, devices
from neighborhoods.access import Action, Actor
from neighborhoods.households import household_for, living_household
from neighborhoods.models import Device, Member
from neighborhoods.places import within

ERASED = "—"
"""What stands in a name's place (``erasure``): the row is needed, the person is not."""


def members_for(actor: Actor) -> QuerySet[Member]:
    """The members of households whose list the actor may see."""
    there = within(actor, Action.SEE_HOUSEHOLDS, "household__neighborhood")
    return Member.objects.select_related("household").filter(there).order_by("id")


def member_for(actor: Actor, action: Action, member_id: UUID) -> Member:
    """Load and authorise; absent and forbidden are the same ``Absent``."""
    member = Member.objects.select_related("household__neighborhood").filter(id=member_id).first()
    if member is None:
        raise Absent()
    household_for(actor, action, member.household_id)
    return member


def member_create(*, actor: Actor, household_id: UUID, name: str, now: datetime, phone: str = "") -> Member:
    """Add a member. Raises ``Absent``, ``BadInput``, ``Conflict`` where the household has left."""
    name, phone = clean_name(name), _phone(phone)
    with transaction.atomic():
        household = household_for(actor, Action.MANAGE_HOUSEHOLDS, household_id)
        if household.left_at:
            raise Conflict(_("This household has left."), code="household_left")
        household = living_household(household_id)
        member = Member.objects.create(household=household, name=name, phone=phone, created_at=now)
        member.household = household
        _record(actor, "member.created", member, now)
    return member


def member_update(
    *, actor: Actor, member_id: UUID, now: datetime, name: str | None = None, phone: str | None = None
) -> Member:
    """Correct a member's name or phone number. Raises ``Absent``, ``BadInput``."""
    with transaction.atomic():
        member = member_for(actor, Action.MANAGE_HOUSEHOLDS, member_id)
        member_change(actor, member, name=name, phone=phone, now=now)
    return member


def member_change(actor: Actor, member: Member, *, name: str | None, phone: str | None, now: datetime) -> None:
    """Change what differs, and audit that. Whether ``actor`` may has been asked: the leader's verb and the member's own
    (``owndata.member_correct``) come here."""
    wanted = {}
    if name is not None:
        wanted["name"] = clean_name(name)
    if phone is not None:
        wanted["phone"] = _phone(phone)
    changed = [field for field, value in wanted.items() if getattr(member, field) != value]
    for field in changed:
        setattr(member, field, wanted[field])
    if changed:
        member.save(update_fields=changed)
        _record(actor, "member.updated", member, now, fields=changed)


def member_leave(*, actor: Actor, member_id: UUID, now: datetime) -> Member:
    """The member left the household: every device that is theirs ends at once. Twice is once."""
    with transaction.atomic():
        member = member_for(actor, Action.MANAGE_HOUSEHOLDS, member_id)
        member_depart(actor, member, now=now)
    return member


def member_depart(actor: Actor, member: Member, *, now: datetime) -> None:
    """The member is gone, with every device of theirs, and it is audited; whether ``actor`` may has been asked."""
    if Member.objects.filter(id=member.id, left_at=None).update(left_at=now):
        member.left_at = now
        ended = devices.devices_end(Device.objects.filter(member=member), now=now)
        _record(actor, "member.left", member, now, devices=ended)


def device_claim(*, actor: Actor, device: Device, member_id: UUID, now: datetime) -> Device:
    """The holder of ``device`` says who of the household they are. ``Absent`` for anybody else's name, or a guest."""
    with transaction.atomic():
        member = Member.objects.select_related("household__neighborhood").filter(id=member_id, left_at=None).first()
        if member is None or member.household_id != actor.home_id:
            raise Absent()
        Device.objects.filter(id=device.id).update(member=member)
        device.member = member
        _record(actor, "device.claimed", member, now, device=device.id)
    return device


def _phone(text: str) -> str:
    """A phone number as digits with an optional ``+``; empty where none is given."""
    plain = re.sub(r"[\s.\-()]", "", text)
    if plain and not re.fullmatch(r"\+?[0-9]{6,15}", plain):
        reason = _("A phone number has 6 to 15 digits.")
        raise BadInput(reason, fields={"phone": [reason]})
    return plain


def _record(actor: Actor, action: str, member: Member, now: datetime, **facts: object) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=("member", member.id),
        ward_id=member.household.neighborhood.ward_id,
        neighborhood_id=member.household.neighborhood_id,
        data={"household": member.household_id, **facts},
        now=now,
    )
