"""The fund on phones: Hoa takes cash at the door, the household sees it, Bình is the second pair of eyes."""

import io
from collections.abc import Callable, Iterator

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.e2e.people import Leader, Phone, expect_usable, sign_in, started
from tests.e2e.product import Product
from tests.pace import PATIENCE_MS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OWES = 7
"""The number of a household that has not paid yet in the demonstration; the seventh of the leader's list."""


@pytest.fixture(scope="module")
def hoa(product: Product, browser: object) -> Iterator[Page]:
    """The treasurer, signed in on a phone: the fund's desk is where she arrives."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, locale="vi-VN")
    page = context.new_page()
    sign_in(page, product, "hoa")
    page.wait_for_url("**/fund/manage/")
    yield page
    context.close()


def campaign(page: Page, product: Product) -> Locator:
    """The demonstration's campaign on the desk."""
    page.goto(f"{product.base}/fund/manage/")
    return page.locator(".fund-desk", has_text="Lắp 8 camera")


def receipt_photo() -> dict[str, object]:
    kept = io.BytesIO()
    Image.effect_noise((1200, 2100), 90).save(kept, "PNG")  # larger than the page lets pass as it is
    return {"name": "hoa-don.png", "mimeType": "image/png", "buffer": kept.getvalue()}


def test_cash_is_taken_in_three_taps_and_the_household_has_its_receipt(
    hoa: Page, leader: Leader, product: Product, open_phone: Callable[[], Phone]
) -> None:
    campaign(hoa, product).get_by_role("link", name="Thu tiền mặt").click()
    expect_usable(hoa)
    hoa.locator(".row-link", has_text=f"H00{OWES}").click()
    hoa.wait_for_url("**/dues/*-*/")
    started(hoa)
    hoa.get_by_role("button", name="Thu tiền mặt").click()
    expect(hoa.get_by_label("Tiền mặt nhận được (đồng)")).to_have_value("350.000")
    hoa.get_by_role("button", name="Đã nhận đủ tiền").click()
    done = hoa.locator("[data-paid]")
    expect(done).to_contain_text("350.000")
    expect_usable(hoa)
    address = done.get_by_role("link", name="Mở phiếu thu").get_attribute("href")
    answer = hoa.request.get(product.base + address)
    assert answer.status == 200 and answer.body().startswith(b"%PDF-")

    phone = open_phone()
    phone.join(product, leader.issue_code(number=OWES - 1)["typed"])
    phone.page.get_by_role("link", name="Quỹ").click()
    mine = phone.page.locator("[data-campaign='CAM']")
    expect(mine).to_contain_text("Đã đóng đủ")
    assert mine.get_by_role("link", name="Phiếu thu").get_attribute("href") == address
    assert phone.page.request.get(product.base + address).status == 200
    expect_usable(phone.page)


def test_a_large_expense_waits_for_the_leader_and_then_everybody_sees_its_receipt(
    hoa: Page, leader: Leader, product: Product, open_phone: Callable[[], Phone]
) -> None:
    campaign(hoa, product).get_by_role("link", name="Ghi khoản chi").click()
    expect_usable(hoa)
    hoa.locator("input[type=file]").set_input_files(receipt_photo())
    expect(hoa.get_by_role("img", name="Ảnh đã chọn")).to_be_visible()
    hoa.get_by_label("Mua gì, làm gì").fill("Bộ lưu điện cho cổng tổ")
    hoa.get_by_label("Số tiền (đồng)").press_sequentially("2600000")
    expect(hoa.get_by_label("Số tiền (đồng)")).to_have_value("2.600.000")
    hoa.get_by_label("Trả cho").fill("Điện máy Hà Giang")
    hoa.get_by_role("button", name="Ghi khoản chi này").click()
    waits = hoa.locator("[data-expense='waiting']", has_text="Bộ lưu điện")
    expect(waits).to_contain_text("Chờ tổ trưởng duyệt")
    expect(waits.get_by_role("button", name="Duyệt chi")).to_have_count(0)  # never who entered it

    everybody = open_phone().page
    address = hoa.get_by_role("link", name="Trang ai cũng xem được").get_attribute("href")
    everybody.goto(product.base + address)
    expect(everybody.get_by_text("Bộ lưu điện")).to_have_count(0)
    campaign(leader.page, product).get_by_role("link", name="chờ bác duyệt").click()
    leader.page.locator("[data-expense='waiting']", has_text="Bộ lưu điện").get_by_role(
        "button", name="Duyệt chi"
    ).click()
    expect(leader.page.locator("[data-expense='approved']", has_text="Bộ lưu điện")).to_be_visible()

    everybody.reload()
    spent = everybody.locator(".spent", has_text="Bộ lưu điện")
    expect(spent).to_contain_text("trả cho Điện máy Hà Giang, tiền mặt")
    spent.scroll_into_view_if_needed()
    everybody.wait_for_function("(image) => image.naturalWidth > 0", arg=spent.locator("img").element_handle())
    expect_usable(everybody)


def test_an_amount_that_is_none_is_said_under_its_field(hoa: Page, product: Product) -> None:
    campaign(hoa, product).get_by_role("link", name="Ghi khoản chi").click()
    hoa.get_by_label("Số tiền (đồng)").fill("20 usd")
    hoa.get_by_label("Mua gì, làm gì").fill("Dây")
    hoa.get_by_role("button", name="Ghi khoản chi này").click()
    expect(hoa.locator("[data-error='amount']")).not_to_be_empty()
    expect(hoa.get_by_label("Mua gì, làm gì")).to_have_value("Dây")


def test_a_months_statement_is_made_while_the_page_shows_how_far_it_is(hoa: Page, product: Product) -> None:
    campaign(hoa, product).get_by_role("link", name="Xem cả đợt vận động").click()
    expect_usable(hoa)
    hoa.get_by_role("button", name="Làm bản sao kê").click()
    with hoa.expect_download() as download:
        hoa.get_by_role("button", name="Mở bản sao kê").click(timeout=PATIENCE_MS)
    assert download.value.suggested_filename.startswith("sao-ke-CAM-")


def test_a_leader_opens_a_campaign_and_records_the_resolution(leader: Leader, product: Product) -> None:
    page = leader.page
    page.goto(f"{product.base}/fund/manage/")
    page.get_by_role("link", name="Mở đợt vận động").click()
    expect_usable(page)
    page.get_by_label("Để làm gì").fill("Sửa nhà văn hóa")
    page.get_by_label("Mã ngắn").fill("nvh")
    page.get_by_label("Cần có (đồng)").fill("12.000.000")
    page.get_by_label("Đến ngày").fill("2099-01-31")
    page.get_by_role("button", name="Lưu").click()
    expect(page.locator("[data-voluntary]")).to_be_visible()
    page.get_by_role("link", name="Ghi nghị quyết").click()
    expect_usable(page)
    for label, number in {"Tham gia": "70", "Vắng mặt": "16", "Đồng ý": "60"}.items():
        page.get_by_label(label, exact=True).fill(number)
    page.get_by_label("Nội dung đã quyết định").fill("Mỗi hộ góp tùy khả năng")
    page.get_by_label("Tổ trưởng").fill("Trần Thị Bình")
    page.get_by_role("button", name="Ghi lại").click()
    expect(page.locator("[data-resolution]")).to_contain_text("60 trên 86 hộ đồng ý")
