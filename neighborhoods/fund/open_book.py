"""The open book of one campaign: what everybody may read, computed from its ledger. No household stands in it.

Day by day as money changed hands (``happened_on``); the running balance follows the entries' numbers, as they were
written. ``held`` is cash and bank together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from neighborhoods.fund.arithmetic import HELD
from neighborhoods.fund.chart import Month
from neighborhoods.models import Campaign, Expense, LedgerEntry

MOST_MONTHS = 240
"""Twenty years: no campaign lasts longer, and a slip in a year's digits draws no endless table."""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as the public reads it. ``amount`` is what the fund had more by it: negative for money that left,
    nought for cash carried to the bank (``moved`` says how much)."""

    number: int
    day: date
    kind: str
    reversal_of: int | None
    debit: str
    credit: str
    amount: int
    moved: int
    balance: int
    expense: Expense | None

    @property
    def account(self) -> str:
        """``cash`` or ``bank``: where the money came to or left from."""
        return self.debit if self.debit in HELD else self.credit


@dataclass(frozen=True, slots=True)
class Book:
    """Sums are net of what was taken back. ``collected`` less ``refunded`` less ``spent`` is what is ``held``."""

    rows: Sequence[Row]
    cash: int
    bank: int
    collected: int
    refunded: int
    spent: int
    payments: int
    """How many payments stand."""
    months: Sequence[Month]

    @property
    def held(self) -> int:
        return self.cash + self.bank

    @property
    def kept(self) -> int:
        """What came in and stayed with the fund's purpose: the bar against the target."""
        return self.collected - self.refunded


def book_of(campaign: Campaign) -> Book:
    """The whole book, in one query."""
    return read(
        LedgerEntry.objects.filter(campaign=campaign)
        .select_related("expense__receipt", "reverses")
        .only(
            "campaign_id", "number", "kind", "debit", "credit", "amount", "happened_on", "reverses__number",
            "expense__what", "expense__payee", "expense__category", "expense__method", "expense__paid_on",
            "expense__amount", "expense__receipt_id", "expense__camera_id", "expense__state", "expense__reversed_at",
            "expense__receipt__media_type",
        )
        .order_by("number")
    )  # fmt: skip


def read(entries: Iterable[LedgerEntry]) -> Book:
    """Entries in the order of their numbers, as a book."""
    rows = _rows(entries)
    by_kind = {kind: sum(row.amount for row in rows if row.kind == kind) for kind in LedgerEntry.Kind.values}
    return Book(
        rows=rows,
        cash=held_in(rows, LedgerEntry.Account.CASH),
        bank=held_in(rows, LedgerEntry.Account.BANK),
        collected=by_kind[LedgerEntry.Kind.PAYMENT],
        refunded=-by_kind[LedgerEntry.Kind.REFUND],
        spent=-by_kind[LedgerEntry.Kind.EXPENSE],
        payments=standing(rows),
        months=months_of(rows),
    )


def held_in(rows: Sequence[Row], account: str) -> int:
    """What one of the two accounts holds after ``rows``."""
    return sum(row.moved * ((row.debit == account) - (row.credit == account)) for row in rows)


def _rows(entries: Iterable[LedgerEntry]) -> list[Row]:
    rows, balance = [], 0
    for entry in entries:
        change = entry.amount * ((entry.debit in HELD) - (entry.credit in HELD))
        balance += change
        reversal_of = entry.reverses.number if entry.reverses else None
        rows.append(
            Row(entry.number, entry.happened_on, entry.kind, reversal_of, entry.debit, entry.credit, change,
                entry.amount, balance, entry.expense)
        )  # fmt: skip
    return rows


def standing(rows: Sequence[Row]) -> int:
    """How many of the payments among them were not taken back among them; below nought in a month that takes back."""
    return sum(1 if row.reversal_of is None else -1 for row in rows if row.kind == LedgerEntry.Kind.PAYMENT)


def months_of(rows: Sequence[Row]) -> list[Month]:
    """Every month from the first with an entry to the last, quiet ones too, each with its balance at its end."""
    if not rows:
        return []
    first, last = (pick(row.day.year * 12 + row.day.month - 1 for row in rows) for pick in (min, max))
    moved: dict[int, list[int]] = {}
    for row in rows:
        came_went = moved.setdefault(row.day.year * 12 + row.day.month - 1, [0, 0])
        came_went[row.kind != LedgerEntry.Kind.PAYMENT] += row.amount
    months, balance = [], 0
    for at in range(max(first, last - MOST_MONTHS + 1), last + 1):
        came, went = moved.get(at, [0, 0])
        if at == last - MOST_MONTHS + 1:
            balance = sum(sum(amounts) for month, amounts in moved.items() if month < at)
        balance += came + went
        months.append(Month(at // 12, at % 12 + 1, came, -went, balance))
    return months


def of_month(rows: Sequence[Row], year: int, month: int) -> tuple[int, list[Row], int]:
    """What was there before the month, its rows by day, and what was there at its end."""
    start, end = date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
    within = sorted((row for row in rows if start <= row.day < end), key=lambda row: (row.day, row.number))
    opening = sum(row.amount for row in rows if row.day < start)
    return opening, within, opening + sum(row.amount for row in within)
