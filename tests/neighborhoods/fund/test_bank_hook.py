"""``POST /hooks/bank/…``: who may speak, what is taken in, and that the same money is booked once."""

import json
import logging
import uuid
from datetime import timedelta

import pytest

from neighborhoods.fund import bank_messages, bank_rows
from neighborhoods.fund.balances import balance
from neighborhoods.fund.bank_accounts import bank_account_close, bank_account_rotate_secret
from neighborhoods.fund.campaigns import campaign_close
from neighborhoods.models import AuditEntry, BankAccount, BankRow, LedgerEntry, Payment
from tests.neighborhoods.conftest import NOW, actor, at_once
from tests.neighborhoods.fund.bank_cast import (
    casso,
    casso_headers,
    make_account,
    make_campaign,
    sepay,
    sepay_headers,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def still(monkeypatch):
    monkeypatch.setattr("neighborhoods.api.fund.bank_hook.now", lambda: NOW)


@pytest.fixture
def opened(cast):
    return make_account(cast)


@pytest.fixture
def campaign(cast):
    return make_campaign(cast)


def send(client, opened, said, *, headers=None, provider=None, endpoint=None):
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    account = opened.account
    proof = {"Authorization": f"Apikey {opened.secret}"} if headers is None else headers
    path = f"/hooks/bank/{provider or account.provider}/{endpoint or account.endpoint_id}/"
    return client.post(path, body, content_type="application/json", headers=proof)


def nothing_happened():
    return not BankRow.objects.exists() and not Payment.objects.exists() and not LedgerEntry.objects.exists()


def test_an_exact_memo_becomes_a_payment_a_receipt_and_one_entry(client, cast, opened, campaign):
    answer = send(client, opened, sepay("MBVCB.3278907687.hg7 cam h012.CT tu 0123"))
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    row, payment = BankRow.objects.get(), Payment.objects.get()
    assert payment.bank_row_id == row.id and payment.household == cast.an.household
    assert (payment.amount, payment.method, payment.receipt_number) == (350_000, "transfer", 1)
    assert payment.recorded_by is None
    assert balance(campaign.id).bank == 350_000
    assert row.occurred_at == NOW - timedelta(minutes=3)
    assert AuditEntry.objects.get(action="payment.recorded").actor == "system:bank"


def test_hmac_proves_as_well_as_the_key(client, opened, campaign):
    body = json.dumps(sepay()).encode()
    assert send(client, opened, body, headers=sepay_headers(opened.secret, body)).status_code == 200
    assert Payment.objects.count() == 1


def test_casso_proves_itself_in_its_own_way(client, cast, campaign):
    opened = make_account(cast, "casso")
    said = casso("Nộp HG7 CAM H012 – cảm ơn", counter={"b": [1, {"z": 1, "a": 2}], "a": None}, rate=1.5)
    assert send(client, opened, said, headers=casso_headers(opened.secret, said)).status_code == 200
    assert Payment.objects.get().amount == 350_000


def test_the_vector_of_cassos_own_sample_is_right():
    said = {"error": 0, "data": {
        "id": 0, "reference": "MA_GIAO_DICH_THU_NGHIEM", "description": "giao dich thu nghiem", "amount": 599000,
        "runningBalance": 25000000, "transactionDateTime": "2024-10-03 15:06:37", "accountNumber": "88888888",
        "bankName": "VPBank", "bankAbbreviation": "VPB", "virtualAccountNumber": "", "virtualAccountName": "",
        "counterAccountName": "NGUYEN VAN A", "counterAccountNumber": "8888888888", "counterAccountBankId": "970415",
        "counterAccountBankName": "VietinBank"}}  # fmt: skip
    key = b"mgExMrjj4i7a1p8Cs6LmFbpCd8lbw4sSX4LZXPag7TKazeIogtR90tvWYTkwQbvs"
    signed = (
        "t=1727948258788,v1=ed0a4bd2e826d5cb69988cdb141e6c1a080e21f3b57eb72cd78192220042b9e7"
        "dde0868fc667faea8e224900fa7904e7c88dfa098032fb2d6b6996856e8b7ff3"
    )
    messenger = bank_messages.Casso()
    body = json.dumps(said, indent=2).encode()
    assert messenger.proven(key, {"X-Casso-Signature": signed}, body)
    assert not messenger.proven(key, {"X-Casso-Signature": signed}, body.replace(b"599000", b"599001"))
    assert messenger.sent_at({"X-Casso-Signature": signed}) == 1727948258.788


def test_whoever_cannot_prove_learns_nothing(client, cast, opened, campaign):
    body = json.dumps(sepay()).encode()
    closed = make_account(cast, account_number="5555555555")
    bank_account_close(actor=actor(cast.hoa), account_id=closed.account.id, now=NOW)
    silent = make_account(cast, "none", account_number="6666666666")
    good = {"Authorization": f"Apikey {opened.secret}"}
    tries = [
        send(client, opened, body, headers={}),
        send(client, opened, body, headers={"Authorization": "Apikey wrong"}),
        send(client, opened, body, headers={"Authorization": f"Bearer {opened.secret}"}),
        send(client, opened, body, headers={"Authorization": "Apikey đúng".encode().decode("latin-1")}),
        send(client, opened, body + b" ", headers=sepay_headers(opened.secret, body)),
        send(client, opened, body, headers={**sepay_headers(opened.secret, body), "X-SePay-Timestamp": "1"}),
        send(client, opened, body, headers=good, endpoint=uuid.uuid4()),
        send(client, opened, body, headers=good, endpoint=opened.account.id),
        send(client, opened, body, headers=good, provider="casso"),
        send(client, opened, body, headers=good, provider="none"),
        send(client, opened, body, headers=good, provider="momo"),
        send(client, closed, body),
        send(client, silent, body, headers={"Authorization": "Apikey "}),
        send(client, opened, b"not json", headers={}),
    ]
    assert {answer.status_code for answer in tries} == {404}
    assert len({answer.content for answer in tries}) == 1
    assert nothing_happened()


def test_an_old_or_early_signature_is_told_about_its_clock(client, opened, campaign):
    body = json.dumps(sepay()).encode()
    for off in (-301, 301, 10**9):
        answer = send(client, opened, body, headers=sepay_headers(opened.secret, body, NOW + timedelta(seconds=off)))
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_timestamp")
    assert nothing_happened()
    edge = sepay_headers(opened.secret, body, NOW - timedelta(seconds=299))
    assert send(client, opened, body, headers=edge).status_code == 200


def test_a_new_secret_shuts_out_the_old_one(client, cast, opened, campaign):
    renewed = bank_account_rotate_secret(actor=actor(cast.hoa), account_id=opened.account.id, now=NOW)
    assert renewed.secret != opened.secret
    assert send(client, opened, sepay()).status_code == 404
    assert send(client, renewed, sepay()).status_code == 200


@pytest.mark.parametrize(
    "said",
    [
        sepay(transferType="out"),
        sepay(transferType="out", transferAmount=-1, transactionDate="never"),
        sepay(accountNumber="9999999999"),
        sepay(accountNumber=None),
        sepay(accountNumber="9999999999", subAccount="888"),
    ],
)
def test_money_that_left_and_other_accounts_are_dropped_at_the_door(client, opened, campaign, said):
    answer = send(client, opened, said)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert nothing_happened()


def test_a_virtual_account_is_known_by_its_own_number(client, cast, campaign):
    opened = make_account(cast, account_number="VQRQ12345")
    assert send(client, opened, sepay(subAccount="VQRQ12345")).status_code == 200
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("amount", "taken"),
    [(350_000.0, True), (350_000.5, False), (-350_000, False), (0, False), (10**12 + 1, False), (10**400, False),
     (1e300, False), ("350000", False), (True, False), (None, False), ([], False), ("$20", False)],
)  # fmt: skip
def test_odd_amounts_are_refused_whole(client, opened, campaign, amount, taken):
    answer = send(client, opened, sepay(amount=amount))
    if taken:
        assert Payment.objects.get().amount == 350_000
        return
    assert (answer.status_code, answer.json()["code"]) == (400, "bank_message")
    assert answer.json()["errors"].keys() == {"transferAmount"}
    assert nothing_happened()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"3", b'"x"', b"{", b"\xff\xfe", b"{}", b'{"transferType":"in"}', b"[" * 50_000,
        b'{"transferType":"in","transferAmount":NaN}', json.dumps(sepay(transferType="IN")).encode(),
        json.dumps(sepay(transactionDate="25/03/2023")).encode(), json.dumps(sepay(id=None)).encode(),
        json.dumps(sepay(transactionDate="0001-01-01 00:00:00")).encode(), json.dumps(sepay(id="")).encode(),
        json.dumps(sepay(transactionDate="9999-12-31 23:59:59")).encode(), json.dumps(sepay(id="x" * 81)).encode(),
        json.dumps(sepay(transactionDate=5)).encode(), json.dumps(sepay(id={"a": 1})).encode(),
    ],
)  # fmt: skip
def test_what_is_no_message_is_a_problem_and_nothing_is_written(client, opened, campaign, body):
    answer = send(client, opened, body)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] in ("bank_message", "malformed")
    assert nothing_happened()


@pytest.mark.parametrize("content", [None, 5, ["x"], "\ud800", "\x00\x07", "‮HG7", "x" * 20_000, "谢谢 🎁", "'; DROP"])
def test_odd_words_never_refuse_money_they_wait_in_the_queue(client, cast, opened, campaign, content):
    assert send(client, opened, sepay(content)).status_code == 200
    row = BankRow.objects.get()
    assert len(row.content) <= 500 and row.amount == 350_000
    assert list(bank_rows.waiting(bank_rows.bank_rows_for(actor(cast.hoa)))) == [row]


def test_a_body_over_64_kilobytes_is_refused_unread(client, opened, campaign):
    assert send(client, opened, sepay("x" * 66_000)).status_code == 413
    assert nothing_happened()


def test_delivered_again_is_a_success_and_nothing_more(client, opened, campaign):
    for said in (sepay(), sepay(), sepay(content="HG7 CAM H003", amount=1), sepay(id=92705)):
        assert send(client, opened, said).json() == {"success": True}
    assert (BankRow.objects.count(), Payment.objects.count(), LedgerEntry.objects.count()) == (1, 1, 1)


def test_money_that_came_twice_is_two_payments(client, opened, campaign):
    send(client, opened, sepay(id=1, referenceCode="A1"))
    send(client, opened, sepay(id=2, referenceCode="A2"))
    send(client, opened, sepay(id=3, referenceCode=None))
    send(client, opened, sepay(id=4, referenceCode=None))
    assert [payment.receipt_number for payment in Payment.objects.all()] == [1, 2, 3, 4]
    assert balance(campaign.id).bank == 4 * 350_000


def test_part_and_too_much_are_payments_too(client, cast, opened, campaign):
    send(client, opened, sepay(id=1, referenceCode="A1", amount=100_000))
    send(client, opened, sepay(id=2, referenceCode="A2", amount=5_000_000))
    assert [payment.amount for payment in Payment.objects.all()] == [100_000, 5_000_000]


def test_what_names_nobody_a_closed_campaign_or_who_left_waits(client, cast, opened, campaign):
    closing = make_campaign(cast, "OLD")
    campaign_close(actor=actor(cast.binh), campaign_id=closing.id, note="Đã xong", now=NOW)
    household = cast.an.household
    for number, content in enumerate(("Ung ho to 7", "HG7 OLD H012", "HG7 CAM H099", "HG7 CAM H012 HG7 OLD H012")):
        send(client, opened, sepay(content, id=number, referenceCode=f"A{number}"))
    household.left_at = NOW
    household.save()
    send(client, opened, sepay(id=77, referenceCode="A77"))
    send(client, opened, sepay(id=78, referenceCode="A78", transactionDate="2199-01-01 00:00:00"))
    assert not Payment.objects.exists()
    assert bank_rows.waiting_total(cast.place.id) == (6, 6 * 350_000)


def test_the_message_is_kept_sealed_for_thirty_days(client, opened, campaign):
    send(client, opened, sepay("HG7 CAM H012 bi mat"))
    row = BankRow.objects.get()
    assert b"bi mat" not in bytes(row.raw) and b"bi mat" in bank_rows.sealing.unseal("bank message", row.raw)
    assert bank_rows.raws_expire(now=NOW + timedelta(days=29)) == 0
    assert bank_rows.raws_expire(now=NOW + timedelta(days=31)) == 1
    assert BankRow.objects.get().raw is None


def test_no_log_and_no_audit_shows_what_a_message_said(client, opened, campaign, caplog):
    with caplog.at_level(logging.DEBUG):
        send(client, opened, sepay("HG7 CAM H012 NGUYEN THI BI MAT"))
        send(client, opened, sepay("NGUYEN THI BI MAT", transactionDate="x"))
        send(client, opened, b'{"content": "NGUYEN THI BI MAT"')
        send(client, opened, sepay("NGUYEN THI BI MAT"), headers={})
    assert "BI MAT" not in caplog.text and opened.secret not in caplog.text
    assert "BI MAT" not in str(list(AuditEntry.objects.values()))
    assert opened.secret.encode() not in bytes(BankAccount.objects.get().secret)


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_the_same_money_delivered_eight_times_at_once_is_booked_once(live_cast, client):
    campaign = make_campaign(live_cast)
    opened = make_account(live_cast)
    body = json.dumps(sepay()).encode()

    def deliver(_n):
        return send(client.__class__(), opened, body)

    answers = at_once(deliver, 8)
    assert [answer.status_code for answer in answers] == [200] * 8
    assert (BankRow.objects.count(), Payment.objects.count(), LedgerEntry.objects.count()) == (1, 1, 1)
    assert balance(campaign.id).bank == 350_000
