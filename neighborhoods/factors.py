"""The second step of a staff sign-in (bước xác nhận thứ hai): an app's six digits (TOTP, RFC 6238), a passkey
(WebAuthn Level 2), or a recovery code kept on paper for the day the telephone is lost.

allauth.mfa keeps the keys and checks them (``api/staff_doors.py`` opens its routes); what changes on the way is audited
here, in the transaction that changes it. What is behind the door asks ``proof``: a sign-in that passed a second step,
with an authenticator that still exists, a few minutes ago.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, Conflict, Forbidden, NotSignedIn
from neighborhoods import audit, devices
from neighborhoods.access import Action, Actor, Place, Role, require
from neighborhoods.models import Account, Device, RoleGrant

Kind = Authenticator.Type

FRESH_FOR = timedelta(minutes=15)
"""How long a finished sign-in may be exchanged for a token, or used to change how one signs in."""
PASSKEY_NAME = 60
HELPERS = frozenset({Role.DEPUTY, Role.TREASURER})
"""Whose roles and accounts a leader manages beside their own."""


class SecondFactorNeeded(NotSignedIn):
    """The password was right; the second step is still to come."""

    code, title = "second_factor_needed", "One more step to sign in"


class SecondFactorEnrol(Forbidden):
    """The account has no second step yet, and its role asks for one."""

    code, title = "second_factor_enrol", "Set up the second step first"


@dataclass(frozen=True, slots=True)
class Factor:
    """An authenticator as its owner sees it. ``id`` is allauth's, of a passkey needed to remove it."""

    id: int
    kind: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


def primary(account_id: UUID) -> QuerySet[Authenticator]:
    """What a sign-in can be finished with, recovery codes aside: they come with the first and go with the last."""
    rows: QuerySet[Authenticator] = Authenticator.objects.filter(user_id=account_id)
    return rows.exclude(type=Kind.RECOVERY_CODES).order_by("id")


def factors_of(account_id: UUID) -> list[Factor]:
    """The account's authenticators, oldest first; recovery codes are told by ``codes_left``."""
    return [
        Factor(row.id, row.type, row.data.get("name", ""), row.created_at, row.last_used_at)
        for row in primary(account_id)
    ]


def codes_left(account_id: UUID) -> int:
    """How many recovery codes are unused; 0 where there are none."""
    row = Authenticator.objects.filter(user_id=account_id, type=Kind.RECOVERY_CODES).first()
    return len(row.wrap().get_unused_codes()) if row else 0


def proof(session: Mapping[str, Any], account: Account, *, now: datetime) -> str | None:
    """By which second step this sign-in of allauth's came: one of ``Kind``, or None where it came by none.

    Raises ``NotSignedIn`` where it is older than ``FRESH_FOR``: a session that was left open is no sign-in.
    """
    records = session.get(AUTHENTICATION_METHODS_SESSION_KEY) or []
    if not records or records[-1]["at"] < (now - FRESH_FOR).timestamp():
        raise NotSignedIn(_("That sign-in is too long ago. Sign in again."))
    steps = [record for record in records if record["method"] == "mfa"]
    if not steps:
        return None
    row = Authenticator.objects.filter(user_id=account.id, id=steps[-1]["id"]).first()
    return row.type if row else None


def factor_demand(account: Account, factor: str | None) -> None:
    """Raise what is missing where ``factor`` is None: the second step, or that one be set up."""
    if factor is not None:
        return
    if primary(account.id).exists():
        raise SecondFactorNeeded(_("Type the six digits from your app, or use your passkey."))
    raise SecondFactorEnrol(_("Set up the second step first: an app that shows six digits, or a passkey."))


def factor_added(account: Account, kind: str, *, now: datetime) -> None:
    """Audit that ``kind`` was set up. Call it in the transaction that did."""
    _record(Actor(pseudonym=f"account:{account.id}"), "second_factor.added", account.id, now, kind=kind)


def factor_remove(*, account: Account, ids: list[int], now: datetime) -> None:
    """Take authenticators of one's own away. Raises ``Conflict`` for the last one, ``Absent`` for what is not there."""
    with transaction.atomic():
        Account.objects.select_for_update().get(id=account.id)  # two at once must not take one each of the last two
        rows = primary(account.id).filter(id__in=ids)
        kinds = list(rows.values_list("type", flat=True))
        if not kinds or len(kinds) < len(set(ids)):
            raise Absent()
        if not primary(account.id).exclude(id__in=ids).exists():
            raise Conflict(_("This is your last one. Add another first, then remove it."), code="last_factor")
        rows.delete()
        _record(Actor(pseudonym=f"account:{account.id}"), "second_factor.removed", account.id, now, kinds=kinds)


def recovery_renewed(account: Account, *, now: datetime) -> None:
    """Audit that the account drew new recovery codes; the old ones are dead. Call it in the transaction that did."""
    _record(Actor(pseudonym=f"account:{account.id}"), "recovery_codes.renewed", account.id, now)


def totp_keep(*, account: Account, secret: str, now: datetime) -> None:
    """Give ``account`` a known TOTP key (base32): the demonstration's, whose keys lie in a private file."""
    with transaction.atomic():
        TOTP.activate(account, secret)
        factor_added(account, Kind.TOTP, now=now)


def second_factor_reset(*, actor: Actor, grant_id: UUID, now: datetime) -> None:
    """Somebody lost telephone and paper: forget their second step, cut every browser of theirs and end sign-ins that
    are under way. At the next one a new second step is asked for.

    By who manages every role that person holds, and never by oneself. Raises ``Absent``, ``Conflict``.
    """
    with transaction.atomic():
        account = account_managed(actor, grant_id, now=now)
        Authenticator.objects.filter(user_id=account.id).delete()
        _sign_ins_end(account.id, now=now)
        ended = devices.devices_end(Device.objects.filter(account=account), now=now)
        _record(actor, "second_factor.reset", account.id, now, devices=ended)


def _sign_ins_end(account_id: UUID, *, now: datetime) -> None:
    """Whoever holds the lost telephone may be in the middle of one, and would set up the next second step. A session
    lasts a quarter of an hour and only a sign-in has one, so there are few to look through."""
    for session in Session.objects.filter(expire_date__gt=now):
        if session.get_decoded().get(SESSION_KEY) == str(account_id):
            session.delete()


def account_managed(actor: Actor, grant_id: UUID, *, now: datetime) -> Account:
    """The holder of a role, all of whose roles in force ``actor`` manages; held until commit.

    Else a leader could open the way to a treasurer who is the platform's administrator, too, or to another leader.
    """
    grant = devices.in_force(now).select_related("account").filter(id=grant_id).first()
    if grant is None:
        raise Absent()
    require_managed_all(actor, grant.account_id, now=now)
    if grant.account_id == actor.account_id:
        raise Conflict(_("You cannot do this to yourself. Ask an administrator."), code="not_oneself")
    return Account.objects.select_for_update().get(id=grant.account_id)


def require_managed_all(actor: Actor, account_id: UUID, *, now: datetime) -> None:
    """Raise ``Absent`` where the account holds a role in force that is none of ``actor``'s to manage."""
    for held in (
        devices.in_force(now).select_related("neighborhood", "household__neighborhood").filter(account_id=account_id)
    ):
        require_managed(actor, held)


def require_managed(actor: Actor, grant: RoleGrant) -> None:
    """Raise ``Absent`` where ``actor`` does not manage this role.

    A leader manages the helpers' and their own, not another leader's of the same neighborhood.
    """
    require(actor, Action.MANAGE_ROLES, place_of(grant))
    mine = grant.role in HELPERS or grant.account_id == actor.account_id
    if not mine and not actor.may(Action.MANAGE_PLATFORM):
        raise Absent()


def place_of(grant: RoleGrant) -> Place:
    """Where the role is held; nowhere in particular for the platform's."""
    return Place(devices.ward_of(grant), grant.neighborhood_id, grant.household_id)


def _record(actor: Actor, action: str, account_id: UUID, now: datetime, **facts: object) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=("account", account_id),
        ward_id=actor.ward_id,
        neighborhood_id=actor.neighborhood_id,
        data=facts,
        now=now,
    )
