"""Invitations: the one way to a role for somebody who has no account yet (and for who lost password and telephone).

The link's secret is 256 random bits, kept as a hash, shown once; it travels in the fragment, which reaches no server's
log. It works once, for a week, and only while whoever gave it may still give it (``_require_giver``; where a role is
ended, ``roles.close`` takes back what its holder gave there).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from backend.lib.text import clean_name
from neighborhoods import accounts, audit, devices, factors, roles, tokens
from neighborhoods.access import Action, Actor, Place, Role, require
from neighborhoods.models import Account, Invitation, RoleGrant
from neighborhoods.places import within

VALID_FOR = timedelta(days=7)
PLACES = ("neighborhood", "ward", "household__neighborhood")
"""What ``place_of`` reads."""


class InvitationRefused(BadInput):
    code, title = "invitation_refused", "This invitation does not work"


@dataclass(frozen=True, slots=True)
class InvitationIssued:
    """An invitation and its link's secret, which exists nowhere else. Never log or store it."""

    invitation: Invitation
    token: str

    def __repr__(self) -> str:
        return f"InvitationIssued({self.invitation.id}, …)"


@dataclass(frozen=True, slots=True)
class Accepted:
    account: Account
    grant: RoleGrant | None
    """None where the link only let somebody choose a new password."""


def place_of(invitation: Invitation) -> Place:
    place = invitation.household.neighborhood if invitation.household else invitation.neighborhood
    ward_id = place.ward_id if place else invitation.ward_id
    return Place(ward_id, invitation.neighborhood_id, invitation.household_id)


def invitations_for(actor: Actor) -> QuerySet[Invitation]:
    """The invitations to roles the actor manages, used and ended ones included."""
    joined = ("neighborhood__ward", "ward", "household__neighborhood__ward", "invited_by", "used_by")
    rows = Invitation.objects.select_related(*joined).order_by("id")
    if roles.manages_all(actor):
        return rows
    helpers = Q(role__in=roles.HELPERS) | Q(invited_by_id=actor.account_id)
    return rows.filter(within(actor, Action.MANAGE_ROLES), helpers)


def invitation_make(
    *,
    actor: Actor,
    role: Role,
    name: str,
    now: datetime,
    neighborhood_id: UUID | None = None,
    ward_id: UUID | None = None,
    household_id: UUID | None = None,
    unit: str = "",
) -> InvitationIssued:
    """Invite somebody to a role. A leader invites deputies and treasurers of their own neighborhood; an administrator
    anybody. ``unit`` says an officer's unit. Raises ``Absent``, ``BadInput``.
    """
    with transaction.atomic():
        require(actor, Action.MANAGE_ROLES, Place(ward_id=ward_id, neighborhood_id=neighborhood_id))
        if not roles.manages_all(actor) and role not in roles.HELPERS:
            raise Absent()
        where = roles.place_for(role, neighborhood_id=neighborhood_id, ward_id=ward_id, household_id=household_id)
        wanted = Invitation(role=role, unit=_unit(role, unit), **where)
        return _issue(actor, wanted, name, now)


def handover_invite(*, actor: Actor, grant_id: UUID, name: str, now: datetime) -> InvitationIssued:
    """Invite somebody to follow in a role: the old holder's ends in the moment they accept. Raises ``Absent``."""
    with transaction.atomic():
        grant = roles.role_managed(actor, grant_id)
        if grant.ended_at or grant.ends_at <= now:
            raise Absent()
        wanted = Invitation(
            role=grant.role, neighborhood=grant.neighborhood, ward=grant.ward, household=grant.household,
            unit=grant.unit, replaces=grant,
        )  # fmt: skip
        return _issue(actor, wanted, name, now)


def password_link(*, actor: Actor, grant_id: UUID, now: datetime) -> InvitationIssued:
    """A link by which the holder of a role chooses a new password and sets the second step up anew, having lost both.

    By who manages every role that person holds, never for oneself. Raises ``Absent``, ``Conflict``.
    """
    with transaction.atomic():
        account = factors.account_managed(actor, grant_id, now=now)
        grant = RoleGrant.objects.select_related(*PLACES).get(id=grant_id)
        wanted = Invitation(
            role=grant.role, neighborhood=grant.neighborhood, ward=grant.ward, household=grant.household, renews=account
        )
        Invitation.objects.filter(renews=account, used_at=None, revoked_at=None).update(revoked_at=now)
        return _issue(actor, wanted, account.display_name or account.username, now)


def invitation_revoke(*, actor: Actor, invitation_id: UUID, now: datetime) -> Invitation:
    """Take a link back before it is used. Twice is once. Raises ``Absent``, ``Conflict`` for one that was used."""
    with transaction.atomic():
        invitation = Invitation.objects.select_related(*PLACES).filter(id=invitation_id).first()
        if invitation is None:
            raise Absent()
        _require_managed(actor, invitation)
        if Invitation.objects.filter(id=invitation.id, used_at=None, revoked_at=None).update(revoked_at=now):
            _record(actor, "invitation.revoked", invitation, now)
        invitation.refresh_from_db(fields=["used_at", "revoked_at"])
        if invitation.used_at:
            raise Conflict(_("This invitation was used already. End the role instead."), code="invitation_used")
    return invitation


def invitation_open(token: str, *, now: datetime) -> Invitation:
    """What a link invites to, for the page that shows it. Raises ``InvitationRefused``."""
    found = _open_ones(token, now).select_related(*PLACES, "invited_by", "renews", "replaces").first()
    if found is None:
        raise _refusal()
    _require_giver(found, now)
    return found


def invitation_accept(
    *,
    token: str,
    now: datetime,
    account: Account | None = None,
    username: str = "",
    password: str = "",
    display_name: str = "",
) -> Accepted:
    """Use a link: by ``account`` that has signed in, else by a new one with that name and password. All or nothing.

    A handover's old role ends in the same moment; a link for a new password sets that, and gives no role. Raises
    ``InvitationRefused`` for a link that is unknown, used or too old, ``BadInput``, ``Conflict``.
    """
    opened = invitation_open(token, now=now)
    if opened.renews is not None:
        return _renew(token, opened.renews, password, now)
    name = display_name or opened.name
    holder = account or accounts.account_draft(username=username, password=password, display_name=name, now=now)
    with transaction.atomic():
        if opened.replaces_id:  # the role before its invitations, as ``roles.close`` takes them
            RoleGrant.objects.select_for_update(no_key=True).get(id=opened.replaces_id)
        invitation, acts = _claimed(token, now), []
        if holder.id == invitation.invited_by_id:
            raise Conflict(_("This invitation is for somebody else: you gave it yourself."), code="not_oneself")
        if account is None:
            accounts.account_keep(holder)
            acts.append(accounts.made(holder))
        Invitation.objects.filter(id=invitation.id).update(used_by=holder)
        grant = _granted(invitation, holder, now)
        action = "role.handed_over" if invitation.replaces_id else "role.granted"
        acts.append(roles.act_of(action, grant, invitation=invitation.id, follows=invitation.replaces_id))
        audit.record_all(actor=Actor(pseudonym=f"account:{holder.id}"), acts=acts, now=now)
    return Accepted(holder, grant)


def _claimed(token: str, now: datetime) -> Invitation:
    """The invitation, used from now on. Of many at once one gets it; the others are refused."""
    if not _open_ones(token, now).update(used_at=now):
        raise _refusal()
    rows = Invitation.objects.select_related(*PLACES, *(f"replaces__{place}" for place in PLACES))
    invitation = rows.get(token_hash=tokens.hash_of(token))
    _require_giver(invitation, now)
    return invitation


def _require_giver(invitation: Invitation, now: datetime) -> None:
    """Refuse a link whose giver could not give it any more: their role's day has come, or the account that a link
    renews has risen above them. What the machine's own terminal gave has no giver."""
    if invitation.invited_by_id is None:
        return
    giver = roles.giver_now(invitation.invited_by_id, now=now)
    try:
        _require_managed(giver, invitation)
        if invitation.renews_id:
            factors.require_managed_all(giver, invitation.renews_id, now=now)
    except Absent:
        raise _refusal() from None


def _require_managed(actor: Actor, invitation: Invitation) -> None:
    """Raise ``Absent`` where ``actor`` does not manage it.

    A leader takes back what is theirs, and not the link by which an administrator has somebody follow them.
    """
    require(actor, Action.MANAGE_ROLES, place_of(invitation))
    mine = invitation.role in roles.HELPERS or invitation.invited_by_id == actor.account_id
    if not mine and not roles.manages_all(actor):
        raise Absent()


def _granted(invitation: Invitation, account: Account, now: datetime) -> RoleGrant:
    if invitation.replaces is not None:
        return roles.succeed(invitation.replaces, account_id=account.id, now=now)
    same = {"role": invitation.role, "neighborhood": invitation.neighborhood, "ward": invitation.ward,
            "household": invitation.household}  # fmt: skip
    if devices.in_force(now).filter(account=account, **same).exists():
        raise Conflict(_("That person holds this role already."), code="has_role")
    return RoleGrant.objects.create(
        account=account, unit=invitation.unit, starts_at=now, ends_at=now + roles.TERM, **same
    )


def _renew(token: str, account: Account, password: str, now: datetime) -> Accepted:
    accounts.password_draft(account, password)
    with transaction.atomic():
        Account.objects.select_for_update().get(id=account.id)  # before its links, as ``password_link`` takes them
        invitation = _claimed(token, now)
        Invitation.objects.filter(id=invitation.id).update(used_by=account)
        Authenticator.objects.filter(user_id=account.id).delete()
        accounts.password_keep(account, now=now)
    return Accepted(account, None)


def _issue(actor: Actor, wanted: Invitation, name: str, now: datetime) -> InvitationIssued:
    token = secrets.token_urlsafe(32)
    wanted.name = clean_name(name)
    wanted.token_hash = tokens.hash_of(token)
    wanted.invited_by_id = actor.account_id
    wanted.created_at, wanted.expires_at = now, now + VALID_FOR
    wanted.save(force_insert=True)
    _record(actor, "invitation.made", wanted, now)
    return InvitationIssued(wanted, token)


def _open_ones(token: str, now: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        token_hash=tokens.hash_of(token), used_at=None, revoked_at=None, expires_at__gt=now
    )


def _refusal() -> InvitationRefused:
    return InvitationRefused(
        _("This invitation was used, is too old or was taken back. Ask for a new one from whoever gave it to you.")
    )


def _unit(role: Role, unit: str) -> str:
    return clean_name(unit, field="unit") if unit.strip() and role in roles.OF_A_UNIT else ""


def _record(actor: Actor, action: str, invitation: Invitation, now: datetime) -> None:
    place = place_of(invitation)
    audit.record(
        actor=actor,
        action=action,
        subject=("invitation", invitation.id),
        ward_id=place.ward_id,
        neighborhood_id=place.neighborhood_id,
        data={"role": invitation.role, "follows": invitation.replaces_id, "renews": invitation.renews_id},
        now=now,
    )
