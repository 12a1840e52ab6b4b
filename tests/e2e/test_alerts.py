"""An alert in real browsers: raised by An in two taps, on the neighbour's and the leader's screens, let out, ended.

What waits for footage stands at the end: by then the moment is on record.
"""

import itertools
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.people import Leader, Phone, Teller, expect_usable, phone_page, sign_in
from tests.e2e.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECOND_MS = 1000
HOUSEHOLDS = itertools.count(22)
NOTE_CARDS = """() => {
  window.cardsAt = {};
  const look = () => {
    const cards = document.querySelectorAll('[data-alerts] [data-alert]');
    for (const card of cards) window.cardsAt[card.dataset.alert] ??= Date.now();
  };
  look();
  new MutationObserver(look).observe(document.querySelector('[data-alerts]'), {childList: true, subtree: true});
}"""
NOTE_TAP = """() => document.addEventListener('click', (event) => {
  if (event.target.closest('[data-category]')) window.tappedAt = Date.now();
}, {capture: true})"""
COUNT_TONES = """const start = AudioScheduledSourceNode.prototype.start;
AudioScheduledSourceNode.prototype.start = function (...when) {
  localStorage.tones = Number(localStorage.tones || 0) + 1;
  return start.apply(this, when);
};"""
TONES_OF_URGENT = 2
SHOWN = "() => [...document.querySelectorAll('[data-alerts] [data-alert]')].map((card) => card.dataset.alert)"
CLIP_PLAYS = "() => [...document.querySelectorAll('[data-clip-slot] video')].some((v) => v.currentTime > 0.3)"
CONTROLLED = "() => navigator.serviceWorker.ready.then(() => Boolean(navigator.serviceWorker.controller))"
FEED_KEPT = "async () => (await (await caches.open('matpho-feed')).keys()).length === 1"
KEPT_NAMES = """async () => (await Promise.all((await caches.keys()).map(
  async (name) => (await (await caches.open(name)).keys()).map((one) => new URL(one.url).pathname)))).flat()"""


@dataclass
class Street:
    """An, a neighbour and the leader, each at a screen."""

    an: Phone
    neighbour: Phone
    leader: Leader
    product: Product

    def go(self, page: Page, path: str) -> None:
        page.goto(self.product.base + path)
        if path != "/cameras/":
            page.evaluate(NOTE_CARDS)
        connected(page)

    def alerts(self) -> list[dict[str, Any]]:
        return self.leader.call("GET", "/alerts/")["results"]


def seen_by(street: Street, alert_id: str, households: int) -> None:
    until = time.monotonic() + 10
    while street.leader.call("GET", f"/alerts/{alert_id}/reach/")["seen"] < households:
        assert time.monotonic() < until, "nobody is noted to have seen it"
        time.sleep(0.1)


def connected(page: Page) -> None:
    expect(page.locator("[data-line]")).to_have_text("Đã kết nối", timeout=10_000)


def raise_by_hand(page: Page, name: str) -> None:
    page.get_by_role("link", name="Báo động").click()
    page.get_by_role("button", name=name).click()


def say_more(page: Page, text: str, answer: str = "Đã gửi lời nhắn.") -> None:
    page.get_by_label("Nói thêm, nếu muốn").fill(text)
    page.get_by_role("button", name="Gửi lời nhắn").click()
    expect(page.locator("[data-raise-said]")).to_contain_text(answer)


def card(page: Page, alert_id: str) -> Any:
    return page.locator(f'[data-alert="{alert_id}"]')


@pytest.fixture(scope="module")
def open_household(browser: Browser, product: Product, leader: Leader) -> Iterator[Callable[..., Phone]]:
    """Phones of households of their own; at the end none may have complained."""
    phones: list[Phone] = []

    def open_one(number: int) -> Phone:
        phone = phone_page(browser, 390, 844)
        phone.code = leader.issue_code(number=number)
        phone.join(product, phone.code["typed"])
        phones.append(phone)
        return phone

    yield open_one
    complaints = [complaint for phone in phones for complaint in phone.complaints()]
    for phone in phones:
        phone.page.context.close()
    assert complaints == []


@pytest.fixture
def teller(product: Product, leader: Leader) -> Teller:
    """Another household each time, for nobody may raise many."""
    return Teller(product, leader.issue_code(number=next(HOUSEHOLDS))["typed"])


@pytest.fixture(scope="module")
def street(open_household: Callable[..., Phone], product: Product, leader: Leader) -> Iterator[Street]:
    yield Street(open_household(20), open_household(21), leader, product)
    leader.page.goto(f"{product.base}/leader/")


@pytest.fixture(scope="module")
def raised(street: Street) -> dict[str, Any]:
    """An has raised theft from the page of a camera, in two taps; words follow."""
    street.go(street.neighbour.page, "/alerts/")
    street.go(street.leader.page, "/leader/alerts/")
    page = street.an.page
    page.locator(".cam-link", has_text="Đầu ngõ 12").click()
    page.wait_for_url("**/cameras/*/")
    connected(page)
    page.evaluate(NOTE_TAP)
    page.get_by_role("link", name="Báo động").click()
    expect(page.get_by_label("Ở đâu")).to_have_value(re.compile("[0-9a-f-]{36}"))
    page.get_by_role("button", name="Trộm cắp").click()
    expect(page.get_by_role("heading", name="Đã báo: Trộm cắp · Đầu ngõ 12")).to_be_visible()
    expect(page.get_by_text("Tổ trưởng đọc trước")).to_be_visible()
    say_more(page, "Xe máy màu xanh, chạy về phía chợ")
    page.get_by_role("button", name="Xong").click()
    return street.alerts()[0]


def test_raised_in_two_taps_it_is_on_the_neighbours_screen_within_a_second(
    street: Street, raised: dict[str, Any]
) -> None:
    alert_id = raised["id"]
    tapped = street.an.page.evaluate("window.tappedAt")
    for who, page in (("neighbour", street.neighbour.page), ("leader", street.leader.page)):
        expect(card(page, alert_id)).to_be_visible()
        took = page.evaluate("(id) => window.cardsAt[id]", alert_id) - tapped
        print(f"from An's tap to the {who}'s screen: {took:.0f} ms")
        assert took < SECOND_MS
    shown = card(street.neighbour.page, alert_id)
    expect(shown).to_contain_text("Trộm cắp")
    expect(shown).to_contain_text("Đầu ngõ 12")
    expect(shown).to_contain_text("Chưa có người nhận")
    assert street.alerts()[0]["reports"] == 1, "one household is one voice, whatever it says later"


def test_the_leader_reads_the_words_and_who_said_them_and_nobody_else_does(
    street: Street, raised: dict[str, Any]
) -> None:
    at_desk = card(street.leader.page, raised["id"])
    expect(at_desk).to_contain_text("Xe máy màu xanh")
    expect(at_desk).to_contain_text(street.an.code["household"]["name"])
    expect(at_desk.locator('[data-a="reach"]')).to_contain_text(re.compile(r"Đã tới \d+ trên \d+ hộ"), timeout=8000)
    neighbours = card(street.neighbour.page, raised["id"])
    expect(neighbours).to_contain_text("đang chờ tổ trưởng duyệt")
    assert "Xe máy" not in street.neighbour.page.content()
    assert street.an.code["household"]["name"] not in street.neighbour.page.content()


def test_words_after_the_two_taps_are_let_out_by_the_leader(street: Street, raised: dict[str, Any]) -> None:
    at_desk, neighbours = card(street.leader.page, raised["id"]), card(street.neighbour.page, raised["id"])
    at_desk.get_by_role("button", name="Cho mọi người xem").click()
    at_desk.get_by_role("button", name="Lời nhắn", exact=True).click()
    expect(neighbours.locator('[data-a="text"]')).to_have_text("Xe máy màu xanh, chạy về phía chợ")


def test_words_about_a_fire_are_everybodys_at_once(street: Street) -> None:
    page = street.an.page
    raise_by_hand(page, "Cháy, nổ")
    expect(page.get_by_text("Mọi người đọc được ngay.")).to_be_visible()
    fire = street.alerts()[0]
    assert (fire["category"], fire["text"]) == ("fire", "")
    say_more(page, "Bếp nhà số 12")
    expect(card(street.neighbour.page, fire["id"]).locator('[data-a="text"]')).to_have_text("Bếp nhà số 12")
    expect(page.get_by_text("Mọi người đọc được ngay.")).to_be_hidden()  # what is said now is the leader's to read
    page.get_by_role("button", name="Xong").click()
    told = street.alerts()[0]
    assert (told["id"], told["reports"], told["joined"]) == (fire["id"], 1, [])


def test_taken_let_out_and_ended_show_on_the_neighbours_screen(street: Street, teller: Teller) -> None:
    alert = teller.tell("disorder", text="Đông người trước quán")
    at_desk, neighbours = card(street.leader.page, alert["id"]), card(street.neighbour.page, alert["id"])
    at_desk.get_by_role("button", name="Tôi nhận việc này").click()
    expect(neighbours).to_contain_text("Đã có người lo")
    at_desk.get_by_role("button", name="Cho mọi người xem").click()
    expect(neighbours.locator('[data-a="text"]')).to_be_hidden()  # the first tap asks
    at_desk.get_by_role("button", name="Lời nhắn", exact=True).click()
    expect(neighbours.locator('[data-a="text"]')).to_have_text("Đông người trước quán")
    at_desk.get_by_role("button", name="Đã xong").click()
    at_desk.get_by_role("button", name="Đúng việc").click()
    expect(neighbours).to_contain_text("Đã xong: đúng việc")
    expect(at_desk.get_by_role("button")).to_have_count(0)
    street.neighbour.page.get_by_role("button", name="Đang diễn ra").click()
    expect(neighbours).to_be_hidden()
    street.neighbour.page.get_by_role("button", name="Tất cả").click()
    expect(neighbours).to_be_visible()


def test_withdrawn_takes_the_words_back_and_says_why(street: Street, teller: Teller) -> None:
    alert = teller.tell("flood", text="Nước lên tới cửa")
    at_desk, neighbours = card(street.leader.page, alert["id"]), card(street.neighbour.page, alert["id"])
    expect(neighbours).to_contain_text("Nước lên tới cửa")  # flood: the words are everybody's at once
    at_desk.get_by_role("button", name="Rút lại").click()
    at_desk.get_by_role("button", name="Đúng, rút lại").click()
    expect(at_desk.get_by_role("alert")).not_to_be_empty()  # a reason is missing
    at_desk.get_by_label("Vì sao rút lại?").fill("Nhầm ngõ")
    at_desk.get_by_role("button", name="Đúng, rút lại").click()
    expect(neighbours).to_contain_text("Đã rút lại: Nhầm ngõ")
    expect(neighbours).not_to_contain_text("Nước lên")


def test_elsewhere_a_toast_and_a_count_tell_of_it_once_and_looking_empties_them(street: Street, teller: Teller) -> None:
    page = street.neighbour.page
    street.go(page, "/alerts/")
    expect(page.locator("[data-unseen-count]")).to_be_hidden()
    street.go(page, "/cameras/")
    alert = teller.tell("accident")
    toast = page.locator("[data-toast]")
    expect(toast).to_contain_text("Tai nạn giao thông")
    expect(page.locator("[data-unseen-count]").first).to_contain_text("1")
    assert page.title().startswith("(1) ")
    toast.get_by_role("link", name="Xem").click()
    page.wait_for_url(f"**/alerts/#{alert['id']}")
    expect(card(page, alert["id"])).to_be_in_viewport()
    expect(page.locator("[data-unseen-count]")).to_be_hidden()
    seen_by(street, alert["id"], 1)  # noted a moment later: a page drawn before still counts it
    street.go(page, "/cameras/")
    expect(page.locator("[data-unseen-count]")).to_be_hidden()


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
    expect(page.get_by_role("heading", name="Đã báo: Lũ, bão")).to_be_visible(timeout=8000)
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


def test_settings_are_saved_as_they_are_chosen(street: Street) -> None:
    page = street.neighbour.page
    page.goto(f"{street.product.base}/alerts/settings")
    expect_usable(page)
    with page.expect_response("**/api/v1/me/notifications/"):
        page.get_by_label("Không reo trong những giờ này").check()
    page.get_by_label("Cổng trường").uncheck()
    expect(page.get_by_text("Đã lưu.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Không reo trong những giờ này")).to_be_checked()
    expect(page.get_by_label("Từ")).to_have_value("22:00")
    expect(page.get_by_label("Cổng trường")).not_to_be_checked()
    expect(page.locator("[data-push-said]")).to_have_text("Người vận hành chưa bật.")
    page.get_by_role("button", name="Nghe thử").click()


def test_a_phone_with_two_tabs_rings_once_and_never_for_its_own(street: Street, teller: Teller) -> None:
    context = street.an.page.context
    context.add_init_script(COUNT_TONES)
    tabs = [street.an.page, context.new_page()]
    for page in tabs:
        street.go(page, "/cameras/")
        page.get_by_role("heading", level=1).click()  # a page may sound only after it was touched
    alert = teller.tell("disorder")
    expect(tabs[0].locator(f'[data-toast="{alert["id"]}"]')).to_be_visible()
    tabs[0].wait_for_function("() => Number(localStorage.tones) > 0")
    tabs[0].get_by_role("link", name="Báo động").click()
    tabs[0].get_by_role("button", name="Trộm cắp").click()
    expect(tabs[0].locator("[data-step='sent']")).to_be_visible()
    tabs[0].get_by_role("button", name="Xong").click()
    tabs[0].wait_for_timeout(500)
    assert tabs[0].evaluate("Number(localStorage.tones)") == TONES_OF_URGENT
    tabs[1].close()


def test_where_no_socket_gets_through_it_asks_every_few_seconds(street: Street, teller: Teller) -> None:
    page = street.an.page.context.new_page()
    page.add_init_script("window.WebSocket = class { constructor() { throw new Error('no'); } }")
    street.go(page, "/alerts/")
    alert = teller.tell("accident")
    expect(card(page, alert["id"])).to_be_visible(timeout=8000)
    page.close()


def test_the_officer_tells_the_whole_ward_in_two_taps(street: Street, browser: Browser, product: Product) -> None:
    officer = phone_page(browser, 390, 844)
    page = officer.page
    sign_in(page, product, "dung")
    page.wait_for_url("**/leader/alerts/")
    connected(page)
    page.locator("summary", has_text="Báo cho cả phường").click()
    page.get_by_label("Lời báo").fill("Có kẻ giả công an gọi điện đòi chuyển tiền: hãy cúp máy.")
    page.get_by_role("button", name="Báo cho cả phường").click()
    expect_usable(page)
    page.get_by_role("button", name="Đúng, báo đi").click()
    told = street.neighbour.page.locator("[data-toast]", has_text="Cảnh báo lừa đảo qua mạng")
    expect(told).to_contain_text("Cả phường")
    assert officer.complaints() == []
    page.context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_feed_and_sheet_are_usable(street: Street, width: int, raised: dict[str, Any]) -> None:
    page = street.an.page
    page.set_viewport_size({"width": width, "height": 844})
    street.go(page, "/alerts/")
    expect_usable(page)
    page.get_by_role("link", name="Báo động").click()
    expect(page.get_by_role("dialog", name="Có chuyện gì?")).to_be_visible()
    expect(page.get_by_role("heading", name="Có chuyện gì?")).to_be_focused()
    expect_usable(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_console_is_usable(street: Street, width: int, raised: dict[str, Any]) -> None:
    page = street.leader.page
    page.set_viewport_size({"width": width, "height": 850})
    street.go(page, "/leader/alerts/")
    for name in ("Cho mọi người xem", "Đã xong", "Rút lại"):
        card(page, raised["id"]).get_by_role("button", name=name).click()
        expect_usable(page)
    page.set_viewport_size({"width": 1280, "height": 850})


def test_the_moment_is_on_record_and_plays_for_the_neighbour_once_it_is_let_out(
    street: Street, raised: dict[str, Any]
) -> None:
    street.go(street.leader.page, "/leader/alerts/")
    street.go(street.neighbour.page, "/alerts/")
    at_desk, neighbours = card(street.leader.page, raised["id"]), card(street.neighbour.page, raised["id"])
    expect(at_desk.get_by_role("button", name="Phát đoạn này")).to_be_visible(timeout=40_000)
    expect(neighbours).to_contain_text("Hình đang chờ tổ trưởng duyệt.")
    at_desk.get_by_role("button", name="Cho mọi người xem").click()
    at_desk.get_by_role("button", name="Đoạn hình", exact=True).click()
    neighbours.get_by_role("button", name="Phát đoạn này").click()
    street.neighbour.page.wait_for_function(CLIP_PLAYS, timeout=20_000)
    expect(neighbours.locator(".mark").first).to_contain_text(street.neighbour.code["household"]["name"])


def test_a_phone_that_was_cut_off_sees_that_and_nothing_is_kept_on_it(street: Street, raised: dict[str, Any]) -> None:
    page = street.neighbour.page
    street.go(page, "/alerts/")
    street.leader.revoke(street.neighbour.code)
    revoked = time.monotonic()
    expect(page.get_by_role("alert").filter(has_text="Quyền xem đã bị thu hồi")).to_be_visible(timeout=3000)
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
