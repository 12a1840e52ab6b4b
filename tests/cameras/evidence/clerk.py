"""Somebody with the verifier's page open, in a real browser."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

SHOWN = """(part) => [...document.querySelectorAll(`[data-${part}]:not([hidden]) li`)].map(
  (li) => [li.firstChild.textContent.trim(), li.querySelector('[lang=en]').textContent])"""

FORGET = "() => { document.querySelector('[data-result]').hidden = true }"
"""What is shown from before, or it would be taken for the answer."""


@dataclass
class Clerk:
    """Somebody with a laptop, the page open on it."""

    page: Page
    asked: list[str]

    def choose(self, package: Path, key: str = "") -> str:
        """A folder or a ZIP; gives the outcome that is shown."""
        self.page.locator("#key").fill(key)
        self.page.evaluate(FORGET)
        self.page.locator("[data-folder]" if package.is_dir() else "[data-zip]").set_input_files(package)
        self.page.locator("[data-result]").wait_for()
        return self.outcome()

    def outcome(self) -> str:
        return str(self.page.locator("[data-result]").get_attribute("data-outcome"))

    def drop(self, path: Path) -> str:
        """As if dragged from the desk's folders, by the browser's own means."""
        carried = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
        self.page.evaluate(FORGET)
        session = self.page.context.new_cdp_session(self.page)
        for kind in ("dragEnter", "dragOver", "drop"):
            session.send("Input.dispatchDragEvent", {"type": kind, "x": 50, "y": 50, "data": carried})
        self.page.locator("[data-result]").wait_for()
        return self.outcome()

    def read(self, part: str) -> list[tuple[str, str]]:
        """``faults``, ``notes`` or ``said``: each in Vietnamese and in English."""
        return [(vietnamese, english) for vietnamese, english in self.page.evaluate(SHOWN, part)]

    def english(self, part: str = "faults") -> list[str]:
        return [english for _vietnamese, english in self.read(part)]
