"""A bank's statement as a table: which column is which, and what each line says. Pure of any database.

Vietnamese banks agree on little: headings in one language or two, money in one column or in two, dots or commas. What
is sure is taken; a line that is not is refused by its number, and lines above and below the list are passed over.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from backend.lib.clock import VIETNAM
from backend.lib.tables import Row, Table
from backend.lib.text import folded
from neighborhoods.fund.bank_messages import LONGEST_CONTENT, LONGEST_REFERENCE, Transfer, clean
from neighborhoods.models import MOST_DONG

NOON = time(12)
"""Where a statement says only the day."""

HEADINGS = {
    "": r"so du|\bbalance\b|^stt$|^no\.$|tai khoan|\baccount\b|\bphi\b|\bvat\b",
    "sign": r"^\+ ?/ ?-$|^thay doi$|^(?:ghi )?no ?/ ?(?:ghi )?co$|^d ?/ ?c$|^c ?/ ?d$|^dr ?/ ?cr$|^debit ?/ ?credit$"
    r"|^loai (?:gd|giao dich|but toan)|^(?:transaction )?type$",
    "reference": r"ma (?:giao dich|gd)|so (?:giao dich|gd|ct)\b|tham chieu|reference|\bref\b|chung tu|but toan"
    r"|transaction (?:no|id|num)",
    "debit": r"ghi no|phat sinh no|tien ra|\bdebit\b|withdraw|^no$|rut ra",
    "credit": r"ghi co|phat sinh co|tien vao|\bcredit\b|deposit|^co$|gui vao",
    "content": r"noi dung|dien giai|mo ta|chi tiet|description|detail|remark|content",
    "time": r"^gio\b|^time$",
    "date": r"ngay|thoi gian|\bdate\b",
    "amount": r"so tien|\bamount\b|phat sinh",
}
"""The first that fits a heading (folded) names it; one that is nobody's hides those that look alike."""

LEFT = re.compile(r"-|d|dr|debit|n|no|ghi no|chi|tien ra|chuyen di|rut(?: tien)?|out|withdraw\w*")
"""What a column of signs says (folded) where money left, and the amount stands without one."""

DAY = re.compile(
    r"(?:(?P<d>\d{1,2})[/.\-](?P<m>\d{1,2})[/.\-](?P<y>\d{4})|(?P<y2>\d{4})[/.\-](?P<m2>\d{1,2})[/.\-](?P<d2>\d{1,2}))"
    r"(?:[ T]+(?P<clock>\d{1,2}:\d{2}(?::\d{2})?))?"
)
MONEY = re.compile(r"([+\-]?)\s*(\d{1,3}(?:([.,\s])\d{3})(?:\3\d{3})*|\d+)(?:[.,]0{1,2})?\s*([+\-]?)")
CURRENCY = re.compile(r"\s*(?:vnd|vnđ|đồng|đ|₫)\s*", re.IGNORECASE)


class Said(StrEnum):
    """What a line is."""

    IN = "in"
    OUT = "out"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list. ``number`` as the person sees it in the file; ``transfer`` where money came in."""

    number: int
    said: Said
    transfer: Transfer | None = None
    fault: str = ""
    """``date`` or ``amount``: which column cannot be read."""


def columns_of(headings: Sequence[str]) -> dict[str, int]:
    """Column name → its place. The first of a name counts."""
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        plain = folded(heading)
        name = next((name for name, pattern in HEADINGS.items() if plain and re.search(pattern, plain)), "")
        if name and name not in found:
            found[name] = place
    return found


def is_heading(cells: list[str]) -> bool:
    """Whether a line holds the headings that a statement needs: a day, words, and money that came."""
    found = columns_of(cells)
    return {"date", "content"} <= found.keys() and bool({"credit", "amount"} & found.keys())


def lines_of(table: Table) -> list[Line]:
    """The lines that are of the list: those with a day. Sums and signatures below it have none."""
    columns = columns_of(table.headings)
    return [line for row in table.rows if (line := _line(row, columns)) is not None]


def _line(row: Row, columns: dict[str, int]) -> Line | None:
    cells = {name: row.cells[place].strip() for name, place in columns.items() if place < len(row.cells)}
    if not cells.get("date") or not any(cells.get(name) for name in ("credit", "debit", "amount")):
        return None
    moment = _moment(cells["date"], cells.get("time", ""))
    if moment is None:
        return Line(row.number, Said.UNREADABLE, fault="date") if re.match(r"\d", cells["date"]) else None
    amount = _came_in(cells)
    if amount is None:
        return Line(row.number, Said.UNREADABLE, fault="amount")
    if amount <= 0:
        return Line(row.number, Said.OUT)
    content = clean(cells.get("content", ""), LONGEST_CONTENT)
    reference = clean(cells.get("reference", ""), LONGEST_REFERENCE)
    return Line(row.number, Said.IN, Transfer(amount, moment, content, reference))


def _came_in(cells: dict[str, str]) -> int | None:
    """Đồng that came in; 0 or less where money left; ``None`` where it cannot be read."""
    if "credit" in cells:
        return _money(cells["credit"]) if cells["credit"] not in ("", "-") else 0
    amount = _money(cells.get("amount", ""))
    if LEFT.fullmatch(folded(cells.get("sign", ""))):
        return 0
    if cells.get("debit"):
        return 0 if _money(cells["debit"]) else amount
    return amount


def _money(text: str) -> int | None:
    """``1,500,000.00``, ``1.500.000``, ``+1 500 000 VND``, ``-20000``, ``20.000 -``."""
    found = MONEY.fullmatch(CURRENCY.sub("", text.replace("\u00a0", " ").replace("\u202f", " ")).strip())
    if found is None:
        return None
    value = int(re.sub(r"\D", "", found[2]))
    if value > MOST_DONG:
        return None
    return -value if "-" in (found[1], found[4]) else value


def _moment(text: str, clock: str) -> datetime | None:
    found = DAY.match(text)
    if found is None:
        return None
    year, month, day = (int(found[name] or found[f"{name}2"]) for name in "ymd")
    hour = found["clock"] or (clock if re.fullmatch(r"\d{1,2}:\d{2}(?::\d{2})?", clock) else "")
    try:
        at = time.fromisoformat(hour.zfill(len(hour) + (hour.index(":") < 2))) if hour else NOON
        return datetime.combine(date(year, month, day), at, VIETNAM) if 2000 <= year <= 2200 else None
    except ValueError:
        return None


def to_json(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Lines with money that came in, as JSON keeps them."""
    return [
        {**asdict(one.transfer), "occurred_at": one.transfer.occurred_at.isoformat(), "number": one.number}
        for one in lines
        if one.transfer is not None
    ]


def from_json(kept: Sequence[dict[str, Any]]) -> list[Line]:
    return [
        Line(
            one["number"],
            Said.IN,
            Transfer(one["amount"], datetime.fromisoformat(one["occurred_at"]), one["content"], one["reference"]),
        )
        for one in kept
    ]
