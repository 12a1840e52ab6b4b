"""What a resident does on a phone and a leader at a desk, in a real browser."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.request import Request, urlopen

from playwright.sync_api import Browser, Page, expect

from tests.e2e.product import Product
from tests.pace import PATIENCE_MS

PLAYING = (
    "() => { const v = document.querySelector('[data-slot] video'); return v && v.currentTime > 0.3 && !v.paused; }"
)
WATCH_POLICY = """window.policy = [];
addEventListener('securitypolicyviolation', (e) => window.policy.push(e.violatedDirective + ' ' + e.blockedURI));"""
FETCH = """async ([method, path, body]) => {
  const csrf = document.cookie.match(/csrftoken=([^;]+)/)[1];
  const headers = {'Content-Type': 'application/json', 'X-CSRFToken': csrf};
  const answer = await fetch(path, {method, headers, body: body && JSON.stringify(body)});
  return [answer.status, answer.status === 204 ? null : await answer.json()];
}"""
NAMELESS = """() => [...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), select, summary, [role=slider]')]
  .filter((e) => e.checkVisibility({visibilityProperty: true}))
  .filter((e) => !(e.getAttribute('aria-label') || e.innerText?.trim() || e.labels?.length
    || e.getAttribute('aria-labelledby')?.split(' ').every((id) => document.getElementById(id)?.innerText)))
  .map((e) => e.outerHTML.slice(0, 120))"""
SMALL = """() => [...document.querySelectorAll(
  'main button, main a.button, main .row-link, main input, summary, .tabs a')]
  .filter((e) => e.checkVisibility({visibilityProperty: true})).filter((e) => e.getBoundingClientRect().height < 48)
  .map((e) => e.outerHTML.slice(0, 120))"""
STARTED = "() => [...document.querySelectorAll('[x-data]')].every((one) => one._x_dataStack)"
ANSWERED = re.compile(
    r"Failed to load resource: .* status of (400|401|403|404|409|410|429|503)\b"
    r"|net::ERR_(INTERNET_DISCONNECTED|CONNECTION_RESET)"
)
"""Chromium writes every refused request on the console, and every stream that was cut off in the middle, as a view that
has ended is; which answers are right is asked elsewhere."""


ALWAYS = [
    {"days": list(range(7)), "from": "00:00", "to": "12:00"},
    {"days": list(range(7)), "from": "12:00", "to": "00:00"},
]
"""Private hours that never end."""


@dataclass
class Phone:
    page: Page
    said: list[str] = field(default_factory=list)
    code: dict[str, Any] = field(default_factory=dict)

    def complaints(self) -> list[str]:
        """Content-policy violations, uncaught errors and console errors of this phone."""
        policy = [] if self.page.is_closed() else self.page.evaluate("window.policy || []")
        return [*self.said, *policy]

    def join(self, product: Product, code: str) -> None:
        self.page.goto(f"{product.base}/join")
        self.page.get_by_label("Mã", exact=True).fill(code)
        self.page.get_by_role("button", name="Mở camera").click()
        self.page.wait_for_url("**/cameras/")

    def open_camera(self, number: int = 0) -> None:
        self.page.locator(".cam-link").nth(number).click()
        self.page.wait_for_url("**/cameras/*/")
        self.page.wait_for_function(PLAYING, timeout=PATIENCE_MS)


def phone_page(browser: Browser, width: int, height: int, *, scale: int = 1) -> Phone:
    """``scale`` 2 for pictures that people look at: drawing four times the pixels is half the work of a test."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=scale, has_touch=width < 700, locale="vi-VN"
    )
    context.set_default_timeout(PATIENCE_MS)
    phone = Phone(context.new_page())
    phone.page.add_init_script(WATCH_POLICY)
    phone.page.on("pageerror", lambda error: phone.said.append(f"uncaught: {error}"))
    phone.page.on(
        "console",
        lambda message: (
            phone.said.append(f"{message.type}: {message.text}")
            if message.type == "error" and not ANSWERED.search(message.text)
            else None
        ),
    )
    return phone


def sign_in(page: Page, product: Product, username: str) -> None:
    """Password and second step of somebody of the demonstration's staff; the caller waits for where that leads."""
    page.goto(f"{product.base}/staff")
    page.get_by_label("Tên đăng nhập").fill(username)
    page.get_by_label("Mật khẩu").fill(product.passwords[username])
    page.get_by_role("button", name="Đăng nhập").click()
    page.get_by_label("6 số trong ứng dụng").fill(product.keys[username].fresh())
    page.get_by_role("button", name="Tiếp tục").first.click()


@dataclass
class Leader:
    page: Page
    product: Product

    def sign_in(self) -> None:
        sign_in(self.page, self.product, self.product.leader[0])
        self.page.wait_for_url("**/cameras/")

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The API with the leader's cookie, as the page's scripts call it."""
        status, answer = self.page.evaluate(FETCH, [method, f"/api/v1{path}", body])
        assert status < 300, (path, status, answer)
        return answer

    def issue_code(self, slots: int = 2, number: int = 1) -> dict[str, Any]:
        """A fresh code for phones of one household of the list, the second unless told."""
        household = self.call("GET", "/households/")["results"][number]
        issued = self.call("POST", "/codes/", {"household": household["id"], "slots": slots})
        return {"id": issued["code"]["id"], "typed": issued["typed"], "qr": issued["qr"], "household": household}

    def revoke(self, code: dict[str, Any]) -> None:
        self.call("POST", f"/codes/{code['id']}/revoke/", {})


class Teller:
    """A household whose phone is an app: it raises over the API, so that no browser has to start for it."""

    def __init__(self, product: Product, code: str) -> None:
        self.product, self.token = product, ""
        self.token = self._call("/sessions/", {"code": code, "device_name": "Máy"})["token"]

    def tell(self, category: str, **facts: object) -> dict[str, Any]:
        return self._call("/alerts/", {"category": category, **facts})

    def _call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = Request(f"{self.product.base}/api/v1{path}", json.dumps(body).encode(), headers)  # noqa: S310  (ours)
        with urlopen(request, timeout=10) as answer:  # noqa: S310  (our own address)
            found: dict[str, Any] = json.load(answer)
        return found


def shown_seconds_ago(page: Page) -> float:
    """How far behind the present the time laid over the picture is."""
    stamp = page.locator("[data-time]")
    expect(stamp).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
    return float(page.evaluate("(Date.now() - Date.parse(document.querySelector('[data-time]').dateTime)) / 1000"))


def started(page: Page) -> None:
    """Its small components live: on a busy machine a click may come before them, and does nothing."""
    page.wait_for_function(STARTED)


def expect_usable(page: Page) -> None:
    """Every control has a name and a size for a finger; the page has one heading and fits its width."""
    started(page)
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(SMALL) == []
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
