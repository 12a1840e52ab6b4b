"""The open book: its sums, months and statements follow from the entries, whatever the order of their days."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from neighborhoods.fund import open_book
from neighborhoods.fund.arithmetic import balance_of
from neighborhoods.models import LedgerEntry

SIDES = {
    "payment": ("cash", "contributions"),
    "refund": ("contributions", "cash"),
    "expense": ("spending", "bank"),
    "deposit": ("bank", "cash"),
}
START = date(2025, 11, 3)


@st.composite
def histories(draw: st.DrawFn) -> list[LedgerEntry]:
    """Entries of every kind on any day of a year and a half, some of them taken back later."""
    entries: list[LedgerEntry] = []
    for number in range(1, draw(st.integers(0, 25)) + 1):
        day = START + timedelta(days=draw(st.integers(0, 500)))
        free = [one for one in entries if one.reverses is None and not any(two.reverses is one for two in entries)]
        if free and draw(st.booleans()):
            one = draw(st.sampled_from(free))
            entries.append(
                LedgerEntry(number=number, kind=one.kind, debit=one.credit, credit=one.debit, amount=one.amount,
                            happened_on=day, reverses=one)
            )  # fmt: skip
            continue
        kind = draw(st.sampled_from(sorted(SIDES)))
        debit, credit = SIDES[kind]
        amount = draw(st.integers(1, 10**12))
        entries.append(
            LedgerEntry(number=number, kind=kind, debit=debit, credit=credit, amount=amount, happened_on=day)
        )
    return entries


@settings(max_examples=60)
@given(histories())
def test_what_came_in_less_what_left_is_what_is_there(entries: list[LedgerEntry]) -> None:
    book = open_book.read(entries)
    balance = balance_of([(entry.debit, entry.credit, entry.amount) for entry in entries])
    assert (book.cash, book.bank, book.spent) == (balance.cash, balance.bank, balance.spent)
    assert book.kept == balance.received
    assert book.held == book.collected - book.refunded - book.spent
    assert (book.rows[-1].balance if book.rows else 0) == book.held


@settings(max_examples=60)
@given(histories())
def test_months_follow_one_another_and_end_with_what_is_there(entries: list[LedgerEntry]) -> None:
    book = open_book.read(entries)
    balance = 0
    for month in book.months:
        balance += month.money_in - month.money_out
        assert month.balance == balance
    order = [month.year * 12 + month.month for month in book.months]
    assert order == list(range(order[0], order[0] + len(order))) if order else entries == []
    assert balance == book.held


@settings(max_examples=60)
@given(histories(), st.integers(0, 18))
def test_a_months_statement_opens_where_the_month_before_closed(entries: list[LedgerEntry], ahead: int) -> None:
    rows = open_book.read(entries).rows
    year, month = divmod(2025 * 12 + 10 + ahead, 12)
    opening, within, closing = open_book.of_month(rows, year, month + 1)
    following = divmod(year * 12 + month + 1, 12)
    assert open_book.of_month(rows, following[0], following[1] + 1)[0] == closing
    assert closing - opening == sum(row.amount for row in within)


def test_an_absurd_year_draws_no_endless_table() -> None:
    entries = [
        LedgerEntry(number=n, kind="payment", debit="cash", credit="contributions", amount=5, happened_on=day)
        for n, day in enumerate((date(1900, 1, 1), date(2026, 1, 31)), start=1)
    ]
    months = open_book.read(entries).months
    assert len(months) == open_book.MOST_MONTHS
    assert [months[0].balance, months[-1].balance] == [5, 10]
