"""``make bench-firstframe``: from the tap on a camera to its first live frame, on a phone with a slow line and a slow
processor.

The whole product runs as ``make run`` does it; Chromium pretends to be a phone: 4 Mbit/s down, 1 Mbit/s up, 150 ms
round trip, a processor four times slower. The clock starts at the tap's click and stops at
``requestVideoFrameCallback`` of a video that stands in the page: posters do not count. Below the figures, the requests
of the slowest tap, without the names of the views.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench.report import Report, median
from tests.e2e.people import Leader, phone_page
from tests.e2e.product import BROWSER_ARGS, CHROMIUM, Product

COLUMNS = [
    ("tap", "tap", "d"), ("seconds", "first frame s", ".2f"), ("requests", "requests", "d"), ("kb", "kB", ".0f"),
]  # fmt: skip
LIMIT_S = 1.5
LINE = {"offline": False, "latency": 150, "downloadThroughput": 4e6 / 8, "uploadThroughput": 1e6 / 8}
SLOWER = 4
WATCH_CLOCK = """(() => {
  addEventListener('click', () => { window.tappedAt = performance.now(); window.marks = {}; }, true);
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    const seen = (now) => {
      if (!this.isConnected) this.requestVideoFrameCallback(seen);
      else window.shownAfter ??= (performance.now() - window.tappedAt) / 1000;
    };
    this.requestVideoFrameCallback(seen);
    return play.call(this);
  };
})()"""
STEPS = """() => performance.getEntriesByType('resource').filter((e) => e.startTime > window.tappedAt - 5)
  .map((e) => [
    e.name.replace(/.*\\/(api|hls|cameras|static)\\//, '$1/').replace(/^hls\\/[^/]+/, 'hls/…')
      .replace(/[0-9a-f-]{36}/g, '…').slice(0, 60),
    Math.round(e.startTime - window.tappedAt), Math.round(e.responseEnd - window.tappedAt), e.transferSize])"""


@dataclass(frozen=True, slots=True)
class Step:
    """One request on the way, milliseconds after the tap."""

    name: str
    start_ms: int
    end_ms: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Tap:
    seconds: float
    steps: list[Step]


def phone_profile(page: Page) -> None:
    cdp = page.context.new_cdp_session(page)
    cdp.send("Network.enable")
    cdp.send("Network.emulateNetworkConditions", LINE)
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def tap(page: Page, product: Product, number: int) -> Tap:
    page.goto(f"{product.base}/cameras/")
    card = page.locator(".cam-link").nth(number)
    card.locator("img:visible").wait_for()
    page.wait_for_timeout(2500)
    card.tap()
    page.wait_for_function("() => window.shownAfter", timeout=20_000)
    steps = [Step(*facts) for facts in page.evaluate(STEPS)]
    return Tap(float(page.evaluate("window.shownAfter")), steps)


def measure(browser: Browser, product: Product, taps: int, report: Report) -> list[Tap]:
    leader = Leader(browser.new_page(), product)
    leader.sign_in()
    phone = phone_page(browser, 390, 844, scale=2)
    phone.page.add_init_script(WATCH_CLOCK)
    phone.join(product, leader.issue_code()["typed"])
    leader.page.goto("about:blank")  # a leader's browser takes no time from the phone's
    phone_profile(phone.page)
    found = []
    for number in range(taps):
        one = tap(phone.page, product, number % 8)
        found.append(one)
        sent = sum(step.bytes for step in one.steps)
        report.row(tap=number + 1, seconds=one.seconds, requests=len(one.steps), kb=sent / 1000)
        print(f"tap {number + 1} of {taps}: {one.seconds:.2f} s", file=sys.stderr, flush=True)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.firstframe", description="From the tap to the first live frame")
    parser.add_argument("--taps", type=int, default=9)
    options = parser.parse_args()
    report = Report("firstframe", COLUMNS)
    with tempfile.TemporaryDirectory(prefix="matpho-firstframe-") as folder:
        product = Product(Path(folder))
        try:
            product.wait_for_footage(15)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_ARGS)
                found = measure(browser, product, options.taps, report)
                browser.close()
        finally:
            product.stop()
    slowest = max(found, key=lambda one: one.seconds)
    middle = median([one.seconds for one in found])
    report.check("median seconds from the tap to the first frame", middle, LIMIT_S, at_most=True)
    report.note(f"the slowest tap took {slowest.seconds:.2f} s:")
    for step in slowest.steps:
        report.note(f"{step.start_ms:5} → {step.end_ms:5} ms  {step.bytes:7} B  {step.name}")
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
