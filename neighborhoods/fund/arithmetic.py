"""Arithmetic of accounts and dues in whole đồng. Pure.

An account's balance is a sum over moves, never a stored number: a debit adds to it and a credit takes away. So over all
four accounts the sum is nought whatever was written.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

ACCOUNTS = ("cash", "bank", "contributions", "spending")
HELD = ("cash", "bank")
"""Where money lies; the other two say where it came from and where it went."""

Move = tuple[str, str, int]
"""Debit account, credit account, amount."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What a campaign holds, and what it received and spent, net of what was taken back."""

    cash: int = 0
    bank: int = 0
    received: int = 0
    """Contributions less refunds."""
    spent: int = 0

    @property
    def held(self) -> int:
        return self.cash + self.bank

    def of(self, account: str) -> int:
        """What ``cash`` or ``bank`` holds."""
        return {"cash": self.cash, "bank": self.bank}[account]


def sums(moves: Iterable[Move]) -> dict[str, int]:
    """Debits less credits by account."""
    totals = dict.fromkeys(ACCOUNTS, 0)
    for debit, credit, amount in moves:
        totals[debit] += amount
        totals[credit] -= amount
    return totals


def balance_of(moves: Iterable[Move]) -> Balance:
    totals = sums(moves)
    return Balance(totals["cash"], totals["bank"], -totals["contributions"], totals["spending"])


def two_thirds(households: int) -> int:
    """How many of all households make two thirds, in whole numbers: 58 of 86."""
    return -(-households * 2 // 3)


class Standing(StrEnum):
    """How a household stands towards a campaign."""

    EXCUSED = "excused"
    PAID = "paid"
    PART = "part"
    OWES = "owes"
    FREE = "free"  # nothing is due and nothing was given


@dataclass(frozen=True, slots=True)
class Dues:
    """One household's sums in one campaign."""

    pledged: int | None
    """None where nothing is promised; 0 where a promise was taken back."""
    paid: int
    refunded: int
    due: int
    excused: bool

    @property
    def given(self) -> int:
        """What the fund has of the household."""
        return self.paid - self.refunded

    @property
    def owes(self) -> int:
        return max(0, self.due - self.given)

    @property
    def over(self) -> int:
        """More than is due. Nothing is over where nothing is due: it is a gift."""
        return max(0, self.given - self.due) if self.due else 0

    @property
    def standing(self) -> Standing:
        if self.excused:
            return Standing.EXCUSED
        if self.owes:
            return Standing.PART if self.given else Standing.OWES
        return Standing.PAID if self.given else Standing.FREE


def dues(
    *, suggestion: int | None, is_voluntary: bool, pledged: int | None, paid: int, refunded: int, excused: bool
) -> Dues:
    """What a household owes follows from what was decided, what it promised and whether it is excused.

    In a voluntary collection only a promise is due. Behind a resolution that passed the suggestion is, or a promise of
    more. Who is excused owes nothing.
    """
    decided = 0 if is_voluntary else suggestion or 0
    due = 0 if excused else max(decided, pledged or 0)
    return Dues(pledged=pledged, paid=paid, refunded=refunded, due=due, excused=excused)
