"""XLSX, read only as far as a list of people needs, from strangers' hands.

The file is a ZIP of XML. Before anything is unpacked its directory is read: number of entries, what they say they
unpack to, and how many times smaller they are packed. ``zipfile`` never gives more bytes than an entry says it has, so
what the directory says bounds what we read. openpyxl reads XML with defusedxml: no entities, no outside files.
"""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from unicodedata import normalize
from xml.etree.ElementTree import ParseError

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from backend.lib.cells import MOST_BLANK_ROWS, Row, too_large, unreadable

MOST_ENTRIES = 500
MOST_UNPACKED = 16_000_000
"""Bytes: some 3 s of a processor and 100 MB. 5,000 households with all columns take about 4,000,000."""
MOST_TIMES = 200
"""How many times larger an entry may become; sheets of equal lines reach 50."""
MOST_SHEETS = 10

BROKEN = (
    ValueError, LookupError, TypeError, AttributeError, OSError, EOFError, RuntimeError, ArithmeticError,
    NotImplementedError, AssertionError, ParseError, zipfile.BadZipFile, zlib.error, InvalidFileException,
)  # fmt: skip
"""What openpyxl raises over a file that is not what it says: nearly anything."""

DIGITS = re.compile(r"0{2,20}")


def sheets(data: bytes) -> Iterator[Iterator[Row]]:
    """The worksheets, each as its lines in order. Raises ``BadInput``, also while lines are read."""
    look(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd dates and extensions nobody needs
        try:
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        except BROKEN:
            raise _broken() from None
        for sheet in book.worksheets[:MOST_SHEETS]:
            yield _rows(sheet)


def look(data: bytes) -> None:
    """Refuse a bomb by its directory, before a byte of it is unpacked."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except BROKEN:
        raise _broken() from None
    packed_well = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if any(entry.flag_bits & 1 or entry.compress_type not in packed_well for entry in entries):
        raise unreadable(_("This file is locked with a password or packed oddly. Save it anew as XLSX or CSV."))
    if (
        len(entries) > MOST_ENTRIES
        or sum(entry.file_size for entry in entries) > MOST_UNPACKED
        or any(entry.file_size > MOST_TIMES * max(entry.compress_size, 1000) for entry in entries)
    ):
        raise too_large(_("This spreadsheet becomes far too large when it is opened. Keep only the list in it."))


def _rows(sheet: Any) -> Iterator[Row]:
    blank = 0
    try:
        sheet.reset_dimensions()  # what the file says of its size may be wrong, and is padded to
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            row = Row(number, [_text(cell) for cell in cells])
            blank = 0 if any(row.cells) else blank + 1
            if blank > MOST_BLANK_ROWS:
                return
            yield row
    except BROKEN:
        raise _broken() from None


def _text(cell: Any) -> str:
    """What a person sees in the cell, as plainly as can be: digits of a number, a day as ISO."""
    value = cell.value
    match value:
        case None:
            return ""
        case str():
            return normalize("NFC", value).strip()
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return _number(value, cell.number_format)
        case datetime():
            return (value.date() if value.time() == time.min else value).isoformat()
        case date() | time():
            return value.isoformat()
    return str(value)


def _number(value: float, shown_as: str) -> str:
    """Without an exponent and without ``.0``; with the leading zeros that the cell's format shows."""
    plain = format(Decimal(repr(value)), "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    zeros = DIGITS.fullmatch(shown_as or "")
    return plain.zfill(len(zeros.group())) if zeros and plain.isdigit() else plain


def _broken() -> Exception:
    return unreadable(_("This file cannot be read as a spreadsheet. Save it anew as XLSX or CSV and try again."))
