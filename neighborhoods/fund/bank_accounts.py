"""The account that transfers go to, and the webhook by which a bank's messenger tells of them.

The secret is either ours, shown once and typed at the messenger's (SePay's ``Apikey``), or the messenger's, typed here
(SePay's HMAC key, Casso's checksum key). It is needed in clear at every message, so it is kept sealed, not hashed.
"""

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.lib.ascii import ascii_text
from backend.lib.errors import Absent, BadInput, Conflict
from neighborhoods import audit, sealing
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.fund.banks import BANKS
from neighborhoods.models import BankAccount, Neighborhood
from neighborhoods.places import neighborhood_for, within

SEALED_FOR = "bank account"
PREFIX = "mpb_"
NUMBER = re.compile(r"[0-9A-Z]{4,19}")
SECRET = re.compile(r"[!-~]{16,200}")
LONGEST_HOLDER = 80
TOLD_FOR = timedelta(days=14)
"""How long the leader's overview tells of a new account."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An account and its messenger's secret, which is shown now and never again. Empty without a messenger."""

    account: BankAccount
    secret: str = field(repr=False)


def bank_account_add(
    *,
    actor: Actor,
    neighborhood_id: UUID,
    bank_bin: str,
    account_number: str,
    holder: str,
    now: datetime,
    provider: str = BankAccount.Provider.NONE,
    secret: str = "",
) -> Opened:
    """Where transfers go from now on: QR codes name the newest open account, older ones still hear of their money.

    Raises ``Absent``, ``BadInput`` by field, ``Conflict`` (``bank_account_taken``).
    """
    if bank_bin not in BANKS:
        raise _refuse("bank_bin", _("Choose the bank from the list."))
    number = re.sub(r"[ .\-]", "", account_number).upper()
    if not NUMBER.fullmatch(number):
        raise _refuse("account_number", _("An account number has 4 to 19 digits."))
    name = ascii_text(holder).upper()
    if not 2 <= len(name) <= LONGEST_HOLDER:
        raise _refuse("holder", _("Write the account holder's name as it stands at the bank."))
    if provider not in BankAccount.Provider.values:
        raise _refuse("provider", _("SePay, Casso, or none."))
    kept = _secret_for(provider, secret)
    with transaction.atomic():
        neighborhood = neighborhood_for(actor, Action.KEEP_FUND, neighborhood_id)
        try:
            with transaction.atomic():
                account = BankAccount.objects.create(
                    neighborhood=neighborhood, bank_bin=bank_bin, bank_name=BANKS[bank_bin], account_number=number,
                    holder=name, provider=provider, secret=_sealed(kept), opened_by_id=actor.account_id,
                    created_at=now,
                )  # fmt: skip
        except IntegrityError:
            raise Conflict(_("This account is on the list already."), code="bank_account_taken") from None
        _record(actor, account, "bank_account.added", now, provider=provider)
    return Opened(account, kept)


def bank_account_rotate_secret(*, actor: Actor, account_id: UUID, now: datetime, secret: str = "") -> Opened:
    """Another secret: the next message under the old one is refused.

    Raises ``Absent``, ``BadInput``, ``Conflict`` where it is closed (``bank_account_closed``) or has no messenger.
    """
    with transaction.atomic():
        account = bank_account_held(actor, account_id)
        if account.provider == BankAccount.Provider.NONE:
            raise Conflict(_("Nobody sends messages of this account."), code="no_bank_messenger")
        kept = _secret_for(account.provider, secret)
        account.secret = _sealed(kept)
        account.save(update_fields=["secret"])
        _record(actor, account, "bank_account.secret_changed", now)
    return Opened(account, kept)


def bank_account_close(*, actor: Actor, account_id: UUID, now: datetime) -> BankAccount:
    """No QR names it any more and its messenger is refused. Its rows stay. Twice is once. Raises ``Absent``."""
    with transaction.atomic():
        account = bank_account_for(actor, account_id)
        if BankAccount.objects.filter(id=account.id, closed_at=None).update(closed_at=now):
            account.closed_at = now
            _record(actor, account, "bank_account.closed", now)
    return account


def bank_accounts_for(actor: Actor) -> QuerySet[BankAccount]:
    """Those whose fund the actor keeps, the closed ones included."""
    rows = BankAccount.objects.select_related("neighborhood__ward").order_by("id")
    return rows.filter(within(actor, Action.KEEP_FUND))


def bank_accounts_new(actor: Actor, *, now: datetime) -> QuerySet[BankAccount]:
    """Accounts that were entered within ``TOLD_FOR`` where the actor is the second pair of eyes. Whoever keeps the fund
    enters them alone, and every QR code names them from then on: who leads must not find out by chance."""
    there = within(actor, Action.APPROVE_EXPENSE)
    return BankAccount.objects.filter(there, closed_at=None, created_at__gt=now - TOLD_FOR)


def bank_account_for(actor: Actor, account_id: UUID) -> BankAccount:
    """One of them; absent and forbidden are the same ``Absent``."""
    account = BankAccount.objects.select_related("neighborhood__ward").filter(id=account_id).first()
    if account is None:
        raise Absent()
    require(actor, Action.KEEP_FUND, place_of(account))
    return account


def bank_account_held(actor: Actor, account_id: UUID) -> BankAccount:
    """The same, open, and held until commit: messages and statements of one account come one after the other.

    Raises ``Absent``, ``Conflict`` (``bank_account_closed``).
    """
    bank_account_for(actor, account_id)
    account = account_locked(account_id)
    if account.closed_at is not None:
        raise Conflict(_("This account is closed."), code="bank_account_closed")
    return account


def account_locked(account_id: UUID) -> BankAccount:
    """The row, held until commit, for whatever writes rows of money.

    The neighborhood is held before it, as by a merge, which moves the account; the campaign's row comes after.
    """
    place = BankAccount.objects.values_list("neighborhood_id", flat=True).get(id=account_id)
    Neighborhood.objects.select_for_update(no_key=True).get(id=place)
    held = BankAccount.objects.select_for_update(of=("self",), no_key=True).select_related("neighborhood__ward")
    return held.get(id=account_id)


def account_for_transfers(neighborhood_id: UUID) -> BankAccount | None:
    """The newest open account: the one QR codes name."""
    return BankAccount.objects.filter(neighborhood_id=neighborhood_id, closed_at=None).order_by("-id").first()


def secret_of(account: BankAccount | None) -> bytes:
    """What its messenger proves itself with. Where there is none, a secret that nobody knows, after the same work.

    Raises ``ValueError`` where the key in ``secrets.json`` does not open it.
    """
    sealed = bytes(account.secret) if account is not None else b""
    return sealing.unseal(SEALED_FOR, sealed or _nobodys())


def place_of(account: BankAccount) -> Place:
    return Place(ward_id=account.neighborhood.ward_id, neighborhood_id=account.neighborhood_id)


def _secret_for(provider: str, given: str) -> str:
    """The messenger's own where it has one, else a new one of ours. None without a messenger."""
    given = given.strip()
    if provider == BankAccount.Provider.NONE:
        return ""
    if provider == BankAccount.Provider.CASSO and not given:
        raise _refuse("secret", _("Casso makes the key: copy it from there."))
    if given and not SECRET.fullmatch(given):
        raise _refuse("secret", _("A key has 16 to 200 letters, digits and signs, without spaces."))
    return given or PREFIX + secrets.token_urlsafe(32)


@cache
def _nobodys() -> bytes:
    return sealing.seal(SEALED_FOR, secrets.token_bytes(48))


def _sealed(secret: str) -> bytes:
    return sealing.seal(SEALED_FOR, secret.encode()) if secret else b""


def _refuse(field: str, reason: str) -> BadInput:
    return BadInput(reason, code="bad_bank_account", fields={field: [reason]})


def _record(actor: Actor, account: BankAccount, action: str, now: datetime, **facts: object) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=("bank_account", account.id),
        ward_id=account.neighborhood.ward_id,
        neighborhood_id=account.neighborhood_id,
        data=facts,
        now=now,
    )
