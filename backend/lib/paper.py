"""Paper: A4 pages in PDF with Vietnamese letters, for sheets, receipts and statements.

Roboto comes embedded from its package, so that a printer shop's machine draws the same letters as ours. Sizes are in
millimetres, type in points, as fpdf2 has them. Nothing here knows what is printed.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.lib.pdf import Paper

FONT = "roboto"
MARGIN_MM = 18


def blank(*, title: str, language: str = "vi", landscape: bool = False) -> "Paper":
    """A document without pages. What draws it takes half a second to load, and most processes never draw."""
    from backend.lib.pdf import Paper  # noqa: PLC0415  (see above)

    return Paper(title=title, language=language, landscape=landscape)
