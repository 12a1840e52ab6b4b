"""Money that households gave, and that was given back to them. Cash counts like a transfer."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q, Sum
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from backend.lib.text import clean_words
from neighborhoods.access import Action, Actor
from neighborhoods.fund.amounts import amount_of, past_day
from neighborhoods.fund.amounts import said as dong
from neighborhoods.fund.campaigns import campaign_held, record
from neighborhoods.fund.ledger import HOLDS, Account, Booking, Kind, entry_reverse, entry_write
from neighborhoods.models import BankRow, Campaign, Household, Method, Payment, Refund, ReversalReason

TWICE_WITHIN = timedelta(days=3)
"""The same amount from the same household within these days is probably one payment entered, or sent, twice."""


def household_of(campaign: Campaign, household_id: UUID) -> Household:
    """A household of the campaign's neighborhood, left or not, or one that gave something while it belonged there.

    Raises ``Absent``.
    """
    belongs = Q(neighborhood_id=campaign.neighborhood_id) | Q(id__in=campaign.payments.values("household_id"))
    household = Household.objects.filter(belongs, id=household_id).first()
    if household is None:
        raise Absent()
    return household


def payment_record(
    *,
    actor: Actor,
    campaign_id: UUID,
    household_id: UUID,
    amount: int,
    method: Method | str,
    paid_on: date,
    now: datetime,
    bank_row: BankRow | None = None,
) -> Payment:
    """A household gave ``amount``. Part of what it owes, more, or a second time: all is taken, and told (``notices``).

    Raises ``Absent``, ``BadInput``, ``Conflict`` with ``campaign_closed`` or ``bank_row_taken``.
    """
    amount, method = amount_of(amount), Method(method)
    past_day(paid_on, now=now, field="paid_on")
    with transaction.atomic():
        campaign = campaign_held(actor, Action.KEEP_FUND, campaign_id)
        household = household_of(campaign, household_id)
        if bank_row and Payment.objects.filter(bank_row=bank_row, reversed_at=None).exists():
            raise Conflict(_("That transfer has been booked already."), code="bank_row_taken")
        payment = Payment.objects.create(
            campaign=campaign, household=household, amount=amount, method=method, paid_on=paid_on,
            receipt_number=_next_receipt(campaign), bank_row=bank_row,
            recorded_by_id=actor.account_id, recorded_at=now,
        )  # fmt: skip
        booking = Booking(
            kind=Kind.PAYMENT, debit=HOLDS[method], credit=Account.CONTRIBUTIONS, amount=amount, happened_on=paid_on,
            payment=payment,
        )  # fmt: skip
        entry = entry_write(campaign, booking, now=now)
        record(
            actor, "payment.recorded", campaign, now, payment=payment.id, household=household.id, amount=amount,
            method=method.value, receipt=payment.receipt_number, entry=entry.number,
        )  # fmt: skip
    return payment


def payment_reverse(
    *, actor: Actor, payment_id: UUID, reason: ReversalReason | str, now: datetime, words: str = ""
) -> Payment:
    """Take back a payment that was entered wrongly: the receipt's number stays used, and says so. The row of the bank
    it was matched from waits again, because nothing that stands names it any more.

    Raises ``Absent``, ``BadInput``, ``Conflict``: ``reversed_already``, ``fund_short`` where the money has been spent,
    ``refund_exceeds`` where more was given back to the household than would be left.
    """
    why, said = reversal_words(reason, words)
    with transaction.atomic():
        payment = _payment_held(actor, payment_id)
        if payment.reversed_at is not None:
            raise Conflict(_("That has been taken back already."), code="reversed_already")
        if given_by(payment.campaign_id, payment.household_id) < payment.amount:
            told = _("Money was given back to the household for it. Take the refund back first.")
            raise Conflict(told, code="refund_exceeds")
        back = entry_reverse(payment.entries.get(reverses=None), now=now)
        payment.mark_reversed(actor.account_id, why, said, now)
        record(
            actor, "payment.reversed", payment.campaign, now, payment=payment.id, amount=payment.amount,
            reason=why.value, entry=back.number,
        )  # fmt: skip
    return payment


def refund_record(
    *,
    actor: Actor,
    campaign_id: UUID,
    household_id: UUID,
    amount: int,
    method: Method | str,
    paid_on: date,
    reason: Refund.Reason | str,
    now: datetime,
    words: str = "",
) -> Refund:
    """Money was given back to a household. Raises ``Absent``, ``BadInput``, ``Conflict``: ``refund_exceeds`` for more
    than the fund has of it, ``fund_short``."""
    amount, method, why = amount_of(amount), Method(method), Refund.Reason(reason)
    past_day(paid_on, now=now, field="paid_on")
    said = clean_words(words, field="words")
    with transaction.atomic():
        campaign = campaign_held(actor, Action.KEEP_FUND, campaign_id)
        household = household_of(campaign, household_id)
        if (given := given_by(campaign.id, household.id)) < amount:
            told = _("The household has given %(given)s đồng: no more can be given back.") % {"given": dong(given)}
            raise Conflict(told, code="refund_exceeds", fields={"amount": [told]})
        refund = Refund.objects.create(
            campaign=campaign, household=household, amount=amount, method=method, paid_on=paid_on, reason=why,
            words=said, recorded_by_id=actor.account_id, recorded_at=now,
        )  # fmt: skip
        booking = Booking(
            kind=Kind.REFUND, debit=Account.CONTRIBUTIONS, credit=HOLDS[method], amount=amount, happened_on=paid_on,
            refund=refund,
        )  # fmt: skip
        entry = entry_write(campaign, booking, now=now)
        record(
            actor, "refund.recorded", campaign, now, refund=refund.id, household=household.id, amount=amount,
            method=method.value, entry=entry.number,
        )  # fmt: skip
    return refund


def refund_reverse(
    *, actor: Actor, refund_id: UUID, reason: ReversalReason | str, now: datetime, words: str = ""
) -> Refund:
    """Take back a refund that was entered wrongly. Raises as ``payment_reverse`` does."""
    why, said = reversal_words(reason, words)
    with transaction.atomic():
        refund = Refund.objects.filter(id=refund_id).first()
        if refund is None:
            raise Absent()
        campaign = campaign_held(actor, Action.KEEP_FUND, refund.campaign_id)
        refund.refresh_from_db()
        if refund.reversed_at is not None:
            raise Conflict(_("That has been taken back already."), code="reversed_already")
        back = entry_reverse(refund.entries.get(reverses=None), now=now)
        refund.mark_reversed(actor.account_id, why, said, now)
        record(
            actor, "refund.reversed", campaign, now, refund=refund.id, amount=refund.amount, reason=why.value,
            entry=back.number,
        )  # fmt: skip
    return refund


def given_by(campaign_id: UUID, household_id: UUID) -> int:
    """What the campaign has of a household, in đồng."""
    mine = {"campaign_id": campaign_id, "household_id": household_id, "reversed_at": None}
    paid, back = (model.objects.filter(**mine).aggregate(all=Sum("amount"))["all"] for model in (Payment, Refund))
    return int(paid or 0) - int(back or 0)


def notices(payment: Payment, *, due: int) -> list[str]:
    """What whoever took the money should know: ``over`` (more than is due), ``twice`` (the same amount days ago)."""
    found = []
    if due and given_by(payment.campaign_id, payment.household_id) > due:
        found.append("over")
    alike = Payment.objects.filter(
        campaign_id=payment.campaign_id, household_id=payment.household_id, amount=payment.amount, reversed_at=None,
        paid_on__range=(payment.paid_on - TWICE_WITHIN, payment.paid_on + TWICE_WITHIN),
    )  # fmt: skip
    if alike.exclude(id=payment.id).exists():
        found.append("twice")
    return found


def entered_by_hand(campaign_id: UUID, household_id: UUID, amount: int, day: date) -> bool:
    """Whether such a transfer was written down within days of ``day`` without the bank's word: from a payer's screen.

    What the bank then tells is most probably that money, and two receipts for it would be one too many.
    """
    return Payment.objects.filter(
        campaign_id=campaign_id, household_id=household_id, amount=amount, method=Method.TRANSFER, bank_row=None,
        reversed_at=None, paid_on__range=(day - TWICE_WITHIN, day + TWICE_WITHIN),
    ).exists()  # fmt: skip


def reversal_words(reason: ReversalReason | str, words: str) -> tuple[ReversalReason, str]:
    """Why something is taken back. Raises ``BadInput`` where the reason is "other" and nothing is said."""
    why, said = ReversalReason(reason), clean_words(words, field="words")
    if why == ReversalReason.OTHER and not said:
        told = _("Write why.")
        raise BadInput(told, fields={"words": [told]})
    return why, said


def _payment_held(actor: Actor, payment_id: UUID) -> Payment:
    """The payment, its campaign held."""
    payment = Payment.objects.filter(id=payment_id).first()
    if payment is None:
        raise Absent()
    campaign = campaign_held(actor, Action.KEEP_FUND, payment.campaign_id)
    payment.refresh_from_db()
    payment.campaign = campaign
    return payment


def _next_receipt(campaign: Campaign) -> int:
    """1, 2, 3, … within the campaign, whose row is held."""
    return (campaign.payments.aggregate(last=Max("receipt_number"))["last"] or 0) + 1
