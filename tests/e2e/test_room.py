"""The ward's operations room in a real browser: the operator chooses cameras, watches, and a school only in its hours.

With ``ROOM_PICTURES=<folder>`` it leaves pictures of each step there, of a desk and of a phone.
"""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.lib.clock import VIETNAM
from cameras.demo.street import PASSWORD, USER
from tests.e2e.people import PLAYING, Leader, Phone, Teller, expect_usable, phone_page, sign_in
from tests.e2e.product import Product
from tests.pace import PATIENCE_MS, allowed_ms

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SIZES = {"desk": (1280, 850), "phone": (390, 844)}
CHOSEN = 5
POSTERS = "() => [...document.querySelectorAll('.room-grid img')].filter((one) => one.naturalWidth).length"


@pytest.fixture(scope="module")
def nga(product: Product, browser: Browser) -> Iterator[Phone]:
    person = phone_page(browser, *SIZES["desk"])
    sign_in(person.page, product, "nga")
    person.page.wait_for_url("**/room/")
    yield person
    complaints = person.complaints()
    person.page.context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def yard(leader: Leader, product: Product) -> Iterator[dict[str, Any]]:
    """A kindergarten's camera, registered by the leader; it has no hours yet."""
    added = leader.call(
        "POST",
        "/cameras/",
        {
            "name": "Sân mầm non Hoa Sen", "url": f"rtsp://127.0.0.1:{product.camera_port}/truong-hoc", "user": USER,
            "password": PASSWORD, "ownership": "school",
        },
    )  # fmt: skip
    yield added
    leader.call("POST", f"/cameras/{added['id']}/retire/")


def around_now(**hours: int) -> list[dict[str, Any]]:
    """Every day from an hour before to an hour after the minute that is so many hours from now."""
    middle = datetime.now(VIETNAM) + timedelta(**hours)
    ends = (f"{middle + timedelta(hours=way):%H:%M}" for way in (-1, 1))
    return [{"days": list(range(7)), **dict(zip(("from", "to"), ends, strict=True))}]


def looked_at(page: Page, name: str) -> None:
    """The page is usable on a desk and on a phone; pictures of both where somebody wants to look."""
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        expect_usable(page)
        if folder := os.environ.get("ROOM_PICTURES"):
            page.screenshot(path=Path(folder) / f"{size}-{name}.png", full_page=True)
    page.set_viewport_size(dict(zip(("width", "height"), SIZES["desk"], strict=True)))


def test_an_empty_room_leads_to_the_choice_and_the_wall_fills(nga: Phone, product: Product, leader: Leader) -> None:
    page = nga.page
    expect(page.get_by_role("heading", name="Chưa chọn camera nào")).to_be_visible()
    looked_at(page, "room-empty")
    page.get_by_role("link", name="Chọn camera").press("Enter")
    page.wait_for_url("**/room/cameras**")
    ticks = page.get_by_role("checkbox")
    expect(ticks).not_to_have_count(0)
    page.get_by_label("Tìm camera").fill("ngo 12")
    expect(page.locator("[data-find]:visible")).to_have_count(1)
    page.get_by_label("Tìm camera").fill("")
    for number in range(CHOSEN):
        ticks.nth(number).press("Space")
    looked_at(page, "room-choose")
    page.get_by_role("button", name="Hiện các camera này").press("Enter")
    expect(page.locator(".room-grid .cam-link")).to_have_count(CHOSEN, timeout=PATIENCE_MS)
    page.wait_for_function(f"() => ({POSTERS})() === {CHOSEN}", timeout=PATIENCE_MS)


def test_an_alert_comes_by_itself_and_a_request_shows_its_clock(nga: Phone, teller: Teller) -> None:
    teller.tell("fire")
    expect(nga.page.locator("#room-news")).to_contain_text("Cháy, nổ", timeout=PATIENCE_MS)
    expect(nga.page.locator(".room-grid .cam-link")).to_have_count(CHOSEN)
    looked_at(nga.page, "room")


def test_a_tap_on_a_public_camera_is_live_without_a_question(nga: Phone) -> None:
    nga.page.locator(".room-grid .cam-link").first.press("Enter")
    nga.page.wait_for_function(PLAYING, timeout=PATIENCE_MS)
    expect(nga.page.get_by_role("dialog")).to_be_hidden()
    expect(nga.page.get_by_role("button", name="10 phút")).to_be_hidden()  # the present alone


def test_a_kindergarten_is_watched_in_its_hours_with_a_reason(
    nga: Phone, product: Product, leader: Leader, yard: dict[str, Any], open_phone: Callable[[], Phone]
) -> None:
    page, path = nga.page, f"/cameras/{yard['id']}/"
    page.goto(f"{product.base}/room/")
    row = page.locator("section", has_text="Trường học, mầm non").locator("li", has_text="Hoa Sen")
    expect(row).to_contain_text("Chưa đặt giờ")
    leader.call("PATCH", path, {"school_hours": around_now(hours=4)})
    page.goto(product.base + path)  # by its address, for the room does not lead there
    told = page.locator("[data-cover]")
    expect(told).to_contain_text("Phường chỉ xem camera của trường này trong giờ: T2–CN", timeout=PATIENCE_MS)
    leader.call("PATCH", path, {"school_hours": around_now()})
    page.goto(f"{product.base}/room/")
    looked_at(page, "room-school")
    row.get_by_role("link").click()
    page.locator("[data-purpose='patrol']").click()
    page.wait_for_function(PLAYING, timeout=PATIENCE_MS)
    resident = open_phone()
    resident.join(product, leader.issue_code(number=16)["typed"])
    expect(resident.page.locator(".cam-link")).not_to_have_count(0)
    assert "Hoa Sen" not in resident.page.content()
    leader.call("PATCH", path, {"school_hours": []})
    expect(page.locator("[data-slot] video")).to_have_count(0, timeout=allowed_ms(5))  # other hours end what is open


def test_the_case_log_from_entry_to_outcome(product: Product, browser: Browser) -> None:
    dung = phone_page(browser, *SIZES["desk"])
    page = dung.page
    sign_in(page, product, "dung")
    page.wait_for_url("**/leader/alerts/")
    page.goto(f"{product.base}/cases/")
    page.locator("summary", has_text="Ghi vụ việc mới").click()
    page.get_by_label("Số vụ việc").fill("2026/PT-1")
    page.get_by_role("button", name="Ghi vụ việc").click()
    page.get_by_role("link", name="2026/PT-1").click()
    page.locator("summary", has_text="Ghi kết quả vụ việc").click()
    page.locator("#outcome").select_option("not_clarified")
    page.get_by_label("Có vi phạm").check()
    page.get_by_role("button", name="Ghi vào hồ sơ").first.click()
    expect(page.locator("[data-error='offence_found']")).not_to_be_empty()
    looked_at(page, "case-refused")
    page.locator("#outcome").select_option("clarified")
    page.get_by_role("button", name="Ghi vào hồ sơ").first.click()
    expect(page.locator("[data-outcome]")).to_contain_text("Đã làm rõ")
    expect(page.locator("[data-outcome]")).to_contain_text("có vi phạm")
    looked_at(page, "case")
    page.goto(f"{product.base}/cases/?show=closed")
    expect(page.get_by_role("link", name="2026/PT-1")).to_contain_text("Đã làm rõ")
    looked_at(page, "cases")
    page.goto(f"{product.base}/room/")
    expect(page.locator("#room-news")).to_contain_text("2026/PT-1")
    expect(page.locator(".cam-link")).to_have_count(0)  # an officer watches nothing here
    looked_at(page, "room-officer")
    assert dung.complaints() == []
    page.context.close()
