"""The ledger: numbers without a gap, mirror images, and a database that refuses everything else."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from backend.lib.errors import Absent, BadInput, Conflict
from neighborhoods import triggers
from neighborhoods.fund import expenses, ledger, payments
from neighborhoods.models import AuditEntry, LedgerEntry, Payment
from tests.neighborhoods.conftest import NOW, actor
from tests.neighborhoods.fund.conftest import TODAY, Fund

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def code_of(error: pytest.ExceptionInfo[Conflict]) -> str:
    return error.value.code


def test_each_act_is_one_entry_between_two_accounts(fund: Fund) -> None:
    fund.pays(300_000)
    fund.pays(200_000, "transfer")
    ledger.deposit(actor=fund.treasurer, campaign_id=fund.campaign.id, amount=100_000, happened_on=TODAY, now=NOW)
    ledger.withdraw(actor=fund.treasurer, campaign_id=fund.campaign.id, amount=50_000, happened_on=TODAY, now=NOW)
    fund.spends(120_000)
    fund.refunds(30_000, "transfer")
    sides = fund.campaign.entries.order_by("number").values_list("number", "kind", "debit", "credit", "amount")
    assert list(sides) == [
        (1, "payment", "cash", "contributions", 300_000),
        (2, "payment", "bank", "contributions", 200_000),
        (3, "deposit", "bank", "cash", 100_000),
        (4, "withdrawal", "cash", "bank", 50_000),
        (5, "expense", "spending", "cash", 120_000),
        (6, "refund", "contributions", "bank", 30_000),
    ]
    found = ledger.balance(fund.campaign.id)
    assert (found.cash, found.bank, found.received, found.spent) == (130_000, 220_000, 470_000, 120_000)
    assert found.held == found.received - found.spent


def test_each_act_is_in_the_audit_with_its_amount_and_its_number(fund: Fund) -> None:
    payment = fund.pays()
    payments.payment_reverse(actor=fund.treasurer, payment_id=payment.id, reason="wrong_amount", now=NOW)
    entries = AuditEntry.objects.filter(action__startswith="payment.").order_by("seq")
    assert [(e.action, e.data["amount"], e.data["entry"]) for e in entries] == [
        ("payment.recorded", 350_000, 1), ("payment.reversed", 350_000, 2),
    ]  # fmt: skip
    assert {e.subject for e in entries} == {f"campaign:{fund.campaign.id}"}


def test_a_reversal_restores_what_was(fund: Fund) -> None:
    fund.pays(500_000)
    before = ledger.balance(fund.campaign.id)
    payments.payment_reverse(actor=fund.treasurer, payment_id=fund.pays().id, reason="entered_twice", now=NOW)
    expenses.expense_reverse(actor=fund.treasurer, expense_id=fund.spends().id, reason="wrong_amount", now=NOW)
    payments.refund_reverse(actor=fund.treasurer, refund_id=fund.refunds(1000).id, reason="wrong_amount", now=NOW)
    moved = ledger.deposit(
        actor=fund.treasurer, campaign_id=fund.campaign.id, amount=100_000, happened_on=TODAY, now=NOW
    )
    ledger.carried_reverse(actor=fund.treasurer, entry_id=moved.id, now=NOW)
    assert ledger.balance(fund.campaign.id) == before
    assert fund.campaign.entries.count() == 9


def test_nothing_is_taken_back_twice(fund: Fund) -> None:
    payment, expense = fund.pays(), fund.spends()
    refund = fund.refunds(1000)
    moved = ledger.deposit(actor=fund.treasurer, campaign_id=fund.campaign.id, amount=1, happened_on=TODAY, now=NOW)
    by = {"actor": fund.treasurer, "reason": "wrong_amount", "now": NOW}
    acts = [
        lambda: expenses.expense_reverse(expense_id=expense.id, **by),
        lambda: payments.refund_reverse(refund_id=refund.id, **by),
        lambda: ledger.carried_reverse(actor=fund.treasurer, entry_id=moved.id, now=NOW),
        lambda: payments.payment_reverse(payment_id=payment.id, **by),
    ]
    for act in acts:
        act()
        with pytest.raises(Conflict) as twice:
            act()
        assert code_of(twice) == "reversed_already"
    back = fund.campaign.entries.filter(kind="deposit").get(reverses__isnull=False)
    with pytest.raises(Conflict):
        ledger.carried_reverse(actor=fund.treasurer, entry_id=back.id, now=NOW)


@pytest.mark.parametrize("method", ["cash", "transfer"])
def test_no_more_is_spent_than_the_chosen_account_holds(fund: Fund, method: str) -> None:
    fund.pays(100_000, "cash")
    fund.pays(100_000, "transfer")
    for act in (fund.spends, fund.refunds):
        with pytest.raises(Conflict) as short:
            act(100_001, method)
        assert code_of(short) == "fund_short"
    fund.spends(100_000, method)
    assert ledger.balance(fund.campaign.id).held == 100_000


def test_what_was_spent_meanwhile_cannot_be_taken_back(fund: Fund) -> None:
    payment = fund.pays(100_000)
    fund.spends(60_000)
    with pytest.raises(Conflict) as short:
        payments.payment_reverse(actor=fund.treasurer, payment_id=payment.id, reason="wrong_amount", now=NOW)
    assert code_of(short) == "fund_short"
    assert Payment.objects.get().reversed_at is None
    with pytest.raises(Conflict):
        ledger.deposit(actor=fund.treasurer, campaign_id=fund.campaign.id, amount=40_001, happened_on=TODAY, now=NOW)


@pytest.mark.parametrize("amount", [0, -1, 10**12 + 1, True, 1.0, "350000", None, 1.5])
def test_an_amount_is_a_whole_number_of_dong(fund: Fund, amount: object) -> None:
    for act in (fund.pays, fund.spends, fund.refunds):
        with pytest.raises(BadInput) as refused:
            act(amount)
        assert refused.value.code == "amount"
    assert not LedgerEntry.objects.exists()


def test_only_the_treasurer_of_the_place_moves_money(fund: Fund) -> None:
    cast = fund.cast
    for person in (cast.an, cast.binh, cast.cuc, cast.dung):
        fund.treasurer = actor(person)
        for act in (fund.pays, fund.spends, lambda: fund.refunds(1)):
            with pytest.raises(Absent):
                act()


class TestTheDatabase:
    def test_it_refuses_to_change_or_delete(self, fund: Fund) -> None:
        fund.pays()
        statements = [f"UPDATE {triggers.LEDGER} SET amount = 1", f"DELETE FROM {triggers.LEDGER}"]
        if connection.vendor == "postgresql":
            statements.append(f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {triggers.LEDGER}")
        for sql in statements:
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                connection.cursor().execute(sql)
        assert LedgerEntry.objects.get().amount == 350_000

    @pytest.mark.parametrize("same", ["id", "campaign_id, number", "payment_id"])
    def test_it_refuses_to_put_a_row_in_the_place_of_another(self, fund: Fund, same: str) -> None:
        if connection.vendor == "postgresql":
            return  # it has no REPLACE
        fund.pays()
        columns = {f.column: f.column for f in LedgerEntry._meta.concrete_fields} | {"amount": "1"}
        columns |= {"id": "'00000000000000000000000000000001'", "number": "9", "payment_id": "NULL", "kind": "'x'"}
        columns |= {name: name for name in same.split(", ")}
        sql = f"INSERT OR REPLACE INTO {triggers.LEDGER} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(f"{sql} FROM {triggers.LEDGER}")

    @pytest.mark.parametrize(
        "change",
        [{"amount": 1}, {"debit": "cash", "credit": "contributions"}, {"kind": "refund"}, {"payment_id": None}],
        ids=["another amount", "the same sides", "another kind", "another thing"],
    )
    def test_a_reversal_is_the_mirror_image(self, fund: Fund, change: dict[str, object]) -> None:
        entry = fund.pays().entries.get()
        fields = {
            "campaign": fund.campaign, "number": 2, "kind": "payment", "debit": "contributions", "credit": "cash",
            "amount": entry.amount, "happened_on": TODAY, "recorded_at": NOW, "reverses": entry,
            "payment_id": entry.payment_id,
        }  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            LedgerEntry.objects.create(**fields | change)
        back = LedgerEntry.objects.create(**fields)
        with pytest.raises(IntegrityError), transaction.atomic():  # of a reversal there is none
            mirror = {"number": 3, "reverses": back, "debit": "cash", "credit": "contributions"}
            LedgerEntry.objects.create(**fields | mirror)

    @pytest.mark.parametrize(
        "change",
        [{"amount": 0}, {"amount": -5}, {"amount": 10**12 + 1}, {"credit": "cash"}, {"number": 1}, {"number": 0},
         {"debit": "spending"}, {"kind": "deposit"}, {"debit": None}],
        ids=str,
    )  # fmt: skip
    def test_it_refuses_an_entry_that_does_not_balance_or_fit(self, fund: Fund, change: dict[str, object]) -> None:
        fund.pays()
        payment = Payment.objects.get()
        payment.pk, payment.receipt_number, payment._state.adding = None, 2, True
        payment.id = Payment._meta.get_field("id").get_default()
        payment.save()
        fields = {
            "campaign": fund.campaign, "number": 2, "kind": "payment", "debit": "cash", "credit": "contributions",
            "amount": 5, "happened_on": TODAY, "recorded_at": NOW, "payment": payment,
        }  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            LedgerEntry.objects.create(**fields | change)
        LedgerEntry.objects.create(**fields)

    def test_amounts_outside_the_limits_stand_in_no_table(self, fund: Fund) -> None:
        fund.pays()
        for amount in (0, 10**12 + 1):
            with pytest.raises(IntegrityError), transaction.atomic():
                Payment.objects.update(amount=amount)
        with pytest.raises(IntegrityError), transaction.atomic():
            Payment.objects.update(amount=F("amount") * -1)
