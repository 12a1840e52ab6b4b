"""Expenses: two people above the limit, receipts, and the chain from a decision to a camera."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from backend.lib.errors import Absent, BadInput, Conflict
from cameras.models import Camera, MediaNode
from neighborhoods import papers
from neighborhoods.fund import chain, expenses, ledger, pledges
from neighborhoods.models import Expense, Paper, RoleGrant
from tests.backend.test_pictures import photograph
from tests.cast import make_phuc
from tests.neighborhoods.conftest import NOW, actor
from tests.neighborhoods.fund.conftest import TODAY, Fund

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

DEAR = 2_000_001


@pytest.fixture
def rich(fund: Fund) -> Fund:
    fund.pays(10_000_000)
    return fund


def decides(fund: Fund, expense: Expense, *, yes: bool = True, by: Any = None) -> Expense:
    facts: dict[str, Any] = {"actor": by or fund.leader, "expense_id": expense.id, "now": NOW}
    return expenses.expense_approve(**facts) if yes else expenses.expense_refuse(words="Đắt quá", **facts)


def receipt(fund: Fund, kind: str = "receipt") -> Paper:
    by = fund.treasurer if kind == "receipt" else fund.leader
    return papers.paper_keep(
        actor=by, neighborhood_id=fund.cast.place.id, kind=kind, data=photograph(), name="hoa-don.jpg", now=NOW
    )


def camera(fund: Fund, place: Any = None) -> Camera:
    node, _made = MediaNode.objects.get_or_create(name="default")
    return Camera.objects.create(neighborhood=place or fund.cast.place, node=node, name="Đầu ngõ 3")


class TestTheSecondPerson:
    def test_up_to_the_limit_nobody_waits(self, rich: Fund) -> None:
        assert rich.spends(2_000_000).state == "recorded"
        assert ledger.balance(rich.campaign.id).spent == 2_000_000

    def test_above_it_the_money_goes_out_when_somebody_else_says_yes(self, rich: Fund) -> None:
        waits = rich.spends(DEAR)
        assert (waits.state, ledger.balance(rich.campaign.id).spent) == ("waiting", 0)
        approved = decides(rich, waits, by=actor(make_phuc(rich.cast)))
        assert (approved.state, ledger.balance(rich.campaign.id).spent) == ("approved", DEAR)
        assert approved.entries.get().happened_on == TODAY

    def test_who_recorded_it_does_not_decide(self, rich: Fund) -> None:
        """Bình leads and keeps the fund too, as happens where few people live."""
        RoleGrant.objects.filter(account=rich.cast.hoa.account).update(account=rich.cast.binh.account)
        both = rich.treasurer = actor(rich.cast.binh)
        waits = rich.spends(DEAR)
        for yes in (True, False):
            with pytest.raises(Conflict) as refused:
                decides(rich, waits, yes=yes, by=both)
            assert refused.value.code == "same_person"
        assert Expense.objects.get().state == "waiting"

    def test_the_database_keeps_the_two_apart(self, rich: Fund) -> None:
        waits = rich.spends(DEAR)
        for change in ({"decided_by": rich.cast.hoa.account}, {"decided_by": None}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Expense.objects.filter(id=waits.id).update(state="approved", decided_at=NOW, **change)

    def test_the_treasurer_approves_nothing_and_neither_do_others(self, rich: Fund) -> None:
        waits = rich.spends(DEAR)
        for person in (rich.cast.hoa, rich.cast.an, rich.cast.cuc, rich.cast.dung):
            with pytest.raises(Absent):
                decides(rich, waits, by=actor(person))

    def test_it_is_decided_once(self, rich: Fund) -> None:
        waits = rich.spends(DEAR)
        refused = decides(rich, waits, yes=False)
        assert (refused.state, refused.refusal) == ("refused", "Đắt quá")
        with pytest.raises(Conflict) as twice:
            decides(rich, waits)
        assert twice.value.code == "expense_decided"
        assert ledger.balance(rich.campaign.id).spent == 0

    def test_no_is_said_with_a_reason(self, rich: Fund) -> None:
        with pytest.raises(BadInput):
            expenses.expense_refuse(actor=rich.leader, expense_id=rich.spends(DEAR).id, words=" ", now=NOW)

    def test_it_waits_on_where_the_money_is_gone_meanwhile(self, rich: Fund) -> None:
        waits, _other = rich.spends(9_000_000), rich.spends(2_000_000)
        with pytest.raises(Conflict) as short:
            decides(rich, waits)
        assert short.value.code == "fund_short"
        assert Expense.objects.get(id=waits.id).state == "waiting"

    def test_only_what_was_spent_is_taken_back(self, rich: Fund) -> None:
        waits = rich.spends(DEAR)
        by: dict[str, Any] = {"actor": rich.treasurer, "reason": "wrong_amount", "now": NOW}
        with pytest.raises(Conflict):
            expenses.expense_reverse(expense_id=waits.id, **by)
        decides(rich, waits)
        assert not expenses.expense_reverse(expense_id=waits.id, **by).is_spent


class TestWhoSees:
    def test_residents_see_what_was_spent_and_the_desk_what_waits(self, rich: Fund) -> None:
        spent, waits = rich.spends(), rich.spends(DEAR)
        seen = {name: expenses.expenses_of(actor(getattr(rich.cast, name)), rich.campaign.id) for name in ("an", "hoa")}
        assert set(seen["an"]) == {spent}
        assert set(seen["hoa"]) == {spent, waits}
        with pytest.raises(Absent):
            expenses.expense_for(actor(rich.cast.an), waits.id)
        with pytest.raises(Absent):
            expenses.expenses_of(actor(rich.cast.cuc), rich.campaign.id)


class TestReceipts:
    def test_one_comes_with_it_or_later_and_stays(self, rich: Fund) -> None:
        paper = receipt(rich)
        assert rich.spends(receipt_id=paper.id).receipt == paper
        later = rich.spends()
        by: dict[str, Any] = {"actor": rich.treasurer, "expense_id": later.id, "now": NOW}
        assert expenses.expense_attach(receipt_id=paper.id, **by).receipt == paper
        with pytest.raises(Conflict) as there:
            expenses.expense_attach(receipt_id=receipt(rich).id, **by)
        assert there.value.code == "receipt_there"

    def test_it_is_a_receipt_of_this_place(self, rich: Fund) -> None:
        for paper_id in (uuid4(), receipt(rich, "resolution").id):
            with pytest.raises(BadInput):
                rich.spends(receipt_id=paper_id)
        Paper.objects.update(neighborhood=rich.cast.other_place, kind="receipt")
        with pytest.raises(BadInput):
            rich.spends(receipt_id=Paper.objects.get().id)


class TestTheChain:
    def test_from_the_decision_to_the_camera(self, rich: Fund) -> None:
        pledges.pledge_make(
            actor=actor(rich.cast.an), campaign_id=rich.campaign.id, household_id=rich.an, amount=350_000, now=NOW
        )
        resolution, eye, paper = rich.resolves(), camera(rich), receipt(rich)
        bought = decides(rich, rich.spends(3_000_000, camera_id=eye.id, receipt_id=paper.id))
        rich.refunds(1_000_000)
        rich.spends(camera_id=camera(rich).id)
        (link,) = chain.chain_for(actor(rich.cast.an), eye.id)
        assert (link.campaign, link.resolution, link.is_voluntary) == (rich.campaign, resolution, False)
        assert (link.pledged, link.pledging_households) == (350_000, 1)
        assert (link.received, link.giving_households) == (9_000_000, 1)
        assert (link.expense, link.receipt) == (bought, paper)

    def test_what_waits_or_was_taken_back_is_no_link(self, rich: Fund) -> None:
        eye = camera(rich)
        rich.spends(DEAR, camera_id=eye.id)
        gone = rich.spends(camera_id=eye.id)
        expenses.expense_reverse(actor=rich.treasurer, expense_id=gone.id, reason="wrong_amount", now=NOW)
        assert chain.chain_of_camera(eye.id) == []
        rich.spends(camera_id=eye.id, category="repair")
        assert [link.is_voluntary for link in chain.chain_of_camera(eye.id)] == [True]
        with pytest.raises(Absent):
            chain.chain_for(actor(rich.cast.cuc), eye.id)

    def test_a_camera_elsewhere_is_not_bought_here(self, rich: Fund) -> None:
        for camera_id in (uuid4(), camera(rich, rich.cast.other_place).id):
            with pytest.raises(BadInput):
                rich.spends(camera_id=camera_id)
        assert not Expense.objects.exists()
