"""Paper of the fund: a receipt per payment, a statement per month, and who may have them."""

from datetime import date, timedelta

import pytest
from django.test import Client

from backend.lib.clock import vietnam_day
from backend.lib.errors import Absent, BadInput
from neighborhoods import jobfiles, jobs
from neighborhoods.devices import actor_for, device_revoke
from neighborhoods.fund import expenses, payments, receipts, statement_job
from neighborhoods.fund.month_paper import Line, Statement, month_paper
from neighborhoods.fund.receipt_paper import Receipt, receipt_paper
from neighborhoods.models import Campaign, Payment
from tests.cast import Cast, make_phuc
from tests.neighborhoods.conftest import NOW
from tests.pdfs import pages_text

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

PAPER = Receipt(
    place="Tổ dân phố 7", ward="Phường Hà Giang 2, Tuyên Quang", number=12, campaign_code="CAM", purpose="Lắp camera",
    household="H012 · Hộ ông An", address="Số 12", amount=1_015_000, method="cash", paid_on=date(2026, 3, 5),
    received_by="Đỗ Thị Hoa", voluntary=False,
)  # fmt: skip


@pytest.fixture
def campaign(cast: Cast) -> Campaign:
    day = vietnam_day(NOW)
    return Campaign.objects.create(
        neighborhood=cast.place, code="CAM", purpose="Lắp camera", target=30_000_000, suggestion=350_000,
        starts_on=day - timedelta(days=90), ends_on=day + timedelta(days=30), approval_above=2_000_000,
    )  # fmt: skip


def pay(cast: Cast, campaign: Campaign, amount: int = 350_000, *, day: date | None = None) -> Payment:
    return payments.payment_record(
        actor=actor_for(cast.hoa.device, now=NOW), campaign_id=campaign.id, household_id=cast.an.household.id,
        amount=amount, method="cash", paid_on=day or vietnam_day(NOW), now=NOW,
    )  # fmt: skip


def test_a_receipt_says_who_gave_how_much_in_digits_and_in_words() -> None:
    (said,) = pages_text(receipt_paper(PAPER))
    for words in ("PHIẾU THU", "Số 0012/CAM", "Ngày 05 tháng 03 năm 2026", "H012 · Hộ ông An", "1.015.000 đ",
                  "Một triệu không trăm mười lăm nghìn đồng", "Tiền mặt", "Đỗ Thị Hoa"):  # fmt: skip
        assert words in said
    assert "HỦY" not in said and "tự nguyện" not in said


def test_a_receipt_is_the_households_own_the_treasurers_and_the_leaders(
    cast: Cast, campaign: Campaign, client: Client
) -> None:
    payment = pay(cast, campaign)
    for person in (cast.an, cast.hoa, cast.binh):
        assert receipts.receipt_for(actor_for(person.device, now=NOW), payment.id) == payment
    for person in (cast.cuc, cast.dung, make_phuc(cast)):
        with pytest.raises(Absent):
            receipts.receipt_for(actor_for(person.device, now=NOW), payment.id)


def test_a_receipt_of_a_voluntary_collection_and_of_a_payment_taken_back_say_so(cast: Cast, campaign: Campaign) -> None:
    payment = pay(cast, campaign)
    hoa = actor_for(cast.hoa.device, now=NOW)
    payments.payment_reverse(actor=hoa, payment_id=payment.id, reason="entered_twice", now=NOW)
    paper = receipts.receipt_of(receipts.receipt_for(hoa, payment.id))
    assert (paper.name, paper.voluntary, paper.reversed_on) == ("0001/CAM", True, vietnam_day(NOW))
    said = pages_text(receipt_paper(paper))[0].replace("\n", " ")
    assert f"ĐÃ HỦY ngày {vietnam_day(NOW):%d/%m/%Y}" in said and "Vận động tự nguyện" in said


def test_a_statement_adds_up_and_has_room_for_hands() -> None:
    lines = tuple(Line(n, date(2026, 3, n % 28 + 1), "Đóng góp, tiền mặt", 100_000) for n in range(1, 61))
    told: list[tuple[int, int]] = []
    pages = pages_text(month_paper(
        Statement(
            place="Tổ 7", ward="Hà Giang", campaign_code="CAM", purpose="Lắp camera", year=2026, month=3,
            printed_on=date(2026, 4, 1), opening=500_000, closing=5_500_000, cash=5_500_000, bank=0, payments=60,
            voluntary=True, money_in=lines, money_out=(Line(61, date(2026, 3, 30), "Mua dây " * 30, -1_000_000),),
            treasurer="Đỗ Thị Hoa", leader="Trần Thị Bình",
        ),
        lambda done, total: told.append((done, total)),
    ))  # fmt: skip
    said = "\n".join(pages)
    for words in ("SAO KÊ QUỸ", "Có đầu tháng", "500.000 đ", "6.000.000 đ", "-1.000.000 đ", "5.500.000 đ", "Thủ quỹ",
                  "Đại diện các hộ", "Trần Thị Bình", "Vận động tự nguyện"):  # fmt: skip
        assert words in said
    assert len(pages) >= 2 and told[-1] == (61, 61) and said.count("Mua") == 30


def test_the_treasurers_statement_is_long_work_with_the_names_of_those_who_sign(cast: Cast, campaign: Campaign) -> None:
    pay(cast, campaign)
    pay(cast, campaign, 40_000, day=vietnam_day(NOW) - timedelta(days=40))
    hoa, day = actor_for(cast.hoa.device, now=NOW), vietnam_day(NOW)
    expenses.expense_record(
        actor=hoa, campaign_id=campaign.id, amount=20_000, method="cash", paid_on=day, what="Dây", payee="Cửa hàng",
        category="purchase", now=NOW,
    )  # fmt: skip
    job = statement_job.statement_start(actor=hoa, campaign_id=campaign.id, year=day.year, month=day.month, now=NOW)
    assert jobs.job_run(job.id, now=lambda: NOW)
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"lines": 2})
    said = "\n".join(pages_text(jobfiles.file_fetch(actor=hoa, job=job, now=NOW).data))
    for words in ("Đỗ Thị Hoa", "Trần Thị Bình", "40.000 đ", "370.000 đ", "Dây (trả Cửa hàng)"):
        assert words in said
    assert "Hộ ông An" not in said


def test_a_statement_is_not_made_for_who_was_cut_off_meanwhile(cast: Cast, campaign: Campaign) -> None:
    hoa, day = actor_for(cast.hoa.device, now=NOW), vietnam_day(NOW)
    job = statement_job.statement_start(actor=hoa, campaign_id=campaign.id, year=day.year, month=day.month, now=NOW)
    device_revoke(actor=hoa, device_id=cast.hoa.device.id, now=NOW)
    jobs.job_run(job.id, now=lambda: NOW)
    job.refresh_from_db()
    assert (job.state, job.problem["code"]) == ("failed", "not_signed_in")


@pytest.mark.parametrize(("year", "month"), [(2999, 1), (2026, 13), (2026, 0), (1999, 12)])
def test_a_month_that_is_none_or_lies_ahead_is_refused(cast: Cast, campaign: Campaign, year: int, month: int) -> None:
    with pytest.raises(BadInput) as refused:
        statement_job.statement_start(
            actor=actor_for(cast.hoa.device, now=NOW), campaign_id=campaign.id, year=year, month=month, now=NOW
        )
    assert "month" in refused.value.fields
