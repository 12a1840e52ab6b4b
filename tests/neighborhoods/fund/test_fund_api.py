"""The fund's routes: bodies that make no sense, files, what a resident never reads."""

import csv
import io
import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.lib import sizes, uploads
from neighborhoods import papers
from neighborhoods.api.authentication import COOKIE
from neighborhoods.fund import payments
from neighborhoods.fund.waivers import waiver_grant
from neighborhoods.models import Expense, LedgerEntry, Paper, Payment, Pledge, Resolution
from tests.backend.test_pictures import photograph, png_header
from tests.cast import Person, make_resident
from tests.neighborhoods.conftest import NOW
from tests.neighborhoods.fund.conftest import TODAY, Fund, opens

pytestmark = pytest.mark.django_db

CAMPAIGNS = "/api/v1/campaigns/"


def ask(person: Person, method: str, path: str, body: object = None, **headers: str) -> Any:
    data = body if isinstance(body, str) else json.dumps(body)
    return Client(raise_request_exception=False).generic(
        method, path, data if body is not None else "", content_type="application/json", **person.bearer, **headers
    )


def money(fund: Fund, **more: object) -> dict[str, object]:
    return {"household": str(fund.an), "amount": 350_000, "method": "cash", "paid_on": str(TODAY)} | more


def sends(fund: Fund, data: bytes, kind: str = "receipts", name: str = "hoa-don.jpg") -> Any:
    person = fund.cast.hoa if kind == "receipts" else fund.cast.binh
    return Client(raise_request_exception=False).post(
        f"{CAMPAIGNS}{fund.campaign.id}/{kind}/", {"file": SimpleUploadedFile(name, data)}, **person.bearer
    )


class TestAmounts:
    @pytest.mark.parametrize(
        "amount",
        ["-1", "0", "0.5", "350000.0", "1e5", "true", "null", "1000000000001", '"350000"', '"20 USD"', '"$20"',
         '"350.000 đ"', "[1]", "{}", '{"USD": 20}'],
    )  # fmt: skip
    @pytest.mark.parametrize("what", ["payments", "refunds", "expenses", "deposits", "pledges"])
    def test_only_a_whole_number_of_dong(self, fund: Fund, what: str, amount: str) -> None:
        if (what, amount) == ("pledges", "0"):
            amount = "-0.0"  # nothing takes a promise back
        body = money(fund, what="x", payee="y", category="other", reason="asked", happened_on=str(TODAY), amount="@")
        raw = json.dumps(body).replace('"@"', amount)
        person = fund.cast.an if what == "pledges" else fund.cast.hoa
        answer = ask(person, "POST", f"{CAMPAIGNS}{fund.campaign.id}/{what}/", raw)
        expected = "bad_input" if amount == "null" else "amount"
        assert (answer.status_code, answer.json()["code"]) == (400, expected)
        assert "amount" in answer.json()["errors"]
        assert not any(model.objects.exists() for model in (LedgerEntry, Payment, Expense, Pledge))

    def test_the_message_is_in_the_readers_language(self, fund: Fund) -> None:
        path, body = f"{CAMPAIGNS}{fund.campaign.id}/payments/", money(fund, amount="20 USD")
        vietnamese = ask(fund.cast.hoa, "POST", path, body).json()["detail"]
        english = ask(fund.cast.hoa, "POST", path, body, HTTP_ACCEPT_LANGUAGE="en").json()["detail"]
        assert "whole number" in english
        assert "đồng" in vietnamese
        assert vietnamese != english

    def test_an_amount_in_a_sentence_is_grouped_as_the_language_does(self, fund: Fund) -> None:
        fund.pays(1_350_000)
        path, body = f"{CAMPAIGNS}{fund.campaign.id}/refunds/", money(fund, amount=9_000_000, reason="asked")
        assert "1.350.000" in ask(fund.cast.hoa, "POST", path, body).json()["detail"]
        assert "1,350,000" in ask(fund.cast.hoa, "POST", path, body, HTTP_ACCEPT_LANGUAGE="en").json()["detail"]


class TestFiles:
    def test_a_receipt_is_drawn_anew_and_shown_to_who_lives_there(self, fund: Fund) -> None:
        answer = sends(fund, photograph(), name="C:\\anh\\hoa don.jpg")
        assert answer.status_code == 201
        assert answer.json()["name"] == "hoa don.jpg"
        paper = Paper.objects.get()
        kept = papers.path_of(paper)
        assert kept.stat().st_mode & 0o777 == 0o600
        assert b"DIENTHOAI" not in kept.read_bytes()
        shown = ask(fund.cast.an, "GET", f"/api/v1/papers/{paper.id}/")
        assert (shown.status_code, shown["Content-Type"], shown.content) == (200, "image/jpeg", kept.read_bytes())
        assert ask(fund.cast.cuc, "GET", f"/api/v1/papers/{paper.id}/").status_code == 404
        assert ask(fund.cast.an, "GET", f"/api/v1/papers/{uuid4()}/").status_code == 404

    def test_a_pdf_is_a_download_that_runs_nothing(self, fund: Fund) -> None:
        paper_id = sends(fund, b"%PDF-1.7\n/JS (app.alert(1))\n%%EOF", "scans", "bien-ban.pdf").json()["id"]
        shown = ask(fund.cast.an, "GET", f"/api/v1/papers/{paper_id}/")
        assert shown["Content-Disposition"].startswith("attachment")
        assert "sandbox" in shown["Content-Security-Policy"]
        assert shown["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.parametrize(
        ("data", "status", "code"),
        [(b"no picture", 400, "picture_unreadable"), (b"<svg/>", 400, "picture_unreadable"),
         (png_header(20_000, 10_000), 400, "picture_too_large"), (b"", 400, "file_missing"),
         (b"%PDF-1.7 without an end", 400, "picture_unreadable"), (b"x" * (sizes.FILE + 1), 413, "too_large")],
        ids=["text", "svg", "200 megapixels", "nothing", "half a pdf", "10 MB and one byte"],
    )  # fmt: skip
    def test_what_is_none_is_refused_and_nothing_kept(self, fund: Fund, data: bytes, status: int, code: str) -> None:
        answer = sends(fund, data)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert not Paper.objects.exists()

    def test_a_form_without_the_file_or_that_is_none(self, fund: Fund) -> None:
        path = f"{CAMPAIGNS}{fund.campaign.id}/receipts/"
        client = Client(raise_request_exception=False)
        assert client.post(path, {"x": "1"}, **fund.cast.hoa.bearer).json()["code"] == "file_missing"
        assert client.post(path, {"file": "words"}, **fund.cast.hoa.bearer).json()["code"] == "file_missing"
        for body, kind in ((b"{}", "application/json"), (b"junk", "multipart/form-data"),
                           (b"junk", "multipart/form-data; boundary=x")):  # fmt: skip
            answer = client.generic("POST", path, body, content_type=kind, **fund.cast.hoa.bearer)
            assert answer.status_code in {400, 415}, kind

    def test_only_routes_that_take_a_file_have_the_larger_limit(self, fund: Fund) -> None:
        one = f"{CAMPAIGNS}{fund.campaign.id}/"
        assert uploads.limit_of(f"{one}receipts/") == sizes.FILE + sizes.AROUND_FILE
        assert [uploads.limit_of(path) for path in (one, CAMPAIGNS, "/nowhere", "/fund/", "/api/v1/sessions/")] == [
            0
        ] * 5

    def test_the_same_key_again_keeps_one_paper(self, fund: Fund) -> None:
        path = f"{CAMPAIGNS}{fund.campaign.id}/receipts/"
        answers = [
            Client().post(
                path, {"file": SimpleUploadedFile("a.jpg", photograph((3000, 2000)))},
                headers={"Idempotency-Key": "anh-hoa-don-1"}, **fund.cast.hoa.bearer,
            ).json()["id"]
            for _turn in range(2)
        ]  # fmt: skip
        assert answers == [str(Paper.objects.get().id)] * 2

    def test_a_page_sends_it_with_its_cookie_and_the_csrf_token(self, fund: Fund) -> None:
        client = Client(enforce_csrf_checks=True)
        client.cookies[COOKIE] = fund.cast.hoa.token
        path = f"{CAMPAIGNS}{fund.campaign.id}/receipts/"
        token = "t" * 32
        client.cookies["csrftoken"] = token
        statuses = [
            client.post(path, {"file": SimpleUploadedFile("a.jpg", photograph())}, headers=headers).status_code
            for headers in ({}, {"X-CSRFToken": token})
        ]
        assert statuses == [403, 201]

    def test_what_nobody_names_is_swept_after_a_day(self, fund: Fund) -> None:
        sends(fund, photograph())
        kept, lost = papers.path_of(Paper.objects.get()), papers.path_of(Paper(id=uuid4(), media_type="image/jpeg"))
        lost.write_bytes(b"x")
        other = lost.with_name("notes.txt")
        other.write_bytes(b"x")
        assert papers.sweep(now=NOW) == 0
        assert papers.sweep(now=NOW + 2 * papers.ABANDONED_AFTER) >= 2
        assert (kept.exists(), lost.exists(), other.exists()) == (True, False, False)


class TestWhatResidentsRead:
    def test_totals_and_every_expense_and_no_household(self, fund: Fund) -> None:
        fund.resolves()
        fund.pays(350_000)
        fund.spends(100_000)
        payments.payment_reverse(actor=fund.treasurer, payment_id=fund.pays(7).id, reason="wrong_amount", now=NOW)
        one = f"{CAMPAIGNS}{fund.campaign.id}/"
        read = {path: ask(fund.cast.an, "GET", f"{one}{path}") for path in ("", "ledger/", "expenses/", "resolutions/")}
        assert {answer.status_code for answer in read.values()} == {200}
        campaign = read[""].json()
        assert campaign["is_voluntary"] is False
        assert campaign["balance"] == {
            "cash": 250_000, "bank": 0, "held": 250_000, "received": 350_000, "spent": 100_000,
        }  # fmt: skip
        entries = read["ledger/"].json()["results"]
        assert [(row["number"], row["amount"], row["reverses"]) for row in entries] == [
            (1, 350_000, None), (2, 100_000, None), (3, 7, None), (4, 7, 3),
        ]  # fmt: skip
        said = "".join(answer.content.decode() for answer in read.values())
        household = fund.cast.an.household
        hidden = [household.id, household.name, fund.cast.an.member.name, *Payment.objects.values_list("id", flat=True)]
        assert [word for word in hidden if str(word) in said] == []

    def test_the_ledger_as_a_table_for_programs(self, fund: Fund) -> None:
        fund.pays(350_000)
        fund.spends(100_000, what="=1+1", payee="@Minh")
        path = f"{CAMPAIGNS}{fund.campaign.id}/ledger.csv"
        answer = ask(fund.cast.an, "GET", path, HTTP_ACCEPT="text/csv")
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
        _headings, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
        assert rows == [
            ["1", str(TODAY), "payment", "cash", "contributions", "350000", "350000", "350000", "", "", ""],
            ["2", str(TODAY), "expense", "spending", "cash", "100000", "-100000", "250000", "", "'=1+1", "'@Minh"],
        ]
        assert ask(fund.cast.cuc, "GET", path).status_code == 404

    def test_who_paid_is_for_treasurer_and_leader(self, fund: Fund) -> None:
        fund.pays()
        for part in ("payments", "refunds", "waivers", "dues"):
            path = f"{CAMPAIGNS}{fund.campaign.id}/{part}/"
            statuses = {name: ask(getattr(fund.cast, name), "GET", path).status_code for name in
                        ("an", "binh", "cuc", "dung", "hoa")}  # fmt: skip
            assert statuses == {"an": 404, "binh": 200, "cuc": 404, "dung": 404, "hoa": 200}, part

    def test_a_household_reads_its_own_dues(self, fund: Fund) -> None:
        fund.resolves()
        fund.pays(100_000)
        (mine,) = ask(fund.cast.an, "GET", "/api/v1/me/dues/").json()
        assert (mine["campaign"]["code"], mine["sums"]["owes"], mine["sums"]["standing"]) == ("CAM", 250_000, "part")
        assert [row["amount"] for row in mine["payments"]] == [100_000]
        assert ask(fund.cast.cuc, "GET", "/api/v1/me/dues/").json() == []


class TestWhatListsCost:
    def test_the_same_number_of_statements_however_long_they_are(self, fund: Fund) -> None:
        one = f"{CAMPAIGNS}{fund.campaign.id}/"
        lists = [("hoa", f"{one}{part}/") for part in ("payments", "refunds", "dues", "waivers", "expenses", "ledger")]
        lists += [("an", CAMPAIGNS), ("an", "/api/v1/me/dues/"), ("hoa", CAMPAIGNS)]

        def counted() -> dict[tuple[str, str], int]:
            counts = {}
            for name, path in lists:
                with CaptureQueriesContext(connection) as seen:
                    assert ask(getattr(fund.cast, name), "GET", path).status_code == 200
                counts[name, path] = len(seen)
            return counts

        def grows(start: int, end: int) -> None:
            for n in range(start, end):
                home = make_resident(fund.cast.place, n, f"Hộ {n}", "Ai").household.id
                fund.pays(10_000, household=home)
                fund.refunds(1_000, household=home)
                fund.spends(2_000)
                waiver_grant(
                    actor=fund.treasurer, campaign_id=fund.campaign.id, household_id=home, reason="poor", now=NOW
                )
                opens(fund.leader, fund.cast, code=f"D{n}")
                fund.pays(10_000)

        grows(20, 22)
        counted()  # a device's first request of the hour also writes that it was seen
        first = counted()
        grows(22, 27)
        assert counted() == first
        assert max(first.values()) <= 16


class TestTheWayThrough:
    def test_from_opening_to_closing(self, fund: Fund) -> None:
        """As a client goes it: plan, decision, promise, cash, receipt, expense, second person, refund, end."""
        cast, place = fund.cast, {"neighborhood": str(fund.cast.place.id)}
        plan = {"code": "den", "purpose": "Đèn ngõ", "target": 5_000_000, "suggestion": 100_000, "approval_above": 0,
                "starts_on": str(TODAY), "ends_on": str(TODAY), **place}  # fmt: skip
        campaign = ask(cast.binh, "POST", CAMPAIGNS, plan).json()
        one = f"{CAMPAIGNS}{campaign['id']}/"
        assert (campaign["code"], campaign["is_voluntary"]) == ("DEN", True)
        decision = {"held_on": str(TODAY), "households_total": 86, "households_present": 60, "households_absent": 26,
                    "in_favour": 58, "form": "paper", "content": "Góp 100.000 đ",
                    "signatories": [{"role": "leader", "name": "Trần Thị Bình"}]}  # fmt: skip
        recorded = ask(cast.binh, "POST", f"{one}resolutions/", decision).json()
        assert (recorded["passed"], "households_differ" in recorded["hints"]) == (True, True)
        assert ask(cast.an, "POST", f"{one}pledges/", {"amount": 150_000}).status_code == 201
        paid = ask(cast.hoa, "POST", f"{one}payments/", money(fund, amount=200_000)).json()
        assert (paid["receipt_number"], paid["notices"], paid["household"]["number"]) == (1, ["over"], 12)
        expense = ask(
            cast.hoa, "POST", f"{one}expenses/",
            {"amount": 120_000, "method": "cash", "paid_on": str(TODAY), "what": "Bóng đèn", "payee": "Điện máy X",
             "category": "purchase"},
        ).json()  # fmt: skip
        assert expense["state"] == "waiting"
        assert ask(cast.an, "GET", f"/api/v1/expenses/{expense['id']}/").status_code == 404
        assert ask(cast.binh, "POST", f"/api/v1/expenses/{expense['id']}/approve/").json()["state"] == "approved"
        closing = ask(cast.binh, "POST", f"{one}close/", {})
        assert (closing.status_code, closing.json()["code"]) == (409, "campaign_balance")
        back = money(fund, amount=80_000, reason="campaign_ended")
        assert ask(cast.hoa, "POST", f"{one}refunds/", back).status_code == 201
        closed = ask(cast.binh, "POST", f"{one}close/", {}).json()
        assert closed["balance"]["held"] == 0
        assert ask(cast.hoa, "POST", f"{one}payments/", money(fund)).json()["code"] == "campaign_closed"
        assert Resolution.objects.count() == 1
