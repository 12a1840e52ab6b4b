"""The ledger: double entry, whole đồng, append-only, corrected by reversing entries alone.

Every function here runs inside the verb's transaction, with the campaign's row held (``campaigns.campaign_held``): the
next number and the check that there is enough are then nobody else's.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from backend.lib.clock import vietnam_day
from backend.lib.errors import Absent, Conflict
from neighborhoods.access import Action, Actor
from neighborhoods.fund.amounts import amount_of, past_day, said
from neighborhoods.fund.arithmetic import HELD
from neighborhoods.fund.balances import balance as balance
from neighborhoods.fund.balances import balances as balances
from neighborhoods.fund.campaigns import campaign_held, record
from neighborhoods.models import Campaign, Expense, LedgerEntry, Method, Payment, Refund

Account = LedgerEntry.Account
Kind = LedgerEntry.Kind

HOLDS = {Method.CASH: Account.CASH, Method.TRANSFER: Account.BANK}
"""Which account money of each method lies in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """An entry to be: what it books, and which way the money goes."""

    kind: Kind
    debit: Account
    credit: Account
    amount: int
    happened_on: date
    payment: Payment | None = None
    refund: Refund | None = None
    expense: Expense | None = None


def entry_write(campaign: Campaign, booking: Booking, *, now: datetime) -> LedgerEntry:
    """Append an entry under the next number. Raises ``Conflict`` ``fund_short`` for money that is not there."""
    _enough(campaign.id, booking.credit, booking.amount)
    return LedgerEntry.objects.create(
        campaign=campaign,
        number=_next_number(campaign.id),
        kind=booking.kind,
        debit=booking.debit,
        credit=booking.credit,
        amount=booking.amount,
        happened_on=booking.happened_on,
        recorded_at=now,
        payment=booking.payment,
        refund=booking.refund,
        expense=booking.expense,
    )


def entry_reverse(entry: LedgerEntry, *, now: datetime) -> LedgerEntry:
    """Append the entry that takes ``entry`` back: the same amount, the two sides exchanged, today.

    Raises ``Conflict``: ``reversed_already``, ``fund_short`` where the money has been spent since.
    """
    if entry.reverses_id is not None or LedgerEntry.objects.filter(reverses=entry).exists():
        raise Conflict(_("That has been taken back already."), code="reversed_already")
    _enough(entry.campaign_id, entry.debit, entry.amount)
    return LedgerEntry.objects.create(
        campaign_id=entry.campaign_id,
        number=_next_number(entry.campaign_id),
        kind=entry.kind,
        debit=entry.credit,
        credit=entry.debit,
        amount=entry.amount,
        happened_on=vietnam_day(now),
        recorded_at=now,
        reverses=entry,
        payment_id=entry.payment_id,
        refund_id=entry.refund_id,
        expense_id=entry.expense_id,
    )


def deposit(*, actor: Actor, campaign_id: UUID, amount: int, happened_on: date, now: datetime) -> LedgerEntry:
    """Cash was carried to the bank. Raises ``Absent``, ``BadInput``, ``Conflict`` ``fund_short``."""
    return _carry(actor, campaign_id, Kind.DEPOSIT, amount, happened_on, now)


def withdraw(*, actor: Actor, campaign_id: UUID, amount: int, happened_on: date, now: datetime) -> LedgerEntry:
    """Cash was taken from the bank. Raises as ``deposit`` does."""
    return _carry(actor, campaign_id, Kind.WITHDRAWAL, amount, happened_on, now)


def carried_reverse(*, actor: Actor, entry_id: UUID, now: datetime) -> LedgerEntry:
    """Take back a deposit or a withdrawal that was entered wrongly."""
    with transaction.atomic():
        entry = LedgerEntry.objects.filter(id=entry_id, kind__in=(Kind.DEPOSIT, Kind.WITHDRAWAL)).first()
        if entry is None:
            raise Absent()
        campaign = campaign_held(actor, Action.KEEP_FUND, entry.campaign_id)
        back = entry_reverse(entry, now=now)
        record(actor, f"{entry.kind}.reversed", campaign, now, amount=entry.amount, entry=back.number)
    return back


def _carry(actor: Actor, campaign_id: UUID, kind: Kind, amount: int, happened_on: date, now: datetime) -> LedgerEntry:
    amount = amount_of(amount)
    past_day(happened_on, now=now, field="happened_on")
    debit, credit = (Account.BANK, Account.CASH) if kind == Kind.DEPOSIT else (Account.CASH, Account.BANK)
    with transaction.atomic():
        campaign = campaign_held(actor, Action.KEEP_FUND, campaign_id)
        booking = Booking(kind=kind, debit=debit, credit=credit, amount=amount, happened_on=happened_on)
        entry = entry_write(campaign, booking, now=now)
        record(actor, f"{kind}.recorded", campaign, now, amount=amount, entry=entry.number)
    return entry


def _next_number(campaign_id: UUID) -> int:
    return (LedgerEntry.objects.filter(campaign_id=campaign_id).aggregate(last=Max("number"))["last"] or 0) + 1


def _enough(campaign_id: UUID, account: str, amount: int) -> None:
    """Nobody gives out more than the drawer or the account holds."""
    if account in HELD and (there := balance(campaign_id).of(account)) < amount:
        words = {"there": said(there), "amount": said(amount)}
        if account == Account.CASH:
            raise Conflict(_("The drawer holds %(there)s đồng in cash, not %(amount)s.") % words, code="fund_short")
        raise Conflict(_("The bank account holds %(there)s đồng, not %(amount)s.") % words, code="fund_short")
