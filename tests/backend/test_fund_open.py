"""The open book as the public reads it: everything about the money, nothing about who gave it."""

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from PIL import Image

from cameras.models import Camera
from cameras.store.catalog import node_here
from neighborhoods import papers
from neighborhoods.access import Actor, Grant, Role
from neighborhoods.fund import campaigns, expenses, ledger, payments, pledges, resolutions, waivers
from neighborhoods.fund.month_paper import kept_paper
from neighborhoods.fund.month_statement import statement_of
from neighborhoods.models import Expense, Neighborhood, Ward
from neighborhoods.neighborhood_changes import neighborhood_move
from neighborhoods.neighborhood_merging import neighborhood_merge
from tests.architecture.fund_world import TEXTS
from tests.cast import Cast, Person, make_resident

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

NOW = datetime(2026, 5, 20, 3, tzinfo=UTC)
BOOK = f"/fund/{TEXTS['place_code']}/CAM/"
FORMULA = '=HYPERLINK("http://x")'


def staff(person: Person, role: Role, cast: Cast) -> Actor:
    return Actor(
        pseudonym=f"account:{person.account.id}", account_id=person.account.id, neighborhood_id=cast.place.id,
        ward_id=cast.ward.id, grants=(Grant(role, neighborhood_id=cast.place.id),),
    )  # fmt: skip


class Story:
    """Bình opens a campaign, An and others pay, Hoa buys something and enters one thing wrongly."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.binh, self.hoa = staff(cast.binh, Role.LEADER, cast), staff(cast.hoa, Role.TREASURER, cast)
        self.campaign = campaigns.campaign_open(
            actor=self.binh, neighborhood_id=cast.place.id, code="CAM", purpose="Lắp camera <ngõ>", target=1_000_000,
            suggestion=350_000, starts_on=date(2026, 3, 1), ends_on=date(2026, 6, 30), approval_above=400_000, now=NOW,
        )  # fmt: skip
        self.secret = make_resident(cast.place, 77, "Hộ bà Tuyết Kín", "Phan Thị Tuyết")

    def pay(self, amount: int, day: date, *, person: Person | None = None, method: str = "cash") -> object:
        return payments.payment_record(
            actor=self.hoa, campaign_id=self.campaign.id, household_id=(person or self.secret).household.id,
            amount=amount, method=method, paid_on=day, now=NOW,
        )  # fmt: skip

    def spend(
        self, amount: int, what: str, *, receipt: bool = False, payee: str = "Điện máy Hà Giang", **more: Any
    ) -> Expense:
        kept = None
        if receipt:
            picture = io.BytesIO()
            Image.new("RGB", (60, 80), "white").save(picture, "PNG")
            kept = papers.paper_keep(
                actor=self.hoa, neighborhood_id=self.cast.place.id, kind="receipt", data=picture.getvalue(),
                name="a.png", now=NOW,
            )  # fmt: skip
        return expenses.expense_record(
            actor=self.hoa, campaign_id=self.campaign.id, amount=amount, method="cash", paid_on=date(2026, 5, 2),
            what=what, payee=payee, category="purchase", receipt_id=kept.id if kept else None, now=NOW,
            **more,
        )  # fmt: skip

    def resolve(self, in_favour: int) -> None:
        resolutions.resolution_record(
            actor=self.binh, campaign_id=self.campaign.id, held_on=date(2026, 3, 1), form="meeting",
            count=resolutions.Count(total=86, present=70, absent=16, in_favour=in_favour), content="Góp tiền",
            signatories=[{"role": "household", "name": "Bùi Văn Kín"}], now=NOW,
        )  # fmt: skip


@pytest.fixture
def story(cast: Cast) -> Story:
    told = Story(cast)
    told.pay(350_000, date(2026, 3, 5))
    told.pay(400_000, date(2026, 4, 9), person=cast.an, method="transfer")
    wrong = told.pay(50_000, date(2026, 4, 10))
    payments.payment_reverse(actor=told.hoa, payment_id=wrong.id, reason="entered_twice", now=NOW)
    return told


def read(client: Client, path: str = BOOK) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode().replace("\u00a0", " ")


def test_everybody_reads_sums_expenses_and_entries(client: Client, story: Story) -> None:
    expense = story.spend(120_000, "Dây mạng 30 m", receipt=True)
    said = read(client)
    for words in (
        "750.000 đ",
        "120.000 đ",
        "630.000 đ",
        "Dây mạng 30 m",
        "Điện máy Hà Giang",
        "75% của 1.000.000 đ",
    ):
        assert words in said
    assert "Hủy dòng sổ 3" in said
    assert "Lắp camera &lt;ngõ&gt;" in said and "<ngõ>" not in said
    picture = client.get(f"{BOOK}receipts/{expense.id}")
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/jpeg")
    assert "sandbox" in picture.headers["Content-Security-Policy"]


def test_from_the_decision_to_the_camera_is_one_chain(client: Client, story: Story) -> None:
    camera = Camera.objects.create(neighborhood=story.cast.place, node=node_here(), name="Cổng chào", state="active")
    story.resolve(62)
    pledges.pledge_make(
        actor=story.hoa, campaign_id=story.campaign.id, household_id=story.secret.household.id, amount=400_000, now=NOW
    )
    story.spend(300_000, "Mắt camera", receipt=True, camera_id=camera.id)
    said = read(client)
    chain = said[said.index('<ol class="chain') :]
    steps = [
        "62 trên 86 hộ",
        "1 hộ đã hứa góp 400.000 đ",
        "Các hộ góp 750.000 đ",
        "Điện máy Hà Giang: 300.000 đ",
        "Cổng chào",
    ]
    found = [chain.find(step) for step in steps]
    assert -1 not in found and found == sorted(found), dict(zip(steps, found, strict=True))


def test_no_household_stands_in_any_of_it(client: Client, story: Story) -> None:
    """Names, numbers, addresses and ids of households, in the pages and in every file; nor why one is excused."""
    story.spend(90_000, "Ổ cắm")
    waivers.waiver_grant(
        actor=story.hoa, campaign_id=story.campaign.id, household_id=story.secret.household.id, reason="illness",
        words="Nằm viện lâu", now=NOW,
    )  # fmt: skip
    pledges.pledge_make(
        actor=story.hoa, campaign_id=story.campaign.id, household_id=story.cast.an.household.id, amount=1, now=NOW
    )
    households = (story.secret.household, story.cast.an.household)
    secret = [str(one.id) for one in households] + [one.name for one in households]
    secret += [one.address for one in households] + ["H077", "H012", "Tuyết", "Nằm viện", "Phan Thị", "illness"]
    book = load_workbook(io.BytesIO(client.get(f"{BOOK}ledger.xlsx").content))
    cells = " ".join(str(cell.value) for row in book.active for cell in row)
    pages = [
        read(client, path) for path in (BOOK, f"/fund/{TEXTS['place_code']}/", f"{BOOK}ledger.csv", f"{BOOK}chart.svg")
    ]
    for said in (*pages, cells):
        assert [word for word in secret if word in said] == []


def test_a_collection_without_two_thirds_says_so_until_they_agree(client: Client, story: Story) -> None:
    mark = "Vận động tự nguyện: chưa có đủ 2/3 số hộ đồng ý"
    assert mark in read(client) and mark in read(client, f"/fund/{TEXTS['place_code']}/")
    for in_favour, voluntary in ((57, True), (58, False)):
        story.resolve(in_favour)
        said = read(client)
        assert (mark in said) is voluntary
        assert f"{in_favour} trên 86 hộ đồng ý" in said
        assert "Bùi Văn Kín" not in said  # who signed for the households is on the scan, not on the net


def test_what_waits_or_was_refused_is_nobodys_news(client: Client, story: Story) -> None:
    waits = story.spend(450_000, "Máy chủ to", receipt=True)
    assert "Máy chủ to" not in read(client) and waits.state == Expense.State.WAITING
    assert client.get(f"{BOOK}receipts/{waits.id}").status_code == 404
    expenses.expense_refuse(actor=story.binh, expense_id=waits.id, words="Đắt quá", now=NOW)
    assert "Máy chủ to" not in read(client)
    assert client.get(f"{BOOK}receipts/{waits.id}").status_code == 404


def test_an_expense_taken_back_stays_and_says_so(client: Client, story: Story) -> None:
    wrong = story.spend(70_000, "Nhầm khoản")
    expenses.expense_reverse(actor=story.hoa, expense_id=wrong.id, reason="wrong_amount", now=NOW)
    said = read(client)
    assert "Nhầm khoản" in said and "Đã hủy khoản chi này" in said and "Quỹ còn" in said


def test_files_hold_every_entry_and_no_formula(client: Client, story: Story) -> None:
    story.spend(60_000, FORMULA, payee="+84 shop")
    lines = client.get(f"{BOOK}ledger.csv").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 6 and lines[1].startswith("1,2026-03-05,Đóng góp tiền mặt")
    assert f"'{FORMULA[:10]}" in lines[5].replace('"', "") and "'+84 shop" in lines[5]
    sheet = load_workbook(io.BytesIO(client.get(f"{BOOK}ledger.xlsx").content)).active
    assert sheet.max_row == 6 and all(cell.data_type != "f" for row in sheet for cell in row)
    assert [sheet.cell(6, column).value for column in (6, 7, 8)] == [60_000, -60_000, 690_000]


def test_a_months_statement_is_paper_and_a_month_to_come_is_none(client: Client, story: Story) -> None:
    answer = client.get(f"{BOOK}2026-4.pdf")
    assert answer.content.startswith(b"%PDF-") and "sao-ke-CAM-2026-04.pdf" in answer.headers["Content-Disposition"]
    for path in ("2026-13.pdf", "2026-0.pdf", "2999-1.pdf", "1999-1.pdf"):
        assert client.get(BOOK + path).status_code == 400


def test_a_statement_is_drawn_once_for_all_who_ask_until_the_book_goes_on(story: Story) -> None:
    def asked() -> bytes:
        return kept_paper(statement_of(story.campaign, date(2026, 5, 1), today=NOW.date()))

    first = asked()
    assert asked() is first
    story.spend(10_000, "Dây điện")
    assert asked() != first


def test_the_chart_is_a_picture_that_loads_and_runs_nothing(client: Client, story: Story) -> None:
    answer = client.get(f"{BOOK}chart.svg")
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "&lt;ngõ&gt;" in answer.content.decode()


def test_addresses_take_either_case_and_unknown_ones_are_nothing(client: Client, story: Story) -> None:
    assert client.get(BOOK.lower()).status_code == 200
    for path in ("/fund/00691-T99/", "/fund/00691-T08/CAM/", f"{BOOK.replace('CAM', 'KHAC')}ledger.csv"):
        assert client.get(path).status_code == 404


def test_a_closed_campaign_keeps_its_book_open(client: Client, story: Story) -> None:
    campaigns.campaign_close(actor=story.binh, campaign_id=story.campaign.id, note="Để sửa camera sau này", now=NOW)
    said = read(client)
    assert "Đã đóng sổ" in said and "Để sửa camera sau này" in said


def test_cash_carried_to_the_bank_changes_nothing_in_all(client: Client, story: Story) -> None:
    ledger.deposit(
        actor=story.hoa, campaign_id=story.campaign.id, amount=300_000, happened_on=date(2026, 5, 3), now=NOW
    )
    said = read(client)
    assert "Nộp tiền mặt vào ngân hàng" in said and "Tiền mặt 50.000 đ, ngân hàng 700.000 đ" in said


def test_a_page_asks_as_many_questions_however_long_the_book(
    client: Client, story: Story, django_assert_max_num_queries: object
) -> None:
    def asked() -> int:
        with django_assert_max_num_queries(30) as queries:
            read(client)
        return len(queries)

    story.spend(10_000, "Một", receipt=True)
    few = asked()
    for number in range(5):
        story.spend(10_000, f"Thêm {number}", receipt=True)
        story.pay(5_000, date(2026, 5, 4))
    assert asked() == few


def test_the_address_on_an_old_notice_leads_to_the_book_after_a_move_and_a_merger(
    client: Client, story: Story, cast: Cast
) -> None:
    administrator = Actor(pseudonym="account:x", grants=(Grant(Role.ADMINISTRATOR),))
    ward = Ward.objects.create(code="00700", name="Phường Khác", province_code="08", province_name="Tuyên Quang")
    neighborhood_move(actor=administrator, neighborhood_id=cast.place.id, ward_id=ward.id, now=NOW)
    new = Neighborhood.objects.get(id=cast.place.id).code
    assert not BOOK.startswith(f"/fund/{new}/")
    assert "750.000 đ" in read(client, BOOK) and "750.000 đ" in read(client, f"/fund/{new}/CAM/")
    other = Neighborhood.objects.create(ward=ward, code="00700-T09", selector="PK9", name="Tổ dân phố 9")
    neighborhood_merge(actor=administrator, neighborhood_id=cast.place.id, into_id=other.id, now=NOW)
    for code in (TEXTS["place_code"], new, other.code):
        assert "750.000 đ" in read(client, f"/fund/{code}/CAM/")
