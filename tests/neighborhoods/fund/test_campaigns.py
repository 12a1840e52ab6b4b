"""Campaigns, the resolutions behind them, promises and waivers."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from backend.lib.errors import Absent, BadInput, Conflict
from neighborhoods import papers
from neighborhoods.fund import campaigns, pledges, resolutions, waivers
from neighborhoods.fund.dues import due_of, dues_of, household_dues
from neighborhoods.models import AuditEntry, Campaign, Pledge, Resolution
from tests.backend.test_pictures import photograph
from tests.cast import make_phuc
from tests.neighborhoods.conftest import NOW, actor
from tests.neighborhoods.fund.conftest import SUGGESTION, TODAY, Fund, opens

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def edits(fund: Fund, **changes: Any) -> Campaign:
    return campaigns.campaign_edit(actor=fund.leader, campaign_id=fund.campaign.id, now=NOW, **changes)


def closes(fund: Fund, note: str = "") -> Campaign:
    return campaigns.campaign_close(actor=fund.leader, campaign_id=fund.campaign.id, now=NOW, note=note)


def promises(fund: Fund, amount: int, person: Any = None) -> Pledge:
    by = actor(person) if person else actor(fund.cast.an)
    return pledges.pledge_make(actor=by, campaign_id=fund.campaign.id, household_id=fund.an, amount=amount, now=NOW)


def waives(fund: Fund, **more: Any) -> Any:
    facts = {"reason": "elderly"} | more
    return waivers.waiver_grant(
        actor=fund.treasurer, campaign_id=fund.campaign.id, household_id=fund.an, now=NOW, **facts
    )


class TestOpening:
    def test_the_leader_and_the_deputy_open_one(self, fund: Fund) -> None:
        assert (fund.campaign.code, fund.campaign.target, fund.campaign.approval_above) == (
            "CAM",
            30_000_000,
            2_000_000,
        )
        assert opens(actor(make_phuc(fund.cast)), fund.cast, code="den").code == "DEN"

    def test_nobody_else_does(self, fund: Fund) -> None:
        for person in (fund.cast.an, fund.cast.cuc, fund.cast.dung, fund.cast.hoa):
            with pytest.raises(Absent):
                opens(actor(person), fund.cast, code="X1")

    def test_one_code_per_place(self, fund: Fund) -> None:
        with pytest.raises(Conflict) as taken:
            opens(fund.leader, fund.cast, code="cam")
        assert taken.value.code == "campaign_code_taken"
        opens(fund.leader, fund.cast, code="DEN")
        with pytest.raises(Conflict):
            edits(fund, code="DEN")

    @pytest.mark.parametrize(
        ("field", "value"),
        [("code", "C"), ("code", "CAMERA7"), ("code", "ĐÈN"), ("code", "A B"), ("purpose", "  "), ("target", 0),
         ("target", 10**12 + 1), ("suggestion", -1), ("approval_above", -1), ("purpose", "a\u202eb"),
         ("ends_on", TODAY - timedelta(days=99))],
    )  # fmt: skip
    def test_what_makes_no_sense_is_refused(self, fund: Fund, field: str, value: object) -> None:
        with pytest.raises(BadInput) as refused:
            opens(fund.leader, fund.cast, **{"code": "X1", field: value})
        assert field in refused.value.fields

    def test_the_database_takes_no_such_code_or_amount(self, fund: Fund) -> None:
        for change in ({"code": "cam"}, {"code": "C"}, {"target": 0}, {"suggestion": -5}, {"approval_above": -1}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Campaign.objects.update(**change)


class TestEditing:
    def test_before_money_comes_in_everything_can_change(self, fund: Fund) -> None:
        changed = edits(fund, code="mat", target=20_000_000, suggestion=None)
        assert (changed.code, changed.target, changed.suggestion) == ("MAT", 20_000_000, None)
        entry = AuditEntry.objects.get(action="campaign.edited")
        assert sorted(entry.data["fields"]) == ["code", "suggestion", "target"]

    def test_afterwards_only_description_and_end(self, fund: Fund) -> None:
        fund.pays()
        later = TODAY + timedelta(days=90)
        assert edits(fund, description="Sáu ngõ\n\n\n\nhai trục", ends_on=later).description == "Sáu ngõ\n\nhai trục"
        for change in ({"target": 1}, {"code": "NEW"}, {"purpose": "Việc khác"}, {"approval_above": 10**9}):
            with pytest.raises(Conflict) as refused:
                edits(fund, **change)
            assert refused.value.code == "campaign_started"

    def test_saying_the_same_again_is_no_news(self, fund: Fund) -> None:
        fund.pays()
        edits(fund, target=fund.campaign.target)
        assert not AuditEntry.objects.filter(action="campaign.edited").exists()


class TestClosing:
    def test_an_empty_fund_closes_and_nothing_is_written_any_more(self, fund: Fund) -> None:
        fund.pays(100_000)
        fund.spends(100_000)
        assert closes(fund).closed_at == NOW
        acts = (
            fund.pays, fund.spends, fund.resolves, lambda: fund.refunds(1), lambda: promises(fund, 1),
            lambda: waives(fund), lambda: edits(fund, description="x"), lambda: closes(fund),
        )  # fmt: skip
        for act in acts:
            with pytest.raises(Conflict) as closed:
                act()
            assert closed.value.code == "campaign_closed"

    def test_money_that_is_left_needs_a_word(self, fund: Fund) -> None:
        fund.pays(100_000)
        with pytest.raises(Conflict) as refused:
            closes(fund)
        assert refused.value.code == "campaign_balance"
        assert closes(fund, "Chuyển sang quỹ\nbảo trì").closing_note == "Chuyển sang quỹ bảo trì"

    def test_an_expense_that_waits_is_decided_first(self, fund: Fund) -> None:
        fund.pays(5_000_000)
        fund.spends(3_000_000)
        with pytest.raises(Conflict) as refused:
            closes(fund, "Còn lại giữ")
        assert refused.value.code == "expense_waiting"


class TestResolutions:
    @pytest.mark.parametrize(("in_favour", "voluntary"), [(58, False), (57, True), (70, False), (0, True)])
    def test_two_thirds_of_all_households_or_it_is_voluntary(self, fund: Fund, in_favour: int, voluntary: bool) -> None:
        assert fund.campaign.is_voluntary
        fund.resolves(in_favour)
        assert Campaign.objects.get().is_voluntary is voluntary
        assert due_of(Campaign.objects.get(), fund.an).owes == (0 if voluntary else SUGGESTION)

    @pytest.mark.parametrize(
        "change", [{"suggestion": 3_500_000}, {"target": 10**9}, {"purpose": "Sửa nhà văn hóa"}, {"suggestion": None}]
    )
    def test_what_the_households_did_not_decide_nobody_owes(self, fund: Fund, change: Any) -> None:
        decided = fund.resolves()
        edits(fund, code="MAT", description="Sáu ngõ", starts_on=TODAY)
        assert due_of(Campaign.objects.get(), fund.an).owes == SUGGESTION
        edits(fund, **change)
        campaign = Campaign.objects.get()
        assert campaign.is_voluntary and due_of(campaign, fund.an).owes == 0
        decided.refresh_from_db()
        assert decided.superseded_at == NOW
        told = AuditEntry.objects.filter(action="campaign.edited").order_by("seq").values_list("data", flat=True)
        assert [data["undecided"] for data in told] == [False, True]

    def test_a_correction_supersedes_and_both_stay(self, fund: Fund) -> None:
        first, second = fund.resolves(62), fund.resolves(40)
        first.refresh_from_db()
        assert first.superseded_at == NOW
        campaign = Campaign.objects.get()
        assert campaign.resolution == second
        assert campaign.is_voluntary

    @pytest.mark.parametrize(
        "count",
        [(86, 70, 15, 60), (86, 70, 17, 60), (86, 70, 16, 71), (0, 0, 0, 0), (86, -1, 87, 0), (86, 87, -1, 0),
         (86, 70, 16, -1), (10**9, 10**9, 0, 1)],
    )  # fmt: skip
    def test_households_that_do_not_add_up_are_refused(self, fund: Fund, count: tuple[int, int, int, int]) -> None:
        total, present, absent, in_favour = count
        said = resolutions.Count(total=total, present=present, absent=absent, in_favour=in_favour)
        with pytest.raises(BadInput) as refused:
            resolutions.resolution_record(
                actor=fund.leader, campaign_id=fund.campaign.id, held_on=TODAY, count=said, form="paper",
                content="Góp tiền", now=NOW,
            )  # fmt: skip
        assert refused.value.code == "resolution_count"

    def test_nor_does_the_database_take_them(self, fund: Fund) -> None:
        fund.resolves()
        for change in ({"households_absent": 99}, {"in_favour": 71}, {"superseded_at": None, "households_total": 0}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Resolution.objects.update(**change)

    def test_what_to_look_at_again_is_told_and_stops_nobody(self, fund: Fund) -> None:
        found = fund.resolves()
        assert resolutions.hints(found) == ["households_differ", "signatures_missing", "scan_missing"]
        scan = papers.paper_keep(
            actor=fund.leader, neighborhood_id=fund.cast.place.id, kind="resolution", data=photograph(), name="bb.jpg",
            now=NOW,
        )  # fmt: skip
        signed = [{"role": role, "name": "Trần Thị Bình"} for role in ("leader", "front", "household", "household")]
        whole = fund.resolves(1, total=1, present=1, signatories=signed, scan_id=scan.id)
        assert resolutions.hints(whole) == []
        assert whole.scan == scan

    def test_it_lies_in_the_past_and_says_something(self, fund: Fund) -> None:
        count = resolutions.Count(total=3, present=3, absent=0, in_favour=3)
        facts: dict[str, Any] = {"held_on": TODAY, "content": "Góp", "signatories": []}
        for field, value in (
            ("held_on", TODAY + timedelta(days=1)), ("held_on", TODAY - timedelta(days=3000)), ("content", " \n "),
            ("signatories", [{"role": "king", "name": "X"}]), ("signatories", [{"role": "leader", "name": ""}]),
            ("signatories", [{"role": "household", "name": "X"}] * 13),
        ):  # fmt: skip
            with pytest.raises(BadInput) as refused:
                resolutions.resolution_record(
                    actor=fund.leader, campaign_id=fund.campaign.id, count=count, form="paper", now=NOW,
                    **facts | {field: value},
                )  # fmt: skip
            assert field in refused.value.fields

    def test_only_who_leads_records_one(self, fund: Fund) -> None:
        for person in (fund.cast.hoa, fund.cast.an, fund.cast.cuc):
            fund.leader = actor(person)
            with pytest.raises(Absent):
                fund.resolves()

    def test_a_scan_of_another_kind_or_place_is_not_taken(self, fund: Fund) -> None:
        receipt = papers.paper_keep(
            actor=fund.treasurer, neighborhood_id=fund.cast.place.id, kind="receipt", data=photograph(), name="a.jpg",
            now=NOW,
        )  # fmt: skip
        with pytest.raises(BadInput):
            fund.resolves(scan_id=receipt.id)
        assert not Resolution.objects.exists()


class TestPledges:
    def test_a_household_promises_and_thinks_again(self, fund: Fund) -> None:
        promises(fund, 200_000)
        assert due_of(fund.campaign, fund.an).owes == 200_000
        promises(fund, 300_000)
        promises(fund, 300_000)
        assert due_of(fund.campaign, fund.an).owes == 300_000
        promises(fund, 0)
        assert due_of(fund.campaign, fund.an).owes == 0
        assert list(fund.campaign.pledges.order_by("id").values_list("amount", "superseded_at")) == [
            (200_000, NOW), (300_000, NOW), (0, None),
        ]  # fmt: skip

    def test_the_treasurer_writes_down_what_they_were_told(self, fund: Fund) -> None:
        assert promises(fund, 50_000, fund.cast.hoa).pledged_by == f"account:{fund.cast.hoa.account.id}"

    def test_nobody_promises_for_others(self, fund: Fund) -> None:
        for person in (fund.cast.binh, fund.cast.cuc, fund.cast.dung):
            with pytest.raises(Absent):
                promises(fund, 1, person)
        with pytest.raises(Absent):
            pledges.pledge_make(
                actor=actor(fund.cast.cuc), campaign_id=fund.campaign.id, household_id=fund.cast.cuc.household.id,
                amount=1, now=NOW,
            )  # fmt: skip


class TestWaivers:
    def test_who_is_excused_owes_nothing_until_it_ends(self, fund: Fund) -> None:
        fund.resolves()
        campaign = Campaign.objects.get()
        waiver = waives(fund)
        assert due_of(campaign, fund.an).owes == 0
        with pytest.raises(Conflict) as twice:
            waives(fund)
        assert twice.value.code == "waived_already"
        for _turn in range(2):
            waivers.waiver_end(actor=fund.leader, waiver_id=waiver.id, now=NOW)
        assert due_of(campaign, fund.an).owes == SUGGESTION
        assert AuditEntry.objects.filter(action="waiver.ended").count() == 1
        waives(fund, reason="other", words="Đang nằm viện")

    def test_the_audit_says_neither_who_nor_why(self, fund: Fund) -> None:
        waives(fund, reason="poor", words="Hộ nghèo 2026")
        entry = AuditEntry.objects.get(action="waiver.granted")
        assert entry.data.keys() == {"waiver"}

    def test_another_reason_is_written_out(self, fund: Fund) -> None:
        with pytest.raises(BadInput):
            waives(fund, reason="other", words=" ")

    def test_neither_deputy_nor_resident_excuses(self, fund: Fund) -> None:
        for person in (make_phuc(fund.cast), fund.cast.an, fund.cast.cuc):
            fund.treasurer = actor(person)
            with pytest.raises(Absent):
                waives(fund)


class TestDues:
    def test_everybody_who_lives_there_and_who_left_with_money_in_it(self, fund: Fund) -> None:
        fund.resolves()
        fund.pays(100_000)
        household = fund.cast.an.household
        household.left_at = NOW
        household.save()
        (mine,) = dues_of(Campaign.objects.get())
        assert (mine.household, mine.sums.given, mine.sums.owes) == (household, 100_000, 250_000)
        assert dues_of(opens(fund.leader, fund.cast, code="DEN")) == []

    def test_a_household_reads_its_own_in_every_campaign(self, fund: Fund) -> None:
        opens(fund.leader, fund.cast, code="DEN")
        fund.pays(100_000)
        assert [(one.campaign.code, one.sums.given) for one in household_dues(fund.an)] == [
            ("DEN", 0), ("CAM", 100_000),
        ]  # fmt: skip
        assert household_dues(fund.cast.cuc.household.id) == []
