"""The numbered receipt of one payment, as one page of paper: ``Phiếu thu số 0012/CAM``.

Vietnamese whatever the reader's language: it is the household's proof towards the neighborhood.
"""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from backend.lib.paper import FONT, MARGIN_MM, blank
from neighborhoods.fund.words_vi import read_amount

if TYPE_CHECKING:
    from backend.lib.pdf import Paper

METHODS = {"cash": "Tiền mặt", "transfer": "Chuyển khoản"}
VOLUNTARY = "Vận động tự nguyện: chưa có đủ 2/3 số hộ đồng ý. Không hộ nào bắt buộc phải đóng."
LABEL_MM = 42
SIGNATURE_MM = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What stands on it. ``reversed_on`` marks one whose payment was taken back: the paper says so across its head."""

    place: str
    ward: str
    number: int
    campaign_code: str
    purpose: str
    household: str
    address: str
    amount: int
    method: str
    paid_on: date
    received_by: str
    voluntary: bool
    reversed_on: date | None = None

    @property
    def name(self) -> str:
        return f"{self.number:04d}/{self.campaign_code}"


def digits(dong: int) -> str:
    """``1.234.000 đ``, as people here write money."""
    return f"{dong:,} đ".replace(",", ".")


def spoken_day(day: date) -> str:
    return f"Ngày {day.day:02d} tháng {day.month:02d} năm {day.year}"


def receipt_paper(receipt: Receipt) -> bytes:
    """The receipt as PDF."""
    paper = blank(title=f"Phiếu thu số {receipt.name}")
    paper.add_page()
    _head(paper, receipt)
    _lines(paper, receipt)
    signatures(paper, {"Người nộp tiền": "", "Người thu tiền": receipt.received_by})
    return paper.finished()


def _head(paper: "Paper", receipt: Receipt) -> None:
    paper.set_font(FONT, size=11)
    paper.cell(0, 6, receipt.place, new_x="LMARGIN", new_y="NEXT")
    paper.cell(0, 6, receipt.ward, new_x="LMARGIN", new_y="NEXT")
    paper.ln(6)
    paper.set_font(FONT, style="b", size=22)
    paper.cell(0, 12, "PHIẾU THU", align="C", new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FONT, style="b", size=13)
    paper.cell(0, 7, f"Số {receipt.name}", align="C", new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FONT, size=11)
    paper.cell(0, 7, spoken_day(receipt.paid_on), align="C", new_x="LMARGIN", new_y="NEXT")
    if receipt.reversed_on:
        paper.set_font(FONT, style="b", size=13)
        said = f"ĐÃ HỦY ngày {receipt.reversed_on:%d/%m/%Y}: khoản thu này không còn trong sổ quỹ"
        paper.multi_cell(0, 8, said, align="C", border=1, new_x="LMARGIN", new_y="NEXT")
    paper.ln(5)


def _lines(paper: "Paper", receipt: Receipt) -> None:
    facts = {
        "Hộ nộp tiền": receipt.household,
        "Địa chỉ": receipt.address,
        "Nội dung": receipt.purpose,
        "Hình thức": METHODS[receipt.method],
    }
    for label, text in facts.items():
        fact(paper, label, text)
    fact(paper, "Số tiền", digits(receipt.amount), size=17)
    fact(paper, "Bằng chữ", read_amount(receipt.amount), style="b")
    if receipt.voluntary:
        paper.ln(2)
        paper.set_font(FONT, size=10)
        paper.multi_cell(0, 5, VOLUNTARY, new_x="LMARGIN", new_y="NEXT")
    paper.ln(8)


def fact(paper: "Paper", label: str, text: str, *, size: int = 12, style: str = "") -> None:
    """One line: what it is, then what it says; a long text goes on below itself."""
    paper.set_font(FONT, size=11)
    paper.cell(LABEL_MM, 8, label)
    paper.set_font(FONT, style=style or ("b" if size > 12 else ""), size=size)
    paper.multi_cell(0, 8, text, new_x="LMARGIN", new_y="NEXT")


def signatures(paper: "Paper", people: dict[str, str]) -> None:
    """Room for hands, side by side; who is known by name stands under theirs. Never cut by the page's end."""
    wide = (paper.w - 2 * MARGIN_MM) / len(people)
    if paper.will_page_break(SIGNATURE_MM + 18):
        paper.add_page()
    top = paper.get_y()
    for place, (who, name) in enumerate(people.items()):
        for down, text, style, size in (
            (0, who, "b", 11),
            (6, "(ký, ghi rõ họ tên)", "", 9),
            (SIGNATURE_MM, name, "", 11),
        ):
            paper.set_xy(MARGIN_MM + place * wide, top + down)
            paper.set_font(FONT, style=style, size=size)
            paper.cell(wide, 6, text, align="C")
    paper.set_xy(MARGIN_MM, top + SIGNATURE_MM + 10)
