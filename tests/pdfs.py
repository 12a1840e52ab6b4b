"""Reads back the PDFs that ``backend.lib.paper`` writes: their words, and their filled rectangles as a picture.

Not a PDF reader: it knows what fpdf2 writes (ISO 32000-1: text by Tj through a ToUnicode map, rectangles by ``re f``).
"""

import re
import zlib
from collections.abc import Iterator

from PIL import Image, ImageDraw

A4_PT = (595.28, 841.89)
_TEXT = re.compile(rb"/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj", re.S)
_BAR = re.compile(rb"(-?[\d.]+) (-?[\d.]+) (-?[\d.]+) (-?[\d.]+) re f")


def pages_text(pdf: bytes) -> list[str]:
    """The words of each page, each piece that was set on a line of its own."""
    fonts = [_letters(stream) for stream in _streams(pdf) if b"beginbfchar" in stream]
    return [_words(page, fonts) for page in _pages(pdf)]


def page_picture(pdf: bytes, page: int, *, dots_per_pt: float = 3.0) -> Image.Image:
    """The dark rectangles of one page on white: what a QR is drawn of."""
    width, height = (round(side * dots_per_pt) for side in A4_PT)
    picture = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(picture)
    for found in _BAR.finditer(_pages(pdf)[page]):
        x, y, w, h = (float(number) for number in found.groups())
        top = A4_PT[1] - max(y, y + h)
        pen.rectangle(
            [x * dots_per_pt, top * dots_per_pt, (x + w) * dots_per_pt - 1, (top + abs(h)) * dots_per_pt - 1], fill=0
        )
    return picture


def font_sizes(pdf: bytes, page: int) -> set[float]:
    """The sizes of type on a page, in points."""
    return {float(size) for size in re.findall(rb"/F\d+ ([\d.]+) Tf", _pages(pdf)[page])}


def _pages(pdf: bytes) -> list[bytes]:
    return [stream for stream in _streams(pdf) if b" Tj" in stream and b"begincmap" not in stream]


def _streams(pdf: bytes) -> Iterator[bytes]:
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:  # one that ends in a carriage return has lost it to the line's end
            yield zlib.decompressobj().decompress(found[1] + b"\r")
        except zlib.error:
            yield found[1]  # small ones are not compressed


def _letters(cmap: bytes) -> dict[int, str]:
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", cmap.partition(b"beginbfchar")[2])
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}


def _words(page: bytes, fonts: list[dict[int, str]]) -> str:
    lines, letters = [], fonts[0]
    for found in _TEXT.finditer(page):
        if found[1]:
            letters = fonts[int(found[1][1:]) - 1]
        else:
            raw = re.sub(rb"\\(.)", lambda sign: {b"r": b"\r", b"n": b"\n"}.get(sign[1], sign[1]), found[2], flags=re.S)
            codes = zip(raw[::2], raw[1::2], strict=True)
            lines.append("".join(letters.get(high << 8 | low, "?") for high, low in codes))
    return "\n".join(lines)
