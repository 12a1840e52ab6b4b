"""What a table in a file may be: its size, its rows, how a cell is refused. Readers and writers of tables share it."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from backend.lib.errors import BadInput

MOST_BYTES = 10_000_000
MOST_COLUMNS = 60
LONGEST_CELL = 2_000
MOST_BLANK_ROWS = 5_000
"""Sheets are often formatted far below their last line; past this many empty lines nobody wrote anything."""

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With these a spreadsheet takes text for a formula (OWASP, "CSV Injection")."""


Cell = str | int | date | None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table. ``number`` is the one beside it in the spreadsheet, so that a person finds it."""

    number: int
    cells: list[str]


def unreadable(reason: str) -> BadInput:
    return BadInput(reason, code="table_unreadable", fields={"file": [reason]})


def too_large(reason: str) -> BadInput:
    return BadInput(reason, code="table_too_large", fields={"file": [reason]})


def checked(row: Row) -> Row:
    """``row`` without empty cells at its end; refused where it is wider or a cell longer than any list of people."""
    cells = row.cells
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MOST_COLUMNS:
        told = {"row": row.number, "most": MOST_COLUMNS}
        raise too_large(_("Line %(row)d has more than %(most)d columns.") % told)
    if any(len(cell) > LONGEST_CELL for cell in cells):
        told = {"row": row.number, "most": LONGEST_CELL}
        raise too_large(_("A cell of line %(row)d is longer than %(most)d characters.") % told)
    return row
