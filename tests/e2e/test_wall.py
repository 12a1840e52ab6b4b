"""The wall: a television shows a QR, the leader lets it in from the phone, the street plays; cut off, it is empty."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import PLAYING, Leader, Phone, expect_usable
from tests.e2e.product import Product
from tests.e2e.test_taken_back import LIMIT_S, PICTURE, WATCH_FOR_EMPTY
from tests.pace import PATIENCE_MS, allowed

pytestmark = [pytest.mark.browser, pytest.mark.slow]

READY = "() => document.querySelector('[data-code]').textContent.length === 9"
TILES = "() => [...document.querySelectorAll('.wall-tiles img')].filter((one) => one.src && !one.hidden).length"


@pytest.fixture
def television(open_phone: Callable[..., Phone], product: Product) -> Page:
    page = open_phone(1280, 720).page
    page.goto(f"{product.base}/wall")
    page.wait_for_function(READY)
    return page


def test_a_television_is_let_in_from_the_phone_and_empty_two_seconds_after_it_is_cut_off(
    television: Page, leader: Leader, product: Product
) -> None:
    letters, qr = television.locator("[data-code]").inner_text(), television.locator("[data-qr]")
    expect(qr).to_be_visible()
    page = leader.page
    page.goto(f"{product.base}/walls/#{letters}")  # what the QR holds
    expect(page.get_by_text(letters)).to_be_visible()
    assert "#" not in page.url, "the letters stay in the address bar"
    expect(page.get_by_text("không cùng mạng")).to_be_hidden()
    page.get_by_label("TV đặt ở đâu?").fill("Nhà ông Tư")
    expect_usable(page)
    page.get_by_role("button", name="Cho phép").click()
    television.wait_for_function(PLAYING, timeout=PATIENCE_MS)
    expect(television.locator(".wall-who")).to_contain_text("Nhà ông Tư")
    television.wait_for_function(f"() => ({TILES})() > 1", timeout=PATIENCE_MS)
    assert television.evaluate("document.cookie").count("matpho") == 0, "a script can read the token"
    assert television.evaluate("() => document.querySelectorAll('a, button').length") == 0, "there is a menu"

    fire = television.locator("[data-alerts] li").filter(has_text="Cháy")  # others may be open already
    alert = leader.call("POST", "/alerts/", {"category": "fire"})
    expect(fire).to_be_visible(timeout=PATIENCE_MS)
    leader.call("POST", f"/alerts/{alert['id']}/withdraw/", {"reason": "Thử"})
    expect(fire).to_have_count(0, timeout=PATIENCE_MS)

    page.goto(f"{product.base}/leader/")
    expect(page.locator("[data-watching]")).to_contain_text("Nhà ông Tư")
    page.goto(f"{product.base}/walls/")
    page.get_by_role("button", name="Ngắt Nhà ông Tư").click()
    television.evaluate(WATCH_FOR_EMPTY)
    with page.expect_response("**/revoke/"):
        page.get_by_role("button", name="Đúng, ngắt màn hình này").click()
    answered = time.time() * 1000
    took = (television.evaluate("() => window.emptiedAt") - answered) / 1000
    print(f"wall cut off: empty after {took:.2f} s")
    assert took <= allowed(LIMIT_S)
    assert television.evaluate(TILES) == 0 and not television.evaluate(PICTURE)
    expect(television.get_by_role("alert").filter(has_text="Màn hình này đã bị ngắt")).to_be_visible()
    expect(page.get_by_text("Chưa có màn hình chung")).to_be_visible()


def test_a_television_that_is_turned_away_says_so(television: Page, leader: Leader, product: Product) -> None:
    page = leader.page
    page.goto(f"{product.base}/walls/")
    page.get_by_label("Chữ hiện trên TV").fill("BBBB-BBBB")
    page.get_by_role("button", name="Tìm màn hình").click()
    expect(page.get_by_role("alert").filter(has_text="Hiện không có TV nào đang hiện mã đó")).to_be_visible()
    page.get_by_label("Chữ hiện trên TV").fill(television.locator("[data-code]").inner_text().lower())
    page.get_by_role("button", name="Tìm màn hình").click()
    page.get_by_role("button", name="Từ chối").click()
    expect(page.get_by_text("Đã từ chối màn hình này.")).to_be_visible()
    expect(television.get_by_role("status")).to_contain_text("Tổ trưởng đã từ chối", timeout=PATIENCE_MS)
