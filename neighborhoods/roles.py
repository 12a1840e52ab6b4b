"""Roles: granted for a place until a day, ended early by an administrator. Every grant has an end."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput
from neighborhoods import audit, revocations
from neighborhoods.access import Action, Actor, Place, Role, require
from neighborhoods.models import Account, Neighborhood, Revocation, RoleGrant, Ward

TERM = timedelta(days=5 * 365 + 1)
"""A leader's elected term, five years."""

IN_NEIGHBORHOOD = frozenset({Role.LEADER, Role.DEPUTY, Role.TREASURER})
IN_WARD = frozenset({Role.OFFICER, Role.OPERATOR, Role.STREET_WORKER, Role.AUDITOR})


def role_grant(
    *,
    actor: Actor,
    account_id: UUID,
    role: Role,
    now: datetime,
    neighborhood_id: UUID | None = None,
    ward_id: UUID | None = None,
    ends_at: datetime | None = None,
) -> RoleGrant:
    """Give an account a role: leaders, deputies, treasurers in a neighborhood; officers, operators, street workers,
    auditors in a ward; administrators nowhere in particular. It ends after five years unless said earlier.

    Raises ``Absent`` where the actor is no administrator or the account is not there, ``BadInput`` for a wrong place
    or an end that is not after now.
    """
    require(actor, Action.MANAGE_PLATFORM, Place())
    ends = ends_at or now + TERM
    if not now < ends <= now + TERM:
        reason = _("A role ends after now and within five years.")
        raise BadInput(reason, fields={"ends_at": [reason]})
    with transaction.atomic():
        neighborhood, ward = _place(role, neighborhood_id, ward_id)
        if not Account.objects.filter(id=account_id).exists():
            raise Absent()
        grant = RoleGrant.objects.create(
            account_id=account_id, role=role, neighborhood=neighborhood, ward=ward, starts_at=now, ends_at=ends
        )
        _record(actor, "role.granted", grant, now)
    return grant


def role_end(*, actor: Actor, grant_id: UUID, now: datetime) -> RoleGrant:
    """End a role before its day. Everything its holder is watching ends; what another role allows is asked anew."""
    require(actor, Action.MANAGE_PLATFORM, Place())
    with transaction.atomic():
        grant = RoleGrant.objects.select_related("neighborhood").filter(id=grant_id).first()
        if grant is None:
            raise Absent()
        if RoleGrant.objects.filter(id=grant.id, ended_at=None).update(ended_at=now):
            grant.ended_at = now
            revocations.revoke(Revocation.Kind.ROLE, grant.account_id, now=now)
            _record(actor, "role.ended", grant, now)
    return grant


def _place(role: Role, neighborhood_id: UUID | None, ward_id: UUID | None) -> tuple[Neighborhood | None, Ward | None]:
    neighborhood = Neighborhood.objects.filter(id=neighborhood_id).first() if neighborhood_id else None
    ward = Ward.objects.filter(id=ward_id).first() if ward_id else None
    wants = (role in IN_NEIGHBORHOOD, role in IN_WARD)
    if role not in IN_NEIGHBORHOOD | IN_WARD | {Role.ADMINISTRATOR} or wants != (bool(neighborhood), bool(ward)):
        raise BadInput(_("That role does not belong to that place."), code="role_place")
    return neighborhood, ward


def _record(actor: Actor, action: str, grant: RoleGrant, now: datetime) -> None:
    ward_id = grant.neighborhood.ward_id if grant.neighborhood else grant.ward_id
    audit.record(
        actor=actor,
        action=action,
        subject=("account", grant.account_id),
        ward_id=ward_id,
        neighborhood_id=grant.neighborhood_id,
        data={"role": grant.role, "grant": grant.id, "ends_at": grant.ends_at},
        now=now,
    )
