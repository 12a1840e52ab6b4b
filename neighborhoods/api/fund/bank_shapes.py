"""What bank accounts, their rows and statements look like on the wire."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from neighborhoods.fund.bank_rows import booked_as
from neighborhoods.fund.bank_statements import COUNTS
from neighborhoods.models import BankAccount, BankRow


class BankAccountShape(serializers.ModelSerializer[BankAccount]):
    neighborhood = serializers.UUIDField(source="neighborhood_id")
    hook = serializers.SerializerMethodField()

    class Meta:
        model = BankAccount
        fields = [
            "id", "neighborhood", "bank_bin", "bank_name", "account_number", "holder", "provider", "hook",
            "created_at", "heard_at", "closed_at",
        ]  # fmt: skip

    def get_hook(self, account: BankAccount) -> str | None:
        """Where its messenger sends to; null without one."""
        return hook_of(account) or None


class BankOpenedShape(serializers.Serializer[Any]):
    """The one answer that carries the messenger's secret."""

    secret = serializers.CharField(allow_blank=True)
    account = BankAccountShape()


class BankRowShape(serializers.ModelSerializer[BankRow]):
    account = serializers.UUIDField(source="account_id")
    state = serializers.SerializerMethodField()
    payment = serializers.SerializerMethodField()

    class Meta:
        model = BankRow
        fields = [
            "id", "account", "amount", "occurred_at", "content", "reference", "came_by", "state", "why", "payment",
            "settled_at", "received_at",
        ]  # fmt: skip

    def get_state(self, row: BankRow) -> str:
        """``unmatched``, ``matched``, ``returned`` or ``ignored``."""
        return row.settled or ("matched" if self.get_payment(row) else "unmatched")

    def get_payment(self, row: BankRow) -> str | None:
        """The payment it is booked as."""
        found = booked_as(row)
        return str(found) if found else None


class CandidateShape(serializers.Serializer[Any]):
    campaign = serializers.CharField(allow_blank=True, help_text="its code; empty where the words name none")
    household = serializers.IntegerField(help_text="its number")


class BankLineShape(serializers.Serializer[Any]):
    number = serializers.IntegerField(source="line.number", help_text="of the line in the file")
    outcome = serializers.ChoiceField(choices=COUNTS)
    fault = serializers.CharField(source="line.fault", help_text="the column that cannot be read")
    amount = serializers.IntegerField(source="line.transfer.amount", default=None)
    occurred_at = serializers.DateTimeField(source="line.transfer.occurred_at", default=None)
    content = serializers.CharField(source="line.transfer.content", default="")
    candidate = CandidateShape(allow_null=True)


class BankPreviewShape(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="statement.id")
    counts = serializers.DictField(source="statement.counts", child=serializers.IntegerField())
    lines = BankLineShape(source="looked", many=True)


def hook_of(account: BankAccount) -> str:
    """The webhook's path; empty where nobody sends to it."""
    if account.provider == BankAccount.Provider.NONE or account.closed_at is not None:
        return ""
    return reverse("bank-hook", args=[account.provider, account.endpoint_id])
