"""What one line of a list says: an address, who heads the household, who lives there and their phones.

Lists come one line for a household or one for a person; a line without an address belongs to the household above it.
What cannot be right is a problem of its line, by a stable word; the others do not suffer for it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from backend.lib.cells import Row
from backend.lib.errors import BadInput
from backend.lib.text import ID_NUMBER, clean_name, folded
from neighborhoods.importing.columns import Columns, Field, is_heading

BETWEEN_NAMES = re.compile(r"[;,\n/]+")
BETWEEN_PHONES = re.compile(r"[;,\n/]+|\s+-\s+")
NUMBER = re.compile(r"[hH]?\s*0*([1-9][0-9]{0,5})")
LOST_ZERO = re.compile(r"[35789][0-9]{8}")
"""A mobile number from which a spreadsheet took the leading zero."""
REGISTRATIONS = {
    "thuong tru": "permanent",
    "tam tru": "temporary",
    "kinh doanh": "business",
    "ho kinh doanh": "business",
}
LONGEST_ADDRESS, LONGEST_NAME = 200, 120
MOST_PEOPLE = 40


@dataclass(frozen=True, slots=True)
class Line:
    """One line, read. ``people``: ``[name, phone]``, the head first where the line names one."""

    line: int
    address: str = ""
    number: int | None = None
    head: str = ""
    people: list[list[str]] = field(default_factory=list)
    registration: str = ""
    extra_phones: int = 0
    """Phones beyond the first, which are not kept: whose they are the list does not say."""
    problem: str = ""
    """Why it is refused, as a word of ``notes``; empty where nothing is wrong."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "Line":
        return cls(**raw)


def lines_of(rows: Iterable[Row], columns: Columns) -> Iterator[Line]:
    """Every row as a ``Line``. One that names people and no household belongs to the household above it.

    Rows that say nothing in any column we read are passed over: totals, signatures, headings of a second page.
    """
    above = Line(0)
    for row in rows:
        if not any(columns.of(row.cells, one) for one in Field) or is_heading(row.cells):
            continue
        line = _line(row, columns)
        names_one = any(columns.of(row.cells, one) for one in (Field.ADDRESS, Field.HOUSE, Field.NUMBER, Field.HEAD))
        if not line.problem and not line.address and line.number is None:
            if above.line and not names_one:
                line = replace(line, address=above.address, number=above.number)
            else:
                line = Line(row.number, head=line.head, problem="no_address")
        yield line
        if names_one:  # a household whose line is refused leaves those below it without one
            above = Line(0) if line.problem else line


def _line(row: Row, columns: Columns) -> Line:
    def cell(wanted: Field) -> str:
        return columns.of(row.cells, wanted)

    head, name = cell(Field.HEAD), cell(Field.NAME)
    if not head and folded(cell(Field.RELATION)) in ("chu ho", "chu"):
        head, name = name, ""
    address = ""
    try:
        address = _address(columns, row)
        number = _number(cell(Field.NUMBER))
        phones = [_phone(part) for part in BETWEEN_PHONES.split(cell(Field.PHONE)) if part.strip()]
        head = _name(head) if head else ""
        names = _names(name)
        everybody = [*([head] if head else []), *names, *_names(cell(Field.MEMBERS))]
    except _Wrong as wrong:
        return Line(row.number, address, head=ID_NUMBER.sub("…", head)[:LONGEST_NAME], problem=wrong.args[0])
    people = [[one, ""] for one in dict.fromkeys(everybody)]
    if len(people) > MOST_PEOPLE:
        return Line(row.number, address, head=head, problem="too_many_people")
    called = names[0] if names else next(iter(everybody), "")  # a line about a person gives that person's phone
    for person in people:
        if phones and person[0] == called:
            person[1] = phones[0]
    kept = 1 if people else 0
    extra = max(len(phones) - kept, 0)
    return Line(row.number, address, number, head, people, _registration(cell(Field.REGISTRATION)), extra)


class _Wrong(Exception):
    """The problem's word."""


def _address(columns: Columns, row: Row) -> str:
    house, lane, street, whole = (
        columns.of(row.cells, one) for one in (Field.HOUSE, Field.LANE, Field.STREET, Field.ADDRESS)
    )
    if whole and house and folded(house) in folded(whole):
        house = ""  # both columns say it
    if house and house[0].isdigit():
        house = f"Số {house}"
    if lane and lane[0].isdigit():
        lane = f"ngõ {lane}"
    text = ", ".join(part for part in (house, lane, street, whole) if part)
    return _clean(text, "bad_address", LONGEST_ADDRESS) if text else ""


def _number(text: str) -> int | None:
    if not text:
        return None
    found = NUMBER.fullmatch(text.strip())
    if found is None:
        raise _Wrong("bad_number")
    return int(found[1])


def _names(text: str) -> list[str]:
    return [_name(part) for part in BETWEEN_NAMES.split(text) if part.strip()]


def _name(text: str) -> str:
    """A number beside a name is a telephone's or an identity card's: everybody who sees the name would see it."""
    if ID_NUMBER.search(text):
        raise _Wrong("number_in_name")
    return _clean(text, "bad_name", LONGEST_NAME)


def _clean(text: str, problem: str, longest: int) -> str:
    try:
        return clean_name(text, longest=longest)
    except BadInput:
        raise _Wrong(problem) from None


def _phone(text: str) -> str:
    """Digits with an optional ``+``, as ``people.member_create`` keeps them; the zero a spreadsheet took comes back."""
    plain = re.sub(r"[\s.\-()]", "", text)
    if LOST_ZERO.fullmatch(plain):
        return f"0{plain}"
    if not re.fullmatch(r"\+?[0-9]{6,15}", plain):
        raise _Wrong("bad_phone")
    return plain


def _registration(text: str) -> str:
    if not text:
        return ""
    return next((kind for words, kind in REGISTRATIONS.items() if words in folded(text)), "other")
