"""Names for ears and fingers, two languages, pages without a sign-in."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.people import Leader, Phone, expect_usable
from tests.e2e.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_every_control_has_a_name_and_a_finger_can_hit_it(phone: Phone, product: Product) -> None:
    expect_usable(phone.page)
    phone.open_camera()
    expect_usable(phone.page)
    phone.page.goto(f"{product.base}/licences/")
    expect_usable(phone.page)
    for path in ("/me/", "/legal/", "/wall", "/join", "/staff", "/setup"):
        phone.page.goto(product.base + path)
        expect_usable(phone.page)


def test_the_leaders_pages_too(leader: Leader, product: Product) -> None:
    for path in ("/leader/", "/leader/households/", "/leader/codes/", "/leader/cameras/", "/leader/cameras/add"):
        leader.page.goto(product.base + path)
        expect_usable(leader.page)
    for path in ("/leader/requests/", "/legal/", "/walls/"):
        leader.page.goto(product.base + path)
        expect_usable(leader.page)


def test_the_camera_page_works_by_keyboard_alone(phone: Phone) -> None:
    page = phone.page
    page.locator(".cam-link").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/cameras/*/")
    names = []
    for _ in range(25):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.getAttribute('role') || document.activeElement.innerText"))
    assert "slider" in names
    assert any("Trực tiếp" in name for name in names)
    assert any("Giữ lại" in name for name in names)


def test_the_skip_link_is_not_taken_for_a_code(open_phone: Callable[[], Phone], product: Product) -> None:
    page = open_phone().page
    tried: list[str] = []
    page.on("request", lambda request: tried.append(request.url) if request.method == "POST" else None)
    page.goto(f"{product.base}/join")
    page.locator(".skip").press("Enter")
    page.wait_for_url("**/join#main")
    page.reload()
    page.wait_for_load_state("networkidle")
    assert tried == []
    expect(page.get_by_role("alert")).to_be_hidden()


def test_english_is_one_tap_away_and_stays(open_phone: Callable[[], Phone], product: Product) -> None:
    page = open_phone().page
    page.goto(f"{product.base}/join")
    assert page.locator("html").get_attribute("lang") == "vi"
    page.get_by_label("Trình đơn").click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Enter your household's code")).to_be_visible()
    page.goto(f"{product.base}/staff")
    assert page.locator("html").get_attribute("lang") == "en"


def test_a_page_that_is_not_there_says_so_in_words(open_phone: Callable[[], Phone], product: Product) -> None:
    page = open_phone().page
    assert page.goto(f"{product.base}/no-such-page").status == 404
    expect(page.get_by_role("heading", name="Không có gì ở đây")).to_be_visible()


def test_signing_out_ends_this_phone(phone: Phone, product: Product) -> None:
    page = phone.page
    page.get_by_label("Trình đơn").click()
    page.get_by_role("button", name="Thoát trên máy này").click()
    page.wait_for_url("**/join")
    page.goto(f"{product.base}/cameras/")
    expect(page.get_by_role("heading", name="Nhập mã của hộ")).to_be_visible()
