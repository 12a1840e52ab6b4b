"""Rows of money that came into the fund's account: taken in once, booked where their words leave no doubt.

A row waits in the queue until a payment names it, or a person has settled it. Locks: the account, then the campaign
(``payments``), then the audit.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _

from backend.lib.clock import vietnam_day
from backend.lib.errors import Absent, BadInput, Conflict, MatPhoError
from neighborhoods import audit, sealing
from neighborhoods.access import Action, Actor, Grant, Role, system
from neighborhoods.fund import memo, old_memos
from neighborhoods.fund.bank_accounts import account_locked, bank_account_for
from neighborhoods.fund.bank_messages import Transfer
from neighborhoods.fund.bank_sameness import known_row, next_ordinal, number_take, sameness_of
from neighborhoods.fund.payments import entered_by_hand, payment_record
from neighborhoods.models import BankAccount, BankRow, Campaign, Household, Method, Payment
from neighborhoods.places import within

RAW_KEPT = timedelta(days=30)
WORDS_KEPT = timedelta(days=90)
"""Of money that was none of the fund's: the account is usually the treasurer's own, and so was the money."""
SEALED_FOR = "bank message"


@dataclass(frozen=True, slots=True)
class Received:
    """``row`` is new where ``known`` is false; ``payment`` is what it was booked as."""

    row: BankRow
    known: bool
    payment: Payment | None = None


def transfer_receive(
    *,
    account: BankAccount,
    transfer: Transfer,
    came_by: str,
    now: datetime,
    raw: bytes = b"",
    taken: Collection[UUID] = (),
) -> Received:
    """Take in one transfer and book it where its words leave no doubt. What was taken in before is taken in no more.

    The caller has proven where it comes from and holds the account (``account_locked``), in a transaction. ``taken``:
    rows that other lines of the same statement stand for. Raises nothing about words: those wait in the queue.
    """
    known = known_row(account, transfer, came_by=came_by, taken=taken)
    if known is not None:
        if transfer.provider_id and (known.account_id != account.id or not known.provider_id):
            number_take(known, account, transfer.provider_id)
        return Received(known, known=True)
    sameness = sameness_of(transfer)
    row = BankRow.objects.create(
        account=account, provider_id=transfer.provider_id, sameness=sameness, ordinal=next_ordinal(account, sameness),
        amount=transfer.amount, occurred_at=transfer.occurred_at, content=transfer.content,
        reference=transfer.reference, came_by=came_by, raw=sealing.seal(SEALED_FOR, raw) if raw else None,
        raw_expires_at=now + RAW_KEPT if raw else None, received_at=now,
    )  # fmt: skip
    payment = _book(row, account, now)
    bank = bank_of(account.neighborhood_id)
    _record(bank, row, account, "bank_row.received", now, amount=row.amount, booked=payment is not None)
    return Received(row, known=False, payment=payment)


def bank_row_match(*, actor: Actor, row_id: UUID, household_id: UUID, campaign_id: UUID, now: datetime) -> Payment:
    """A person says whose money it is and what for. Raises ``Absent``, ``Conflict``: ``bank_row_taken``,
    ``bank_row_settled``, ``campaign_closed``."""
    with transaction.atomic():
        row, account = _waiting_row(actor, row_id)
        if not Campaign.objects.filter(id=campaign_id, neighborhood_id=account.neighborhood_id).exists():
            raise Absent()
        payment = payment_record(
            actor=actor, campaign_id=campaign_id, household_id=household_id, amount=row.amount,
            method=Method.TRANSFER, paid_on=vietnam_day(row.occurred_at), now=now, bank_row=row,
        )  # fmt: skip
        _record(actor, row, account, "bank_row.matched", now, payment=payment.id)
    return payment


def bank_row_return(*, actor: Actor, row_id: UUID, now: datetime) -> BankRow:
    """The money was sent back to whoever sent it. It never was the fund's, so no ledger knows of it.

    Raises ``Absent``, ``Conflict`` as ``bank_row_match`` does.
    """
    return _settle(actor, row_id, BankRow.Settled.RETURNED, "", now)


def bank_row_ignore(*, actor: Actor, row_id: UUID, why: BankRow.Why | str, now: datetime) -> BankRow:
    """It is none of the fund's: interest, the treasurer's own, counted in cash already. Raises ``BadInput`` too."""
    if why not in BankRow.Why.values:
        reason = _("Choose the reason from the list.")
        raise BadInput(reason, fields={"why": [reason]})
    return _settle(actor, row_id, BankRow.Settled.IGNORED, str(why), now)


def bank_row_reopen(*, actor: Actor, row_id: UUID, now: datetime) -> BankRow:
    """Back into the queue, where it was returned or ignored by mistake. Of a booked row, take the payment back."""
    with transaction.atomic():
        row, account = _held(actor, row_id)
        if not row.settled:
            raise Conflict(_("This transfer is waiting, or booked."), code="bank_row_open")
        row.settled, row.why, row.settled_at, row.settled_by = "", "", None, None
        row.save(update_fields=["settled", "why", "settled_at", "settled_by"])
        _record(actor, row, account, "bank_row.reopened", now)
    return row


def bank_rows_for(actor: Actor) -> QuerySet[BankRow]:
    """The rows of the accounts whose fund the actor keeps, each with ``payment_id`` where it is booked."""
    rows = _with_payment(BankRow.objects.select_related("account__neighborhood").order_by("-occurred_at", "-id"))
    return rows.filter(within(actor, Action.KEEP_FUND, "account__neighborhood"))


def booked_as(row: BankRow) -> UUID | None:
    """The payment that a row of ``bank_rows_for`` is booked as."""
    found: UUID | None = getattr(row, "payment_id", None)
    return found


def waiting(rows: QuerySet[BankRow]) -> QuerySet[BankRow]:
    """Those of ``rows`` that nobody has booked or settled."""
    return rows.filter(~Exists(_standing()), settled="")


def waiting_total(neighborhood_id: UUID) -> tuple[int, int]:
    """How many transfers wait, and how much money in đồng. The public page says it: it is in no campaign's ledger."""
    rows = waiting(BankRow.objects.filter(account__neighborhood_id=neighborhood_id))
    found = rows.aggregate(all=Sum("amount"))["all"]
    return rows.count(), int(found or 0)


def reading_of(content: str, neighborhood_id: UUID, selector: str) -> memo.Reading:
    """Whom the words of a transfer name, of this neighborhood. Households that left are read too: theirs is theirs."""
    return readings_of([content], neighborhood_id, selector)[0]


def readings_of(contents: Sequence[str], neighborhood_id: UUID, selector: str) -> list[memo.Reading]:
    """The same for many, with three questions to the database."""
    codes = list(Campaign.objects.filter(neighborhood_id=neighborhood_id).values_list("code", flat=True))
    numbers = frozenset(Household.objects.filter(neighborhood_id=neighborhood_id).values_list("number", flat=True))
    papers = old_memos.papers_of(neighborhood_id)
    here = [memo.read(one, selector=selector, campaigns=codes, households=numbers) for one in contents]
    return [old_memos.read(one, papers, codes) or found for one, found in zip(contents, here, strict=True)]


def bank_of(neighborhood_id: UUID) -> Actor:
    """Who books by itself: it keeps the fund of this one neighborhood, and nothing else."""
    return system("bank", Grant(Role.TREASURER, neighborhood_id=neighborhood_id))


def raws_expire(*, now: datetime) -> int:
    """Forget the messages as they came, after 30 days; returns how many."""
    old = BankRow.objects.filter(raw_expires_at__lt=now)
    return old.update(raw=None, raw_expires_at=None)


def strangers_forget(*, now: datetime) -> int:
    """Forget the words of what was sent back or set aside 90 days ago; returns how many. The row stays, with its
    amount: told of again, it is known (``sameness``)."""
    old = BankRow.objects.filter(~Q(settled=""), ~Q(content="", reference=""), settled_at__lt=now - WORDS_KEPT)
    return old.update(content="", reference="")


def _book(row: BankRow, account: BankAccount, now: datetime) -> Payment | None:
    """The payment its words name with certainty; ``None`` leaves it in the queue.

    A closed campaign, a household that left, a day that lies ahead, the same transfer entered by hand: nothing to
    refuse the bank for, a person decides.
    """
    reading = reading_of(row.content, account.neighborhood_id, account.neighborhood.selector)
    if reading.certainty is not memo.Certainty.EXACT:
        return None
    named = reading.candidates[0]
    campaign = Campaign.objects.filter(neighborhood_id=account.neighborhood_id, code=named.campaign).first()
    household = Household.objects.filter(
        neighborhood_id=account.neighborhood_id, number=named.household, left_at=None
    ).first()
    day = vietnam_day(row.occurred_at)
    if campaign is None or household is None or entered_by_hand(campaign.id, household.id, row.amount, day):
        return None
    bank = bank_of(account.neighborhood_id)
    try:
        with transaction.atomic():
            return payment_record(
                actor=bank, campaign_id=campaign.id, household_id=household.id, amount=row.amount,
                method=Method.TRANSFER, paid_on=day, now=now, bank_row=row,
            )  # fmt: skip
    except MatPhoError:
        return None


def _settle(actor: Actor, row_id: UUID, how: BankRow.Settled, why: str, now: datetime) -> BankRow:
    with transaction.atomic():
        row, account = _waiting_row(actor, row_id)
        row.settled, row.why, row.settled_at, row.settled_by_id = how, why, now, actor.account_id
        row.save(update_fields=["settled", "why", "settled_at", "settled_by"])
        _record(actor, row, account, f"bank_row.{how.value}", now, amount=row.amount, why=why or None)
    return row


def _waiting_row(actor: Actor, row_id: UUID) -> tuple[BankRow, BankAccount]:
    row, account = _held(actor, row_id)
    if row.settled:
        raise Conflict(_("This transfer has been settled already."), code="bank_row_settled")
    if Payment.objects.filter(bank_row_id=row.id, reversed_at=None).exists():
        raise Conflict(_("That transfer has been booked already."), code="bank_row_taken")
    return row, account


def _held(actor: Actor, row_id: UUID) -> tuple[BankRow, BankAccount]:
    """The row, its account held to commit. Absent and forbidden are the same ``Absent``."""
    found = BankRow.objects.filter(id=row_id).values_list("account_id", flat=True).first()
    if found is None:
        raise Absent()
    bank_account_for(actor, found)
    account = account_locked(found)
    return BankRow.objects.get(id=row_id), account


def _standing() -> QuerySet[Payment]:
    return Payment.objects.filter(bank_row_id=OuterRef("id"), reversed_at=None)


def _with_payment(rows: QuerySet[BankRow]) -> QuerySet[BankRow]:
    return rows.annotate(payment_id=Subquery(_standing().values("id")[:1]))


def _record(actor: Actor, row: BankRow, account: BankAccount, action: str, now: datetime, **facts: object) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=("bank_row", row.id),
        ward_id=account.neighborhood.ward_id,
        neighborhood_id=account.neighborhood_id,
        data=facts,
        now=now,
    )
