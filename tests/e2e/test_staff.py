"""Staff in a real browser: the second step, a passkey, one's own account, an invitation, and a role handed over."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.people import Leader, Phone, expect_usable, phone_page, sign_in
from tests.e2e.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSWORD = "ba-con-meo-den-nho"


def by_name(product: Product) -> str:
    """A passkey belongs to a name; of those without TLS only ``localhost`` has any."""
    return product.base.replace("127.0.0.1", "localhost")


def finger(page: Page) -> None:
    """A reader of fingerprints that always says yes."""
    door = page.context.new_cdp_session(page)
    door.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True}
    door.send("WebAuthn.addVirtualAuthenticator", {"options": kind})


@contextmanager
def invited(leader: Leader, browser: Browser, name: str, role: str) -> Iterator[tuple[Phone, str]]:
    """Somebody new, at the link the leader made on the page."""
    page = leader.page
    page.goto(f"{leader.product.base}/leader/roles/")
    page.get_by_label("Tên", exact=True).fill(name)
    page.get_by_label("Người đó làm việc gì?").select_option(label=role)
    page.locator("[data-invite]").get_by_role("button", name="Tạo đường dẫn").click()
    expect(page.get_by_role("heading", name="Đã có đường dẫn")).to_be_focused()
    expect(page.get_by_role("img", name="Mã QR của đường dẫn")).to_be_visible()
    link = page.locator("[data-link-text]").inner_text()
    expect_usable(page)
    phone = phone_page(browser, 390, 844)
    yield phone, link
    complaints = phone.complaints()
    phone.page.context.close()
    assert complaints == []


def keep_codes(page: Page) -> list[str]:
    expect(page.locator("[data-codes] li")).to_have_count(10)
    expect_usable(page)
    codes = page.locator("[data-codes] li").all_inner_texts()
    page.get_by_role("button", name="Tôi đã giữ các mã").click()
    return codes


def test_a_wrong_code_is_said_and_the_password_is_not_asked_again(
    product: Product, leader: Leader, open_phone: Callable[[], Phone]
) -> None:
    page = open_phone().page
    page.goto(f"{product.base}/staff")
    expect_usable(page)
    page.get_by_label("Tên đăng nhập").fill("hoa")
    page.get_by_label("Mật khẩu").fill(product.passwords["hoa"])
    page.get_by_role("button", name="Đăng nhập").click()
    digits = page.get_by_label("6 số trong ứng dụng")
    expect(digits).to_be_focused()
    digits.fill("000 000")
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_role("alert")).to_contain_text("Mã này không đúng")
    expect_usable(page)
    page.get_by_role("button", name="Tôi không có điện thoại").click()
    expect(page.get_by_text("tổ trưởng giúp tổ phó và thủ quỹ")).to_be_visible()
    page.get_by_role("button", name="Quay lại").click()
    digits.fill(product.keys["hoa"].fresh())
    page.get_by_role("button", name="Tiếp tục").click()
    page.wait_for_url(re.compile(r"/leader/|/fund/|/cameras/"))


def test_from_the_invitation_by_fingerprint_to_the_role_and_in_again_by_finger_and_by_paper(
    leader: Leader, product: Product, browser: Browser
) -> None:
    with invited(leader, browser, "Vũ Thị Mai", "Tổ phó") as (phone, link):
        page = phone.page
        finger(page)
        page.goto(link.replace("127.0.0.1", "localhost"))
        assert "#" not in page.url, "the secret stays in the address bar"
        expect(page.get_by_role("heading", name="Vũ Thị Mai được mời làm Tổ phó, Tổ dân phố 7")).to_be_visible()
        expect(page.get_by_text("Người mời: Trần Thị Bình.")).to_be_visible()
        expect_usable(page)
        page.get_by_role("button", name="Nhận lời: tạo tài khoản").click()
        page.get_by_role("textbox", name="Tên đăng nhập").fill("binh")
        page.get_by_label("Chọn mật khẩu").fill(PASSWORD)
        page.get_by_role("button", name="Tiếp tục").click()
        expect(page.get_by_role("alert")).to_contain_text("đã có người dùng")
        page.get_by_role("textbox", name="Tên đăng nhập").fill("mai")
        page.get_by_role("button", name="Tiếp tục").click()
        expect(page.get_by_role("heading", name="Bảo vệ tài khoản")).to_be_visible()
        expect_usable(page)
        page.get_by_role("button", name="Dùng vân tay hoặc khuôn mặt").click()
        codes = keep_codes(page)
        page.wait_for_url(f"{by_name(product)}/cameras/")
        expect(page.get_by_role("navigation").get_by_role("link", name="Các hộ")).to_be_visible()

        for by_paper in (False, True):
            page.context.clear_cookies()
            page.goto(f"{by_name(product)}/staff")
            page.get_by_role("textbox", name="Tên đăng nhập").fill("mai")
            page.locator("#password").fill(PASSWORD)
            page.get_by_role("button", name="Đăng nhập").click()
            if by_paper:
                page.get_by_role("button", name="Tôi không có điện thoại").click()
                page.get_by_label("Một mã dự phòng").fill(codes[0])
                page.get_by_role("button", name="Tiếp tục").click()
            else:
                expect(page.get_by_label("6 số trong ứng dụng")).to_be_hidden()
                page.get_by_role("button", name="Dùng vân tay, khuôn mặt hoặc khóa").click()
            page.wait_for_url("**/cameras/")
        page.goto(f"{by_name(product)}/account")
        expect(page.get_by_text("Còn 9 mã")).to_be_visible()
        expect(page.get_by_role("button", name="Cắt máy")).to_have_count(2)
        expect_usable(page)

        page.goto(f"{by_name(product)}/invite#{link.partition('#')[2]}")
        expect(page.get_by_role("alert")).to_contain_text("Lời mời này đã dùng")
    leader.page.goto(f"{product.base}/leader/roles/")
    row = leader.page.locator("article", has=leader.page.get_by_role("heading", name="Vũ Thị Mai"))
    row.locator("summary").click()
    row.get_by_role("button", name="Kết thúc").click()
    row.get_by_role("button", name="Đúng, kết thúc").click()
    expect(row).to_have_count(0)


def test_the_password_is_changed_after_both_steps_and_the_old_one_is_dead(
    product: Product, leader: Leader, open_phone: Callable[[], Phone]
) -> None:
    page = open_phone().page
    sign_in(page, product, "dung")
    page.wait_for_url("**/leader/alerts/")
    page.goto(f"{product.base}/account")
    expect(page.get_by_text("Không gỡ được cách cuối cùng")).to_be_visible()
    page.locator("[data-do=password]").click()
    page.locator("#password").fill(product.passwords["dung"])
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_label("6 số trong ứng dụng").fill(product.keys["dung"].fresh())
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_label("Mật khẩu mới", exact=True).fill("ngan")
    page.get_by_role("button", name="Đổi mật khẩu").click()
    expect(page.get_by_label("Mật khẩu mới", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Mật khẩu mới", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đổi mật khẩu").click()
    expect(page.get_by_role("heading", name="Cách bạn đăng nhập")).to_be_visible()
    product.passwords["dung"] = PASSWORD
    again = open_phone().page
    sign_in(again, product, "dung")
    again.wait_for_url("**/leader/alerts/")
