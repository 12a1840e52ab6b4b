"""A street with phones on, for tests of alerts: An, a neighbour and the leader, each at a screen."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.people import Leader, Phone
from tests.e2e.product import Product
from tests.pace import PATIENCE_MS

NOTE_CARDS = """() => {
  window.cardsAt = {};
  const look = () => {
    const cards = document.querySelectorAll('[data-alerts] [data-alert]');
    for (const card of cards) window.cardsAt[card.dataset.alert] ??= Date.now();
  };
  look();
  new MutationObserver(look).observe(document.querySelector('[data-alerts]'), {childList: true, subtree: true});
}"""


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


def connected(page: Page) -> None:
    expect(page.locator("[data-line]")).to_have_text("Đã kết nối", timeout=PATIENCE_MS)


def raise_by_hand(page: Page, name: str) -> None:
    page.get_by_role("link", name="Báo động").click()
    page.get_by_role("button", name=name).click()


def say_more(page: Page, text: str, answer: str = "Đã gửi lời nhắn.") -> None:
    page.get_by_label("Nói thêm, nếu muốn").fill(text)
    page.get_by_role("button", name="Gửi lời nhắn").click()
    expect(page.locator("[data-raise-said]")).to_contain_text(answer)


def card(page: Page, alert_id: str) -> Any:
    return page.locator(f'[data-alert="{alert_id}"]')
