"""The daily mail with the heads, in words anybody can read, and the same as a file for the verifier.

In Vietnamese whatever the server's language, as all paper is: whoever keeps it may have to show it years later.
"""

from datetime import date

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from neighborhoods.auditing import heads
from neighborhoods.models import AuditHead, Ward

GROUP = 8


def letter_send(day: date) -> None:
    """Mail the heads of ``day`` to ``AUDIT_MAIL``. Raises ``OSError`` (``smtplib``'s errors are such), ``ValueError``
    where ``SMTP_URL`` is none."""
    letter(day).send()


def letter(day: date) -> EmailMessage:
    config = settings.CONFIG
    message = EmailMessage(
        subject=f"Mắt Phố: mã niêm phong nhật ký ngày {day:%d/%m/%Y}",
        body=body(day),
        from_email=config.MAIL_FROM or config.list_of("AUDIT_MAIL")[0],
        to=config.list_of("AUDIT_MAIL"),
        connection=get_connection("django.core.mail.backends.smtp.EmailBackend", timeout=20, **config.smtp),
    )
    message.attach(f"matpho-heads-{day.isoformat()}.jsonl", heads.day_file(day), "application/x-ndjson")
    return message


def body(day: date) -> str:
    """Each chain: whose it is, its last entry's number, that entry's hash; then who signed, and what it is for."""
    found = list(AuditHead.objects.filter(day=day).order_by("chain"))
    names = chain_names()
    lines = [
        f"Mã niêm phong của nhật ký Mắt Phố, cuối ngày {day:%d/%m/%Y} (giờ Việt Nam).",
        "Hãy giữ thư này: nếu về sau có ai sửa hoặc xóa nhật ký trên máy chủ, mã dưới đây sẽ không còn khớp.",
        "",
    ]
    for head in found:
        lines += [f"{names.get(head.chain, head.chain)}", f"  chuỗi: {head.chain}", f"  mục cuối: {head.seq}",
                  f"  mã: {grouped(head.hash)}", ""]  # fmt: skip
    keys = sorted({heads.fingerprint_of(head) for head in found})
    lines += [
        f"Dấu vân khóa ký: {', '.join(keys)}",
        "Kiểm tra: python verify.py BẢN-XUẤT --key DẤU-VÂN-KHÓA --heads TỆP-ĐÍNH-KÈM",
    ]
    return "\n".join(lines) + "\n"


def chain_names() -> dict[str, str]:
    """Chain → what people call it."""
    wards = {f"ward:{ward.id}": f"{ward.name}, {ward.province_name}" for ward in Ward.objects.order_by("code")}
    return {"platform": "Toàn hệ thống", **wards}


def grouped(hash_: str) -> str:
    """64 hex digits as somebody reads them out: groups of eight."""
    return "-".join(hash_[at : at + GROUP] for at in range(0, len(hash_), GROUP))
