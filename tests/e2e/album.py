"""What every picture of a page is taken with (``tests/e2e/screenshots.py``)."""

from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page

from backend.lib.config import ROOT
from tests.e2e.people import Leader
from tests.e2e.product import Product

FOLDER = ROOT / "docs" / "screenshots"
SIZES = {"phone": (390, 844), "desk": (1280, 850)}


class Album:
    """Phones, desks and what was taken of their screens; ``leader`` is signed in."""

    def __init__(self, browser: Browser, product: Product, leader: Leader) -> None:
        self.browser, self.product, self.leader = browser, product, leader

    def page(self, size: str, *, dark: bool = False, leader: bool = False) -> Page:
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=1.5 if size == "phone" else 1,
            color_scheme="dark" if dark else "light",
            has_touch=size == "phone",
            locale="vi-VN",
            storage_state=self.leader.page.context.storage_state() if leader else None,
        )
        return context.new_page()

    def take(self, page: Page, name: str, *, whole: bool = False) -> None:
        """``whole``: the window is made as high as the page, so that what sticks to its edges stays there."""
        size = page.viewport_size
        if whole:
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})
            page.evaluate("scrollTo(0, 0)")
        page.wait_for_timeout(400)
        path = FOLDER / f"{name}.png"
        page.screenshot(path=path)
        with Image.open(path) as picture:
            picture.convert("RGB").quantize(192).save(path, optimize=True)
        page.set_viewport_size(size)
        print(name, flush=True)

    def join(self, page: Page, code: dict[str, Any] | None = None) -> None:
        page.goto(f"{self.product.base}/join")
        page.locator("#code").fill((code or self.leader.issue_code())["typed"])
        page.locator("[data-join] button").click()
        page.wait_for_url("**/cameras/")

    @property
    def place(self) -> str:
        """The neighborhood's code, as it stands in the open book's address."""
        code: str = self.leader.call("GET", "/neighborhoods/")["results"][0]["code"]
        return code
