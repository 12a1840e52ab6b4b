"""Roles in plain words, and a person's roles with their places and ends."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from neighborhoods.access import Actor, Role
from neighborhoods.devices import in_force
from neighborhoods.models import Invitation, RoleGrant
from neighborhoods.roles import ENDS_SOON


class Held(NamedTuple):
    grant: RoleGrant
    word: str
    place: str


def role_words() -> dict[str, str]:
    """Role → what a neighbor calls it."""
    return {
        Role.LEADER: _("Leader"),
        Role.DEPUTY: _("Deputy leader"),
        Role.TREASURER: _("Treasurer"),
        Role.OFFICER: _("Officer"),
        Role.SUPERVISOR: _("Officer in charge"),
        Role.OPERATOR: _("Operator"),
        Role.SCHOOL: _("School staff"),
        Role.STREET_WORKER: _("Street worker"),
        Role.AUDITOR: _("Auditor"),
        Role.ADMINISTRATOR: _("Administrator"),
    }


def place_words(thing: RoleGrant | Invitation) -> str:
    """Where a role is held, an officer's unit before it; empty for the whole platform."""
    place = thing.household or thing.neighborhood or thing.ward
    return ", ".join(part for part in (thing.unit, place.name if place else "") if part)


def held(grant: RoleGrant) -> Held:
    return Held(grant, role_words().get(Role(grant.role), grant.role), place_words(grant))


def held_of(account_id: UUID, *, now: datetime) -> list[Held]:
    """The roles in force of one account, the first begun first."""
    rows = in_force(now).select_related("neighborhood", "ward", "household").filter(account_id=account_id)
    return [held(grant) for grant in rows.order_by("starts_at")]


def ends_soon(actor: Actor, moment: datetime) -> list[Held]:
    """The reader's own roles that end within two months, for the overview."""
    if actor.account_id is None:
        return []
    mine = in_force(moment).filter(account_id=actor.account_id, ends_at__lte=moment + ENDS_SOON)
    return [held(grant) for grant in mine.select_related("neighborhood", "ward", "household")]
