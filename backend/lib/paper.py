"""Paper: A4 pages in PDF with Vietnamese letters, for sheets, receipts and statements.

Roboto comes embedded from its package, so that a printer shop's machine draws the same letters as ours. Sizes are in
millimetres, type in points, as fpdf2 has them. Nothing here knows what is printed.
"""

from functools import cache
from importlib.resources import as_file, files

from fpdf import FPDF

FONT = "roboto"
MARGIN_MM = 18


class Paper(FPDF):
    """An A4 document in Roboto, regular and bold; the caller adds pages."""

    def __init__(self, *, title: str, language: str = "vi", landscape: bool = False) -> None:
        super().__init__(orientation="landscape" if landscape else "portrait", unit="mm", format="A4")
        path = _font_path()
        self.add_font(FONT, style="", fname=path, variations={"wght": 400})
        self.add_font(FONT, style="b", fname=path, variations={"wght": 700})
        self.set_title(title)
        self.set_lang(language)
        self.set_creator("Mắt Phố")
        self.set_margin(MARGIN_MM)
        self.set_auto_page_break(True, margin=MARGIN_MM)
        self.set_font(FONT, size=11)

    def finished(self) -> bytes:
        """The document's bytes."""
        return bytes(self.output())


@cache
def _font_path() -> str:
    with as_file(files("fontpkg_roboto") / "files" / "Roboto[wdth,wght].ttf") as path:
        return str(path)  # the package lies unpacked on disk, so the path stays
