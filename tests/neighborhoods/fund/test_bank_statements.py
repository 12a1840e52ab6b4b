"""A bank's statement: its headings, its lines, what it would do, and that nothing is counted twice."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.lib.clock import VIETNAM, vietnam_day
from backend.lib.errors import Absent, BadInput, Conflict
from backend.lib.tables import read_table, write_csv, write_xlsx
from neighborhoods import jobs
from neighborhoods.fund import bank_statement_lines
from neighborhoods.fund.balances import balance
from neighborhoods.fund.bank_accounts import account_locked, bank_account_close
from neighborhoods.fund.bank_messages import Transfer
from neighborhoods.fund.bank_rows import bank_row_ignore, strangers_forget, transfer_receive
from neighborhoods.fund.bank_statement_lines import Said, lines_of
from neighborhoods.fund.bank_statements import lines_kept, statement_apply, statement_read, statements_expire
from neighborhoods.models import BankRow, BankStatement, Job, Payment
from tests.cast import make_cast
from tests.neighborhoods.conftest import NOW, actor
from tests.neighborhoods.fund.bank_cast import make_account, make_campaign

pytestmark = pytest.mark.django_db
TODAY = vietnam_day(NOW).strftime("%d/%m/%Y")

VIETCOMBANK = """NGÂN HÀNG TMCP NGOẠI THƯƠNG VIỆT NAM
SAO KÊ TÀI KHOẢN,,,,
Số tài khoản:,0123499999,,,
STT,Ngày giao dịch,Số tham chiếu,Số tiền ghi nợ,Số tiền ghi có,Số dư,Nội dung chi tiết
1,{day},5214 - 83921,,"350,000","1,350,000",MBVCB.3278907687.HG7 CAM H012.CT tu 0123
2,{day},5214 - 83922,"20,000",,"1,330,000",Phi SMS
3,{day},5214 - 83923,,"200,000.00","1,530,000",NGUYEN VAN A chuyen tien
4,{day},5214 - 83923,,"200,000.00","1,530,000",NGUYEN VAN A chuyen tien
5,32/13/2026,5214 - 83925,,"200,000","1,730,000",x
6,{day},5214 - 83926,,mười đồng,"1,730,000",x
,Tổng cộng,,"20,000","550,000",,
"""


@pytest.fixture
def account(cast):
    return make_account(cast).account


@pytest.fixture
def campaign(cast):
    return make_campaign(cast)


@pytest.fixture
def hoa(cast):
    return actor(cast.hoa)


def take_in(hoa, account, data, name="sao-ke.csv"):
    preview = statement_read(actor=hoa, account_id=account.id, data=data, name=name, now=NOW)
    job = statement_apply(actor=hoa, statement_id=preview.statement.id, now=NOW)
    assert jobs.job_run(job.id, now=lambda: NOW)
    return preview, Job.objects.get(id=job.id)


HEADINGS = [
    (["STT", "Ngày giao dịch", "Số tham chiếu", "Số tiền ghi nợ", "Số tiền ghi có", "Số dư", "Nội dung chi tiết"],
     {"date": 1, "reference": 2, "debit": 3, "credit": 4, "content": 6}),
    (["Ngày hiệu lực/\nEffective date", "Số tiền/\nAmount", "Diễn giải/\nDescription", "Số dư/Balance"],
     {"date": 0, "amount": 1, "content": 2}),
    (["Transaction Date", "Accounting Date", "Debit", "Credit", "Balance", "Description", "Transaction No."],
     {"date": 0, "debit": 2, "credit": 3, "content": 5, "reference": 6}),
    (["Ngày GD", "Mã GD", "Nợ", "Có", "Mô tả", "Tài khoản đối ứng", "Tên tài khoản đối ứng"],
     {"date": 0, "reference": 1, "debit": 2, "credit": 3, "content": 4}),
    (["No.", "Thời gian", "Mã giao dịch", "Phát sinh nợ", "Phát sinh có", "Nội dung giao dịch"],
     {"date": 1, "reference": 2, "debit": 3, "credit": 4, "content": 5}),
    (["Ngày", "Nợ/Có", "Số tiền (nợ/có)", "Nội dung"], {"date": 0, "sign": 1, "amount": 2, "content": 3}),
    (["Ngày", "Giờ", "Tiền vào", "Tiền ra", "Nội dung", "Số CT"],
     {"date": 0, "time": 1, "credit": 2, "debit": 3, "content": 4, "reference": 5}),
]  # fmt: skip


@pytest.mark.parametrize(("headings", "columns"), HEADINGS)
def test_headings_of_banks_are_known(headings, columns):
    assert bank_statement_lines.columns_of(headings) == columns
    assert bank_statement_lines.is_heading(headings)


@pytest.mark.parametrize("cells", [[], ["Ngày"], ["Số tài khoản", "012"], ["Ngày giao dịch", "Số dư", "Nội dung"]])
def test_other_lines_are_no_headings(cells):
    assert not bank_statement_lines.is_heading(cells)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("350,000", 350_000), ("350.000", 350_000), ("350 000", 350_000), ("350\u00a0000", 350_000),
        ("350,000.00", 350_000), ("1.350.000,00", 1_350_000), ("+1,350,000 VND", 1_350_000), ("350000.0", 350_000),
        ("350.000 đ", 350_000), ("350000", 350_000), ("-20,000", None), ("20,000-", None), ("0", None),
        ("", None), ("-", None),
    ],
)  # fmt: skip
def test_amounts_as_banks_write_them(text, amount):
    table = read_table(write_csv(["Ngày", "Số tiền", "Nội dung"], [["18/03/2026", f" {text}", "x"]]), name="a.csv")
    lines = lines_of(table)
    if amount is None:
        assert not lines or lines[0].said in (Said.OUT, Said.UNREADABLE)
    else:
        assert [line.transfer.amount for line in lines] == [amount]


@pytest.mark.parametrize(
    ("heading", "left", "came"),
    [
        ("Thay đổi", "-", "+"), ("+/-", "-", "+"), ("Loại giao dịch", "Ghi nợ", "Ghi có"), ("D/C", "D", "C"),
        ("Ghi nợ/Ghi có", "N", "C"), ("Nợ/Có", "Nợ", "Có"), ("Type", "DEBIT", "CREDIT"), ("Loại GD", "Chi", "Thu"),
    ],
)  # fmt: skip
def test_a_sign_in_a_column_of_its_own_is_a_sign(heading, left, came):
    lines = [["18/03/2026", sign, "350,000", "HG7 CAM H012"] for sign in (left, came, "Chuyển khoản")]
    table = read_table(write_csv(["Ngày giao dịch", heading, "Số tiền", "Mô tả"], lines), name="a.csv")
    assert [line.said for line in lines_of(table)] == [Said.OUT, Said.IN, Said.IN]


@pytest.mark.parametrize("text", ["350,50", "35,0000", "1,2.3", "$20", "350.5", "1" * 14, "ba trăm", "=1+1", "3e5"])
def test_amounts_nobody_can_be_sure_of_are_refused(text):
    table = read_table(write_csv(["Ngày", "Số tiền", "Nội dung"], [["18/03/2026", text, "x"]]), name="a.csv")
    (line,) = lines_of(table)
    assert (line.said, line.fault, line.number) == (Said.UNREADABLE, "amount", 2)


@pytest.mark.parametrize(
    ("day", "hour", "moment"),
    [
        ("18/03/2026", "", (2026, 3, 18, 12, 0)), ("18-03-2026", "9:05", (2026, 3, 18, 9, 5)),
        ("2026-03-18", "", (2026, 3, 18, 12, 0)), ("2026-03-18 23:59:58", "", (2026, 3, 18, 23, 59)),
        ("8/3/2026 07:01", "", (2026, 3, 8, 7, 1)), ("2026-03-18T10:22:33", "", (2026, 3, 18, 10, 22)),
    ],
)  # fmt: skip
def test_days_as_banks_write_them(day, hour, moment):
    table = read_table(write_csv(["Ngày", "Giờ", "Ghi có", "Nội dung"], [[day, hour, "1", "x"]]), name="a.csv")
    (line,) = lines_of(table)
    assert line.transfer.occurred_at.replace(second=0) == datetime(*moment, tzinfo=VIETNAM)


def test_it_says_first_what_each_line_would_do(hoa, account, campaign):
    data = VIETCOMBANK.format(day=TODAY).encode("utf-8-sig")
    preview = statement_read(actor=hoa, account_id=account.id, data=data, name="sao-ke.csv", now=NOW)
    said = [(one.line.number, one.outcome) for one in preview.looked]
    assert said == [(5, "booked"), (6, "out"), (7, "queued"), (8, "known"), (9, "unreadable"), (10, "unreadable")]
    assert preview.looked[0].candidate.household == 12
    assert preview.statement.counts == {"booked": 1, "queued": 1, "known": 1, "out": 1, "unreadable": 2}
    assert not BankRow.objects.exists() and not Payment.objects.exists()
    assert b"NGUYEN" not in bytes(preview.statement.lines)


@pytest.mark.both_databases
def test_after_the_yes_it_does_that_and_a_second_time_nothing(hoa, account, campaign):
    data = VIETCOMBANK.format(day=TODAY).encode()
    preview, job = take_in(hoa, account, data)
    assert job.state == "done" and job.result == {"booked": 1, "queued": 1, "known": 1, "account": str(account.id)}
    assert balance(campaign.id).bank == 350_000 and BankRow.objects.count() == 2
    statement = BankStatement.objects.get(id=preview.statement.id)
    assert statement.applied_at == NOW and lines_kept(statement) == []
    with pytest.raises(Conflict) as refused:
        statement_apply(actor=hoa, statement_id=statement.id, now=NOW)
    assert refused.value.code == "statement_applied"
    _preview, again = take_in(hoa, account, data)
    assert again.result == {"booked": 0, "queued": 0, "known": 3, "account": str(account.id)}
    assert BankRow.objects.count() == 2


def test_xlsx_with_dates_and_numbers_is_the_same(hoa, account, campaign):
    day = vietnam_day(NOW)
    rows = [[day, "FT1", 350_000, "HG7 CAM H012"], [day, "FT2", None, "phi"]]
    data = write_xlsx(["Ngày giao dịch", "Mã giao dịch", "Ghi có", "Diễn giải"], rows, "Sao kê")
    _preview, job = take_in(hoa, account, data, "sao-ke.xlsx")
    assert job.result["booked"] == 1


def test_what_is_no_statement_is_refused(hoa, account):
    for data in (b"", b"a,b\n1,2\n", b"PK\x03\x04 no zip", write_csv(["Ngày", "Số dư", "Nội dung"], [])):
        with pytest.raises(BadInput) as refused:
            statement_read(actor=hoa, account_id=account.id, data=data, name="a.csv", now=NOW)
        assert refused.value.code == "table_unreadable"
    many = write_csv(["Ngày", "Ghi có", "Nội dung"], ([TODAY, 1, "x"] for _n in range(3001)))
    with pytest.raises(BadInput) as refused:
        statement_read(actor=hoa, account_id=account.id, data=many, name="a.csv", now=NOW)
    assert refused.value.code == "table_too_large"
    assert not BankStatement.objects.exists()


def test_a_closed_account_and_another_treasurer_take_nothing_in(cast, hoa, account, campaign):
    data = VIETCOMBANK.format(day=TODAY).encode()
    preview = statement_read(actor=hoa, account_id=account.id, data=data, name="a.csv", now=NOW)
    for person in (cast.binh, cast.an, cast.dung):
        with pytest.raises(Absent):
            statement_apply(actor=actor(person), statement_id=preview.statement.id, now=NOW)
        with pytest.raises(Absent):
            statement_read(actor=actor(person), account_id=account.id, data=data, name="a.csv", now=NOW)
    bank_account_close(actor=hoa, account_id=account.id, now=NOW)
    with pytest.raises(Conflict):
        statement_apply(actor=hoa, statement_id=preview.statement.id, now=NOW)


def test_what_was_only_looked_at_is_forgotten_after_a_day(hoa, account):
    statement_read(actor=hoa, account_id=account.id, data=VIETCOMBANK.format(day=TODAY).encode(), name="a.csv", now=NOW)
    assert statements_expire(now=NOW + timedelta(hours=23)) == 0
    assert statements_expire(now=NOW + timedelta(hours=25)) == 1


def hear(account, transfer):
    return transfer_receive(account=account_locked(account.id), transfer=transfer, came_by="sepay", now=NOW)


def test_a_messenger_that_comes_after_the_statement_is_known(hoa, account, campaign):
    take_in(hoa, account, VIETCOMBANK.format(day=TODAY).encode())
    told = Transfer(350_000, NOW, "HG7 CAM H012", "FT26003", "92704")
    assert hear(account, told).known and hear(account, told).known
    assert BankRow.objects.count() == 2 and BankRow.objects.get(provider_id="92704").came_by == "statement"
    assert not hear(account, Transfer(350_000, NOW, "HG7 CAM H012", "FT26004", "92705")).known


@settings(max_examples=25)
@given(
    truth=st.lists(
        st.tuples(
            st.sampled_from([100_000, 350_000]),
            st.sampled_from(["HG7 CAM H012", "HG7 CAM H013", "NGUYEN VAN A chuyen tien", ""]),
        ),
        max_size=6,
    ),
    steps=st.lists(st.sampled_from(["hear", "import"]), min_size=1, max_size=5),
    referenced=st.booleans(),
    data=st.data(),
)
def test_whoever_tells_of_it_and_however_often_each_transfer_is_one_row(
    django_db_blocker, truth, steps, referenced, data
):
    """Messengers and statements write other references and wrap the words; together they tell the whole truth."""
    with transaction.atomic():
        account = make_account(cast := make_cast()).account
        make_campaign(cast)
        noon = datetime.combine(vietnam_day(NOW), time(12), VIETNAM)  # statements know the day, messengers the second
        messages = [
            Transfer(amount, NOW, words, f"FT{n}" if referenced else "", str(n))
            for n, (amount, words) in enumerate(truth)
        ]
        lines = [
            Transfer(amount, noon, f"MBVCB.1.{words}.CT tu" if words else "", f"5214 - {n}")
            for n, (amount, words) in enumerate(truth)
        ]
        for step in [*steps, "import"]:
            if step == "hear":
                for message in data.draw(st.lists(st.sampled_from(messages), max_size=8)) if messages else []:
                    hear(account, message)
            else:
                taken = set()
                for line in lines:
                    found = transfer_receive(
                        account=account_locked(account.id), transfer=line, came_by="statement", now=NOW, taken=taken
                    )
                    taken.add(found.row.id)
        rows = sorted(BankRow.objects.values_list("amount", flat=True))
        assert rows == sorted(amount for amount, _words in truth)
        transaction.set_rollback(True)


@pytest.mark.both_databases
@pytest.mark.parametrize("before", ["none", "casso", "sepay"])
def test_an_account_that_is_entered_anew_knows_what_was_told_of_it_before(cast, hoa, campaign, before):
    """Closing it and entering it again is how its messenger is changed; the money is the same money."""
    old = make_account(cast, before)
    take_in(hoa, old.account, VIETCOMBANK.format(day=TODAY).encode())
    bank_account_close(actor=hoa, account_id=old.account.id, now=NOW)
    account = make_account(cast, "sepay").account
    words = {"came_by": "sepay", "now": NOW}
    told = Transfer(350_000, NOW, "MBVCB.3278907687.HG7 CAM H012.CT tu 0123", "FT1", "1")
    assert transfer_receive(account=account_locked(account.id), transfer=told, **words).known
    assert transfer_receive(account=account_locked(account.id), transfer=told, **words).known
    _preview, job = take_in(hoa, account, VIETCOMBANK.format(day=TODAY).encode())
    assert job.result == {"booked": 0, "queued": 0, "known": 3, "account": str(account.id)}
    assert (Payment.objects.count(), BankRow.objects.count()) == (1, 2)
    again = replace(told, reference="", provider_id="2")
    assert not transfer_receive(account=account_locked(account.id), transfer=again, **words).known  # money once more
    assert Payment.objects.count() == 2


@pytest.mark.both_databases
def test_a_number_of_another_messenger_is_another_transfer(cast, hoa, campaign):
    old = make_account(cast, "casso")
    casso = Transfer(350_000, NOW, "HG7 CAM H012", "FT1", "5")
    transfer_receive(account=account_locked(old.account.id), transfer=casso, came_by="casso", now=NOW)
    bank_account_close(actor=hoa, account_id=old.account.id, now=NOW)
    account = make_account(cast, "sepay").account
    sepay = Transfer(70_000, NOW, "HG7 CAM H012", "FT2", "5")
    transfer_receive(account=account_locked(account.id), transfer=sepay, came_by="sepay", now=NOW)
    assert balance(campaign.id).bank == 420_000


@pytest.mark.both_databases
def test_words_of_what_was_none_of_the_funds_are_forgotten_and_the_money_is_known_all_the_same(hoa, account, campaign):
    """The account is usually the treasurer's own, and so was the money."""
    lines: list[list[str | int]] = [
        ["Lương tháng 3", "R1", 9_000_000], ["LO THI UT tra no", "", 50_000], ["LO THI UT tra no", "", 50_000],
        ["HG7 CAM H012", "R2", 350_000],
    ]  # fmt: skip
    table = write_csv(["Ngày", "Nội dung", "Mã GD", "Ghi có"], [[TODAY, *line] for line in lines])
    take_in(hoa, account, table)
    for row in BankRow.objects.filter(payments=None):
        bank_row_ignore(actor=hoa, row_id=row.id, why="not_for_the_fund", now=NOW)
    assert strangers_forget(now=NOW + timedelta(days=89)) == 0
    assert strangers_forget(now=NOW + timedelta(days=91)) == 3
    assert strangers_forget(now=NOW + timedelta(days=91)) == 0
    said = BankRow.objects.order_by("amount", "ordinal").values_list("content", "reference", "amount")
    assert list(said) == [("", "", 50_000), ("", "", 50_000), ("HG7 CAM H012", "R2", 350_000), ("", "", 9_000_000)]
    _preview, job = take_in(hoa, account, table)
    assert job.result == {"booked": 0, "queued": 0, "known": 4, "account": str(account.id)}
