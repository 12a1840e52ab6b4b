"""Households and money in figures: counted from their rows whenever somebody asks, never kept as counters.

What a place was at a past instant is read from the instants in its rows (came, left, redeemed, revoked). Where a
household has moved to another neighborhood since, it counts for where it is now.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from neighborhoods.models import AccessCode, Device, Household, LedgerEntry, Neighborhood
from neighborhoods.scopes import Scope, Span

_Account, _Kind = LedgerEntry.Account, LedgerEntry.Kind
HELD = (_Account.CASH, _Account.BANK)


@dataclass(frozen=True, slots=True)
class HouseholdFigures:
    wards: int
    """That have a neighborhood here."""
    neighborhoods: int
    households: int
    """That live there at the instant asked for."""
    with_code: int
    """Of them, those that were ever given a code of their own."""
    reached: int
    """Of them, those of which a phone has ever been let in by such a code."""
    reached_now: int
    """Of them, those of which such a phone is still let in."""


@dataclass(frozen=True, slots=True)
class MoneyFigures:
    """Whole đồng. What was taken back by a reversing entry counts on the day it was taken back."""

    received: int
    """From households, refunds deducted."""
    spent: int
    held: int
    """In cash and at the bank at the end of the span."""
    campaigns: int
    """That any entry of the span belongs to."""


def household_figures(scope: Scope, *, at: datetime) -> HouseholdFigures:
    """As they stood at ``at``. Guests of a household do not make it reached."""
    places = Neighborhood.objects.filter(scope.q("", ward="ward"), _before("closed_at", at), created_at__lt=at)
    here = places.aggregate(wards=Count("ward", distinct=True), neighborhoods=Count("id"))
    living = Household.objects.filter(scope.q(), _before("left_at", at), created_at__lt=at)
    phones = Device.objects.filter(
        household=OuterRef("id"), kind=Device.Kind.PHONE, code__kind=AccessCode.Kind.HOUSEHOLD, created_at__lt=at
    )
    codes = AccessCode.objects.filter(household=OuterRef("id"), kind=AccessCode.Kind.HOUSEHOLD, issued_at__lt=at)
    return HouseholdFigures(
        **here,
        households=living.count(),
        with_code=living.filter(Exists(codes)).count(),
        reached=living.filter(Exists(phones)).count(),
        reached_now=living.filter(Exists(phones.filter(_before("revoked_at", at), expires_at__gt=at))).count(),
    )


def money_figures(scope: Scope, span: Span) -> MoneyFigures:
    """What the funds of the place received and spent in the span, and held at its end."""
    entries = LedgerEntry.objects.filter(scope.q("campaign__neighborhood"), happened_on__lte=span.last)
    during = entries.filter(happened_on__gte=span.first)
    moved = _balances(during)
    return MoneyFigures(
        received=-moved.get(_Account.CONTRIBUTIONS, 0),
        spent=moved.get(_Account.SPENDING, 0),
        held=sum(_balances(entries).get(account, 0) for account in HELD),
        campaigns=during.order_by().values("campaign").distinct().count(),
    )


def money_by_month(scope: Scope, span: Span) -> list[tuple[date, int, int]]:
    """First day of each month with entries, what was received and what was spent in it."""
    found: dict[date, list[int]] = {}
    entries = LedgerEntry.objects.filter(
        scope.q("campaign__neighborhood"), happened_on__range=(span.first, span.last)
    ).order_by()
    for day, debit, credit, amount in (
        entries.values("happened_on", "debit", "credit")
        .annotate(sum=Sum("amount"))
        .values_list("happened_on", "debit", "credit", "sum")
    ):
        month = found.setdefault(day.replace(day=1), [0, 0])
        month[0] += amount * ((credit == _Account.CONTRIBUTIONS) - (debit == _Account.CONTRIBUTIONS))
        month[1] += amount * ((debit == _Account.SPENDING) - (credit == _Account.SPENDING))
    return [(month, received, spent) for month, (received, spent) in sorted(found.items())]


def _balances(entries: QuerySet[LedgerEntry]) -> dict[str, int]:
    """Account → debits less credits, đồng."""
    found: dict[str, int] = {}
    sums = entries.order_by().values("debit", "credit").annotate(sum=Sum("amount"))
    for debit, credit, amount in sums.values_list("debit", "credit", "sum"):
        found[debit] = found.get(debit, 0) + amount
        found[credit] = found.get(credit, 0) - amount
    return found


def _before(ends: str, at: datetime) -> Q:
    """What has not ended by ``at``."""
    return Q(**{f"{ends}__isnull": True}) | Q(**{f"{ends}__gte": at})
