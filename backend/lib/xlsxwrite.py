"""Sheets of a spreadsheet, written by openpyxl. Loaded with the first that is written (``tables.write_xlsx``)."""

import io
import re
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from backend.lib.cells import Cell


def book(headings: Sequence[Cell], rows: Iterable[Sequence[Cell]], title: str) -> bytes:
    """One sheet named ``title``, headings bold and held in sight. The caller has made text harmless."""
    made = Workbook(write_only=True)
    sheet = made.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31] or "1")
    sheet.freeze_panes = "A2"
    for place, heading in enumerate(headings, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = max(12, min(len(str(heading)) + 6, 40))
    sheet.append([_written(sheet, heading, bold=True) for heading in headings])
    for row in rows:
        sheet.append([_written(sheet, cell) for cell in row])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _written(sheet: object, value: Cell, *, bold: bool = False) -> object:
    """A cell of openpyxl; text is marked as text, whatever it begins with."""
    made = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        made.data_type = "s"
    if bold:
        made.font = Font(bold=True)
    return made
