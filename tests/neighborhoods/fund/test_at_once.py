"""Forty writers at once leave what one after the other would: no lost update, no gap, no error."""

from typing import Any

import pytest
from django.test import Client

from backend.lib.errors import Absent, Conflict
from backend.lib.tables import write_csv
from neighborhoods import audit_chain, datadesk, jobs
from neighborhoods.access import Grant, Role, system
from neighborhoods.fund import campaigns, expenses, ledger, payments, pledges, verification
from neighborhoods.fund.bank_statements import statement_apply, statement_read
from neighborhoods.models import Expense, Payment, Pledge
from neighborhoods.neighborhood_merging import neighborhood_merge
from tests.cast import Cast, make_phuc, make_resident
from tests.neighborhoods.conftest import NOW, actor, at_once
from tests.neighborhoods.fund.bank_cast import make_account, make_campaign
from tests.neighborhoods.fund.conftest import TODAY, Fund, opens

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]

WRITERS = 40


def whole(fund: Fund, entries: int) -> None:
    """Numbers and receipts without a gap, every entry with its audit, and the chain itself."""
    assert list(fund.campaign.entries.order_by("number").values_list("number", flat=True)) == [*range(1, entries + 1)]
    receipts = fund.campaign.payments.order_by("receipt_number").values_list("receipt_number", flat=True)
    assert list(receipts) == [*range(1, len(receipts) + 1)]
    assert verification.ledger_faults() == []
    assert audit_chain.verify().faults == []


def codes_of(results: list[Any]) -> list[str]:
    """What came of each: the refusal's code, or nothing. Anything else that was raised fails the test."""
    for one in results:
        assert not isinstance(one, Exception) or isinstance(one, Conflict), one
    return sorted(one.code if isinstance(one, Conflict) else "" for one in results)


def test_forty_writers_of_every_kind(live_fund: Fund) -> None:
    fund = live_fund
    fund.pays(1_000_000, "cash")
    fund.pays(1_000_000, "transfer")
    wrong = [fund.pays(7_000 + n) for n in range(8)]
    by: dict[str, Any] = {"actor": fund.treasurer, "now": NOW}
    carried: dict[str, Any] = {"campaign_id": fund.campaign.id, "happened_on": TODAY, **by}
    acts = [lambda n: fund.pays(1_000 + n, "cash"), lambda n: fund.pays(2_000 + n, "transfer"),
            lambda n: fund.spends(100 + n, "transfer"), lambda n: ledger.deposit(amount=50 + n, **carried),
            lambda n: payments.payment_reverse(payment_id=wrong[n // 5].id, reason="entered_twice", **by)]  # fmt: skip
    results = at_once(lambda n: acts[n % 5](n), WRITERS)
    assert codes_of(results) == [""] * WRITERS
    kinds = [[n for n in range(WRITERS) if n % 5 == kind] for kind in range(5)]
    carry = sum(50 + n for n in kinds[3])
    found = ledger.balance(fund.campaign.id)
    assert found.cash == 1_000_000 + sum(1_000 + n for n in kinds[0]) - carry
    assert found.bank == 1_000_000 + sum(2_000 + n for n in kinds[1]) - sum(100 + n for n in kinds[2]) + carry
    assert found.spent == sum(100 + n for n in kinds[2])
    assert found.held == found.received - found.spent
    whole(fund, 10 + WRITERS)


def test_forty_payments_over_http(live_fund: Fund, valkey: object) -> None:
    cast = live_fund.cast
    path = f"/api/v1/campaigns/{live_fund.campaign.id}/payments/"

    def pays(number: int) -> int:
        body = {"household": str(live_fund.an), "amount": 1_000 + number, "method": "cash", "paid_on": str(TODAY)}
        answer = Client().post(
            path, body, content_type="application/json", headers={"Idempotency-Key": f"tien-mat-{number % 20:04}"},
            **cast.hoa.bearer,
        )  # fmt: skip
        return answer.status_code

    results = at_once(lambda n: pays(n % 20), WRITERS)  # each is sent twice, as a phone on a bad line does
    assert set(results) <= {201, 409}
    assert {pays(n) for n in range(20)} == {201}  # the same key again: the first answer
    assert ledger.balance(live_fund.campaign.id).cash == sum(1_000 + n for n in range(20))
    whole(live_fund, 20)


def test_the_last_money_is_spent_once(live_fund: Fund) -> None:
    live_fund.pays(100_000)
    acts = [lambda: live_fund.spends(60_000), lambda: live_fund.refunds(60_000)]
    results = at_once(lambda n: acts[n % 2](), 12)
    assert (codes := codes_of(results))[0] == ""
    assert set(codes[1:]) <= {"fund_short", "refund_exceeds"}
    assert ledger.balance(live_fund.campaign.id).held == 40_000
    whole(live_fund, 2)


def test_a_payment_is_taken_back_once_and_an_expense_decided_once(live_fund: Fund) -> None:
    live_fund.pays(9_000_000)
    payment, waits = live_fund.pays(500_000), live_fund.spends(3_000_000)
    leaders = [live_fund.leader, actor(make_phuc(live_fund.cast))]
    back = at_once(
        lambda _n: payments.payment_reverse(
            actor=live_fund.treasurer, payment_id=payment.id, reason="entered_twice", now=NOW
        ), 10,
    )  # fmt: skip
    assert codes_of(back) == [""] + ["reversed_already"] * 9
    decided = at_once(lambda n: expenses.expense_approve(actor=leaders[n % 2], expense_id=waits.id, now=NOW), 10)
    assert codes_of(decided) == [""] + ["expense_decided"] * 9
    assert Expense.objects.get().state == "approved"
    assert ledger.balance(live_fund.campaign.id).held == 6_000_000
    whole(live_fund, 4)


def test_a_neighborhood_that_is_merged_meanwhile_loses_no_payment(live_fund: Fund) -> None:
    """Whoever pays meanwhile pays before the merge, or after it and then finds the fund at its new place."""
    fund = live_fund
    chief = system("test", Grant(Role.ADMINISTRATOR))

    def races(number: int) -> Any:
        if number == 2:
            return neighborhood_merge(
                actor=chief, neighborhood_id=fund.cast.place.id, into_id=fund.cast.other_place.id, now=NOW
            )
        try:
            return fund.pays(1_000 + number)
        except Absent:  # the treasurer's role went along, this actor was made before it did
            return "moved"

    results = at_once(races, 8)
    codes_of(results)
    paid = [one for one in results if isinstance(one, Payment)]
    assert len(paid) + results.count("moved") == 7
    fund.campaign.refresh_from_db()
    assert fund.campaign.neighborhood == fund.cast.other_place
    assert ledger.balance(fund.campaign.id).cash == sum(one.amount for one in paid)
    whole(fund, len(paid))


def test_promises_codes_and_closing_at_once(live_fund: Fund) -> None:
    fund = live_fund
    neighbour = make_resident(fund.cast.place, 13, "Hộ ông Em", "Vũ Văn Em")
    people = [actor(fund.cast.an), actor(neighbour)]

    def promises(number: int) -> Pledge:
        by = people[number % 2]
        return pledges.pledge_make(
            actor=by, campaign_id=fund.campaign.id, household_id=by.home_id, amount=1_000 + number, now=NOW
        )

    assert codes_of(at_once(promises, 10)) == [""] * 10
    assert Pledge.objects.filter(superseded_at=None).count() == 2
    opened = at_once(lambda _n: opens(fund.leader, fund.cast, code="DEN"), 8)
    assert codes_of(opened) == [""] + ["campaign_code_taken"] * 7
    resolved = at_once(lambda n: fund.resolves(50 + n), 8)
    assert codes_of(resolved) == [""] * 8
    assert fund.campaign.resolutions.filter(superseded_at=None).count() == 1

    def races(number: int) -> Any:
        if number == 3:
            return campaigns.campaign_close(
                actor=fund.leader, campaign_id=fund.campaign.id, note="Giữ cho bảo trì", now=NOW
            )
        return fund.pays(1_000)

    codes = codes_of(at_once(races, 10))
    assert set(codes) <= {"", "campaign_closed"}
    assert Payment.objects.count() == codes.count("") - 1
    whole(fund, codes.count("") - 1)


def test_a_statement_and_what_households_ask_for_meanwhile_do_not_wait_for_each_other(live_cast: Cast) -> None:
    """A portion of a statement holds the audit chain and goes on to the next household: nobody may hold that one for
    themselves and wait for the chain."""
    make_campaign(live_cast)
    hoa, account = actor(live_cast.hoa), make_account(live_cast, "none").account
    people = [actor(make_resident(live_cast.place, 20 + n, f"Hộ {n}", "Vũ Văn Em")) for n in range(10)]
    lines = [[f"{TODAY:%d/%m/%Y}", 1_000 + n, f"HG7 CAM H{20 + n % 10:03d}", f"R{n}"] for n in range(40)]
    data = write_csv(["Ngày", "Ghi có", "Nội dung", "Mã giao dịch"], lines)
    read = statement_read(actor=hoa, account_id=account.id, data=data, name="a.csv", now=NOW)
    job = statement_apply(actor=hoa, statement_id=read.statement.id, now=NOW)
    asked = datadesk.Asked(kind="see")

    def races(number: int) -> Any:
        if number == 0:
            return jobs.job_run(job.id, now=lambda: NOW)
        for at in range(8):
            datadesk.data_request_make(actor=people[(number + at) % 10], asked=asked, now=NOW)
        return True

    assert at_once(races, 6) == [True] * 6
    assert Payment.objects.count() == 40
