"""``/bank-accounts/``, ``/bank-rows/``, ``/campaigns/{id}/qr/``: what the treasurer and a household are answered."""

import cv2
import numpy as np
import pytest
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from backend.lib.errors import Absent, BadInput, Conflict
from neighborhoods.fund import vietqr
from neighborhoods.fund.bank_accounts import bank_account_add, bank_account_close, bank_account_rotate_secret
from neighborhoods.fund.bank_messages import Transfer
from neighborhoods.fund.bank_rows import transfer_receive
from neighborhoods.models import AuditEntry, BankAccount, BankRow, Payment, Pledge
from tests.neighborhoods.conftest import NOW, actor
from tests.neighborhoods.fund.bank_cast import NUMBER, make_account, make_campaign

pytestmark = pytest.mark.django_db


def add(cast, **fields):
    wanted = {"bank_bin": "970436", "account_number": NUMBER, "holder": "Đỗ Thị Hoa"} | fields
    return bank_account_add(actor=actor(cast.hoa), neighborhood_id=cast.place.id, now=NOW, **wanted)


def test_the_secret_is_shown_once_and_kept_sealed(client, cast):
    body = {"neighborhood": str(cast.place.id), "bank_bin": "970436", "account_number": "0123 499-999",
            "holder": "Đỗ Thị Hoa", "provider": "sepay"}  # fmt: skip
    answer = client.post("/api/v1/bank-accounts/", body, content_type="application/json", **cast.hoa.bearer)
    said = answer.json()
    account = BankAccount.objects.get()
    assert answer.status_code == 201 and said["secret"].startswith("mpb_")
    assert said["account"]["hook"] == f"/hooks/bank/sepay/{account.endpoint_id}/"
    assert (account.account_number, account.holder, account.bank_name) == (NUMBER, "DO THI HOA", "Vietcombank")
    listed = client.get("/api/v1/bank-accounts/", **cast.hoa.bearer)
    assert said["secret"] not in listed.content.decode()
    assert said["secret"] not in repr(list(AuditEntry.objects.values())) + repr(add(cast, account_number="77777"))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"bank_bin": "123456"}, "bank_bin"), ({"account_number": "12"}, "account_number"),
        ({"account_number": "1" * 20}, "account_number"), ({"account_number": "ab!cd"}, "account_number"),
        ({"holder": " "}, "holder"), ({"holder": "谢谢"}, "holder"), ({"provider": "momo"}, "provider"),
        ({"provider": "casso"}, "secret"), ({"provider": "sepay", "secret": "short"}, "secret"),
        ({"provider": "sepay", "secret": "có dấu và cách " * 3}, "secret"),
    ],
)  # fmt: skip
def test_it_refuses_what_is_no_account(cast, fields, field):
    with pytest.raises(BadInput) as refused:
        add(cast, **fields)
    assert refused.value.fields.keys() == {field}
    assert not BankAccount.objects.exists()


def test_an_account_stands_once_and_can_come_back_after_it_was_closed(cast):
    first = add(cast)
    with pytest.raises(Conflict) as refused:
        add(cast)
    assert refused.value.code == "bank_account_taken"
    bank_account_close(actor=actor(cast.hoa), account_id=first.account.id, now=NOW)
    bank_account_close(actor=actor(cast.hoa), account_id=first.account.id, now=NOW)
    assert add(cast).account.id != first.account.id
    assert AuditEntry.objects.filter(action="bank_account.closed").count() == 1
    with pytest.raises(Conflict):
        bank_account_rotate_secret(actor=actor(cast.hoa), account_id=first.account.id, now=NOW)


def test_only_the_treasurer_of_the_place_adds_one(cast):
    for person in (cast.an, cast.binh, cast.dung):
        with pytest.raises(Absent):
            bank_account_add(
                actor=actor(person), neighborhood_id=cast.place.id, bank_bin="970436", account_number=NUMBER,
                holder="X Y", now=NOW,
            )  # fmt: skip
    with pytest.raises(Absent):
        bank_account_add(
            actor=actor(cast.hoa), neighborhood_id=cast.other_place.id, bank_bin="970436", account_number=NUMBER,
            holder="X Y", now=NOW,
        )  # fmt: skip


@pytest.mark.both_databases
def test_the_database_itself_lets_no_amount_in_that_is_none(cast):
    account = add(cast).account
    for amount in (0, -1, 10**12 + 1):
        with pytest.raises(IntegrityError), transaction.atomic():
            BankRow.objects.create(account=account, amount=amount, occurred_at=NOW, came_by="sepay", sameness="1")
    BankRow.objects.create(account=account, amount=1, occurred_at=NOW, came_by="sepay", sameness="1", provider_id="5")
    for again in ({"sameness": "1"}, {"sameness": "2", "provider_id": "5"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            BankRow.objects.create(account=account, amount=1, occurred_at=NOW, came_by="sepay", **again)


@pytest.mark.both_databases
def test_rows_are_listed_by_state_and_matched_over_the_api(client, cast):
    account, campaign = make_account(cast).account, make_campaign(cast)
    for number, words in enumerate(("HG7 CAM H012", "ung ho")):
        transfer_receive(
            account=account, transfer=Transfer(1000, NOW, words, f"A{number}", str(number)), came_by="sepay", now=NOW
        )

    def listed(state):
        found = client.get(f"/api/v1/bank-rows/?state={state}", **cast.hoa.bearer).json()["results"]
        return [(one["content"], one["state"]) for one in found]

    assert listed("matched") == [("HG7 CAM H012", "matched")]
    assert listed("unmatched") == [("ung ho", "unmatched")]
    waits = BankRow.objects.get(content="ung ho")
    answer = client.post(
        f"/api/v1/bank-rows/{waits.id}/match/",
        {"household": str(cast.an.household.id), "campaign": str(campaign.id)},
        content_type="application/json", **cast.hoa.bearer,
    )  # fmt: skip
    assert answer.json()["payment"] == str(Payment.objects.get(bank_row_id=waits.id).id)
    assert len(listed("matched")) == 2 and listed("unmatched") == listed("returned") == []
    assert client.get("/api/v1/bank-rows/?state=odd", **cast.hoa.bearer).status_code == 400


def test_a_statement_is_looked_through_and_taken_in_over_the_api(client, cast):
    account = make_account(cast).account
    make_campaign(cast)
    day = NOW.strftime("%d/%m/%Y")
    sent = SimpleUploadedFile("sao-ke.csv", f"Ngày,Ghi có,Nội dung\n{day},350.000,HG7 CAM H012\n{day},x,y\n".encode())
    answer = client.post(f"/api/v1/bank-accounts/{account.id}/statements/", {"file": sent}, **cast.hoa.bearer)
    said = answer.json()
    assert (answer.status_code, said["counts"]["booked"], said["counts"]["unreadable"]) == (201, 1, 1)
    assert said["lines"][0]["candidate"] == {"campaign": "CAM", "household": 12}
    assert said["lines"][1] == {
        "number": 3, "outcome": "unreadable", "fault": "amount", "amount": None, "occurred_at": None, "content": "",
        "candidate": None,
    }  # fmt: skip
    job = client.post(f"/api/v1/bank-statements/{said['id']}/apply/", **cast.hoa.bearer)
    assert (job.status_code, job.json()["kind"]) == (202, "bank_statement")
    nothing = client.post(f"/api/v1/bank-accounts/{account.id}/statements/", {}, **cast.hoa.bearer)
    assert (nothing.status_code, nothing.json()["code"]) == (400, "file_missing")


def ask(client, person, campaign, query="", kind="qr/"):
    return client.get(f"/api/v1/campaigns/{campaign.id}/{kind}{query}", **person.bearer)


@pytest.fixture
def campaign(cast):
    make_account(cast)
    return make_campaign(cast)


def test_a_household_gets_its_own_qr_with_what_it_owes(client, cast, campaign):
    Pledge.objects.create(campaign=campaign, household=cast.an.household, amount=350_000, pledged_by="x")
    said = ask(client, cast.an, campaign).json()
    qr = vietqr.parse(said["text"])
    assert (qr.bank_bin, qr.account, qr.amount, qr.purpose) == ("970436", NUMBER, 350_000, "HG7 CAM H012")
    assert (said["memo"], said["amount"], said["holder"]) == ("HG7 CAM H012", 350_000, "DO THI HOA")
    picture = client.get(said["png"], **cast.an.bearer)
    assert picture["Content-Type"] == "image/png" and "no-store" in picture["Cache-Control"]
    (found,) = zxingcpp.read_barcodes(cv2.imdecode(np.frombuffer(picture.content, np.uint8), cv2.IMREAD_COLOR))
    assert found.text == said["text"]
    drawn = client.get(said["svg"], **cast.an.bearer)
    assert drawn["Content-Type"] == "image/svg+xml" and drawn.content.startswith(b"<svg")
    assert client.get(said["png"]).status_code == 401
    for kind in ("png", "svg"):  # what an app's loader of pictures says it takes
        assert client.get(said[kind], HTTP_ACCEPT="image/*", **cast.an.bearer).status_code == 200
    refused = client.get(said["png"], {"amount": "$20"}, HTTP_ACCEPT="image/*", **cast.an.bearer)
    assert (refused.status_code, refused["Content-Type"]) == (400, "application/problem+json")
    assert "mp_" not in said["png"] + said["svg"]


def test_a_voluntary_collection_has_no_fixed_amount(client, cast, campaign):
    said = ask(client, cast.an, campaign).json()
    assert said["amount"] is None and vietqr.parse(said["text"]).amount is None
    assert ask(client, cast.an, campaign, "?amount=50000").json()["amount"] == 50_000
    Pledge.objects.create(campaign=campaign, household=cast.an.household, amount=350_000, pledged_by="x")
    assert ask(client, cast.an, campaign, "?amount=0").json()["amount"] is None


@pytest.mark.parametrize("amount", ["-5", "1.5", "x", "1000000000001", "9" * 30])
def test_odd_amounts_are_refused(client, cast, campaign, amount):
    assert ask(client, cast.an, campaign, f"?amount={amount}").status_code == 400


def test_nobody_gets_a_neighbours_qr_but_who_sees_the_dues(client, cast, campaign):
    an, other = f"?household={cast.an.household.id}", f"?household={cast.cuc.household.id}"
    assert ask(client, cast.hoa, campaign, an).json()["memo"] == "HG7 CAM H012"
    assert ask(client, cast.binh, campaign, an).status_code == 200
    assert ask(client, cast.hoa, campaign).json()["memo"] == "HG7 CAM"  # a poster for everybody
    for person, query in ((cast.cuc, ""), (cast.cuc, an), (cast.an, other), (cast.hoa, other), (cast.dung, an)):
        assert ask(client, person, campaign, query).status_code == 404


def test_without_an_account_or_after_the_campaign_it_says_so(client, cast, campaign):
    bank_account_close(actor=actor(cast.hoa), account_id=BankAccount.objects.get().id, now=NOW)
    assert ask(client, cast.an, campaign).json()["code"] == "no_bank_account"
    campaign.closed_at = NOW
    campaign.save()
    assert ask(client, cast.an, campaign).json()["code"] == "campaign_closed"


def test_the_newest_account_is_on_the_qr(client, cast, campaign):
    make_account(cast, account_number="5555555555", bank_bin="970415")
    assert ask(client, cast.an, campaign).json()["account_number"] == "5555555555"
