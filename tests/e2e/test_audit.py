"""An auditor at their desk: heads to print, the chain as a file, and the program that finds it valid."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.lib.config import ROOT, Config
from neighborhoods.auditing import verify
from tests.e2e.people import expect_usable
from tests.e2e.product import Product
from tests.pace import PATIENCE_MS

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AUDITOR = """
from datetime import timedelta
from django.conf import settings
from backend.lib.clock import now
from neighborhoods import demonstration
from neighborhoods.access import Role
from neighborhoods.auditing import heads
from tests.cast import make_staff
print(make_staff("vu-mai", "Vũ Thị Mai", Role.AUDITOR, demonstration.find().ward).token)
heads.heads_sign(key=settings.SECRETS.signing_key, now=now() + timedelta(days=1))
"""


@pytest.fixture(scope="module")
def mai(product: Product, browser: Browser) -> Iterator[Page]:
    kept = {name: value for name, value in os.environ.items() if name not in Config.__dataclass_fields__}
    env = kept | {"DATA_DIR": str(product.folder), "DJANGO_SETTINGS_MODULE": "backend.settings"}
    made = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", AUDITOR],
        cwd=ROOT, env=env, check=True, capture_output=True, text=True,
    )  # fmt: skip
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, locale="vi-VN")
    context.add_cookies([{"name": "matpho", "value": made.stdout.split()[-1], "url": product.base}])
    yield context.new_page()
    context.close()


def test_an_auditor_comes_home_to_what_waits(mai: Page, product: Product) -> None:
    mai.goto(f"{product.base}/")
    mai.wait_for_url("**/auditor/")
    expect(mai.get_by_role("heading", name="Yêu cầu đang chạy")).to_be_visible()
    for width, height in ((1280, 850), (390, 844)):
        mai.set_viewport_size({"width": width, "height": height})
        expect_usable(mai)
    mai.get_by_role("link", name="Mã niêm phong, tệp nhật ký").click()
    mai.wait_for_url("**/audit/?ward=*")


def test_the_chain_is_saved_and_the_program_beside_it_finds_it_valid(
    mai: Page, product: Product, tmp_path: Path
) -> None:
    mai.goto(f"{product.base}/audit/")
    expect(mai.get_by_role("heading", name="Mã niêm phong đã ký")).to_be_visible()
    expect_usable(mai)
    mai.get_by_role("button", name="Tạo tệp").click()
    expect(mai.get_by_text("Xong rồi.").or_(mai.get_by_role("button", name="Lưu tệp")).first).to_be_visible(
        timeout=PATIENCE_MS
    )
    with mai.expect_download() as saved:
        mai.get_by_role("button", name="Lưu tệp").click()
    saved.value.save_as(tmp_path / "audit.jsonl")
    with mai.expect_download() as program:
        mai.get_by_role("link", name="Chương trình kiểm tra").click()
    program.value.save_as(tmp_path / "verify.py")
    key = mai.locator(".numbers").first.inner_text().split()[-1]
    done = subprocess.run(
        [sys.executable, "-I", "verify.py", "audit.jsonl", "--key", key], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, "VALID:" in done.stdout) == (0, True), done.stdout
    assert verify.main([str(tmp_path / "audit.jsonl"), "--key", "0000"]) == 1


def test_a_head_is_printed(mai: Page, product: Product) -> None:
    link = mai.get_by_role("link", name="In ").first.get_attribute("href")
    answer = mai.request.get(product.base + link)
    assert (answer.status, answer.body()[:4]) == (200, b"%PDF")
