"""CSV as spreadsheets on Vietnamese machines write it: four encodings, three separators, and no word of which.

Encodings: UTF-8 with or without its mark, UTF-16 (Excel's "Unicode text"), else Windows-1258, which keeps tone marks
apart from their letters, so that everything is put into NFC afterwards.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator

from django.utils.translation import gettext as _

from backend.lib.cells import LONGEST_CELL, MOST_BLANK_ROWS, Row, too_large, unreadable

SEPARATORS = ",;\t"
SAID = re.compile(r"\A\s*sep=(.)\r?\n", re.IGNORECASE)
"""Excel's own first line that names the separator."""
NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def rows(data: bytes) -> Iterator[Row]:
    """Every record, empty ones too, with the number a spreadsheet gives it. Raises ``BadInput``."""
    text = decoded(data)
    if NOT_TEXT.search(text):
        raise unreadable(_("This file is no table. Save it as CSV or XLSX and try again."))
    said = SAID.match(text)
    first = 1
    if said:
        text, first = text[said.end() :], 2
    records = csv.reader(io.StringIO(text, newline=""), delimiter=said.group(1) if said else separator(text))
    number, blank = first - 1, 0
    try:
        for number, cells in enumerate(records, start=first):
            row = Row(number, [unicodedata.normalize("NFC", cell).strip() for cell in cells])
            blank = 0 if any(row.cells) else blank + 1
            if blank > MOST_BLANK_ROWS:
                return
            yield row
    except csv.Error:  # a quote that is never closed swallows the rest of the file
        told = {"row": number + 1, "most": LONGEST_CELL}
        raise too_large(_("A cell of line %(row)d is longer than %(most)d characters.") % told) from None


def decoded(data: bytes) -> str:
    """``data`` as text. Raises ``BadInput`` where it is in none of the encodings we know."""
    for encoding in _encodings(data):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise unreadable(_("The letters of this file cannot be read. Save it as CSV in UTF-8, or as XLSX."))


def _encodings(data: bytes) -> list[str]:
    if data.startswith(codecs.BOM_UTF8):
        return ["utf-8-sig"]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    head = data[:2000]
    if head[1::2].count(0) > len(head) // 5:  # every second byte of Latin letters, digits and separators is empty
        return ["utf-16-le"]
    if head[0::2].count(0) > len(head) // 5:
        return ["utf-16-be"]
    return ["utf-8", "cp1258"]


def separator(text: str) -> str:
    """The one that divides the first lines most; the comma where none does. What stands in quotes is not counted."""
    head = re.sub(r'"[^"]*"', "", text[:20_000])
    lines = [line for line in head.splitlines() if line.strip()][:20]
    return max(SEPARATORS, key=lambda sign: sum(line.count(sign) for line in lines))
