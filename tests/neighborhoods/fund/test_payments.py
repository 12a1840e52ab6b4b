"""Money of households: cash and transfers, more than is due, the same twice, given back, taken back."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from backend.lib.errors import Absent, BadInput, Conflict
from neighborhoods.fund import payments
from neighborhoods.fund.dues import due_of
from neighborhoods.models import BankAccount, BankRow, Campaign, Payment
from tests.cast import make_resident
from tests.neighborhoods.conftest import NOW
from tests.neighborhoods.fund.conftest import SUGGESTION, TODAY, Fund, opens

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def reverses(fund: Fund, payment: Payment, reason: str = "wrong_amount", words: str = "") -> Payment:
    return payments.payment_reverse(actor=fund.treasurer, payment_id=payment.id, reason=reason, now=NOW, words=words)


def records(fund: Fund, **more: Any) -> Payment:
    facts: dict[str, Any] = {
        "campaign_id": fund.campaign.id, "household_id": fund.an, "amount": 1000, "method": "transfer",
        "paid_on": TODAY,
    } | more  # fmt: skip
    return payments.payment_record(actor=fund.treasurer, now=NOW, **facts)


def test_receipts_run_without_a_gap_in_each_fund(fund: Fund) -> None:
    other = opens(fund.leader, fund.cast, code="DEN")
    numbers = [records(fund).receipt_number, records(fund, campaign_id=other.id).receipt_number]
    reverses(fund, Payment.objects.earliest("id"))
    numbers += [records(fund).receipt_number, records(fund, campaign_id=other.id).receipt_number]
    assert numbers == [1, 1, 2, 2]  # a receipt that was taken back keeps its number


def test_cash_counts_like_a_transfer(fund: Fund) -> None:
    fund.resolves()
    fund.pays(200_000, "cash")
    fund.pays(100_000, "transfer")
    assert due_of(Campaign.objects.get(), fund.an).owes == SUGGESTION - 300_000


def test_more_than_is_due_and_the_same_twice_are_taken_and_told(fund: Fund) -> None:
    fund.resolves()
    due = due_of(Campaign.objects.get(), fund.an).due
    first = fund.pays()
    assert payments.notices(first, due=due) == []
    second = fund.pays()
    assert payments.notices(second, due=due) == ["over", "twice"]
    assert due_of(Campaign.objects.get(), fund.an).over == SUGGESTION
    reverses(fund, second, "entered_twice")
    assert payments.notices(first, due=due) == []
    gift = fund.pays(5_000_000, household=make_resident(fund.cast.place, 13, "Hộ ông Em", "Em").household.id)
    assert payments.notices(gift, due=0) == []


def test_a_household_elsewhere_does_not_pay_here(fund: Fund) -> None:
    for act in (fund.pays, fund.refunds):
        with pytest.raises(Absent):
            act(1000, household=fund.cast.cuc.household.id)


def test_who_moved_away_can_still_be_given_back(fund: Fund) -> None:
    fund.pays(10_000)
    household = fund.cast.an.household
    household.left_at, household.neighborhood = NOW, fund.cast.other_place
    household.number = 99
    household.save()
    assert fund.refunds(10_000).amount == 10_000


@pytest.mark.parametrize("days", [1, -2000])
def test_the_day_is_one_that_has_been(fund: Fund, days: int) -> None:
    with pytest.raises(BadInput) as refused:
        records(fund, paid_on=TODAY + timedelta(days=days))
    assert "paid_on" in refused.value.fields


def test_no_more_is_given_back_than_was_given(fund: Fund) -> None:
    fund.pays(100_000)
    fund.pays(900_000, household=make_resident(fund.cast.place, 13, "Hộ ông Em", "Em").household.id)
    fund.refunds(60_000)
    with pytest.raises(Conflict) as refused:
        fund.refunds(40_001)
    assert refused.value.code == "refund_exceeds"
    fund.refunds(40_000)
    assert due_of(fund.campaign, fund.an).given == 0


def test_a_payment_that_was_given_back_is_not_taken_back_too(fund: Fund) -> None:
    fund.pays(900_000, household=make_resident(fund.cast.place, 13, "Hộ ông Em", "Em").household.id)
    payment, refund = fund.pays(100_000), fund.refunds(1)
    with pytest.raises(Conflict) as refused:
        reverses(fund, payment)
    assert refused.value.code == "refund_exceeds"
    payments.refund_reverse(actor=fund.treasurer, refund_id=refund.id, reason="wrong_amount", now=NOW)
    taken = reverses(fund, payment, "other", "Ghi nhầm hộ")
    assert (taken.reversed_at, taken.reversed_reason, taken.reversed_words) == (NOW, "other", "Ghi nhầm hộ")
    assert taken.reversed_by_id == fund.cast.hoa.account.id


def test_another_reason_is_written_out(fund: Fund) -> None:
    payment = fund.pays()
    with pytest.raises(BadInput):
        reverses(fund, payment, "other")
    with pytest.raises(ValueError, match="whim"):
        reverses(fund, payment, "whim")


class TestARowOfTheBank:
    @pytest.fixture
    def row(self, fund: Fund) -> BankRow:
        account = BankAccount.objects.create(
            neighborhood=fund.cast.place, bank_bin="970436", account_number="0123499999", holder="DO THI HOA"
        )
        return BankRow.objects.create(account=account, amount=1000, occurred_at=NOW, sameness="0" * 64)

    def test_it_is_booked_once_while_its_payment_stands(self, fund: Fund, row: BankRow) -> None:
        payment = records(fund, bank_row=row)
        with pytest.raises(Conflict) as taken:
            records(fund, bank_row=row)
        assert taken.value.code == "bank_row_taken"
        reverses(fund, payment)
        assert records(fund, bank_row=row).bank_row == row

    def test_the_database_says_so_too(self, fund: Fund, row: BankRow) -> None:
        records(fund, bank_row=row)
        other = records(fund)
        with pytest.raises(IntegrityError), transaction.atomic():
            Payment.objects.filter(id=other.id).update(bank_row=row)
        with pytest.raises(IntegrityError), transaction.atomic():
            Payment.objects.filter(bank_row=row).update(method="cash")
