"""The fund's bank: an account, and the rows of money that came into it. Amounts are whole đồng."""

import uuid

from django.db import models
from django.db.models import Q

from backend.lib.clock import now
from backend.lib.ids import new_id
from neighborhoods.models.accounts import Account
from neighborhoods.models.fund import amount_check
from neighborhoods.models.places import Neighborhood


class BankAccount(models.Model):
    """Where transfers go. A neighborhood has no legal personality, so it is usually the treasurer's own."""

    class Provider(models.TextChoices):
        NONE = "none"  # nobody tells us: statements are imported
        SEPAY = "sepay"
        CASSO = "casso"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    neighborhood = models.ForeignKey(Neighborhood, on_delete=models.PROTECT, related_name="bank_accounts")
    bank_bin = models.CharField(max_length=6)
    bank_name = models.CharField(max_length=40)
    account_number = models.CharField(max_length=19)
    holder = models.CharField(max_length=80)
    """As the bank writes it: ASCII capitals."""
    provider = models.CharField(max_length=8, choices=Provider, default=Provider.NONE)
    endpoint_id = models.UUIDField(unique=True, default=uuid.uuid4)
    """In the webhook's address; random, so that an account's own id tells nobody where to knock."""
    secret = models.BinaryField(default=bytes)
    """What the provider proves itself with, sealed; empty without one."""
    opened_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=now)
    heard_at = models.DateTimeField(null=True, blank=True)
    """When the provider last proved itself."""
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["neighborhood", "bank_bin", "account_number"],
                condition=Q(closed_at__isnull=True),
                name="bank_account_open_once",
            ),
            models.CheckConstraint(
                condition=Q(provider="none") | ~Q(secret=b""), name="bank_account_of_a_provider_has_a_secret"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank_name} {self.account_number}"


class BankRow(models.Model):
    """One transfer into the account, once, whoever told us of it: the webhook, a statement, or both.

    Whether it is matched is no column: it is, while a payment that names it stands (``Payment.bank_row_id``). So taking
    the payment back puts the row back into the queue by itself.
    """

    class Settled(models.TextChoices):
        RETURNED = "returned"  # sent back to whoever sent it
        IGNORED = "ignored"  # none of the fund's

    class Why(models.TextChoices):
        NOT_FOR_THE_FUND = "not_for_the_fund"
        BANK_INTEREST = "bank_interest"
        COUNTED_IN_CASH = "counted_in_cash"
        TEST = "test"
        OTHER = "other"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="rows")
    provider_id = models.CharField(max_length=80, blank=True)
    """The provider's own number of it; empty while only a statement told us."""
    sameness = models.CharField(max_length=64)
    """SHA-256, in hex, of what tells two transfers apart (``bank_sameness.sameness_of``)."""
    ordinal = models.PositiveIntegerField(default=1)
    """1, 2, … of transfers that nothing tells apart: the same words and amount on one day."""
    amount = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    content = models.CharField(max_length=500, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    came_by = models.CharField(max_length=10)
    """``sepay``, ``casso`` or ``statement``."""
    settled = models.CharField(max_length=8, choices=Settled, blank=True)
    why = models.CharField(max_length=20, choices=Why, blank=True)
    settled_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    raw = models.BinaryField(null=True)
    """The message as it came, sealed, until ``raw_expires_at``."""
    raw_expires_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["occurred_at", "id"]
        indexes = [
            models.Index(fields=["account", "amount"], name="bank_row_of_amount"),
            models.Index(fields=["raw_expires_at"], condition=Q(raw_expires_at__isnull=False), name="bank_row_raw"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "provider_id"], condition=~Q(provider_id=""), name="bank_row_told_once"
            ),
            models.UniqueConstraint(fields=["account", "sameness", "ordinal"], name="bank_row_once"),
            models.CheckConstraint(
                condition=Q(settled="", settled_at__isnull=True) | ~Q(settled="") & Q(settled_at__isnull=False),
                name="bank_row_settled_at_a_time",
            ),
            amount_check("bank_row_amount"),
        ]


class BankStatement(models.Model):
    """A bank's statement that was read and looked through, and waits for the treasurer's yes.

    It is people's data: its lines go when it is applied, the row after a day.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="statements")
    file_name = models.CharField(max_length=120)
    lines = models.BinaryField(default=bytes)
    """What each line says (``bank_statement_lines``) as JSON, sealed; empty once applied."""
    counts = models.JSONField(default=dict)
    """``bank_statements.COUNTS`` → how many lines, as found when it was read."""
    read_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=now)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
