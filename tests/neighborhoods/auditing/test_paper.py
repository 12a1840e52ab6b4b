"""A head on paper: a page a chain, with everything the verifier asks for, in letters and in a QR."""

import json
from pathlib import Path

import pytest
import zxingcpp
from django.core.management import CommandError, call_command

from neighborhoods.auditing import verify
from neighborhoods.auditing.heads import heads_sign
from neighborhoods.auditing.letters import grouped
from neighborhoods.models import AuditHead
from tests.neighborhoods.auditing.conftest import DAY, FINGERPRINT, KEY, NOON, acts
from tests.pdfs import page_picture, pages_text

pytestmark = pytest.mark.django_db


def test_the_pdf_has_a_page_for_each_chain_and_its_qr_is_the_signed_line(
    three_days: object, chain: str, tmp_path: Path
) -> None:
    acts(None, 1, NOON + 2 * DAY)
    heads_sign(key=KEY, now=NOON + 3 * DAY)
    call_command("audit_head", pdf=tmp_path / "head.pdf")
    pdf = (tmp_path / "head.pdf").read_bytes()
    pages = pages_text(pdf)
    assert len(pages) == 2
    for number, head in enumerate(AuditHead.objects.filter(day="2026-11-22").order_by("chain")):
        words = pages[number].replace("\n", "")
        for part in (head.chain, str(head.seq), FINGERPRINT, "Tổ trưởng", "Người kiểm tra"):
            assert part in words
        assert head.hash in words.replace("-", "").replace(" ", "")
        (read,) = zxingcpp.read_barcodes(page_picture(pdf, number))
        line = json.loads(read.text)
        assert verify.is_signed(line)
        assert (line["chain"], line["seq"], line["hash"]) == (head.chain, head.seq, head.hash)


def test_the_terminal_says_the_same(three_days: object, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("audit_head", "--day", "2026-11-20")
    said = capsys.readouterr().out
    head = AuditHead.objects.get(day="2026-11-20")
    assert all(part in said for part in ("20/11/2026", "Số mục: 3", grouped(head.hash), FINGERPRINT))


def test_without_a_head_it_says_so(db: None) -> None:
    with pytest.raises(CommandError, match="when a day has ended"):
        call_command("audit_head")


def test_an_export_to_a_file(three_days: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "all.jsonl"
    call_command("audit_export", path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert verify.main([str(path)]) == 2
    with pytest.raises(CommandError, match="there already"):
        call_command("audit_export", path)
    with pytest.raises(CommandError, match="No head"):
        call_command("audit_export", tmp_path / "x", "--since", "2020-01-01")
    with pytest.raises(CommandError, match="no ward"):
        call_command("audit_export", tmp_path / "x", "--ward", "1")
