"""Roles: granted for a place until a day, ended early, or handed over in one step. Every grant has an end.

Whoever manages roles at a place (``Action.MANAGE_ROLES``: the leader of a neighborhood, the administrator of the
platform) gives and ends them there. A leader gives the roles of ``HELPERS`` and passes on their own; nobody raises
themselves.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from neighborhoods import audit, devices, factors, revocations
from neighborhoods.access import Action, Actor, Place, Role, require
from neighborhoods.models import Account, Household, Invitation, Neighborhood, Revocation, RoleGrant, Ward
from neighborhoods.places import within

TERM = timedelta(days=5 * 365 + 1)
"""A leader's elected term, five years."""
ENDS_SOON = timedelta(days=60)
"""How long before its end a role is spoken of."""

IN_NEIGHBORHOOD = frozenset({Role.LEADER, Role.DEPUTY, Role.TREASURER})
IN_WARD = frozenset({Role.OFFICER, Role.SUPERVISOR, Role.OPERATOR, Role.STREET_WORKER, Role.AUDITOR})
IN_HOUSEHOLD = frozenset({Role.SCHOOL})
"""Held towards what belongs to one address: a school is one, as a household is."""
OF_A_UNIT = frozenset({Role.OFFICER, Role.SUPERVISOR})
"""The police: their grant names their unit."""
HELPERS = factors.HELPERS
"""What a leader gives by themself."""

place_of = factors.place_of


def roles_for(actor: Actor) -> QuerySet[RoleGrant]:
    """The roles the actor manages, those that have ended included."""
    joined = ("account", "neighborhood__ward", "ward", "household__neighborhood__ward")
    rows = RoleGrant.objects.select_related(*joined).order_by("id")
    return rows.filter(within(actor, Action.MANAGE_ROLES))


def role_grant(
    *,
    actor: Actor,
    account_id: UUID,
    role: Role,
    now: datetime,
    neighborhood_id: UUID | None = None,
    ward_id: UUID | None = None,
    household_id: UUID | None = None,
    unit: str = "",
    ends_at: datetime | None = None,
) -> RoleGrant:
    """Give an account a role: leaders, deputies, treasurers in a neighborhood; officers, those in charge of them,
    operators, street workers, auditors in a ward; a school's staff at its address; administrators nowhere in
    particular. It ends after five years unless said earlier.

    Raises ``Absent`` where the actor is no administrator or the account is not there, ``BadInput`` for a wrong place
    or an end that is not after now.
    """
    require(actor, Action.MANAGE_PLATFORM, Place())
    ends = end_of(ends_at, now)
    with transaction.atomic():
        where = place_for(role, neighborhood_id=neighborhood_id, ward_id=ward_id, household_id=household_id)
        if not Account.objects.filter(id=account_id).exists():
            raise Absent()
        grant = RoleGrant.objects.create(
            account_id=account_id,
            role=role,
            unit=unit,
            **where,
            starts_at=now,
            ends_at=ends,
        )
        record(actor, "role.granted", grant, now)
    return grant


def role_end(*, actor: Actor, grant_id: UUID, now: datetime) -> RoleGrant:
    """End a role before its day. Everything its holder is watching ends; what another role allows is asked anew.

    Raises ``Absent``; ``Conflict`` for a leader's own role, which is handed over, and for the last administrator's.
    """
    with transaction.atomic():
        grant = role_managed(actor, grant_id)
        if grant.role == Role.ADMINISTRATOR and not _others_administer(grant, now):
            raise Conflict(_("The last administrator stays. Invite another first."), code="last_administrator")
        if grant.role == Role.LEADER and not manages_all(actor):
            raise Conflict(_("A leader hands the role over. Choose who follows."), code="hand_over_instead")
        if close(grant, now=now):
            revocations.revoke(Revocation.Kind.ROLE, grant.account_id, now=now)
            record(actor, "role.ended", grant, now)
    return grant


def role_handover(*, actor: Actor, grant_id: UUID, account_id: UUID, now: datetime) -> RoleGrant:
    """Pass a role on to an account that is there: the old grant ends and the new one begins in one moment.

    A leader passes on to somebody who helps in the neighborhood already; an administrator to anybody. For somebody new
    there is ``invitations.invitation_make(replaces=…)``. The new term is five years. Raises ``Absent``, ``Conflict``.
    """
    with transaction.atomic():
        grant = role_managed(actor, grant_id)
        near = devices.in_force(now).filter(account_id=account_id)
        if not manages_all(actor):
            near = near.filter(neighborhood=grant.neighborhood)
        if account_id == actor.account_id != grant.account_id:  # a leader with the purse is their own second signature
            raise Conflict(_("You cannot do this to yourself. Ask an administrator."), code="not_oneself")
        if not near.exists() or not Account.objects.filter(id=account_id, is_active=True).exists():
            raise Absent()
        made = succeed(grant, account_id=account_id, now=now)
        record(actor, "role.handed_over", made, now, follows=grant.id)
    return made


def succeed(grant: RoleGrant, *, account_id: UUID, now: datetime) -> RoleGrant:
    """The next grant of the same role at the same place, and the end of ``grant``. The caller has asked and audits.

    Who becomes leader is deputy no more. Raises ``Conflict`` where ``grant`` has ended meanwhile, or is theirs.
    """
    if account_id == grant.account_id:
        raise Conflict(_("That person holds this role already."), code="has_role")
    if grant.ends_at <= now or not close(grant, now=now):
        raise Conflict(_("That role has ended already."), code="role_ended")
    if grant.role == Role.LEADER:
        for lower in devices.in_force(now).filter(
            account_id=account_id, role=Role.DEPUTY, neighborhood=grant.neighborhood
        ):
            close(lower, now=now)
    made = RoleGrant.objects.create(
        account_id=account_id, role=grant.role, neighborhood=grant.neighborhood, ward=grant.ward,
        household=grant.household, unit=grant.unit, starts_at=now, ends_at=now + TERM,
    )  # fmt: skip
    revocations.revoke(Revocation.Kind.ROLE, grant.account_id, now=now)
    return made


def close(grant: RoleGrant, *, now: datetime) -> bool:
    """Mark ``grant`` ended, and with it the invitations its holder gave there; False where it was already.

    What a merge of places made them hold twice ends with it. A link that lies in the former leader's chat would
    otherwise still let somebody in. The caller revokes and audits.
    """
    if not RoleGrant.objects.filter(id=grant.id, ended_at=None).update(ended_at=now):
        return False
    grant.ended_at = now
    same = RoleGrant.objects.filter(account_id=grant.account_id, role=grant.role, unit=grant.unit, ended_at=None)
    place = {"neighborhood": grant.neighborhood, "ward": grant.ward, "household": grant.household}
    same.filter(**place).update(ended_at=now)
    open_ones = Invitation.objects.filter(invited_by_id=grant.account_id, used_at=None, revoked_at=None)
    open_ones.filter(**place).update(revoked_at=now)
    return True


def role_managed(actor: Actor, grant_id: UUID) -> RoleGrant:
    """Load a role the actor manages, held until commit; absent and forbidden are the same ``Absent``."""
    joined = ("neighborhood", "ward", "household__neighborhood")
    rows = RoleGrant.objects.select_for_update(of=("self",), no_key=True).select_related(*joined)
    grant = rows.filter(id=grant_id).first()
    if grant is None:
        raise Absent()
    factors.require_managed(actor, grant)
    return grant


def giver_now(account_id: UUID, *, now: datetime) -> Actor:
    """Who gave something some days ago, with the roles they hold now; for asking whether they still could."""
    rows = devices.in_force(now).filter(account_id=account_id, account__is_active=True)
    grants = tuple(devices.grant_of(row) for row in rows)
    return Actor(pseudonym=f"account:{account_id}", account_id=account_id, grants=grants)


def manages_all(actor: Actor) -> bool:
    """Whether the actor administers the platform: whom ``HELPERS`` does not bind."""
    return actor.may(Action.MANAGE_PLATFORM)


def end_of(ends_at: datetime | None, now: datetime) -> datetime:
    """When a role given now ends; five years unless said earlier. Raises ``BadInput``."""
    ends = ends_at or now + TERM
    if not now < ends <= now + TERM:
        reason = _("A role ends after now and within five years.")
        raise BadInput(reason, fields={"ends_at": [reason]})
    return ends


def place_for(
    role: Role, *, neighborhood_id: UUID | None = None, ward_id: UUID | None = None, household_id: UUID | None = None
) -> dict[str, Neighborhood | Ward | Household | None]:
    """The place a role is held in, of the kind it wants, as a grant's columns. Raises ``BadInput`` (``role_place``)."""
    where: dict[str, Neighborhood | Ward | Household | None] = {
        "neighborhood": Neighborhood.objects.filter(id=neighborhood_id).first() if neighborhood_id else None,
        "ward": Ward.objects.filter(id=ward_id).first() if ward_id else None,
        "household": _address(household_id) if household_id else None,
    }
    wants = (role in IN_NEIGHBORHOOD, role in IN_WARD, role in IN_HOUSEHOLD)
    known = role in IN_NEIGHBORHOOD | IN_WARD | IN_HOUSEHOLD | {Role.ADMINISTRATOR}
    if not known or wants != tuple(map(bool, where.values())):
        raise BadInput(_("That role does not belong to that place."), code="role_place")
    return where


def _address(household_id: UUID) -> Household | None:
    return Household.objects.select_related("neighborhood").filter(id=household_id, left_at=None).first()


def _others_administer(grant: RoleGrant, now: datetime) -> bool:
    """Whether the platform has another administrator. All their rows are held: two at once must not end each other."""
    rows = devices.in_force(now).filter(role=Role.ADMINISTRATOR).order_by("id").select_for_update(no_key=True)
    return any(row.account_id != grant.account_id for row in rows)


def record(actor: Actor, action: str, grant: RoleGrant, now: datetime, **facts: object) -> None:
    audit.record_all(actor=actor, acts=[act_of(action, grant, **facts)], now=now)


def act_of(action: str, grant: RoleGrant, **facts: object) -> audit.Act:
    """What the audit says of a role, for a verb that has more to say."""
    place = place_of(grant)
    return audit.Act(
        action=action,
        subject=("account", grant.account_id),
        ward_id=place.ward_id,
        neighborhood_id=place.neighborhood_id,
        data={"role": grant.role, "grant": grant.id, "ends_at": grant.ends_at, **facts},
    )
