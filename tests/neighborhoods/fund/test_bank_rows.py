"""The queue of money that names nobody: matched, sent back, set aside, and taken back again."""

import pytest

from backend.lib.clock import vietnam_day
from backend.lib.errors import Absent, BadInput, Conflict
from neighborhoods.access import Action, Place, require
from neighborhoods.fund import bank_rows
from neighborhoods.fund.balances import balance
from neighborhoods.fund.bank_accounts import account_locked
from neighborhoods.fund.bank_messages import Transfer
from neighborhoods.fund.bank_rows import (
    bank_row_ignore,
    bank_row_match,
    bank_row_reopen,
    bank_row_return,
    bank_rows_for,
    transfer_receive,
    waiting,
)
from neighborhoods.fund.payments import payment_record, payment_reverse
from neighborhoods.models import AuditEntry, BankRow, LedgerEntry, Payment
from tests.cast import make_resident
from tests.neighborhoods.conftest import NOW, actor, at_once
from tests.neighborhoods.fund.bank_cast import make_account, make_campaign

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def arrive(account, content="Nop tien camera", amount=350_000, number="1"):
    transfer = Transfer(amount, NOW, content, f"FT{number}", number)
    return transfer_receive(account=account_locked(account.id), transfer=transfer, came_by="sepay", now=NOW)


@pytest.fixture
def account(cast):
    return make_account(cast).account


@pytest.fixture
def campaign(cast):
    return make_campaign(cast)


@pytest.fixture
def hoa(cast):
    return actor(cast.hoa)


@pytest.fixture
def row(account, campaign):
    return arrive(account).row


def test_the_treasurer_says_whose_it_is(cast, hoa, row, campaign):
    payment = bank_row_match(
        actor=hoa, row_id=row.id, household_id=cast.an.household.id, campaign_id=campaign.id, now=NOW
    )
    assert (payment.amount, payment.bank_row_id, payment.recorded_by) == (350_000, row.id, cast.hoa.account)
    assert balance(campaign.id).bank == 350_000
    assert not waiting(bank_rows_for(hoa)).exists()
    assert bank_rows_for(hoa).get().payment_id == payment.id
    facts = AuditEntry.objects.get(action="bank_row.matched").data
    assert facts == {"payment": str(payment.id)}


def test_taking_the_payment_back_puts_the_row_back(cast, hoa, row, campaign):
    match = {"actor": hoa, "row_id": row.id, "household_id": cast.an.household.id, "campaign_id": campaign.id}
    payment = bank_row_match(**match, now=NOW)
    payment_reverse(actor=hoa, payment_id=payment.id, reason="wrong_household", now=NOW)
    assert list(waiting(bank_rows_for(hoa))) == [row]
    other = make_resident(cast.place, 13, "Hộ ông Em", "Vũ Văn Em").household
    again = bank_row_match(**match | {"household_id": other.id}, now=NOW)
    assert again.household == other and balance(campaign.id).bank == 350_000
    assert LedgerEntry.objects.count() == 3


@pytest.mark.parametrize("act", ["match", "return", "ignore"])
def test_a_row_is_settled_once(cast, hoa, row, campaign, act):
    acts = {
        "match": lambda: bank_row_match(
            actor=hoa, row_id=row.id, household_id=cast.an.household.id, campaign_id=campaign.id, now=NOW
        ),
        "return": lambda: bank_row_return(actor=hoa, row_id=row.id, now=NOW),
        "ignore": lambda: bank_row_ignore(actor=hoa, row_id=row.id, why="test", now=NOW),
    }
    acts[act]()
    for other in acts.values():
        with pytest.raises(Conflict) as refused:
            other()
        assert refused.value.code == ("bank_row_taken" if act == "match" else "bank_row_settled")
    assert Payment.objects.count() == (act == "match")


def test_money_sent_back_is_in_no_ledger_and_can_be_taken_up_again(hoa, row):
    bank_row_return(actor=hoa, row_id=row.id, now=NOW)
    assert not LedgerEntry.objects.exists() and not waiting(bank_rows_for(hoa)).exists()
    opened = bank_row_reopen(actor=hoa, row_id=row.id, now=NOW)
    assert (opened.settled, opened.settled_at) == ("", None)
    assert waiting(bank_rows_for(hoa)).count() == 1
    with pytest.raises(Conflict) as refused:
        bank_row_reopen(actor=hoa, row_id=row.id, now=NOW)
    assert refused.value.code == "bank_row_open"


def test_setting_aside_needs_a_reason_of_the_list(hoa, row):
    with pytest.raises(BadInput):
        bank_row_ignore(actor=hoa, row_id=row.id, why="because", now=NOW)
    assert bank_row_ignore(actor=hoa, row_id=row.id, why="bank_interest", now=NOW).why == "bank_interest"


def test_nobody_else_sees_or_touches_the_queue(cast, row, campaign):
    for person in (cast.an, cast.binh, cast.cuc, cast.dung):
        assert not bank_rows_for(actor(person)).exists()
        with pytest.raises(Absent):
            bank_row_return(actor=actor(person), row_id=row.id, now=NOW)


def test_only_households_and_campaigns_of_the_place_can_be_named(cast, hoa, row, campaign):
    elsewhere = make_campaign(cast, "XA")
    elsewhere.neighborhood = cast.other_place
    elsewhere.save()
    for household, of in ((cast.cuc.household, campaign), (cast.an.household, elsewhere)):
        with pytest.raises(Absent):
            bank_row_match(actor=hoa, row_id=row.id, household_id=household.id, campaign_id=of.id, now=NOW)
    assert not Payment.objects.exists()


def test_the_bank_acts_for_its_own_neighborhood_alone(cast):
    bank = bank_rows.bank_of(cast.place.id)
    require(bank, Action.KEEP_FUND, Place(neighborhood_id=cast.place.id))
    with pytest.raises(Absent):
        require(bank, Action.KEEP_FUND, Place(neighborhood_id=cast.other_place.id))


def test_a_transfer_that_was_entered_by_hand_is_not_booked_a_second_time(cast, hoa, account, campaign):
    """An shows his screen, Hoa writes it down, and a minute later the bank tells of it."""
    by_hand = payment_record(
        actor=hoa, campaign_id=campaign.id, household_id=cast.an.household.id, amount=350_000, method="transfer",
        paid_on=vietnam_day(NOW), now=NOW,
    )  # fmt: skip
    waits = arrive(account, "HG7 CAM H012")
    assert waits.payment is None and list(waiting(bank_rows_for(hoa))) == [waits.row]
    assert arrive(account, "HG7 CAM H012", 340_000, "2").payment is not None  # another sum is other money
    payment_reverse(actor=hoa, payment_id=by_hand.id, reason="entered_twice", now=NOW)
    assert arrive(account, "HG7 CAM H012", 350_000, "3").payment is not None


def test_the_total_that_waits_is_told(cast, account, campaign, row):
    arrive(account, "Ung ho", 50_000, "2")
    arrive(account, "HG7 CAM H012", 70_000, "3")
    assert bank_rows.waiting_total(cast.place.id) == (2, 400_000)
    assert bank_rows.waiting_total(cast.other_place.id) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_two_who_take_the_same_row_at_once_book_it_once(live_cast):
    campaign, account = make_campaign(live_cast), make_account(live_cast).account
    row = BankRow.objects.create(
        account=account, amount=1000, occurred_at=NOW, content="?", came_by="sepay", sameness="1" * 64
    )
    hoa = actor(live_cast.hoa)

    def take(number):
        if number % 2:
            return bank_row_return(actor=hoa, row_id=row.id, now=NOW)
        return bank_row_match(
            actor=hoa, row_id=row.id, household_id=live_cast.an.household.id, campaign_id=campaign.id, now=NOW
        )

    results = at_once(take, 6)
    assert sum(not isinstance(one, Exception) for one in results) == 1
    assert all(isinstance(one, Conflict) for one in results if isinstance(one, Exception))
    row.refresh_from_db()
    assert Payment.objects.count() + (row.settled == "returned") == 1
