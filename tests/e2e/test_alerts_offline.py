"""Alerts on a phone without a line: what waits is sent once, what was missed is caught up; and what a phone keeps of it
is gone when its access is."""

import re
import time

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.people import Teller
from tests.e2e.street import Street, card, connected, raise_by_hand, say_more
from tests.pace import PATIENCE_MS, allowed_ms

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOWN = "() => [...document.querySelectorAll('[data-alerts] [data-alert]')].map((card) => card.dataset.alert)"
CONTROLLED = "() => navigator.serviceWorker.ready.then(() => Boolean(navigator.serviceWorker.controller))"
FEED_KEPT = "async () => (await (await caches.open('matpho-feed')).keys()).length === 1"
KEPT_NAMES = """async () => (await Promise.all((await caches.keys()).map(
  async (name) => (await (await caches.open(name)).keys()).map((one) => new URL(one.url).pathname)))).flat()"""


def test_raised_without_a_line_it_waits_and_is_sent_once(street: Street) -> None:
    page = street.an.page
    street.go(page, "/alerts/")
    before = {alert["id"] for alert in street.alerts()}
    page.context.set_offline(True)
    expect(page.locator("[data-line]")).to_have_text("Mất kết nối")
    page.get_by_role("link", name="Báo động").click()
    page.get_by_role("button", name="Cổng trường").click()
    expect(page.get_by_role("heading", name="Chưa gửi được: mất kết nối")).to_be_visible()
    say_more(page, "Kẹt xe", "Máy giữ lại")
    page.get_by_role("button", name="Xong").click()
    page.evaluate(
        "['alerts', 'device'].forEach((name) => localStorage.removeItem(`matpho:${name}`))"
    )  # a street worker's
    page.reload()  # what waits outlives the page
    expect(page.locator("[data-waiting]")).to_contain_text("chờ mạng")
    assert {alert["id"] for alert in street.alerts()} == before
    page.context.set_offline(False)
    expect(page.locator("[data-waiting]")).to_contain_text("Đã gửi: Cổng trường")
    connected(page)
    page.reload()
    connected(page)
    fresh = [alert for alert in street.alerts() if alert["id"] not in before]
    assert [(alert["category"], alert["text"], alert["reports"], alert["joined"]) for alert in fresh] == [
        ("school_gate", "Kẹt xe", 1, [])
    ]
    expect(page.locator("[data-waiting]")).to_be_hidden()


def test_what_the_server_cannot_take_yet_is_tried_again_and_sent_once(street: Street) -> None:
    page = street.neighbour.page
    street.go(page, "/alerts/")
    before = {alert["id"] for alert in street.alerts()}
    keys: list[str] = []

    def refuse_twice(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            return route.fulfill(status=429, headers={"Retry-After": "1"}, json={"code": "too_many", "detail": "Từ từ"})
        return route.fulfill(status=503, json={}) if len(keys) == 2 else route.continue_()

    page.route("**/api/v1/alerts/", refuse_twice)
    raise_by_hand(page, "Lũ, bão")
    expect(page.locator("[data-raise-message]")).to_contain_text("Từ từ Máy giữ lại")
    expect(page.locator("[data-waiting]")).to_contain_text("máy sẽ tự gửi lại")
    expect(page.get_by_role("heading", name="Đã báo: Lũ, bão")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Xong").click()
    page.unroute("**/api/v1/alerts/")
    assert len(keys) == 3 and len(set(keys)) == 1
    fresh = [(alert["category"], alert["reports"]) for alert in street.alerts() if alert["id"] not in before]
    assert fresh == [("flood", 1)]
    assert page.evaluate("localStorage.getItem('matpho:waiting')") == "[]"


def test_what_happened_meanwhile_is_caught_up_without_loss_or_doubles(street: Street, teller: Teller) -> None:
    page = street.neighbour.page
    street.go(page, "/alerts/")
    page.context.set_offline(True)
    expect(page.locator("[data-stale]")).to_contain_text("Mất kết nối. Dưới đây là tin lúc")
    told = [teller.tell(category)["id"] for category in ("utility", "missing_person", "snatching")]
    street.leader.call("POST", f"/alerts/{told[1]}/acknowledge/")
    page.context.set_offline(False)
    connected(page)
    for alert_id in told:
        expect(card(page, alert_id)).to_have_count(1)
    expect(card(page, told[1])).to_contain_text("Đã có người lo")
    expect(page.locator("[data-stale]")).to_be_hidden()
    live = page.evaluate(SHOWN)
    street.go(page, "/alerts/")
    assert page.evaluate(SHOWN) == live


def test_without_a_network_it_opens_with_the_last_feed_and_says_how_old_it_is(street: Street) -> None:
    page = street.neighbour.page
    street.go(page, "/alerts/")
    assert page.evaluate(CONTROLLED)
    page.wait_for_function(FEED_KEPT)
    shown = page.evaluate(SHOWN)
    page.context.set_offline(True)
    for path in ("/alerts/", "/"):
        page.goto(street.product.base + path)
        expect(page.locator("[data-line]")).to_have_text("Mất kết nối")
        assert page.evaluate(SHOWN) == shown
        expect(page.locator("[data-stale]")).to_contain_text(re.compile(r"tin lúc \d\d:\d\d"))
    kept = page.evaluate("async () => (await (await caches.open('matpho-feed')).match('/alerts/')).text()")
    assert 'name="csrf" content=""' in kept
    assert not re.search(r'csrfmiddlewaretoken" value="\w', kept)
    names = {name for name in page.evaluate(KEPT_NAMES) if not name.startswith("/static/")}
    assert names == {"/offline", "/alerts/"}
    page.context.set_offline(False)
    connected(page)
    expect(page.locator("[data-stale]")).to_be_hidden()


def test_where_no_socket_gets_through_it_asks_every_few_seconds(street: Street, teller: Teller) -> None:
    page = street.an.page.context.new_page()
    page.add_init_script("window.WebSocket = class { constructor() { throw new Error('no'); } }")
    street.go(page, "/alerts/")
    alert = teller.tell("accident")
    expect(card(page, alert["id"])).to_be_visible(timeout=PATIENCE_MS)
    page.close()


def test_a_phone_that_was_cut_off_sees_that_and_nothing_is_kept_on_it(street: Street, teller: Teller) -> None:
    page = street.neighbour.page
    street.go(page, "/alerts/")
    expect(card(page, teller.tell("utility")["id"])).to_be_visible()
    street.leader.revoke(street.neighbour.code)
    revoked = time.monotonic()
    expect(page.get_by_role("alert").filter(has_text="Quyền xem đã bị thu hồi")).to_be_visible(timeout=allowed_ms(3))
    print(f"cover after {time.monotonic() - revoked:.2f} s")
    assert page.locator("[data-alert]").count() == 0
    page.wait_for_function("async () => !(await caches.has('matpho-feed'))")
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('matpho:'))") == []
    page.goto(f"{street.product.base}/alerts/")
    expect(page.get_by_text("Máy này không còn quyền xem")).to_be_visible()
    page.context.set_offline(True)
    page.goto(f"{street.product.base}/alerts/")
    expect(page.get_by_role("heading", name="Mất kết nối")).to_be_visible()
    page.context.set_offline(False)


def test_who_signs_out_leaves_nothing_on_the_phone(street: Street) -> None:
    page = street.an.page
    street.go(page, "/alerts/")
    page.wait_for_function(FEED_KEPT)
    page.locator(".menu > summary").click()
    page.get_by_role("button", name="Thoát trên máy này").click()
    page.wait_for_url("**/join")
    page.wait_for_function("async () => !(await caches.has('matpho-feed'))")
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('matpho:'))") == []
