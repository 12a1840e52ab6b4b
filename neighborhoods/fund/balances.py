"""What campaigns hold: sums over their entries, made by the database."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Sum

from neighborhoods.fund.arithmetic import Balance, Move, balance_of
from neighborhoods.models import LedgerEntry


def balance(campaign_id: UUID) -> Balance:
    return balances([campaign_id])[campaign_id]


def balances(campaign_ids: Iterable[UUID]) -> dict[UUID, Balance]:
    """Of each campaign, in one query. Whoever acts upon one holds the campaign's row (``campaigns.campaign_held``)."""
    moves: dict[UUID, list[Move]] = {campaign_id: [] for campaign_id in campaign_ids}
    rows = LedgerEntry.objects.filter(campaign_id__in=moves).order_by().values_list("campaign_id", "debit", "credit")
    for campaign_id, debit, credit, amount in rows.annotate(Sum("amount")):
        moves[campaign_id].append((debit, credit, int(amount)))
    return {campaign_id: balance_of(found) for campaign_id, found in moves.items()}
