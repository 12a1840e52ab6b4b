"""``make bench-alert``: from the POST of an alert to the screen of somebody else's phone.

The whole product runs as ``make run`` does it, its eight cameras recording. Households raise alerts over the API, each
in a place of its own so that none is joined to another; a neighbour's phone has the feed open in Chromium. The clock
starts before the request is sent and stops in the frame in which the card stands on the neighbour's page. Both read the
same machine's clock. Beside it the time to the answer of the POST itself, which is on the way.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench.report import Report, median
from tests.e2e.people import Leader, Teller, phone_page
from tests.e2e.product import BROWSER_ARGS, CHROMIUM, Product

COLUMNS = [("number", "alert", "d"), ("answer_ms", "answer ms", ".0f"), ("screen_ms", "other screen ms", ".0f")]
LIMIT_MS = 300.0
EACH = 4
"""Alerts of one household: five in ten minutes are allowed."""
PAUSE_S = 0.7
APART_DEG = 0.003
"""Some 330 m: twice what joins two alerts of one kind."""
NOTE_CARDS = """() => {
  window.shownAt = {};
  const look = () => document.querySelectorAll('[data-alerts] [data-alert]').forEach((card) => {
    const id = card.dataset.alert;
    if (id in window.shownAt) return;
    window.shownAt[id] = 0;
    requestAnimationFrame(() => { window.shownAt[id] = Date.now(); });
  });
  look();
  new MutationObserver(look).observe(document.querySelector('[data-alerts]'), {childList: true, subtree: true});
}"""


def raise_one(teller: Teller, page: Page, number: int) -> tuple[float, float]:
    """Milliseconds to the answer, and to the neighbour's screen."""
    place = {"lat": 22.70 + APART_DEG * number, "lon": 104.90}
    began = time.time()
    alert = teller.tell("disorder", location=place)["id"]
    answered = time.time()
    page.wait_for_function("id => window.shownAt[id]", arg=alert, timeout=10_000)
    shown = page.evaluate("id => window.shownAt[id]", alert)
    return (answered - began) * 1000, shown - began * 1000


def measure(browser: Browser, product: Product, count: int, report: Report) -> list[float]:
    leader = Leader(browser.new_page(), product)
    leader.sign_in()
    neighbour = phone_page(browser, 390, 844, scale=2)
    neighbour.join(product, leader.issue_code()["typed"])
    households = range(10, 10 + -(-count // EACH))
    tellers = [Teller(product, leader.issue_code(number=number)["typed"]) for number in households]
    leader.page.goto("about:blank")
    neighbour.page.goto(f"{product.base}/alerts/")
    neighbour.page.locator("[data-line]", has_text="Đã kết nối").wait_for()
    neighbour.page.evaluate(NOTE_CARDS)
    found = []
    for number in range(count):
        answer_ms, screen_ms = raise_one(tellers[number // EACH], neighbour.page, number)
        found.append(screen_ms)
        report.row(number=number + 1, answer_ms=answer_ms, screen_ms=screen_ms)
        time.sleep(PAUSE_S)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.alert", description="From the POST to the other phone's screen")
    parser.add_argument("--alerts", type=int, default=40)
    options = parser.parse_args()
    report = Report("alert", COLUMNS)
    with tempfile.TemporaryDirectory(prefix="matpho-alert-") as folder:
        product = Product(Path(folder))
        try:
            product.wait_for_footage(10)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_ARGS)
                found = sorted(measure(browser, product, options.alerts, report))
                browser.close()
        finally:
            product.stop()
    report.check("POST to the other screen, p95, ms", found[int(0.95 * (len(found) - 1))], LIMIT_MS, at_most=True)
    report.note(f"median {median(found):.0f} ms, longest {found[-1]:.0f} ms")
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
