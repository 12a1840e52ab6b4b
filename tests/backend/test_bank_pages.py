"""The bank's pages: what the treasurer sees and taps, and how a household pays."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from neighborhoods.api.authentication import COOKIE
from neighborhoods.fund.bank_messages import Transfer
from neighborhoods.fund.bank_rows import bank_row_ignore, bank_row_return, transfer_receive
from neighborhoods.models import BankAccount, BankRow, Payment, Pledge
from tests.neighborhoods.conftest import NOW, actor
from tests.neighborhoods.fund.bank_cast import NUMBER, make_account, make_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(cast):
    return make_account(cast).account


@pytest.fixture
def campaign(cast, account):
    return make_campaign(cast)


def arrive(account, content, number):
    transfer = Transfer(350_000, NOW, content, f"FT{number}", str(number))
    return transfer_receive(account=account, transfer=transfer, came_by="sepay", now=NOW).row


def look(client, person, path, **more):
    client.cookies[COOKIE] = person.token
    answer = client.get(path, **more)
    return answer.status_code, answer.content.decode()


def test_a_transfer_waits_with_the_likeliest_household_one_tap_away(client, cast, account, campaign):
    arrive(account, "CAM H012 <b>nop</b>", 1)
    status, shown = look(client, cast.hoa, "/fund/bank/queue/")
    assert status == 200 and "350.000" in shown
    assert f'value="{cast.an.household.id}"' in shown and f'value="{campaign.id}"' in shown
    assert "&lt;b&gt;nop" in shown and "<b>nop" not in shown


def test_a_name_in_the_words_is_a_guess_and_says_so(client, cast, account, campaign):
    arrive(account, "NGUYEN VAN AN chuyen tien", 1)
    shown = look(client, cast.hoa, "/fund/bank/queue/")[1]
    assert f'value="{cast.an.household.id}"' in shown and "đoán theo tên" in shown
    BankRow.objects.all().delete()
    arrive(account, "LE AN chuyen tien", 2)
    assert f'value="{cast.an.household.id}"' not in look(client, cast.hoa, "/fund/bank/queue/")[1]


def test_what_is_done_can_be_put_back(client, cast, account, campaign):
    rows = [arrive(account, words, n) for n, words in enumerate(("HG7 CAM H012", "tra lai", "lai ngan hang"))]
    bank_row_return(actor=actor(cast.hoa), row_id=rows[1].id, now=NOW)
    bank_row_ignore(actor=actor(cast.hoa), row_id=rows[2].id, why="bank_interest", now=NOW)
    shown = look(client, cast.hoa, "/fund/bank/queue/")[1]
    assert f"/api/v1/payments/{Payment.objects.get().id}/reverse/" in shown
    assert f"/api/v1/bank-rows/{rows[1].id}/reopen/" in shown
    assert "Đã trả lại người gửi" in shown and "Lãi ngân hàng" in shown and "Không còn" not in shown


def test_a_rows_page_lists_every_household_that_lives_there(client, cast, account, campaign):
    row = arrive(account, "x", 1)
    shown = look(client, cast.hoa, f"/fund/bank/rows/{row.id}/")[1]
    assert f'data-household="{cast.an.household.id}"' in shown
    assert str(cast.cuc.household.id) not in shown
    campaign.closed_at = NOW
    campaign.save()
    assert "data-household" not in look(client, cast.hoa, f"/fund/bank/rows/{row.id}/")[1]


def test_the_account_page_never_shows_the_secret_again(client, cast):
    opened = make_account(cast)
    status, shown = look(client, cast.hoa, "/fund/bank/")
    assert status == 200 and NUMBER in shown and opened.secret not in shown
    assert f"/hooks/bank/sepay/{opened.account.endpoint_id}/" in shown
    BankAccount.objects.all().delete()
    assert "Chưa có tài khoản" in look(client, cast.hoa, "/fund/bank/")[1]


def test_a_statement_shows_what_it_would_do_and_what_is_wrong_with_it(client, cast, account, campaign):
    client.cookies[COOKIE] = cast.hoa.token
    day, path = NOW.strftime("%d/%m/%Y"), f"/fund/bank/accounts/{account.id}/statement/"
    rows = f"Ngày,Ghi nợ,Ghi có,Nội dung\n{day},,350.000,HG7 CAM H012\n{day},,x,y\n99/99/2026,,5,y\n{day},5,,phi\n"
    shown = client.post(path, {"file": SimpleUploadedFile("a.csv", rows.encode())}).content.decode()
    assert "H012, CAM" in shown and "không đọc được số tiền" in shown and "không đọc được ngày" in shown
    assert "/apply/" in shown
    bad = client.post(path, {"file": SimpleUploadedFile("a.csv", b"nothing")})
    assert bad.status_code == 200 and 'role="alert"' in bad.content.decode() and "/apply/" not in bad.content.decode()
    assert not BankRow.objects.exists()


def test_a_household_sees_its_qr_amount_and_memo(client, cast, campaign):
    Pledge.objects.create(campaign=campaign, household=cast.an.household, amount=350_000, pledged_by="x")
    status, shown = look(client, cast.an, f"/fund/pay/{campaign.id}/")
    assert status == 200 and "<svg" in shown and 'data-copy="HG7 CAM H012"' in shown and "350.000" in shown
    assert f"qr.png?household={cast.an.household.id}&amp;amount=350000" in shown
    other = look(client, cast.an, f"/fund/pay/{campaign.id}/?amount=50.000")[1]
    assert "50.000" in other
    wrong = look(client, cast.an, f"/fund/pay/{campaign.id}/?amount=$20")
    assert wrong[0] == 200 and 'role="alert"' in wrong[1] and "<svg" in wrong[1]


@pytest.mark.parametrize("query", ["?household=x", "?household=00000000-0000-0000-0000-000000000000"])
def test_a_household_that_is_none_is_not_there(client, cast, campaign, query):
    assert look(client, cast.hoa, f"/fund/pay/{campaign.id}/{query}")[0] == 404


def test_without_an_account_the_page_says_so(client, cast):
    campaign = make_campaign(cast)
    status, shown = look(client, cast.an, f"/fund/pay/{campaign.id}/")
    assert status == 200 and "Thủ quỹ chưa khai tài khoản" in shown


def test_a_long_queue_asks_as_much_as_a_short_one(client, cast, account, campaign):
    arrive(account, "CAM H012", 0)
    look(client, cast.hoa, "/fund/bank/queue/")
    with CaptureQueriesContext(connection) as short:
        look(client, cast.hoa, "/fund/bank/queue/")
    for number in range(1, 9):
        arrive(account, "CAM H012" if number % 2 else "HG7 CAM H012", number)
    with CaptureQueriesContext(connection) as long:
        look(client, cast.hoa, "/fund/bank/queue/")
    assert len(long) <= len(short) + 1  # the payments of what was booked, all in one
