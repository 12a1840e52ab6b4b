"""What the fund received, gave back and spent, and the ledger in which each of them is one entry.

Amounts are whole đồng. Rows of ``LedgerEntry`` are never changed: triggers refuse it (``triggers.py``).
"""

from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from backend.lib.clock import now
from backend.lib.ids import new_id
from neighborhoods.models.accounts import Account
from neighborhoods.models.fund import Campaign, amount_check
from neighborhoods.models.papers import Paper
from neighborhoods.models.people import Household


class Method(models.TextChoices):
    """How money changes hands, and so which account holds it."""

    CASH = "cash"
    TRANSFER = "transfer"


class ReversalReason(models.TextChoices):
    WRONG_HOUSEHOLD = "wrong_household"
    WRONG_CAMPAIGN = "wrong_campaign"
    WRONG_AMOUNT = "wrong_amount"
    ENTERED_TWICE = "entered_twice"
    MONEY_NOT_RECEIVED = "money_not_received"
    OTHER = "other"


class Reversible(models.Model):
    """What can be taken back by a reversing entry, once. The row stays as it was, with why."""

    reversed_at = models.DateTimeField(null=True, blank=True)
    reversed_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reversed_reason = models.CharField(max_length=20, choices=ReversalReason, blank=True)
    reversed_words = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True

    def mark_reversed(self, account_id: UUID | None, reason: str, words: str, now: datetime) -> None:
        self.reversed_at, self.reversed_by_id = now, account_id
        self.reversed_reason, self.reversed_words = reason, words
        self.save(update_fields=["reversed_at", "reversed_by", "reversed_reason", "reversed_words"])


class Payment(Reversible):
    """A household gave money. Its receipt has the next number of the campaign, without a gap."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="payments")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="payments")
    amount = models.BigIntegerField()
    method = models.CharField(max_length=8, choices=Method)
    paid_on = models.DateField()
    """The day in Vietnam."""
    receipt_number = models.PositiveIntegerField()
    bank_row = models.ForeignKey(
        "neighborhoods.BankRow", on_delete=models.PROTECT, null=True, blank=True, related_name="payments"
    )
    """The row of the bank it was matched from, which one payment at most stands for."""
    recorded_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "receipt_number"], name="receipt_number_once"),
            models.UniqueConstraint(
                fields=["bank_row"], condition=Q(reversed_at__isnull=True), name="bank_row_paid_once"
            ),
            models.CheckConstraint(
                condition=Q(bank_row__isnull=True) | Q(method=Method.TRANSFER), name="bank_row_is_a_transfer"
            ),
            amount_check("payment_amount"),
        ]


class Refund(Reversible):
    """Money given back to a household, never more than it paid."""

    class Reason(models.TextChoices):
        OVERPAID = "overpaid"
        PAID_TWICE = "paid_twice"
        CAMPAIGN_ENDED = "campaign_ended"
        ASKED = "asked"
        OTHER = "other"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="refunds")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="refunds")
    amount = models.BigIntegerField()
    method = models.CharField(max_length=8, choices=Method)
    paid_on = models.DateField()
    reason = models.CharField(max_length=16, choices=Reason)
    words = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["id"]
        constraints = [amount_check("refund_amount")]


class Expense(Reversible):
    """Money spent, seen by everybody. It stands in the ledger once it is recorded or, above the limit, approved."""

    class Category(models.TextChoices):
        PURCHASE = "purchase"
        REPAIR = "repair"
        ELECTRICITY = "electricity"
        OTHER = "other"

    class State(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        REFUSED = "refused"
        RECORDED = "recorded"

    SPENT = (State.APPROVED, State.RECORDED)
    """In the book, taken back since or not."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="expenses")
    amount = models.BigIntegerField()
    method = models.CharField(max_length=8, choices=Method)
    paid_on = models.DateField()
    what = models.CharField(max_length=200)
    payee = models.CharField(max_length=120)
    """A shop, a company, a craftsman, as the receipt names them. It is public."""
    category = models.CharField(max_length=12, choices=Category)
    receipt = models.ForeignKey(Paper, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    camera_id = models.UUIDField(null=True, blank=True)
    """What it bought or repaired. Cameras are above us: their id is all we know."""
    state = models.CharField(max_length=8, choices=State)
    recorded_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=now)
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """Who approved or refused it: never who recorded it."""
    decided_at = models.DateTimeField(null=True, blank=True)
    refusal = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["camera_id"], condition=Q(camera_id__isnull=False), name="expense_of_camera")]
        constraints = [
            amount_check("expense_amount"),
            models.CheckConstraint(
                condition=Q(state="recorded", decided_by__isnull=True, decided_at__isnull=True)
                | Q(state="waiting", decided_by__isnull=True, decided_at__isnull=True)
                | Q(state__in=["approved", "refused"], decided_by__isnull=False, decided_at__isnull=False),
                name="expense_is_decided_by_somebody",
            ),
            # Two pairs of eyes; who recorded it is known wherever somebody decides.
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | (Q(recorded_by__isnull=False) & ~Q(decided_by=F("recorded_by"))),
                name="expense_has_two_people",
            ),
            models.CheckConstraint(
                condition=Q(reversed_at__isnull=True) | Q(state__in=["approved", "recorded"]),
                name="expense_reversed_had_been_spent",
            ),
        ]

    @property
    def is_spent(self) -> bool:
        """Whether the money has left the fund and has not come back."""
        return self.state in self.SPENT and self.reversed_at is None


class LedgerEntry(models.Model):
    """One amount from one account of the campaign to another: every row balances by its form.

    Append-only. A mistake is corrected by an entry with the sides exchanged that names it (``reverses``), once.
    """

    class Account(models.TextChoices):
        CASH = "cash"
        BANK = "bank"
        CONTRIBUTIONS = "contributions"
        SPENDING = "spending"

    class Kind(models.TextChoices):
        PAYMENT = "payment"
        REFUND = "refund"
        EXPENSE = "expense"
        DEPOSIT = "deposit"  # cash carried to the bank
        WITHDRAWAL = "withdrawal"  # and fetched from it

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField()
    """1, 2, 3, … within the campaign."""
    kind = models.CharField(max_length=10, choices=Kind)
    """Of what it books, or takes back."""
    debit = models.CharField(max_length=14, choices=Account)
    credit = models.CharField(max_length=14, choices=Account)
    amount = models.BigIntegerField()
    happened_on = models.DateField()
    """The day in Vietnam on which money changed hands, or on which a mistake was taken back."""
    recorded_at = models.DateTimeField()
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversal")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, blank=True, related_name="entries")
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, null=True, blank=True, related_name="entries")
    expense = models.ForeignKey(Expense, on_delete=models.PROTECT, null=True, blank=True, related_name="entries")

    class Meta:
        ordering = ["campaign", "number"]
        indexes = [models.Index(fields=["campaign", "happened_on"], name="ledger_by_day")]
        constraints = [
            amount_check("ledger_amount"),
            models.UniqueConstraint(fields=["campaign", "number"], name="ledger_number_once"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="ledger_two_accounts"),
            models.CheckConstraint(condition=Q(number__gte=1), name="ledger_number_from_one"),
            models.CheckConstraint(
                condition=Q(kind="payment", payment__isnull=False, refund__isnull=True, expense__isnull=True)
                | Q(kind="refund", payment__isnull=True, refund__isnull=False, expense__isnull=True)
                | Q(kind="expense", payment__isnull=True, refund__isnull=True, expense__isnull=False)
                | Q(
                    kind__in=["deposit", "withdrawal"],
                    payment__isnull=True,
                    refund__isnull=True,
                    expense__isnull=True,
                ),
                name="ledger_books_one_thing",
            ),
            # A reversal's sides are those of its entry, exchanged: a trigger compares the two rows.
            models.CheckConstraint(
                condition=Q(reverses__isnull=False)
                | Q(kind="payment", debit__in=["cash", "bank"], credit="contributions")
                | Q(kind="refund", debit="contributions", credit__in=["cash", "bank"])
                | Q(kind="expense", debit="spending", credit__in=["cash", "bank"])
                | Q(kind="deposit", debit="bank", credit="cash")
                | Q(kind="withdrawal", debit="cash", credit="bank"),
                name="ledger_sides_fit",
            ),
            # A payment, refund or expense is booked once and taken back at most once.
            *(
                models.UniqueConstraint(
                    fields=[what], condition=Q(reverses__isnull=back), name=f"ledger_{what}_{word}_once"
                )
                for what in ("payment", "refund", "expense")
                for back, word in ((True, "booked"), (False, "reversed"))
            ),
        ]
