"""Where footage is asked of, drawn on a map without tiles: taps on a phone, a mouse and keys on a desk."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from backend.lib.clock import VIETNAM
from cameras.demo.street import STREET
from cameras.footage.area import extent_km2, holds, rounded
from tests.e2e.people import FETCH, Phone, expect_usable, phone_page, sign_in
from tests.e2e.product import DATABASE, Product

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SQUARE = ((0.35, 0.35), (0.65, 0.33), (0.68, 0.66), (0.33, 0.62))
"""Shares of the map's width and height."""


@pytest.fixture(scope="module")
def officer(product: Product, browser: Browser) -> Iterator[Phone]:
    phone = phone_page(browser, 390, 844)
    sign_in(phone.page, product, "dung")
    phone.page.wait_for_url("**/leader/alerts/")
    status, answer = phone.page.evaluate(FETCH, ["GET", "/api/v1/neighborhoods/", None])
    assert status == 200
    ward = answer["results"][0]["ward"]["id"]
    case = {"ward": ward, "case_number": "2026/18", "kind": "theft"}
    assert phone.page.evaluate(FETCH, ["POST", "/api/v1/cases/", case])[0] == 201
    yield phone
    said = phone.complaints()
    phone.page.context.close()
    assert said == []


def map_of(page: Page, product: Product) -> Locator:
    page.goto(f"{product.base}/footage/ask")
    page.get_by_label("Vụ việc", exact=True).select_option(label="2026/18")
    page.get_by_role("button", name="Vẽ trên bản đồ").click()
    drawn = page.get_by_role("application", name="Bản đồ phường")
    drawn.scroll_into_view_if_needed()
    expect(drawn.get_by_text("Tổ dân phố 7")).to_be_visible()
    return drawn


def spot(drawn: Locator, share: tuple[float, float]) -> dict[str, float]:
    box = drawn.bounding_box()
    return {"x": box["width"] * share[0], "y": box["height"] * share[1]}


def fill_times(page: Page) -> None:
    until = datetime.now(VIETNAM).replace(second=0, microsecond=0) - timedelta(minutes=1)
    for label, at in (("Từ", until - timedelta(minutes=1)), ("Đến", until)):
        page.get_by_label(label, exact=True).fill(at.strftime("%Y-%m-%dT%H:%M"))


def corners_of(page: Page) -> list[list[float]]:
    text = page.locator("#area-corners").input_value()
    return [[float(number) for number in line.split(", ")] for line in text.splitlines()]


def stored(product: Product) -> dict[str, Any]:
    """The area of the newest request, as its row keeps it: the API does not repeat it."""
    with closing(sqlite3.connect(f"file:{product.folder / DATABASE}?mode=ro", uri=True)) as rows:
        (area,) = rows.execute("SELECT area FROM cameras_footagerequest ORDER BY asked_at DESC LIMIT 1").fetchone()
    return json.loads(area)


@pytest.mark.timeout(300)  # alone it waits for two minutes of footage
def test_an_area_is_tapped_on_a_phone_counted_and_asked_for(officer: Phone, product: Product) -> None:
    product.wait_for_footage(125)  # the form knows whole minutes
    page = officer.page
    drawn = map_of(page, product)
    expect_usable(page)
    for share in SQUARE:
        drawn.tap(position=spot(drawn, share))
    corner = page.get_by_role("button", name="Góc 1")
    expect(page.get_by_role("button", name=re.compile("^Góc "))).to_have_count(4)
    page.get_by_role("button", name="Bỏ góc cuối").tap()
    expect(page.get_by_role("button", name="Góc 4")).to_have_count(0)
    drawn.tap(position=spot(drawn, SQUARE[3]))
    corner.tap()  # the first once more closes it
    expect(page.get_by_role("button", name="Khép vùng")).to_be_disabled()
    drawn.tap(position=spot(drawn, (0.1, 0.9)))
    expect(page.get_by_role("button", name=re.compile("^Góc "))).to_have_count(4)
    corners = corners_of(page)
    size = f"{extent_km2(corners):.2f}".rstrip("0").replace(".", ",")
    expect(page.get_by_text(f"4 góc, {size} km².")).to_be_visible()
    fill_times(page)
    page.get_by_role("button", name="Ở đó có gì?").tap()
    there = sum(holds(corners, rounded((one.latitude, one.longitude))) for one in STREET)
    assert there > 2
    expect(page.get_by_text(f"{there} camera; ít nhất một camera có")).to_be_visible()
    told = [int(text) for text in drawn.locator("[data-layer=cells] text").all_text_contents()]
    assert sum(told) == there, "cells and their counts are all that is told of them"
    assert not [one.name for one in STREET if one.name in page.content()]
    page.get_by_label("Số công văn").fill("46/CV-CAP")
    page.get_by_label("Vài lời").fill("Xe máy Wave màu xanh bị lấy ở đầu ngõ")
    expect_usable(page)
    page.get_by_role("button", name="Gửi yêu cầu").tap()
    page.wait_for_url("**/footage/")
    assert stored(product) == {"polygon": corners}


def test_the_size_is_told_against_the_limits_and_whole_neighborhoods_are_the_other_way(
    officer: Phone, product: Product
) -> None:
    page = officer.page
    map_of(page, product)
    page.get_by_text("Toạ độ các góc").tap()
    typed = page.get_by_label("Vĩ độ, kinh độ")
    told = {104.986: "Cán bộ được tự yêu cầu.", 104.996: "cần chỉ huy ký thêm", 105.2: "thì không được"}
    for east, said in told.items():
        typed.fill(f"22.82, 104.98\n22,82 {east}\n22.825, {east}")
        typed.blur()
        expect(page.locator(".area-size")).to_contain_text(said)
    typed.fill("22.82, 104.98\nngõ 12")
    typed.blur()
    expect(page.get_by_text("Đây không phải toạ độ một góc: ngõ 12")).to_be_visible()
    page.get_by_role("button", name="Xoá hết").tap()
    fill_times(page)
    page.get_by_role("button", name="Ở đó có gì?").tap()
    expect(page.get_by_text("Hãy vẽ một vùng trên bản đồ, hoặc chọn tổ")).to_be_visible()
    page.get_by_role("button", name="Cả tổ dân phố").tap()
    expect(page.get_by_role("application")).to_be_hidden()
    sent = page.evaluate("() => [...new FormData(document.querySelector('form[data-many]')).keys()]")
    assert "area.places" in sent and "area.polygon" not in sent


def test_fingers_and_mouse_move_the_map_and_its_corners(officer: Phone, product: Product) -> None:
    page = officer.page
    drawn = map_of(page, product)
    for share in SQUARE[:3]:
        drawn.tap(position=spot(drawn, share))
    before = corners_of(page)
    box = drawn.bounding_box()
    at = [box["x"] + box["width"] * SQUARE[1][0], box["y"] + box["height"] * SQUARE[1][1]]
    page.mouse.move(*at)
    page.mouse.down()
    page.mouse.move(at[0] + 40, at[1] - 30, steps=4)
    page.mouse.up()
    after = corners_of(page)
    assert after[0] == before[0] and after[2] == before[2]
    assert after[1][0] > before[1][0] and after[1][1] > before[1][1], "north-east of where it was"
    page.mouse.move(box["x"] + 20, box["y"] + box["height"] - 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + box["height"] - 100, steps=4)
    page.mouse.up()
    assert corners_of(page) == after, "the map was moved, not the area"
    length = drawn.locator("[data-layer=length]")
    far = length.text_content()
    pinch(page, box)
    expect(length).not_to_have_text(far)
    assert corners_of(page) == after


def pinch(page: Page, box: dict[str, float]) -> None:
    """Two fingers go apart over the map's middle."""
    touches = page.context.new_cdp_session(page)
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def fingers(kind: str, apart: float) -> None:
        points = [{"x": middle[0] + side * apart, "y": middle[1], "id": side} for side in (0, 1)]
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points if kind != "touchEnd" else []})

    fingers("touchStart", 20)
    for apart in range(30, 160, 10):
        fingers("touchMove", apart)
    fingers("touchEnd", 160)
    touches.detach()


def test_keys_alone_draw_an_area(officer: Phone, product: Product) -> None:
    page = officer.page
    drawn = map_of(page, product)
    drawn.focus()
    for moves in ([], ["ArrowRight"] * 3, ["ArrowDown"] * 3):
        for key in [*moves, "Enter"]:
            page.keyboard.press(key)
    first, second, third = corners_of(page)
    assert second[1] > first[1] and second[0] == first[0] and third[0] < second[0]
    page.keyboard.press("Backspace")
    assert corners_of(page) == [first, second]
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Góc 1")).to_be_focused()
    page.keyboard.press("ArrowUp")
    assert corners_of(page)[0][0] > first[0]
    page.keyboard.press("Delete")
    assert corners_of(page) == [second]
