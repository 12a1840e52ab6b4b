"""Tables in files: read from CSV and XLSX with every limit, written to both so that no cell becomes a formula.

Nothing here knows what a table is about. Limits and refusals are in ``cells``.
"""

import csv
import io
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from backend.lib import csvread
from backend.lib.cells import FORMULA_SIGNS, MOST_BYTES, Cell, Row, checked, too_large, unreadable

__all__ = ["Cell", "Row", "Table", "read_table", "write_csv", "write_xlsx"]

MOST_LINES_ABOVE = 40
"""Titles, addresses and signatures that stand above the headings of printed lists and bank statements."""
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
"""The file is .xls, or an .xlsx locked with a password."""
QUOTED = re.compile(r"'(?=[=+\-@＝＋－＠0-9])")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Table:
    """Lines under their headings. A row has a cell for every heading, empty where the file has none."""

    headings: list[str]
    rows: list[Row]


def read_table(
    data: bytes, *, name: str, most_rows: int = 5000, is_heading: Callable[[list[str]], bool] | None = None
) -> Table:
    """The table in ``data``, CSV or XLSX by what it is, not by ``name``. Cells are text in NFC, trimmed.

    Headings are the first line that is not empty, or among the first 40 the first of which ``is_heading`` says so (of
    any sheet). Raises ``BadInput``: ``table_unreadable``, ``table_too_large`` with over ``most_rows`` lines.
    """
    if len(data) > MOST_BYTES:
        raise too_large(_("A file has at most %(most)d megabytes.") % {"most": MOST_BYTES // 1_000_000})
    if data.startswith(OLD_EXCEL) or name.lower().endswith(".xls"):
        raise unreadable(_("This is an old or locked Excel file. Open it, save it as XLSX without a password."))
    for lines in _lists(data):
        rows = (_bare(row) for row in lines)
        headings = _headings(rows, is_heading)
        if headings is not None:
            return Table(headings, list(_below(rows, len(headings), most_rows)))
    if is_heading is None:
        raise unreadable(_("The file is empty."))
    raise unreadable(_("No line of this file has the headings that are needed. Take the template and fill it in."))


def _lists(data: bytes) -> Iterator[Iterator[Row]]:
    if not data.startswith(b"PK"):
        return iter([csvread.rows(data)])
    from backend.lib import xlsxread  # noqa: PLC0415  (loading openpyxl takes a third of a second)

    return xlsxread.sheets(data)


def _bare(row: Row) -> Row:
    """Checked, and without the apostrophe that kept a spreadsheet from reckoning."""
    return checked(Row(row.number, [QUOTED.sub("", cell, count=1) if cell[:1] == "'" else cell for cell in row.cells]))


def _headings(rows: Iterator[Row], is_heading: Callable[[list[str]], bool] | None) -> list[str] | None:
    written = (row.cells for row in rows if row.cells)
    for cells in itertools.islice(written, MOST_LINES_ABOVE):
        if is_heading is None or is_heading(cells):
            return cells
    return None


def _below(rows: Iterator[Row], width: int, most_rows: int) -> Iterator[Row]:
    written = (row for row in rows if row.cells)
    for count, row in enumerate(written, start=1):
        if count > most_rows:
            raise too_large(_("The list has more than %(most)d lines. Divide it.") % {"most": most_rows})
        yield Row(row.number, row.cells + [""] * (width - len(row.cells)))


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """CSV in UTF-8 with its mark, for Excel takes it for something else without. Text never becomes a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([_neutral(heading) for heading in headings])
    writer.writerows([_neutral(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(headings: Sequence[str], rows: Iterable[Sequence[Cell]], title: str) -> bytes:
    """One sheet named ``title``, headings bold and held in sight. Text never becomes a formula."""
    from backend.lib import xlsxwrite  # noqa: PLC0415  (openpyxl, too)

    plain = ([_neutral(_printable(cell)) for cell in row] for row in itertools.chain([headings], rows))
    return xlsxwrite.book(next(plain), plain, CONTROLS.sub("", title))


def _printable(cell: Cell) -> Cell:
    return CONTROLS.sub("", cell) if isinstance(cell, str) else cell


def _neutral(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else cell
