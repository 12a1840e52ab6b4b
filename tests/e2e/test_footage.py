"""Footage for a case in real browsers: the officer asks on a desk, the leader answers on the same evening's phone."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.lib.clock import VIETNAM
from tests.e2e.people import Leader, Phone, expect_usable, sign_in
from tests.e2e.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def dung(product: Product, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, locale="vi-VN")
    page = context.new_page()
    sign_in(page, product, "dung")
    page.wait_for_url("**/leader/alerts/")
    yield page
    context.close()


def local(at: datetime) -> str:
    return at.astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M")


def test_an_officer_asks_and_learns_counts_before_and_after(dung: Page, product: Product, leader: Leader) -> None:
    product.wait_for_footage(62)  # the form knows whole minutes
    dung.goto(f"{product.base}/footage/")
    expect(dung.get_by_role("heading", name="Chưa có yêu cầu nào")).to_be_visible()
    expect_usable(dung)
    dung.get_by_role("link", name="Yêu cầu trích xuất hình mới").click()
    expect_usable(dung)
    dung.get_by_label("Số vụ việc").fill("2026/17")
    dung.get_by_role("button", name="Ghi vụ việc").click()
    until = datetime.now(VIETNAM).replace(second=0, microsecond=0)
    dung.get_by_label("Từ", exact=True).fill(local(until - timedelta(minutes=5)))
    dung.get_by_label("Đến", exact=True).fill(local(until))
    dung.get_by_role("button", name="Ở đó có gì?").click()
    expect(dung.get_by_role("status")).to_contain_text(re.compile(r"\d+ camera; ít nhất một camera có"))
    dung.get_by_label("Số công văn").fill("45/CV-CAP")
    dung.get_by_label("Vài lời").fill("phục vụ công tác điều tra")
    dung.get_by_role("button", name="Gửi yêu cầu").click()
    expect(dung.get_by_text("Hãy ghi rõ đang tìm gì")).to_be_visible()
    expect_usable(dung)
    dung.get_by_label("Vài lời").fill("Xe máy Wave màu xanh bị lấy ở đầu ngõ 12")
    dung.get_by_role("button", name="Gửi yêu cầu").click()
    dung.wait_for_url("**/footage/")
    asked = dung.locator("[data-footage]").first
    expect(asked).to_contain_text(re.compile(r"\d+ camera"))
    assert "ngõ 12" not in re.sub(r"Xe máy.*", "", asked.inner_text()), "no camera has a name before its release"
    expect_usable(dung)


def test_the_leader_answers_for_the_streets_cameras_and_a_no_is_told_to_nobody(
    dung: Page, product: Product, leader: Leader
) -> None:
    """Among those asked for may be a household's own, which the leader neither sees nor answers for."""
    asked = dung.locator("[data-footage]").first.inner_text()
    cameras = int(re.search(r"(\d+) camera", asked)[1])
    page = leader.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{product.base}/footage/")
    row = page.locator("[data-footage]").first
    expect(row.get_by_role("button", name="Tôi đồng ý")).not_to_have_count(0)
    expect_usable(page)
    first, second, third = (row.locator("[data-camera]").nth(number) for number in range(3))
    names = [one.get_attribute("aria-label") for one in (first, second, third)]
    first.get_by_role("button", name="Tôi đồng ý").first.click()
    first.get_by_role("button", name="Vâng, cho trích xuất").click()
    expect(page.get_by_label(names[0])).to_contain_text("Bác đã đồng ý")
    page.get_by_label(names[1]).get_by_role("button", name="Tôi không đồng ý").click()
    expect(page.get_by_label(names[1])).to_contain_text("Bác không đồng ý")
    third = page.get_by_label(names[2])
    third.get_by_text("Hỏi lại trước đã").click()
    third.get_by_label("Câu hỏi của bác").fill("Xe nào, mấy giờ?")
    third.get_by_role("button", name="Gửi câu hỏi").click()
    expect(page.get_by_label(names[2])).to_contain_text("Xe nào, mấy giờ?")
    expect_usable(page)
    page.set_viewport_size({"width": 1280, "height": 850})
    dung.reload()
    told = dung.locator("[data-footage]").first
    expect(told).to_contain_text("1 đã giao")
    expect(told).to_contain_text(f"{cameras - 1} đang chờ")
    expect(told).to_contain_text("Chủ camera hỏi: Xe nào, mấy giờ?")
    assert not [name for name in names if name in told.inner_text().replace("ở đầu ngõ 12", "")]
    told.get_by_label("Câu trả lời").fill("Wave xanh, lúc 9 giờ")
    told.get_by_role("button", name="Gửi trả lời").click()
    expect(dung.locator("[data-footage]").first).to_contain_text("Trả lời: Wave xanh, lúc 9 giờ")


def test_a_household_without_a_camera_reads_that_nobody_asks(
    open_phone: Callable[[], Phone], product: Product, leader: Leader
) -> None:
    phone = open_phone()
    phone.join(product, leader.issue_code(number=9)["typed"])
    phone.page.goto(f"{product.base}/footage/")
    expect(phone.page.get_by_role("heading", name="Chưa có yêu cầu nào")).to_be_visible()
    expect_usable(phone.page)
