"""A freshly issued code as the sheet a leader prints or lets a phone photograph: letters and QR, shown once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import segno
from django.utils.safestring import SafeString, mark_safe

from neighborhoods.codes import Issued


@dataclass(frozen=True, slots=True)
class Sheet:
    typed: str
    qr_svg: SafeString
    slots: int
    expires_at: datetime
    code_id: UUID

    def __repr__(self) -> str:
        return "Sheet(…)"


def sheet_of(issued: Issued, *, join_url: str) -> Sheet:
    """``join_url`` is the code page's full address. The code goes into the fragment: no server ever sees it there."""
    drawn = segno.make(f"{join_url}#{issued.qr}", error="m", micro=False)
    svg = drawn.svg_inline(scale=6, border=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None)
    code = issued.code
    return Sheet(issued.typed, mark_safe(svg), code.slots - code.slots_used, code.expires_at, code.id)  # noqa: S308  (segno's)
