"""A4 pages drawn by fpdf2. Loaded with the first page that is drawn (``paper.blank``)."""

import tempfile
from functools import cache
from importlib.resources import as_file, files

from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from fpdf import FPDF

from backend.lib.paper import FONT, MARGIN_MM


class Paper(FPDF):
    """An A4 document in Roboto, regular and bold; the caller adds pages."""

    def __init__(self, *, title: str, language: str = "vi", landscape: bool = False) -> None:
        super().__init__(orientation="landscape" if landscape else "portrait", unit="mm", format="A4")
        self.add_font(FONT, style="", fname=_font_file(400).name)
        self.add_font(FONT, style="b", fname=_font_file(700).name)
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
def _font_file(weight: int) -> "tempfile._TemporaryFileWrapper[bytes]":
    """Roboto of one weight, drawn from the variable font once per process: that takes half a second, a page 30 ms.

    Its tables of kerning and ligatures are left out: fpdf2 sets letter by letter. The file goes with the process.
    """
    with as_file(files("fontpkg_roboto") / "files" / "Roboto[wdth,wght].ttf") as path:
        font = TTFont(path, recalcTimestamp=False)
        for table in ("GPOS", "GSUB", "GDEF"):
            del font[table]
        instancer.instantiateVariableFont(font, {"wght": weight, "wdth": 100}, inplace=True)
        kept = tempfile.NamedTemporaryFile(prefix="matpho-roboto-", suffix=".ttf")  # noqa: SIM115  (as long as we live)
        font.save(kept)
        kept.flush()
    return kept
