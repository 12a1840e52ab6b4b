"""A leader makes a camera a school's with its hours, on a phone."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.people import Leader, expect_usable, phone_page
from tests.e2e.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_camera_becomes_a_schools_and_gets_hours(browser: Browser, product: Product, leader: Leader) -> None:
    """One that is only planned: whoever looks at the street's cameras after us finds them as they were."""
    camera = leader.call("POST", "/cameras/plan/", {"name": "Sân trường mầm non"})
    phone = phone_page(browser, 390, 844)
    page = phone.page
    page.context.add_cookies(leader.page.context.cookies())
    page.goto(f"{product.base}/cameras/{camera['id']}/")
    expect_usable(page)
    page.get_by_text("Đây là camera của trường học").tap()
    expect_usable(page)
    first = page.get_by_role("group", name="Khoảng giờ 1")
    first.get_by_label("Từ").fill("06:30")
    page.get_by_role("button", name="Là camera của trường").tap()
    page.get_by_role("button", name="Vâng, là của trường").tap()
    expect(first.get_by_text("Chọn ít nhất một ngày.")).to_be_visible()
    for day in ("T2", "T3", "T4", "T5", "T6"):
        first.get_by_label(day, exact=True).check()
    page.get_by_role("button", name="Vâng, là của trường").tap()
    expect(first.get_by_text("Ghi cả giờ bắt đầu và giờ kết thúc.")).to_be_visible()
    first.get_by_label("Đến").fill("05:30")
    page.get_by_role("button", name="Vâng, là của trường").tap()
    expect(first.get_by_text("Giờ kết thúc phải sau giờ bắt đầu")).to_be_visible()
    first.get_by_label("Đến").fill("17:30")
    page.get_by_role("button", name="Thêm khoảng giờ").tap()
    second = page.get_by_role("group", name="Khoảng giờ 2")
    second.get_by_label("T7", exact=True).check()
    second.get_by_label("Từ").fill("07:00")
    second.get_by_label("Đến").fill("11:00")
    expect_usable(page)
    page.get_by_role("button", name="Vâng, là của trường").tap()
    expect(page.get_by_text("chỉ trong giờ T2–T6 06:30–17:30, T7 07:00–11:00")).to_be_visible()
    told = leader.call("GET", f"/cameras/{camera['id']}/")
    assert told["ownership"] == "school"
    assert told["details"]["school_hours"] == [
        {"days": [0, 1, 2, 3, 4], "from": "06:30", "to": "17:30"}, {"days": [5], "from": "07:00", "to": "11:00"},
    ]  # fmt: skip
    page.get_by_text("Giờ phường được xem").tap()
    second.get_by_role("button", name="Bỏ khoảng giờ này").tap()
    page.get_by_role("button", name="Lưu giờ").tap()
    expect(page.get_by_text("chỉ trong giờ T2–T6 06:30–17:30,")).to_be_visible()
    expect(page.get_by_text("T7 07:00–11:00")).to_have_count(0)
    leader.call("POST", f"/cameras/{camera['id']}/retire/", {})
    assert phone.complaints() == []
    page.context.close()
