"""The handover record (biên bản giao nhận) of a package, as paper to be signed (Criminal Procedure Code, Art. 88).

Vietnamese whatever the reader's language. It names the package by its manifest's hash and the key's fingerprint, so
that what was signed for can be told from anything else; suppliers are K1, K2, … here, too.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings

from backend.lib.clock import VIETNAM
from backend.lib.errors import Absent
from backend.lib.paper import FONT, blank
from cameras.evidence.package import MANIFEST, SIGNATURE, fingerprint
from cameras.evidence.timestamp import TIMESTAMP, Unfit, token_of
from cameras.evidence.verify import stamp_of
from cameras.footage.packages import require_there, root
from cameras.models import EvidencePackage, FootageRequest
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.fund.receipt_paper import fact, signatures, spoken_day

if TYPE_CHECKING:
    from backend.lib.pdf import Paper

Basis, Kind = FootageRequest.Basis, FootageRequest.Kind
BASES = {
    Basis.CRIMINAL: "Vụ việc hình sự", Basis.ADMINISTRATIVE: "Vụ việc hành chính",
    Basis.TRAFFIC: "Tai nạn, vi phạm giao thông", Basis.MISSING_PERSON: "Tìm người mất tích",
    Basis.DISASTER: "Cháy, lũ lụt và thiên tai khác",
}  # fmt: skip
KINDS = {Kind.VOLUNTARY: "Yêu cầu tự nguyện: chủ camera đã đồng ý", Kind.DEMAND: "Yêu cầu bắt buộc theo pháp luật"}
HOW = {"approved": "đồng ý", "narrowed": "đồng ý một phần thời gian", "served": "đã nhận yêu cầu bắt buộc",
       "urgent": "giao khẩn cấp: nguy hiểm tính mạng"}  # fmt: skip
REASONS = {
    "not_recorded": "không ghi được hình", "private_hours": "giờ riêng tư, không cung cấp",
    "other_masks": "ghi dưới vùng che khác, không cung cấp", "no_longer_there": "không còn trên ổ đĩa",
}  # fmt: skip
NO_STAMP = {
    "no_answer": "không trả lời", "refused": "từ chối", "wrong_answer": "trả lời điều khác",
    "not_set_up": "chưa được cài đặt",
}  # fmt: skip
LINE_MM = 5.5
SUPPLIERS = (
    "Danh tính người cung cấp được giữ kín: mỗi camera mang một số (K1, K2, …), tên thật nằm trong phụ lục niêm phong"
    " (annex.sealed), chỉ mở được bằng một thủ tục riêng có ghi nhật ký."
)
CHECKING = (
    "Cách kiểm tra, không cần mạng: chạy verify.py trong gói với dấu vân khoá ghi ở trên. Chỉ khi chương trình báo"
    " HỢP LỆ thì gói mới đúng là gói được giao theo biên bản này."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What stands on it: the manifest as it was signed, and who hands over to whom."""

    said: Mapping[str, Any]
    manifest_sha256: str
    fingerprint: str
    size: int
    stamped: str
    """When who stamped the signature (RFC 3161), or why nobody did; empty where nobody was asked."""
    printed_at: datetime


def handover_of(actor: Actor, package_id: UUID, *, now: datetime) -> Handover:
    """Raises ``Absent``; ``Conflict``: ``not_ready``, ``file_gone``, ``footage_settled``."""
    package = EvidencePackage.objects.select_related("request__case").filter(id=package_id).first()
    if package is None:
        raise Absent()
    require(actor, Action.SEE_FOOTAGE_REQUESTS, Place(ward_id=package.request.case.ward_id))
    require_there(package, now)
    folder = root() / str(package.id)
    said = json.loads((folder / MANIFEST).read_bytes())
    return Handover(
        said=said, manifest_sha256=package.manifest_sha256, fingerprint=fingerprint(settings.SECRETS.signing_key),
        size=package.bytes, stamped=_stamped(folder, said), printed_at=now.astimezone(VIETNAM),
    )  # fmt: skip


def handover_paper(record: Handover) -> bytes:
    """The record as PDF."""
    paper = blank(title=f"Biên bản giao nhận {record.said['request']['case_number']}")
    paper.add_page()
    _head(paper, record)
    _sides(paper, record)
    _cameras(paper, record)
    _marks(paper, record)
    receiver = _person(record, "asked")["name"]
    signatures(paper, {"1. Bên giao": "", "2. Bên nhận": receiver, "3. Người chứng kiến": ""})
    return paper.finished()


def _head(paper: "Paper", record: Handover) -> None:
    for style, text in (("b", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"), ("b", "Độc lập - Tự do - Hạnh phúc")):
        paper.set_font(FONT, style=style, size=12)
        paper.cell(0, 6, text, align="C", new_x="LMARGIN", new_y="NEXT")
    paper.ln(5)
    paper.set_font(FONT, style="b", size=17)
    paper.cell(0, 9, "BIÊN BẢN GIAO NHẬN", align="C", new_x="LMARGIN", new_y="NEXT")
    paper.set_font(FONT, size=12)
    paper.cell(0, 7, "Dữ liệu điện tử: hình ảnh camera", align="C", new_x="LMARGIN", new_y="NEXT")
    place = f"{record.said['ward']['name']}, {spoken_day(record.printed_at.date()).lower()}"
    paper.cell(0, 7, f"{place}, lúc ...... giờ ......", align="C", new_x="LMARGIN", new_y="NEXT")
    paper.ln(4)


def _sides(paper: "Paper", record: Handover) -> None:
    request, asked = record.said["request"], _person(record, "asked")
    fact(paper, "Vụ việc số", request["case_number"], style="b")
    fact(
        paper,
        "Công văn số",
        request["document_number"] + (f", {request['signatory']}" if "signatory" in request else ""),
    )
    fact(paper, "Căn cứ", f"{BASES[request['basis']]}. {KINDS[request['kind']]}")
    fact(paper, "Nội dung cần", request["words"])
    fact(paper, "Bên nhận", ", ".join(filter(None, (asked["name"], asked["unit"]))))
    for role, label in (("signed", "Cấp trên ký"), ("reviewed", "Người xem lại")):
        person = _person(record, role)
        if person["name"]:
            fact(paper, label, ", ".join(filter(None, (person["name"], person["unit"]))))
    _small(paper, SUPPLIERS)


def _cameras(paper: "Paper", record: Handover) -> None:
    for camera, decision in zip(record.said["cameras"], record.said["decisions"], strict=True):
        _title(paper, f"Camera {camera['name']}")
        if camera["covers"]:
            _line(paper, f"Hình từ {_clock(camera['covers']['from'])} đến {_clock(camera['covers']['to'])}"
                         " (làm tròn ra ngoài đến đoạn ghi)")  # fmt: skip
        said = f"Căn cứ giao: {HOW[decision['how']]}, {_clock(decision['at'])}"
        _line(paper, said + ("; có ý kiến phản đối được ghi lại" if decision["objected"] else ""))
        for gap in camera["gaps"]:
            _line(paper, f"Thiếu {_clock(gap['from'])} đến {_clock(gap['to'])}: {REASONS[gap['reason']]}")
        if camera["faults"]:
            _line(paper, f"{len(camera['faults'])} đoạn không còn đúng như lúc ghi: xem “faults” trong manifest.json")
        if camera["late"]:
            _line(paper, "Có đoạn được tính mã băm muộn, sau khi máy ghi bị dừng: xem “late” trong manifest.json")
        for file in camera["footage"]:
            _line(paper, f"{file['path']}, {_size(file['bytes'])}, SHA-256:")
            _line(paper, file["sha256"], style="b", size=9)


def _marks(paper: "Paper", record: Handover) -> None:
    _title(paper, "Dấu của gói")
    made = record.said["package"]["made_at"][:19].replace("T", " ")
    number = record.said["package"]["number"]
    _line(paper, f"Gói {number}, {_size(record.size)}, làm lúc {made} UTC. SHA-256 của manifest.json:")
    _line(paper, record.manifest_sha256, style="b", size=9)
    _line(paper, "Dấu vân khoá ký (Ed25519):")
    _line(paper, record.fingerprint, style="b", size=9)
    if record.stamped:
        _line(paper, f"Dấu thời gian của chữ ký (RFC 3161): {record.stamped}")
    _line(paper, f"Đồng hồ máy ghi: {_server(record.said['server'])}")
    _small(paper, CHECKING)
    paper.ln(4)


def _stamped(folder: Path, said: dict[str, Any]) -> str:
    stamp = stamp_of(said)
    if stamp is None:
        return ""
    if stamp["file"] is None:
        return f"không có, {stamp['authority']} {NO_STAMP[stamp['reason']]}"
    try:
        token = token_of((folder / TIMESTAMP).read_bytes(), (folder / SIGNATURE).read_bytes())
    except Unfit:
        return f"{stamp['authority']}, không đọc được"
    at = datetime.fromisoformat(token.at[:19]).replace(tzinfo=UTC).astimezone(VIETNAM)
    return f"{at:%H:%M:%S} ngày {at:%d/%m/%Y}, do {stamp['authority']} cấp"


def _server(said: Mapping[str, Any]) -> str:
    if said["synchronised"] is None:
        return "hệ điều hành không cho biết"
    if not said["synchronised"]:
        return "chưa được đồng bộ với nguồn giờ chuẩn"
    return f"đồng bộ, sai số nhiều nhất {said['maximum_error_us'] / 1000:.0f} ms"


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f}".replace(",", " ").replace(".", ",") + " MB"


def _person(record: Handover, role: str) -> dict[str, str]:
    return next((one for one in record.said["people"] if one["role"] == role), {"name": "", "unit": ""})


def _clock(at: Mapping[str, str]) -> str:
    moment = datetime.fromisoformat(at["local"])
    return f"{moment:%H:%M:%S} ngày {moment:%d/%m/%Y}"


def _title(paper: "Paper", text: str) -> None:
    paper.ln(2)
    paper.set_font(FONT, style="b", size=12)
    paper.cell(0, 7, text, new_x="LMARGIN", new_y="NEXT")


def _line(paper: "Paper", text: str, *, style: str = "", size: int = 10) -> None:
    paper.set_font(FONT, style=style, size=size)
    paper.multi_cell(0, LINE_MM, text, new_x="LMARGIN", new_y="NEXT")


def _small(paper: "Paper", text: str) -> None:
    paper.ln(1)
    _line(paper, text, size=9)
