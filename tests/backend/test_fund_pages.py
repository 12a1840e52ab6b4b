"""The fund's pages behind a sign-in: a household reads its own, the desk reads what its role may."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from backend.lib.clock import vietnam_day
from neighborhoods.api.authentication import COOKIE
from neighborhoods.devices import actor_for
from neighborhoods.fund import campaigns, expenses, ledger, payments, pledges, resolutions, waivers
from neighborhoods.models import Campaign
from tests.cast import Cast, Person, make_phuc, make_resident

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(cast: Cast) -> Campaign:
    """An promised 400,000 and gave 100,000; Bà Út gave 50,000 and is excused; a repair waits."""
    now = datetime.now(UTC)
    binh, hoa = (actor_for(one.device, now=now) for one in (cast.binh, cast.hoa))
    made = campaigns.campaign_open(
        actor=binh, neighborhood_id=cast.place.id, code="CAM", purpose="Lắp camera", target=1_000_000,
        suggestion=350_000, starts_on=date(2026, 1, 1), ends_on=date(2099, 6, 30), approval_above=40_000, now=now,
    )  # fmt: skip
    neighbour = make_resident(cast.place, 44, "Hộ bà Út", "Lò Thị Út")
    of = {"actor": hoa, "campaign_id": made.id, "now": now}
    pledges.pledge_make(household_id=cast.an.household.id, amount=400_000, **of)
    for person, amount in ((cast.an, 100_000), (neighbour, 50_000)):
        payments.payment_record(
            household_id=person.household.id, amount=amount, method="cash", paid_on=vietnam_day(now), **of
        )
    waivers.waiver_grant(household_id=neighbour.household.id, reason="illness", words="Nằm viện", **of)
    expenses.expense_record(
        amount=60_000,
        method="cash",
        paid_on=vietnam_day(now),
        what="Sửa nguồn",
        payee="Thợ điện",
        category="repair",
        **of,
    )
    return made


def read(person: Person, path: str, status: int = 200) -> str:
    client = Client()
    client.cookies[COOKIE] = person.token
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.content.decode().replace("\u00a0", " ")


def test_a_household_reads_what_it_promised_gave_and_owes_and_nobody_elses(cast: Cast, campaign: Campaign) -> None:
    said = read(cast.an, "/fund/")
    for words in ("400.000 đ", "100.000 đ", "300.000 đ", "Đóng một phần", "Phiếu thu 0001/CAM"):
        assert words in said
    assert "0002/CAM" not in said and "Út" not in said


def test_another_neighborhood_has_nothing_of_it(cast: Cast, campaign: Campaign) -> None:
    assert "Lắp camera" not in read(cast.cuc, "/fund/")


def test_the_desk_shows_dues_to_treasurer_and_leader_alone(cast: Cast, campaign: Campaign) -> None:
    dues, home = f"/fund/manage/{campaign.id}/dues/", f"/fund/manage/{campaign.id}/dues/{cast.an.household.id}/"
    for person in (cast.hoa, cast.binh):
        said = read(person, dues)
        assert "Hộ bà Út" in said and "Được miễn (1)" in said and "còn 300.000 đ" in said
        read(person, home)
    deputy = make_phuc(cast)
    for path in (dues, home):
        read(deputy, path, 404)
    said = read(deputy, f"/fund/manage/{campaign.id}/")
    assert "Sửa nguồn" in said and "dues/" not in said and "Nằm viện" not in said


def test_who_owes_stands_first(cast: Cast, campaign: Campaign) -> None:
    make_resident(cast.place, 1, "Hộ số một", "Ma Một")
    said = read(cast.hoa, f"/fund/manage/{campaign.id}/dues/")
    assert said.index("Hộ ông An") < said.index("Hộ số một") < said.index("Hộ bà Út")


def test_only_another_than_who_entered_it_is_asked_to_approve(cast: Cast, campaign: Campaign) -> None:
    page = f"/fund/manage/{campaign.id}/"
    assert "Duyệt chi" in read(cast.binh, page) and "Duyệt chi" in read(make_phuc(cast), page)
    said = read(cast.hoa, page)
    assert "Chờ tổ trưởng duyệt" in said and "Duyệt chi" not in said
    assert "1 khoản chi chờ bác duyệt" in read(cast.binh, "/fund/manage/")


def test_the_cash_form_begins_with_what_is_owed(cast: Cast, campaign: Campaign) -> None:
    said = read(cast.hoa, f"/fund/manage/{campaign.id}/dues/{cast.an.household.id}/")
    assert 'value="300.000"' in said
    read(cast.binh, f"/fund/manage/{campaign.id}/dues/{cast.cuc.household.id}/", 404)  # a household of elsewhere


def test_a_closed_campaign_has_no_forms_left(cast: Cast, campaign: Campaign) -> None:
    now = datetime.now(UTC)
    binh = actor_for(cast.binh.device, now=now)
    expenses.expense_refuse(actor=binh, expense_id=campaign.expenses.get().id, words="Đắt", now=now)
    campaigns.campaign_close(actor=binh, campaign_id=campaign.id, note="Để dành", now=now)
    for person in (cast.hoa, cast.binh):
        for path in ("", f"dues/{cast.an.household.id}/"):
            said = read(person, f"/fund/manage/{campaign.id}/{path}")
            assert "fundForm" not in said
    assert "fundForm" not in read(cast.an, "/fund/")


def test_without_a_campaign_each_is_told_what_comes_first(cast: Cast) -> None:
    assert "Mở đợt vận động đầu tiên" in read(cast.binh, "/fund/manage/")
    assert "Tổ trưởng mở đợt vận động trước" in read(cast.hoa, "/fund/manage/")
    assert "Chưa có quỹ nào" in read(cast.an, "/fund/")


def test_money_carried_to_the_bank_can_be_taken_back_from_the_desk(cast: Cast, campaign: Campaign) -> None:
    now = datetime.now(UTC)
    hoa, page = actor_for(cast.hoa.device, now=now), f"/fund/manage/{campaign.id}/"
    assert "Đã nộp, rút ngân hàng" not in read(cast.hoa, page)
    entry = ledger.deposit(
        actor=hoa, campaign_id=campaign.id, amount=30_000, happened_on=vietnam_day(now), now=now
    )  # fmt: skip
    said = read(cast.hoa, page)
    assert f"ledger-entries/{entry.id}/reverse/" in said and "Rút tiền mặt từ ngân hàng" in said
    assert "ledger-entries/" not in read(cast.binh, page)
    ledger.carried_reverse(actor=hoa, entry_id=entry.id, now=now)
    assert "ledger-entries/" not in read(cast.hoa, page)


def test_funds_that_are_open_stand_before_those_that_are_over(cast: Cast, campaign: Campaign) -> None:
    now = datetime.now(UTC)
    leader = actor_for(cast.binh.device, now=now)
    over = campaigns.campaign_open(
        actor=leader, neighborhood_id=cast.place.id, code="DEN", purpose="Đèn đường", target=1_000_000,
        starts_on=date(2026, 2, 1), ends_on=date(2099, 6, 30), now=now,
    )  # fmt: skip
    campaigns.campaign_close(actor=leader, campaign_id=over.id, now=now)
    said = read(cast.an, "/fund/")
    assert said.index("Lắp camera") < said.index("Đèn đường")


def test_who_changes_what_was_decided_is_told_first(cast: Cast, campaign: Campaign) -> None:
    now = datetime.now(UTC)
    leader = actor_for(cast.binh.device, now=now)
    fresh = campaigns.campaign_open(
        actor=leader, neighborhood_id=cast.place.id, code="DEN", purpose="Đèn đường", target=1_000_000,
        starts_on=date(2026, 2, 1), ends_on=date(2099, 6, 30), now=now,
    )  # fmt: skip
    path, told = f"/fund/manage/{fresh.id}/edit", "nghị quyết cũ không còn hiệu lực"
    assert told not in read(cast.binh, path)
    resolutions.resolution_record(
        actor=leader, campaign_id=fresh.id, held_on=vietnam_day(now), form="meeting", content="Góp tiền",
        count=resolutions.Count(total=86, present=70, absent=16, in_favour=60), now=now,
    )  # fmt: skip
    assert told in read(cast.binh, path)
