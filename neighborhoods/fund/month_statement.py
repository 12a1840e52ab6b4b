"""A month of a fund's open book as a statement to be printed."""

from datetime import date

from django.utils.translation import gettext as _

from backend.lib.errors import BadInput
from neighborhoods.fund import open_book
from neighborhoods.fund.month_paper import Line, Statement
from neighborhoods.models import Campaign, LedgerEntry

Kind = LedgerEntry.Kind
SAID = {
    Kind.PAYMENT: {"cash": "Đóng góp, tiền mặt", "bank": "Đóng góp, chuyển khoản"},
    Kind.REFUND: {"cash": "Trả lại cho hộ, tiền mặt", "bank": "Trả lại cho hộ, chuyển khoản"},
}


def month_read(year: int, month: int, *, today: date) -> date:
    """The first day of a month that has begun. Raises ``BadInput`` for one that is no month or lies ahead."""
    if 1 <= month <= 12 and year >= 2000 and (year, month) <= (today.year, today.month):
        return date(year, month, 1)
    reason = _("Choose a month that has begun.")
    raise BadInput(reason, fields={"month": [reason]})


def statement_of(campaign: Campaign, first: date, *, today: date, treasurer: str = "", leader: str = "") -> Statement:
    """The month that begins with ``first``, from the ledger as it stands today."""
    book = open_book.book_of(campaign)
    opening, rows, closing = open_book.of_month(book.rows, first.year, first.month)
    until = [row for row in book.rows if (row.day.year, row.day.month) <= (first.year, first.month)]
    place, ward = campaign.neighborhood, campaign.neighborhood.ward
    return Statement(
        place=place.name,
        ward=f"{ward.name}, {ward.province_name}",
        campaign_code=campaign.code,
        purpose=campaign.purpose,
        year=first.year,
        month=first.month,
        printed_on=today,
        opening=opening,
        closing=closing,
        cash=open_book.held_in(until, "cash"),
        bank=open_book.held_in(until, "bank"),
        payments=open_book.standing(rows),
        voluntary=campaign.is_voluntary,
        money_in=tuple(_line(row) for row in rows if row.kind == Kind.PAYMENT),
        money_out=tuple(_line(row) for row in rows if row.kind in (Kind.EXPENSE, Kind.REFUND)),
        treasurer=treasurer,
        leader=leader,
    )


def _line(row: open_book.Row) -> Line:
    what = SAID[Kind(row.kind)][row.account] if row.kind in SAID else ""
    if row.expense:
        what = f"{row.expense.what} (trả {row.expense.payee})"
    if row.reversal_of:
        what = f"Hủy bút toán số {row.reversal_of}: {what}"
    return Line(row.number, row.day, what, row.amount)


def file_name(campaign: Campaign, first: date) -> str:
    return f"sao-ke-{campaign.code}-{first:%Y-%m}.pdf"
