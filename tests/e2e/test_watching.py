"""A resident on a phone: code in, cameras, live, back in time, keep a moment (taken back: ``test_taken_back.py``).

What looks back stands at the end: by then there is something to look back at, and nobody waits for it.
"""

import re
import time
from collections.abc import Callable
from email.utils import formatdate

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.people import ALWAYS, PLAYING, Leader, Phone, expect_usable, shown_seconds_ago
from tests.e2e.product import Product
from tests.pace import PATIENCE_MS, allowed_ms

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FRAMES = "() => document.querySelector('[data-slot] video').getVideoPlaybackQuality().totalVideoFrames"
AT = "() => document.querySelector('[data-slot] video').currentTime"


def test_a_wrong_code_is_said_in_plain_words_and_the_right_one_opens_the_cameras(
    open_phone: Callable[[], Phone], product: Product, leader: Leader
) -> None:
    phone = open_phone()
    page = phone.page
    page.goto(product.base)
    expect(page).to_have_url(f"{product.base}/join")
    page.get_by_label("Mã", exact=True).fill("hg7 bbbb bbbb")
    page.get_by_role("button", name="Mở camera").click()
    expect(page.get_by_role("alert")).to_contain_text("Mã này không dùng được")
    code = leader.issue_code()
    page.get_by_label("Mã", exact=True).fill(code["typed"].lower().replace("-", " "))
    page.get_by_role("button", name="Mở camera").click()
    page.wait_for_url("**/cameras/")
    expect(page.locator(".cam-link")).to_have_count(8)
    expect(page.locator(".cam-link img:visible")).to_have_count(8, timeout=PATIENCE_MS)
    assert page.evaluate("[...document.images].filter(i => i.naturalWidth > 100).length") == 8
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_qr_of_the_sheet_needs_no_typing_and_leaves_no_trace(
    open_phone: Callable[[], Phone], product: Product, leader: Leader
) -> None:
    page = open_phone().page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    qr = leader.issue_code()["qr"]
    page.goto(f"{product.base}/join#{qr}")
    page.wait_for_url("**/cameras/")
    assert not [url for url in asked if qr in url.partition("#")[0]]


def test_live_plays_with_its_recorded_time_and_the_households_name_over_it(phone: Phone) -> None:
    phone.open_camera()
    page = phone.page
    first, frames = page.evaluate(AT), page.evaluate(FRAMES)
    page.wait_for_timeout(2000)
    assert page.evaluate(AT) > first + 1
    assert page.evaluate(FRAMES) > frames > 0
    assert -2 < shown_seconds_ago(page) < 15
    expect(page.locator("[data-mode-words]")).to_have_text("TRỰC TIẾP")
    expect(page.locator(".stamp-who")).to_have_text(phone.code["household"]["name"])


def test_a_link_with_another_code_swaps_nobody_without_a_tap(phone: Phone, product: Product, leader: Leader) -> None:
    page, mine = phone.page, phone.code["household"]["name"]
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/sessions/") else None)
    other = leader.issue_code(number=2)
    page.goto(f"{product.base}/join#{other['qr']}")
    question = page.get_by_role("dialog")
    expect(question.get_by_role("heading")).to_have_text(f"Dùng mã này thay cho “{mine}”?")
    assert other["qr"] not in page.url
    expect_usable(page)
    page.get_by_role("link", name="Giữ như cũ").click()
    page.wait_for_url("**/cameras/")
    page.goto(f"{product.base}/join")
    page.evaluate("code => { location.hash = code; }", other["qr"])  # a second link into the open page
    expect(question.get_by_role("heading")).to_contain_text(mine)
    assert sent == []
    page.get_by_role("button", name="Dùng mã mới").click()
    page.wait_for_url("**/cameras/")
    expect(page.locator(".menu-who")).to_have_text(other["household"]["name"])
    assert other["household"]["name"] != mine
    assert len(sent) == 1


def test_the_grid_is_emptied_too(phone: Phone, leader: Leader) -> None:
    page = phone.page
    expect(page.locator(".cam-link img:visible").first).to_be_visible(timeout=PATIENCE_MS)
    leader.revoke(phone.code)
    expect(page.locator("[data-revoked]")).to_be_visible(timeout=allowed_ms(2))
    expect(page.locator(".cam-link img:visible")).to_have_count(0)


def test_an_old_poster_says_how_old_it_is(phone: Phone) -> None:
    """To a resident too: a picture of ten minutes ago must not pass for the street as it is."""
    page = phone.page
    card = page.locator(".cam-link").first
    expect(card.locator("[data-age]")).to_have_text(re.compile(r"^\d+ giây trước$"), timeout=PATIENCE_MS)

    def older(route: Route) -> None:
        answer = route.fetch()
        taken = formatdate(time.time() - 605, usegmt=True)
        route.fulfill(response=answer, headers={**answer.headers, "last-modified": taken})

    page.route("**/poster/*.jpg", older)
    expect(card.locator("[data-age]")).to_have_text("Hình từ 10 phút trước", timeout=PATIENCE_MS)
    page.unroute_all(behavior="ignoreErrors")


def test_before_a_dead_camera_one_view_stays_open_and_shows_when_it_comes_back(phone: Phone) -> None:
    page = phone.page
    opened, tried = [], []
    page.on("request", lambda request: opened.append(request.url) if request.url.endswith("/live/") else None)

    def dead(route: Route) -> None:
        tried.append(route.request.url)
        route.fulfill(status=503, headers={"Retry-After": "2"}, json={"code": "no_picture", "title": "-"})

    page.route("**/live.m3u8", dead)
    page.locator(".cam-link").first.click()
    expect(page.locator("[data-cover]")).to_contain_text("Lúc này chưa có hình", timeout=PATIENCE_MS)
    before = len(tried)
    page.wait_for_timeout(7000)  # it tries again after 2, 4, then 8 seconds
    assert len(tried) > before
    assert len(opened) == 1
    page.unroute_all(behavior="ignoreErrors")
    page.wait_for_function(PLAYING, timeout=PATIENCE_MS)
    expect(page.locator("[data-cover]")).to_be_hidden()
    assert len(opened) == 1


def test_a_lost_connection_is_said_and_heals_by_itself(watching: Page) -> None:
    watching.context.set_offline(True)
    expect(watching.locator("[data-cover]")).to_contain_text("Mất kết nối", timeout=allowed_ms(5))
    watching.context.set_offline(False)
    expect(watching.locator("[data-cover]")).to_be_hidden(timeout=PATIENCE_MS)
    watching.wait_for_function(PLAYING)
    expect(watching.locator("[data-mode-words]")).to_have_text("TRỰC TIẾP", timeout=PATIENCE_MS)


def test_full_screen_keeps_name_and_time_over_the_picture(watching: Page) -> None:
    watching.get_by_role("button", name="Toàn màn hình").click()
    watching.wait_for_function("() => document.fullscreenElement?.matches('[data-stage]')")
    for part in (".mark", ".stamp", "[data-time]"):
        assert watching.evaluate(f"document.fullscreenElement.contains(document.querySelector('{part}'))")
    watching.keyboard.press("Escape")


def test_a_moment_is_kept_and_its_clip_plays_until_the_camera_shows_nothing(
    watching: Page, product: Product, leader: Leader
) -> None:
    product.wait_for_footage(20)
    watching.get_by_role("button", name="Giữ lại đoạn này").click()
    expect(watching.locator("[data-kept-words]")).to_have_text(re.compile("Đã giữ"), timeout=PATIENCE_MS)
    expect(watching.locator("[data-kept-poster]")).to_be_visible()
    watching.get_by_role("button", name="Phát đoạn này").click()
    watching.wait_for_function("() => document.querySelector('.kept video')?.currentTime > 0.5", timeout=PATIENCE_MS)
    camera = watching.url.rstrip("/").rpartition("/")[2]
    leader.call("PATCH", f"/cameras/{camera}/", {"private_hours": ALWAYS})
    try:
        watching.wait_for_function("() => !document.querySelector('.kept video')", timeout=allowed_ms(2))
        expect(watching.locator("[data-kept-poster]")).to_be_hidden()
        expect(watching.locator("[data-kept-words]")).to_contain_text("riêng tư")
    finally:
        leader.call("PATCH", f"/cameras/{camera}/", {"private_hours": []})


def test_the_arrow_keys_go_back_in_time_and_live_comes_back(phone: Phone, product: Product) -> None:
    product.wait_for_footage(45)
    phone.open_camera()
    page = phone.page
    slider = page.get_by_role("slider", name="Xem lại")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-mode-words]")).to_have_text("XEM LẠI", timeout=PATIENCE_MS)
    page.wait_for_function(PLAYING)
    first = page.evaluate(AT)
    page.wait_for_timeout(1500)
    assert page.evaluate(AT) > first
    assert 20 < shown_seconds_ago(page) < 60
    assert "giây" in slider.get_attribute("aria-valuetext") or slider.get_attribute("aria-valuetext")
    page.get_by_role("button", name="Trực tiếp").click()
    expect(page.locator("[data-mode-words]")).to_have_text("TRỰC TIẾP", timeout=PATIENCE_MS)
    assert shown_seconds_ago(page) < 15


def test_a_tap_on_the_bar_plays_that_time(phone: Phone, product: Product) -> None:
    product.wait_for_footage(60)
    phone.open_camera()
    page = phone.page
    page.get_by_role("button", name="1 giờ").click()
    box = page.locator("[data-slider]").bounding_box()
    page.mouse.click(box["x"] + box["width"] * (1 - 45 / 3600), box["y"] + 25)
    expect(page.locator("[data-mode-words]")).to_have_text("XEM LẠI", timeout=PATIENCE_MS)
    page.wait_for_function(PLAYING)
    assert 20 < shown_seconds_ago(page) < 75
