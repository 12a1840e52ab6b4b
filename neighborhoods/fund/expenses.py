"""Expenses: every đồng that leaves the fund, with its receipt, and above the campaign's limit with a second person.

What waits for the second person is not in the ledger: the money goes out when it is approved.
"""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from backend.lib.text import clean_name, clean_words
from neighborhoods.access import Action, Actor, require
from neighborhoods.fund.amounts import amount_of, past_day
from neighborhoods.fund.campaigns import campaign_for, campaign_held, place_of, record
from neighborhoods.fund.ledger import HOLDS, Account, Booking, Kind, entry_reverse, entry_write
from neighborhoods.fund.payments import reversal_words
from neighborhoods.models import Campaign, Expense, LedgerEntry, Method, Paper, ReversalReason
from neighborhoods.papers import paper_of

KNOWS_CAMERA: list[Callable[[UUID, UUID], bool]] = []
"""Whether a neighborhood has a camera. Added in ``AppConfig.ready`` by those who keep cameras: they know us, and not we
them."""


def expenses_of(actor: Actor, campaign_id: UUID) -> QuerySet[Expense]:
    """Of one campaign: what was spent, and to those who tend the fund also what waits or was refused."""
    campaign = campaign_for(actor, Action.SEE_FUND, campaign_id)
    rows = campaign.expenses.select_related("receipt").order_by("id")
    return rows if actor.role_at(place_of(campaign), Action.TEND_FUND) else rows.filter(state__in=Expense.SPENT)


def expense_for(actor: Actor, expense_id: UUID) -> Expense:
    """Load and authorise; what is not spent is there for those alone who tend the fund."""
    expense = Expense.objects.select_related("campaign__neighborhood").filter(id=expense_id).first()
    if expense is None:
        raise Absent()
    require(actor, Action.SEE_FUND if expense.state in Expense.SPENT else Action.TEND_FUND, place_of(expense.campaign))
    return expense


def expense_record(
    *,
    actor: Actor,
    campaign_id: UUID,
    amount: int,
    method: Method | str,
    paid_on: date,
    what: str,
    payee: str,
    category: Expense.Category | str,
    now: datetime,
    receipt_id: UUID | None = None,
    camera_id: UUID | None = None,
) -> Expense:
    """Money was spent; above ``campaign.approval_above`` it waits until a second person has looked at it.

    Raises ``Absent``, ``BadInput``, ``Conflict`` ``fund_short`` for more than the drawer or the account holds.
    """
    amount, method = amount_of(amount), Method(method)
    past_day(paid_on, now=now, field="paid_on")
    words = {"what": clean_name(what, field="what", longest=200), "payee": clean_name(payee, field="payee")}
    with transaction.atomic():
        campaign = campaign_held(actor, Action.KEEP_FUND, campaign_id)
        _check_camera(campaign, camera_id)
        waits = amount > campaign.approval_above
        expense = Expense.objects.create(
            campaign=campaign, amount=amount, method=method, paid_on=paid_on, category=Expense.Category(category),
            receipt=paper_of(campaign.neighborhood_id, Paper.Kind.RECEIPT, receipt_id, field="receipt"),
            camera_id=camera_id, state=Expense.State.WAITING if waits else Expense.State.RECORDED,
            recorded_by_id=actor.account_id, recorded_at=now, **words,
        )  # fmt: skip
        facts = {"expense": expense.id, "amount": amount, "method": method.value, "receipt": expense.receipt_id}
        if waits:
            record(actor, "expense.waiting", campaign, now, **facts)
        else:
            entry = _book(campaign, expense, now)
            record(actor, "expense.recorded", campaign, now, entry=entry.number, **facts)
    return expense


def expense_approve(*, actor: Actor, expense_id: UUID, now: datetime) -> Expense:
    """The second person says yes, and the money goes out.

    Raises ``Absent``, ``Conflict``: ``same_person``, ``expense_decided``, ``fund_short``.
    """
    with transaction.atomic():
        expense, campaign = _decided(actor, expense_id, Expense.State.APPROVED, now)
        entry = _book(campaign, expense, now)
        record(actor, "expense.approved", campaign, now, expense=expense.id, amount=expense.amount, entry=entry.number)
    return expense


def expense_refuse(*, actor: Actor, expense_id: UUID, words: str, now: datetime) -> Expense:
    """The second person says no, and why. Raises as ``expense_approve`` does, ``BadInput`` where nothing is said."""
    said = clean_words(words, field="words")
    if not said:
        told = _("Write why.")
        raise BadInput(told, fields={"words": [told]})
    with transaction.atomic():
        expense, campaign = _decided(actor, expense_id, Expense.State.REFUSED, now)
        expense.refusal = said
        expense.save(update_fields=["refusal"])
        record(actor, "expense.refused", campaign, now, expense=expense.id, amount=expense.amount)
    return expense


def expense_attach(*, actor: Actor, expense_id: UUID, receipt_id: UUID, now: datetime) -> Expense:
    """Hang a receipt on an expense that has none yet: shops send theirs later. One that hangs there stays."""
    with transaction.atomic():
        expense, campaign = _held(actor, Action.KEEP_FUND, expense_id)
        paper = paper_of(campaign.neighborhood_id, Paper.Kind.RECEIPT, receipt_id, field="receipt")
        if expense.receipt_id is not None:
            raise Conflict(_("The expense has its receipt already."), code="receipt_there")
        expense.receipt = paper
        expense.save(update_fields=["receipt"])
        record(actor, "expense.receipt_attached", campaign, now, expense=expense.id, receipt=receipt_id)
    return expense


def expense_reverse(
    *, actor: Actor, expense_id: UUID, reason: ReversalReason | str, now: datetime, words: str = ""
) -> Expense:
    """Take back an expense that was entered wrongly. Raises ``Absent``, ``BadInput``, ``Conflict``."""
    why, said = reversal_words(reason, words)
    with transaction.atomic():
        expense, campaign = _held(actor, Action.KEEP_FUND, expense_id)
        if expense.reversed_at is not None:
            raise Conflict(_("That has been taken back already."), code="reversed_already")
        if not expense.is_spent:
            raise Conflict(_("That expense is not in the book."), code="expense_decided")
        back = entry_reverse(expense.entries.get(reverses=None), now=now)
        expense.mark_reversed(actor.account_id, why, said, now)
        record(
            actor, "expense.reversed", campaign, now, expense=expense.id, amount=expense.amount, reason=why.value,
            entry=back.number,
        )  # fmt: skip
    return expense


def _held(actor: Actor, action: Action, expense_id: UUID) -> tuple[Expense, Campaign]:
    """The expense, its campaign held."""
    expense = Expense.objects.filter(id=expense_id).first()
    if expense is None:
        raise Absent()
    campaign = campaign_held(actor, action, expense.campaign_id)
    expense.refresh_from_db()
    return expense, campaign


def _decided(actor: Actor, expense_id: UUID, state: Expense.State, now: datetime) -> tuple[Expense, Campaign]:
    """Somebody else than who recorded it decides: an account that is not theirs, and that is known."""
    expense, campaign = _held(actor, Action.APPROVE_EXPENSE, expense_id)
    if actor.account_id is None or expense.recorded_by_id in (None, actor.account_id):
        raise Conflict(_("Somebody else than who recorded it has to decide."), code="same_person")
    decided = Expense.objects.filter(id=expense.id, state=Expense.State.WAITING)
    if not decided.update(state=state, decided_by_id=actor.account_id, decided_at=now):
        raise Conflict(_("That expense has been decided already."), code="expense_decided")
    expense.refresh_from_db()
    return expense, campaign


def _book(campaign: Campaign, expense: Expense, now: datetime) -> LedgerEntry:
    booking = Booking(
        kind=Kind.EXPENSE, debit=Account.SPENDING, credit=HOLDS[Method(expense.method)], amount=expense.amount,
        happened_on=expense.paid_on, expense=expense,
    )  # fmt: skip
    return entry_write(campaign, booking, now=now)


def _check_camera(campaign: Campaign, camera_id: UUID | None) -> None:
    if camera_id and not any(knows(campaign.neighborhood_id, camera_id) for knows in KNOWS_CAMERA):
        reason = _("There is no such camera here.")
        raise BadInput(reason, fields={"camera": [reason]})
