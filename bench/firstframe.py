"""How long from the tap on a camera to its first live frame, on a phone with a slow line and a slow processor.

``python -m bench.firstframe [taps]``. The whole product runs as ``make run`` does it; Chromium pretends to be a phone:
4 Mbit/s down, 1 Mbit/s up, 150 ms round trip, a processor four times slower. The clock starts at the tap's click and
stops at ``requestVideoFrameCallback`` of a video that stands in the page: posters do not count.
"""

import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.people import Leader, phone_page
from tests.e2e.product import BROWSER_ARGS, CHROMIUM, Product

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
  .map((e) => [e.name.replace(/.*\\/(api|hls|cameras|static)\\//, '$1/').replace(/[0-9a-f-]{36}/g, '…').slice(0, 60),
    Math.round(e.startTime - window.tappedAt), Math.round(e.responseEnd - window.tappedAt), e.transferSize])"""


def phone_profile(page: Page) -> None:
    cdp = page.context.new_cdp_session(page)
    cdp.send("Network.enable")
    cdp.send("Network.emulateNetworkConditions", LINE)
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def tap(page: Page, product: Product, number: int) -> tuple[float, list[Any]]:
    """Seconds from the tap to the frame, and the requests on the way: name, start, end (ms), bytes."""
    page.goto(f"{product.base}/cameras/")
    card = page.locator(".cam-link").nth(number)
    card.locator("img:visible").wait_for()
    page.wait_for_timeout(2500)
    card.tap()
    page.wait_for_function("() => window.shownAfter", timeout=20_000)
    return float(page.evaluate("window.shownAfter")), page.evaluate(STEPS)


def measure(browser: Browser, product: Product, taps: int) -> list[float]:
    leader = Leader(browser.new_page(), product)
    leader.sign_in()
    phone = phone_page(browser, 390, 844)
    phone.page.add_init_script(WATCH_CLOCK)
    phone.join(product, leader.issue_code()["typed"])
    leader.page.goto("about:blank")  # a leader's browser takes no time from the phone's
    phone_profile(phone.page)
    found = []
    for number in range(taps):
        seconds, steps = tap(phone.page, product, number % 8)
        found.append(seconds)
        print(f"tap {number + 1:2}: {seconds:5.2f} s")
        if number == taps - 1:
            for name, start, end, size in steps:
                print(f"    {start:5} → {end:5} ms  {size:7} B  {name}")
    return found


def main() -> int:
    taps = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory(prefix="matpho-firstframe-") as folder:
        product = Product(Path(folder))
        try:
            product.wait_for_footage(15)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_ARGS)
                found = measure(browser, product, taps)
                browser.close()
        finally:
            product.stop()
    median, worst = statistics.median(found), max(found)
    print(f"first frame after the tap: median {median:.2f} s, worst {worst:.2f} s of {taps} (limit {LIMIT_S} s)")
    figures = {"bench": "firstframe", "median_s": round(median, 3), "worst_s": round(worst, 3), "taps": taps}
    print(json.dumps(figures | {"limit_s": LIMIT_S, "ok": median <= LIMIT_S}))
    return 0 if median <= LIMIT_S else 1


if __name__ == "__main__":
    sys.exit(main())
