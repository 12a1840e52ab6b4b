"""Random histories of a fund, against a few lines of plain arithmetic that know nothing of ledgers."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.lib.errors import Conflict
from neighborhoods.fund import expenses, ledger, payments, verification
from neighborhoods.fund.arithmetic import sums
from neighborhoods.fund.dues import dues_of
from neighborhoods.models import Expense, LedgerEntry, Payment
from tests.cast import make_resident
from tests.neighborhoods.conftest import NOW
from tests.neighborhoods.fund.conftest import TODAY, Fund

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

WORDS = ("pay", "pay", "pay", "refund", "spend", "deposit", "withdraw", "reverse")
acts = st.lists(
    st.tuples(
        st.sampled_from(WORDS), st.integers(0, 2), st.sampled_from(["cash", "transfer"]), st.integers(1, 500),
        st.integers(0, 30),
    ),
    min_size=1, max_size=14,
)  # fmt: skip


@dataclass
class Plain:
    """What should be: two drawers, what each household gave, and how each act is undone."""

    cash: int = 0
    transfer: int = 0
    given: list[int] = field(default_factory=lambda: [0, 0, 0])
    spent: int = 0
    done: list[tuple[str, Any, int, str, int, bool]] = field(default_factory=list)

    def moves(self, word: str, who: int, method: str, amount: int, sign: int = 1) -> bool:
        """Apply it, unless it takes more than there is."""
        change = {"cash": 0, "transfer": 0}
        gives = 0
        match word:
            case "pay":
                change[method], gives = amount, amount
            case "refund":
                change[method], gives = -amount, -amount
            case "spend":
                change[method] = -amount
            case "deposit":
                change = {"cash": -amount, "transfer": amount}
            case "withdraw":
                change = {"cash": amount, "transfer": -amount}
        if self.cash + sign * change["cash"] < 0 or self.transfer + sign * change["transfer"] < 0:
            return False
        if self.given[who] + sign * gives < 0:
            return False
        self.cash += sign * change["cash"]
        self.transfer += sign * change["transfer"]
        self.given[who] += sign * gives
        self.spent += sign * amount if word == "spend" else 0
        return True


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(history=acts)
def test_any_history_adds_up(fund: Fund, history: list[tuple[str, int, str, int, int]]) -> None:
    with transaction.atomic():
        _lived(fund, history)
        transaction.set_rollback(True)


def _lived(fund: Fund, history: list[tuple[str, int, str, int, int]]) -> None:
    homes = [fund.an] + [make_resident(fund.cast.place, n, f"Hộ {n}", "Ai").household.id for n in (20, 21)]
    plain = Plain()
    for word, who, method, amount, which in history:
        if word == "reverse":
            _takes_back(fund, plain, which)
            continue
        expected = plain.moves(word, who, method, amount)
        try:
            with transaction.atomic():
                row = _acts(fund, word, homes[who], method, amount)
        except Conflict as refused:
            assert not expected and refused.code in {"fund_short", "refund_exceeds"}
        else:
            assert expected
            plain.done.append((word, row, who, method, amount, False))
    _is_whole(fund, plain, homes)


def _acts(fund: Fund, word: str, home: Any, method: str, amount: int) -> Any:
    carried: dict[str, Any] = {
        "actor": fund.treasurer, "campaign_id": fund.campaign.id, "happened_on": TODAY, "now": NOW, "amount": amount,
    }  # fmt: skip
    match word:
        case "pay":
            return fund.pays(amount, method, home)
        case "refund":
            return fund.refunds(amount, method, home)
        case "spend":
            return fund.spends(amount, method)
        case "deposit":
            return ledger.deposit(**carried)
    return ledger.withdraw(**carried)


def _takes_back(fund: Fund, plain: Plain, which: int) -> None:
    """One of what was done, which may have been taken back before."""
    if not plain.done:
        return
    word, row, who, method, amount, gone = plain.done[which % len(plain.done)]
    expected = not gone and plain.moves(word, who, method, amount, sign=-1)
    by: dict[str, Any] = {"actor": fund.treasurer, "now": NOW, "reason": "wrong_amount"}
    try:
        with transaction.atomic():
            if isinstance(row, Payment):
                payments.payment_reverse(payment_id=row.id, **by)
            elif isinstance(row, Expense):
                expenses.expense_reverse(expense_id=row.id, **by)
            elif isinstance(row, LedgerEntry):
                ledger.carried_reverse(actor=fund.treasurer, entry_id=row.id, now=NOW)
            else:
                payments.refund_reverse(refund_id=row.id, **by)
    except Conflict as refused:
        assert not expected
        assert refused.code in ({"reversed_already"} if gone else {"fund_short", "refund_exceeds"})
    else:
        assert expected
        plain.done[which % len(plain.done)] = (word, row, who, method, amount, True)


def _is_whole(fund: Fund, plain: Plain, homes: list[Any]) -> None:
    found = ledger.balance(fund.campaign.id)
    assert (found.cash, found.bank, found.spent) == (plain.cash, plain.transfer, plain.spent)
    assert found.received == sum(plain.given)
    moves = fund.campaign.entries.values_list("debit", "credit", "amount")
    assert sum(sums(moves).values()) == 0
    given = {one.household.id: one.sums for one in dues_of(fund.campaign)}
    assert [given[home].given for home in homes] == plain.given
    for one in given.values():
        assert one.given + one.owes >= one.due
    assert verification.ledger_faults() == []
