"""The fund's bank on phones: a household scans and pays, SePay tells of it, Hoa says whose the rest is."""

from collections.abc import Callable, Iterator
from datetime import datetime

import cv2
import httpx
import numpy as np
import pytest
import zxingcpp
from playwright.sync_api import Page, expect

from backend.lib.clock import VIETNAM
from neighborhoods.fund import vietqr
from tests.e2e.people import Leader, Phone, expect_usable, sign_in
from tests.e2e.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def hoa(product: Product, browser: object) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, locale="vi-VN")
    page = context.new_page()
    sign_in(page, product, "hoa")
    page.wait_for_url("**/fund/manage/")
    yield page
    context.close()


def tell(hook: str, secret: str, number: int, content: str, amount: int) -> int:
    """As SePay sends it. Gives the status."""
    said = {
        "id": number, "transactionDate": f"{datetime.now(VIETNAM):%Y-%m-%d %H:%M:%S}", "content": content,
        "accountNumber": "0123499999", "transferType": "in", "transferAmount": amount, "referenceCode": f"FT{number}",
    }  # fmt: skip
    headers = {"Authorization": f"Apikey {secret}"}
    return httpx.post(hook, json=said, headers=headers).status_code


def test_a_household_pays_by_qr_and_the_treasurer_says_whose_the_rest_is(
    hoa: Page, leader: Leader, product: Product, open_phone: Callable[[], Phone]
) -> None:
    hoa.goto(f"{product.base}/fund/bank/")
    hoa.locator(".more-box summary").click()
    hoa.get_by_label("Ngân hàng").select_option(label="Vietcombank")
    hoa.get_by_label("Số tài khoản").fill("0123 499 999")
    hoa.get_by_label("Chủ tài khoản").fill("Đỗ Thị Hoa")
    hoa.get_by_text("SePay", exact=True).click()
    hoa.get_by_role("button", name="Thêm tài khoản này").click()
    shown = hoa.locator(".done-left code")
    expect(shown.nth(1)).to_contain_text("mpb_")
    expect_usable(hoa)
    hook, secret = shown.all_inner_texts()
    hoa.get_by_role("button", name="Tôi đã chép cả hai").click()
    expect(hoa.locator(".bank-account").first).to_contain_text("SePay chưa gửi tin nào")
    assert secret not in hoa.content()

    phone = open_phone()
    phone.join(product, leader.issue_code(number=8)["typed"])
    phone.page.goto(f"{product.base}/fund/")
    phone.page.locator("[data-campaign='CAM']").get_by_role("link", name="Đóng bằng mã QR").click()
    expect(phone.page.locator("[data-memo]")).to_have_text("HG7 CAM H009")
    expect_usable(phone.page)
    picture = cv2.imdecode(np.frombuffer(phone.page.locator(".pay-qr").screenshot(), np.uint8), cv2.IMREAD_COLOR)
    (scanned,) = zxingcpp.read_barcodes(picture)
    qr = vietqr.parse(scanned.text)
    assert (qr.account, qr.purpose) == ("0123499999", "HG7 CAM H009")

    assert tell(hook, "wrong", 1, qr.purpose, 120_000) == 404
    assert tell(hook, secret, 1, f"MBVCB.32789.{qr.purpose}.CT tu 0123", 120_000) == 200
    assert tell(hook, secret, 2, "cam h010 ung ho", 77_000) == 200
    phone.page.goto(f"{product.base}/fund/")
    expect(phone.page.locator("[data-campaign='CAM'] .receipts")).to_contain_text("120.000")

    hoa.goto(f"{product.base}/fund/manage/")
    hoa.locator(".note.to").click()
    waits = hoa.locator(".bank-row", has_text="77.000")
    expect_usable(hoa)
    waits.get_by_role("button", name="Ghi cho H010").click()
    expect(waits).to_have_count(0)
    done = hoa.locator(".bank-done", has_text="77.000")
    done.locator("summary").click()
    done.get_by_role("button", name="Đưa về chờ").click()
    expect(waits).to_be_visible()
    waits.get_by_role("link", name="Hộ khác").click()
    hoa.get_by_label("Tìm một hộ").fill("h011")
    hoa.locator("button.pick:visible").click()
    hoa.get_by_role("button", name="Ghi vào sổ").click()
    hoa.wait_for_url("**/fund/bank/queue/")
    expect(hoa.locator(".bank-done", has_text="77.000")).to_contain_text("Đã ghi")
    assert phone.complaints() == []
