"""How a code's sheet looks: A4, two households a page, to be cut in the middle and read without glasses.

Two rather than four: an old person reads the code from arm's length, and a phone of 2015 finds a QR of 62 mm at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backend.lib import qr
from backend.lib.clock import VIETNAM
from backend.lib.paper import FONT, blank
from neighborhoods.heldcodes import Secrets
from neighborhoods.models import AccessCode

if TYPE_CHECKING:
    from backend.lib.pdf import Paper

PER_PAGE = 2
WIDTH, HEIGHT = 210.0, 148.5
"""Of one sheet, in millimetres: half an A4."""
MARGIN = 15.0
QR_SIDE = 62.0
CODE_PT, SMALLEST_CODE_PT = 38, 22
"""The longest selector in the widest letters still stands whole at the smaller: a code that is cut opens nothing."""
OVERLAP = 0.04
"""Of a module: rows touch, or a printer leaves hairlines between them."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One sheet. It holds a code's secrets: never log it."""

    place: str
    number: int
    household: str
    typed: str
    link: str
    address: str
    slots: int
    until: datetime

    def __repr__(self) -> str:
        return f"Facts(H{self.number:03d}, …)"


def facts(code: AccessCode, secrets: Secrets, *, join_url: str) -> Facts:
    """``join_url``: the code page's address. The code stands in the fragment: no server's log ever sees it there."""
    address = urlsplit(join_url)
    return Facts(
        place=f"{code.neighborhood.name}, {code.neighborhood.ward.name}",
        number=code.household.number,
        household=code.household.name,
        typed=secrets.typed,
        link=f"{join_url}#{secrets.qr}",
        address=f"{address.netloc}{address.path}",
        slots=code.slots - code.slots_used,
        until=code.expires_at,
    )


def pages_of(count: int) -> int:
    return -(-count // PER_PAGE)


def sheets(found: Sequence[Facts]) -> bytes:
    """The PDF of these sheets, in their order."""
    paper = blank(title=_("Code sheets"))
    paper.set_auto_page_break(False)
    for number, sheet in enumerate(found):
        place = number % PER_PAGE
        if place == 0:
            paper.add_page()
            _cut_marks(paper)
        _draw(paper, sheet, top=place * HEIGHT)
    return paper.finished()


def _draw(paper: "Paper", sheet: Facts, *, top: float) -> None:
    full = WIDTH - 2 * MARGIN
    _line(paper, sheet.place, 13, at=(MARGIN, top + 12), width=full)
    _line(paper, f"H{sheet.number:03d}  {sheet.household}", 22, at=(MARGIN, top + 19), width=full, bold=True)
    _box(paper, top + 34)
    _line(paper, sheet.typed, CODE_PT, at=(MARGIN + 4, top + 37), width=full - 8, bold=True, centred=True,
          smallest=SMALLEST_CODE_PT)  # fmt: skip
    draw_qr(paper, sheet.link, at=(MARGIN - 3, top + 60), side=QR_SIDE)
    _steps(paper, sheet, top + 62)
    until = date_format(sheet.until.astimezone(VIETNAM), "d/m/Y", use_l10n=False)
    ends = _("For %(slots)d phones of this household, to be entered by %(until)s.")
    _line(paper, ends % {"slots": sheet.slots, "until": until}, 15, at=(MARGIN, top + 126), width=full, bold=True)


def _steps(paper: "Paper", sheet: Facts, top: float) -> None:
    """How to, in three short sentences beside the QR."""
    steps = (
        _("Open the phone's camera and hold it over this square."),
        _("It does not open? Go to %(address)s and type the code above.") % {"address": sheet.address},
        _("Keep this sheet to yourself. If a phone is lost, tell your leader at once."),
    )
    left = MARGIN + QR_SIDE + 4
    paper.set_xy(left, top)
    for number, step in enumerate(steps, start=1):
        paper.set_x(left)
        paper.set_font(FONT, style="b", size=16)
        paper.cell(9, 8, f"{number}.")
        paper.set_font(FONT, size=16)
        paper.multi_cell(WIDTH - MARGIN - left - 9, 8, step, align="L", new_x="LMARGIN", new_y="NEXT")
        paper.ln(2.5)


def draw_qr(paper: "Paper", text: str, *, at: tuple[float, float], side: float) -> None:
    """A QR as filled rectangles, ``side`` millimetres with its quiet zone."""
    module = side / qr.side_of(text)
    paper.set_fill_color(0)
    for bar in qr.bars(text):
        paper.rect(at[0] + bar.x * module, at[1] + bar.y * module, bar.width * module, module * (1 + OVERLAP), "F")


def _line(
    paper: "Paper", text: str, size: float, *, at: tuple[float, float], width: float, bold: bool = False,
    centred: bool = False, smallest: float = 9,
) -> None:  # fmt: skip
    """One line, in smaller type where it would not fit, cut where even that does not help."""
    paper.set_font(FONT, style="b" if bold else "", size=size)
    while paper.get_string_width(text) > width and size > smallest:
        size -= 1
        paper.set_font_size(size)
    while paper.get_string_width(text) > width:
        text = text[:-2] + "…"
    paper.set_xy(*at)
    paper.cell(width, size * 0.45, text, align="C" if centred else "L")


def _box(paper: "Paper", top: float) -> None:
    paper.set_draw_color(60)
    paper.set_line_width(0.5)
    paper.rect(MARGIN, top, WIDTH - 2 * MARGIN, 23, round_corners=True, corner_radius=3)


def _cut_marks(paper: "Paper") -> None:
    """Where to cut: dashes across the middle, and a solid mark at each edge for a guillotine."""
    paper.set_draw_color(120)
    paper.set_line_width(0.3)
    paper.set_dash_pattern(dash=2, gap=2)
    paper.line(12, HEIGHT, WIDTH - 12, HEIGHT)
    paper.set_dash_pattern()
    for left in (0.0, WIDTH - 10):
        paper.line(left, HEIGHT, left + 10, HEIGHT)
