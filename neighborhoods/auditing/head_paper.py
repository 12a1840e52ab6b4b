"""One head on one page, to be signed by hand: what stands on this paper no machine can write anew.

The QR holds the line of the head as the verifier knows it, signature included. Vietnamese, as all paper is.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend.lib.clock import VIETNAM
from backend.lib.paper import FONT, MARGIN_MM, blank
from backend.lib.qr import bars, side_of
from neighborhoods.audit import canonical
from neighborhoods.auditing.heads import fingerprint_of, line_of
from neighborhoods.auditing.letters import grouped
from neighborhoods.models import AuditHead

if TYPE_CHECKING:
    from backend.lib.pdf import Paper

QR_MM = 62
LABEL_MM = 42
SIGNATURE_MM = 30
TITLE = "MÃ NIÊM PHONG NHẬT KÝ"
WHY = (
    "Nhật ký của Mắt Phố ghi mọi việc đã làm, mỗi mục mang mã của mục trước. Mã dưới đây là của mục cuối cùng trong "
    "ngày. Hãy ký tên và cất giữ tờ này ngoài máy chủ: nếu về sau có ai sửa hoặc xóa một mục, nhật ký sẽ không còn "
    "khớp với mã này."
)


def facts(head: AuditHead, name: str) -> dict[str, str]:
    """What stands on the page, by its label; the same in text."""
    return {
        "Nhật ký của": name,
        "Chuỗi": head.chain,
        "Cuối ngày": f"{head.day:%d/%m/%Y} (giờ Việt Nam)",
        "Số mục": str(head.seq),
        "Mã mục cuối": grouped(head.hash),
        "Máy ký lúc": f"{head.at.astimezone(VIETNAM):%H:%M %d/%m/%Y}",
        "Dấu vân khóa": fingerprint_of(head),
    }


def head_text(head: AuditHead, name: str) -> str:
    """The page for a terminal."""
    rows = [f"{label}: {text}" for label, text in facts(head, name).items()]
    return "\n".join([TITLE, "", WHY, "", *rows, "", "Tổ trưởng:                      Người kiểm tra:", ""])


def heads_paper(heads: Sequence[tuple[AuditHead, str]]) -> bytes:
    """A page for each head (with what people call its chain) as PDF."""
    paper = blank(title="Mã niêm phong nhật ký")
    for head, name in heads:
        _page(paper, head, name)
    return paper.finished()


def _page(paper: "Paper", head: AuditHead, name: str) -> None:
    paper.add_page()
    paper.set_font(FONT, style="b", size=20)
    paper.cell(0, 14, TITLE, align="C", new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FONT, size=10)
    paper.multi_cell(0, 5, WHY, new_x="LMARGIN", new_y="NEXT")
    paper.ln(5)
    for label, text in facts(head, name).items():
        paper.set_font(FONT, size=11)
        paper.cell(LABEL_MM, 8, label)
        paper.set_font(FONT, style="b", size=12)
        paper.multi_cell(0, 8, text, new_x="LMARGIN", new_y="NEXT")
    paper.ln(4)
    _square(paper, canonical(line_of(head)).decode())
    _hands(paper)


def _square(paper: "Paper", text: str) -> None:
    left, top, module = (paper.w - QR_MM) / 2, paper.get_y(), QR_MM / side_of(text)
    paper.set_fill_color(0)
    for bar in bars(text):
        paper.rect(left + bar.x * module, top + bar.y * module, bar.width * module, module, style="F")
    paper.set_y(top + QR_MM + 4)


def _hands(paper: "Paper") -> None:
    wide, top = (paper.w - 2 * MARGIN_MM) / 2, paper.get_y()
    for place, who in enumerate(("Tổ trưởng", "Người kiểm tra")):
        paper.set_xy(MARGIN_MM + place * wide, top)
        paper.set_font(FONT, style="b", size=11)
        paper.cell(wide, 6, who, align="C")
        paper.set_xy(MARGIN_MM + place * wide, top + 6)
        paper.set_font(FONT, size=9)
        paper.cell(wide, 5, "(ký, ghi rõ họ tên, ngày)", align="C")
    paper.set_y(top + SIGNATURE_MM)
