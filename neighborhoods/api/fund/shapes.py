"""What the fund looks like on the wire. Amounts are whole đồng.

Two kinds: open shapes, in which no household stands, and those of the desk, for treasurer and leader.
"""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from neighborhoods.api.shapes import HouseholdBrief
from neighborhoods.fund.arithmetic import Standing
from neighborhoods.models import Campaign, Expense, LedgerEntry, Paper, Payment, Pledge, Refund, Resolution, Waiver

REVERSAL = ("reversed_at", "reversed_reason", "reversed_words")
"""Of what can be taken back."""


class BalanceShape(serializers.Serializer[Any]):
    cash = serializers.IntegerField()
    bank = serializers.IntegerField()
    held = serializers.IntegerField(help_text="cash and bank")
    received = serializers.IntegerField(help_text="contributions less refunds")
    spent = serializers.IntegerField()


class SignatoryShape(serializers.Serializer[Any]):
    role = serializers.CharField()
    name = serializers.CharField()


class ResolutionShape(serializers.ModelSerializer[Resolution]):
    passed = serializers.BooleanField(help_text="at least two thirds of all households")
    signatories = SignatoryShape(many=True)

    class Meta:
        model = Resolution
        fields = [
            "id", "held_on", "households_total", "households_present", "households_absent", "in_favour", "form",
            "content", "signatories", "scan", "passed", "recorded_at", "superseded_at",
        ]  # fmt: skip


class RecordedResolutionShape(ResolutionShape):
    hints = serializers.ListField(
        child=serializers.CharField(), help_text="households_differ, signatures_missing, scan_missing"
    )

    class Meta(ResolutionShape.Meta):
        fields = [*ResolutionShape.Meta.fields, "hints"]


class CampaignShape(serializers.ModelSerializer[Campaign]):
    is_voluntary = serializers.BooleanField(help_text="no resolution of two thirds of all households: nobody owes")
    resolution = ResolutionShape(allow_null=True)
    balance = serializers.SerializerMethodField()

    class Meta:
        model = Campaign
        fields = [
            "id", "neighborhood", "code", "purpose", "description", "target", "suggestion", "starts_on", "ends_on",
            "approval_above", "is_voluntary", "resolution", "balance", "created_at", "closed_at", "closing_note",
        ]  # fmt: skip

    @extend_schema_field(BalanceShape)
    def get_balance(self, campaign: Campaign) -> dict[str, Any]:
        return dict(BalanceShape(self.context["balances"][campaign.id]).data)


class PledgeShape(serializers.ModelSerializer[Pledge]):
    class Meta:
        model = Pledge
        fields = ["id", "campaign", "household", "amount", "pledged_at", "superseded_at"]


class WaiverShape(serializers.ModelSerializer[Waiver]):
    household = HouseholdBrief()

    class Meta:
        model = Waiver
        fields = ["id", "household", "reason", "words", "granted_at", "ended_at"]


class PaymentShape(serializers.ModelSerializer[Payment]):
    household = HouseholdBrief()

    class Meta:
        model = Payment
        fields = [
            "id", "campaign", "household", "amount", "method", "paid_on", "receipt_number", "recorded_at",
            *REVERSAL,
        ]  # fmt: skip


class TakenPaymentShape(PaymentShape):
    notices = serializers.ListField(
        child=serializers.CharField(), help_text="over: more than is due; twice: the same amount within days"
    )

    class Meta(PaymentShape.Meta):
        fields = [*PaymentShape.Meta.fields, "notices"]


class RefundShape(serializers.ModelSerializer[Refund]):
    household = HouseholdBrief()

    class Meta:
        model = Refund
        fields = [
            "id", "campaign", "household", "amount", "method", "paid_on", "reason", "words", "recorded_at",
            *REVERSAL,
        ]  # fmt: skip


class ExpenseShape(serializers.ModelSerializer[Expense]):
    camera = serializers.UUIDField(source="camera_id", allow_null=True)

    class Meta:
        model = Expense
        fields = [
            "id", "campaign", "amount", "method", "paid_on", "what", "payee", "category", "receipt", "camera", "state",
            "recorded_at", "decided_at", "refusal", *REVERSAL,
        ]  # fmt: skip


class EntryShape(serializers.ModelSerializer[LedgerEntry]):
    """A row of the open ledger: no household, no payment's id, no receipt's number."""

    reverses = serializers.IntegerField(
        source="reverses.number", allow_null=True, default=None, help_text="the number of the entry it takes back"
    )

    class Meta:
        model = LedgerEntry
        fields = [
            "number", "kind", "debit", "credit", "amount", "happened_on", "recorded_at", "reverses", "expense",
        ]  # fmt: skip


class CarriedShape(EntryShape):
    """Cash carried to the bank or fetched from it, for who keeps the fund."""

    class Meta(EntryShape.Meta):
        fields = ["id", *EntryShape.Meta.fields]


class SumsShape(serializers.Serializer[Any]):
    pledged = serializers.IntegerField(allow_null=True)
    paid = serializers.IntegerField()
    refunded = serializers.IntegerField()
    given = serializers.IntegerField(help_text="paid less refunded")
    due = serializers.IntegerField(help_text="0 in a voluntary collection, but for a promise")
    owes = serializers.IntegerField()
    over = serializers.IntegerField(help_text="given beyond what is due")
    excused = serializers.BooleanField()
    standing = serializers.ChoiceField(choices=[one.value for one in Standing])


class DuesShape(serializers.Serializer[Any]):
    household = HouseholdBrief()
    sums = SumsShape()
    waiver = WaiverShape(allow_null=True)


class CampaignBrief(serializers.ModelSerializer[Campaign]):
    is_voluntary = serializers.BooleanField()

    class Meta:
        model = Campaign
        fields = ["id", "code", "purpose", "suggestion", "is_voluntary", "ends_on", "closed_at"]


class MyDuesShape(serializers.Serializer[Any]):
    campaign = CampaignBrief()
    sums = SumsShape()
    payments = PaymentShape(many=True)
    refunds = RefundShape(many=True)


class PaperShape(serializers.ModelSerializer[Paper]):
    class Meta:
        model = Paper
        fields = ["id", "kind", "media_type", "name", "size", "kept_at"]


class LinkShape(serializers.Serializer[Any]):
    """One step from a decision to a camera."""

    campaign = CampaignBrief()
    resolution = ResolutionShape(allow_null=True)
    is_voluntary = serializers.BooleanField()
    pledged = serializers.IntegerField()
    pledging_households = serializers.IntegerField(help_text="how many")
    received = serializers.IntegerField()
    giving_households = serializers.IntegerField(help_text="how many")
    expense = ExpenseShape()
