"""The monthly statement (sao kê tháng) of one fund, as paper to hang on the notice board.

It shows what the open ledger shows and no more: what came in, every expense with what it was for, and no household.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, cast

from backend.lib.paper import FONT, blank
from neighborhoods.fund.receipt_paper import VOLUNTARY, digits, fact, signatures, spoken_day

if TYPE_CHECKING:
    from backend.lib.pdf import Paper

Progress = Callable[[int, int], None]
LINE_MM = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: its number in the ledger, its day, what it was, and what it moved (spending and refunds negative)."""

    number: int
    day: date
    what: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One month of one campaign. ``opening`` and ``closing`` are cash and bank together, in đồng."""

    place: str
    ward: str
    campaign_code: str
    purpose: str
    year: int
    month: int
    printed_on: date
    opening: int
    closing: int
    cash: int
    bank: int
    payments: int
    """How many payments came in."""
    voluntary: bool
    money_in: tuple[Line, ...] = ()
    money_out: tuple[Line, ...] = ()
    treasurer: str = ""
    leader: str = ""


def month_paper(statement: Statement, progress: Progress = lambda done, total: None) -> bytes:
    """The statement as PDF; ``progress`` hears lines done and lines in all."""
    paper = blank(title=f"Sao kê quỹ {statement.campaign_code} tháng {statement.month:02d}/{statement.year}")
    paper.add_page()
    _head(paper, statement)
    total, done = len(statement.money_in) + len(statement.money_out), 0
    for title, lines in (("Tiền vào", statement.money_in), ("Tiền ra", statement.money_out)):
        _table_head(paper, title)
        for line in lines:
            _row(paper, line)
            done += 1
            progress(done, total)
        if not lines:
            paper.cell(0, LINE_MM + 1, "Không có", new_x="LMARGIN", new_y="NEXT")
        _sum(paper, f"Cộng {title.lower()}", sum(line.amount for line in lines))
    _sum(paper, "Còn lại cuối tháng", statement.closing, size=13)
    paper.ln(10)
    signatures(paper, {"Thủ quỹ": statement.treasurer, "Tổ trưởng": statement.leader, "Đại diện các hộ": ""})
    return paper.finished()


def kept_paper(statement: Statement) -> bytes:
    """The same for whoever asks, and anybody may: it takes a second, so each is drawn once, and one at a time."""
    with _DRAWING:
        return _drawn(statement)


_DRAWING = Lock()
_drawn = lru_cache(maxsize=32)(month_paper)


def _head(paper: "Paper", statement: Statement) -> None:
    paper.cell(0, 6, statement.place, new_x="LMARGIN", new_y="NEXT")
    paper.cell(0, 6, statement.ward, new_x="LMARGIN", new_y="NEXT")
    paper.ln(4)
    paper.set_font(FONT, style="b", size=19)
    paper.cell(0, 10, "SAO KÊ QUỸ", align="C", new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FONT, style="b", size=13)
    month = f"Tháng {statement.month:02d} năm {statement.year}"
    paper.cell(0, 7, month, align="C", new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FONT, size=10)
    paper.cell(0, 6, f"In ra: {spoken_day(statement.printed_on).lower()}", align="C", new_x="LMARGIN", new_y="NEXT")
    paper.ln(4)
    fact(paper, "Đợt vận động", f"{statement.campaign_code}: {statement.purpose}")
    fact(paper, "Có đầu tháng", digits(statement.opening))
    fact(paper, "Số lượt đóng", f"{statement.payments}")
    fact(paper, "Còn cuối tháng", f"{digits(statement.closing)} ({_kept(statement)})", style="b")
    if statement.voluntary:
        paper.set_font(FONT, size=10)
        paper.multi_cell(0, 5, VOLUNTARY, new_x="LMARGIN", new_y="NEXT")


def _kept(statement: Statement) -> str:
    return f"tiền mặt {digits(statement.cash)}, ngân hàng {digits(statement.bank)}"


def _table_head(paper: "Paper", title: str) -> None:
    paper.ln(4)
    paper.set_font(FONT, style="b", size=13)
    paper.cell(0, 9, title, new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FONT, style="b", size=10)
    _cells(paper, "Số", "Ngày", "Nội dung", "Số tiền", border="B")
    paper.set_font(FONT, size=10)


def _row(paper: "Paper", line: Line) -> None:
    """What it says may be long: it goes on in its own column, the others stay at its first line."""
    what, rest = _broken(paper, line.what)
    _cells(paper, f"{line.number}", f"{line.day:%d/%m/%Y}", what, digits(line.amount))
    for more in rest:
        _cells(paper, "", "", more, "")


def _broken(paper: "Paper", text: str) -> tuple[str, list[str]]:
    lines = cast("list[str]", paper.multi_cell(_widths(paper)[2] - 1, LINE_MM, text, dry_run=True, output="LINES"))
    return (lines[0], lines[1:]) if lines else ("", [])


def _widths(paper: "Paper") -> tuple[float, float, float, float]:
    number, day, amount = 14.0, 26.0, 36.0
    return number, day, paper.epw - number - day - amount, amount


def _cells(paper: "Paper", *texts: str, border: str = "") -> None:
    for text, wide, align in zip(texts, _widths(paper), ("L", "L", "L", "R"), strict=True):
        paper.cell(wide, LINE_MM, text, align=align, border=border or 0)
    paper.ln(LINE_MM)


def _sum(paper: "Paper", label: str, amount: int, *, size: int = 11) -> None:
    paper.set_font(FONT, style="b", size=size)
    paper.cell(paper.epw - 45, 9, label, border="T")
    paper.cell(45, 9, digits(amount), align="R", border="T", new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FONT, size=10)
