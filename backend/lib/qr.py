"""QR codes as rectangles, so that paper and pictures are drawn by the same function, as sharp as the printer. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

import segno

QUIET = 4
"""Modules of white around a code (ISO/IEC 18004, section 9.1)."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Dark modules side by side in one row: left, top and width, in modules; it is one module high."""

    x: int
    y: int
    width: int


def side_of(text: str) -> int:
    """Modules from edge to edge of the code, the quiet zone included."""
    return len(_rows(text)) + 2 * QUIET


def bars(text: str) -> Iterator[Bar]:
    """The dark parts of the QR of ``text`` (error correction M), the quiet zone left free around them."""
    for y, row in enumerate(_rows(text)):
        start = None
        for x, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                yield Bar(QUIET + start, QUIET + y, x - start)
                start = None


def _rows(text: str) -> list[list[int]]:
    drawn = segno.make(text, error="m", micro=False)
    return [[int(bool(module)) for module in row] for row in drawn.matrix]
