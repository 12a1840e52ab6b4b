"""Dues made ready for templates: a household's own, and everybody's for treasurer and leader. Nothing is decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backend.pages import fundwords
from cameras.models import Camera
from neighborhoods.fund.dues import HouseholdDues, dues_of
from neighborhoods.models import Campaign, Expense, Household, LedgerEntry, Payment, Refund

MOST_CARRIED = 10


@dataclass(frozen=True, slots=True)
class DuesRow:
    """How a household stands towards a campaign, in words."""

    dues: HouseholdDues
    words: str
    icon: str
    tone: str
    asked: int
    """What the cash form begins with: what is owed, else what is suggested, else nothing."""


def dues_row(dues: HouseholdDues) -> DuesRow:
    asked = dues.sums.owes or (0 if dues.sums.given else dues.campaign.suggestion or 0)
    return DuesRow(dues, *fundwords.dues_state(dues.sums.standing), asked)


@dataclass(frozen=True, slots=True)
class DuesList:
    """Everybody in one campaign, who still owes first, with how many stand how."""

    rows: list[DuesRow]
    counts: Sequence[tuple[str, str, int]]
    """Code, words, how many; only those that there are."""
    owed: int


def dues_list(campaign: Campaign) -> DuesList:
    rows = sorted((dues_row(dues) for dues in dues_of(campaign)), key=lambda row: not row.dues.sums.owes)
    codes = [row.dues.sums.standing.value for row in rows]
    counts = [
        (code, fundwords.dues_state(code)[0], codes.count(code))
        for code in ("owes", "part", "paid", "free", "excused")
        if code in codes
    ]
    return DuesList(rows, counts, sum(row.dues.sums.owes for row in rows))


@dataclass(frozen=True, slots=True)
class PaidRow:
    """A payment or refund in a household's history."""

    id: UUID
    day: date
    amount: int
    method: str
    receipt: int | None
    """Its receipt's number; a refund has none."""
    taken_back: bool


def history(household: Household, campaign: Campaign) -> list[PaidRow]:
    """What a household gave and got back, the newest first."""
    of = {"household": household, "campaign": campaign}
    given = [_paid(one, one.amount, one.receipt_number) for one in Payment.objects.filter(**of)]
    back = [_paid(one, -one.amount, None) for one in Refund.objects.filter(**of)]
    return sorted(given + back, key=lambda row: (row.day, row.receipt or 0), reverse=True)


def _paid(one: Payment | Refund, amount: int, receipt: int | None) -> PaidRow:
    return PaidRow(one.id, one.paid_on, amount, fundwords.method(one.method), receipt, one.reversed_at is not None)


@dataclass(frozen=True, slots=True)
class ExpenseRow:
    """An expense as those who tend the fund see it: what waits and what was refused, too."""

    expense: Expense
    words: str
    icon: str
    tone: str
    category: str
    method: str
    mine: bool
    """Recorded by who looks at it, who therefore cannot be the second person."""


def expense_rows(campaign: Campaign, *, account_id: UUID | None) -> list[ExpenseRow]:
    """The newest first, what waits before all."""
    rows = campaign.expenses.select_related("recorded_by", "receipt").order_by("-paid_on", "-id")
    return sorted(
        (
            ExpenseRow(
                one, *fundwords.expense_state(one), fundwords.category(one.category), fundwords.method(one.method),
                mine=account_id is not None and one.recorded_by_id == account_id,
            )
            for one in rows
        ),
        key=lambda row: row.expense.state != Expense.State.WAITING,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CarriedRow:
    """Money that went between drawer and bank, and can still be taken back."""

    id: UUID
    happened_on: date
    amount: int
    words: str


def carried_rows(campaign: Campaign) -> list[CarriedRow]:
    """The newest that stand."""
    kinds = (LedgerEntry.Kind.DEPOSIT, LedgerEntry.Kind.WITHDRAWAL)
    rows = campaign.entries.filter(kind__in=kinds, reverses=None, reversal=None).order_by("-number")
    return [
        CarriedRow(one.id, one.happened_on, one.amount, fundwords.entry_kind(one.kind, one.debit))
        for one in rows[:MOST_CARRIED]
    ]


def cameras_of(neighborhood_id: UUID) -> list[tuple[UUID, str]]:
    """Which camera an expense can name."""
    rows = Camera.objects.filter(neighborhood_id=neighborhood_id).exclude(state=Camera.State.RETIRED)
    return list(rows.order_by("name").values_list("id", "name"))
