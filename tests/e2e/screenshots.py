"""Pictures of every page, made from the running product: ``make screenshots``, or ``python -m tests.e2e.screenshots``.

Writes ``docs/screenshots/<phone|desk>-<page>.png``; dark ones of the pages that are used at night.
"""

import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from cameras.demo.street import PASSWORD, USER
from tests.e2e.album import FOLDER, Album
from tests.e2e.album_desk import Desk
from tests.e2e.album_ward import Ward
from tests.e2e.people import ALWAYS, PLAYING, Leader, Teller
from tests.e2e.product import BROWSER_ARGS, CHROMIUM, EmptyProduct, Product, StreetCamera


class Street(Album):
    """The pages of who watches and is alerted, day and night."""

    def entry(self, size: str) -> None:
        page = self.page(size)
        page.goto(f"{self.product.base}/join")
        self.take(page, f"{size}-code")
        page.locator("#code").fill("HG7-BBBB-BBBB")
        page.locator("[data-join] button").click()
        page.locator("[data-problem]:visible").wait_for()
        self.take(page, f"{size}-wrong-code")
        for name in ("staff", "licences/", "no-such-page"):
            page.goto(f"{self.product.base}/{name}")
            self.take(page, f"{size}-{name.strip('/')}")
        page.context.close()

    def watch(self, size: str, *, dark: bool) -> None:
        page = self.page(size, dark=dark)
        tail = f"{size}-dark" if dark else size
        self.join(page)
        page.wait_for_function("() => [...document.querySelectorAll('.cam img')].every((i) => i.naturalWidth > 0)")
        self.take(page, f"{tail}-grid")
        page.locator(".cam-link", has_text="ngõ 12").first.click()
        page.wait_for_function(PLAYING)
        page.wait_for_timeout(1500)
        self.take(page, f"{tail}-camera")
        if not dark:
            self.back_in_time(page, size)
        page.context.close()

    def back_in_time(self, page: Page, size: str) -> None:
        page.locator("[data-span='1']").click()
        page.locator("[data-jump='-60']").click()
        page.locator("[data-stage][data-mode='replay']").wait_for()
        page.wait_for_function(PLAYING)
        page.locator("[data-keep]").click()
        page.locator(".kept[data-done]").wait_for(timeout=60_000)
        page.locator("[data-kept-poster]").evaluate("(image) => image.decode()")
        self.take(page, f"{size}-replay", whole=True)
        page.context.set_offline(True)
        page.locator("[data-cover]:visible").wait_for()
        self.take(page, f"{size}-lost")
        page.context.set_offline(False)
        self.private(page, size)

    def private(self, page: Page, size: str) -> None:
        """Private hours begin while the camera is watched and a moment of it is kept."""
        page.wait_for_function(PLAYING)
        path = f"/cameras/{page.url.rstrip('/').rpartition('/')[2]}/"
        self.leader.call("PATCH", path, {"private_hours": ALWAYS})
        page.locator("[data-cover]:visible", has_text="Giờ riêng tư").wait_for()
        page.locator("[data-kept-words]", has_text="riêng tư").wait_for()
        self.take(page, f"{size}-private", whole=True)
        self.leader.call("PATCH", path, {"private_hours": []})

    def revoked(self, size: str) -> None:
        """A code of its own is taken back from who watches; then the code page says what happened."""
        page, code = self.page(size), self.leader.issue_code()
        self.join(page, code)
        page.locator(".cam-link", has_text="ngõ 12").first.click()
        page.wait_for_function(PLAYING)
        self.leader.revoke(code)
        page.locator("[data-revoked]:visible").wait_for()
        self.take(page, f"{size}-revoked")
        page.goto(f"{self.product.base}/cameras/")
        page.locator(".note.bad").first.wait_for()
        self.take(page, f"{size}-access-ended")
        page.context.close()

    def swap(self, size: str) -> None:
        """A link with a code, opened on a phone that is signed in."""
        page, other = self.page(size), self.leader.issue_code(number=2)
        self.join(page)
        page.goto(f"{self.product.base}/join#{other['qr']}")
        page.locator("[data-swap][open]").wait_for()
        self.take(page, f"{size}-swap")
        page.context.close()

    def lose_a_camera(self, camera: StreetCamera) -> None:
        """One more camera, recorded and seen on the grid, then without power until its poster is old."""
        facts = {"name": "Sân đình", "url": camera.address, "user": USER, "password": PASSWORD, "ownership": "public"}
        self.leader.call("POST", "/cameras/", facts)
        page = self.page("phone")
        self.join(page)
        page.locator(".cam-link", has_text="Sân đình").locator("img:visible").wait_for(timeout=60_000)
        camera.stop()
        page.locator(".cam-link.old", has_text="Sân đình").wait_for(timeout=120_000)
        page.context.close()

    def purpose(self, size: str) -> None:
        """A household's own camera, as the leader meets it: no poster, and a question before the picture."""
        camera = self.leader.call("GET", "/cameras/?q=nguyen trai")["results"][0]
        self.leader.call("PATCH", f"/cameras/{camera['id']}/", {"ownership": "household"})
        page = self.page(size, leader=True)
        page.goto(f"{self.product.base}/cameras/")
        page.locator(".cam-link[data-asks]").click()
        page.locator("dialog[open]").wait_for()
        self.take(page, f"{size}-purpose")
        page.context.close()
        self.leader.call("PATCH", f"/cameras/{camera['id']}/", {"ownership": "public"})

    def set_up(self, size: str, empty: EmptyProduct) -> None:
        page = self.page(size)
        page.goto(empty.link)
        page.locator("[data-fields]").wait_for()
        self.take(page, f"{size}-setup", whole=True)
        page.context.close()

    def tell(self) -> None:
        """A night of alerts: one still going on that several tell of, one with words let out, one that is over; three
        households' phones are on."""
        for number in (36, 37, 38):
            phone = self.page("phone")
            self.join(phone, self.leader.issue_code(number=number))
            phone.locator("[data-line='on']").wait_for()
        cameras = {camera["name"]: camera["id"] for camera in self.leader.call("GET", "/cameras/")["results"]}
        tellers = [Teller(self.product, self.leader.issue_code(number=number)["typed"]) for number in range(30, 36)]
        ago = [(datetime.now(UTC) - timedelta(minutes=minutes)).isoformat() for minutes in (95, 41, 0.7, 0.2)]
        at = {"camera_ids": [cameras["Góc chợ phường"]]}
        self.leader.call("POST", f"/alerts/{tellers[0].tell('utility', occurred_at=ago[0])['id']}/acknowledge/")
        crash = tellers[1].tell("accident", text="Hai xe máy va nhau, cần xe cấp cứu", occurred_at=ago[1], **at)
        self.leader.call("POST", f"/alerts/{crash['id']}/resolve/", {"verdict": "used"})
        lost = {"text": "Cụ ông 80 tuổi áo len nâu, ra khỏi nhà từ chiều", "occurred_at": ago[2]}
        found = tellers[2].tell("missing_person", camera_ids=[cameras["Bờ kè sông Lô"]], **lost)
        for act in ("release", "acknowledge"):
            self.leader.call("POST", f"/alerts/{found['id']}/{act}/")
        place = {"camera_ids": [cameras["Đầu ngõ 12"]], "occurred_at": ago[3]}
        for teller, words in zip(tellers[3:], ("Khói ở tầng hai nhà cuối ngõ", "", "Đã gọi 114"), strict=True):
            teller.tell("fire", text=words, **place)

    def alerts(self, size: str, *, dark: bool = False) -> None:
        page = self.page(size, dark=dark)
        tail = f"{size}-dark" if dark else size
        self.join(page)
        page.goto(f"{self.product.base}/alerts/")
        page.locator("[data-line='on']").wait_for()
        page.locator("[data-clip-play]:visible").first.wait_for(timeout=60_000)
        self.take(page, f"{tail}-alerts")
        page.goto(f"{self.product.base}/cameras/")
        page.locator(".cam-link", has_text="ngõ 12").first.click()
        page.wait_for_function(PLAYING)
        page.locator("main [data-raise]").click()
        self.take(page, f"{tail}-raise")
        if not dark:
            self.alone(page, size)
        page.context.close()

    def alone(self, page: Page, size: str) -> None:
        """Without a line: what is raised waits; the feed opens as it was."""
        page.goto(f"{self.product.base}/alerts/")
        page.wait_for_function("async () => (await (await caches.open('matpho-feed')).keys()).length === 1")
        page.context.set_offline(True)
        page.goto(f"{self.product.base}/alerts/")
        page.locator("[data-stale]:visible").wait_for()
        self.take(page, f"{size}-alerts-offline")
        page.locator("main [data-raise]").click()
        page.locator("[data-category='school_gate']").click()
        page.locator("[data-step='waits']").wait_for()
        self.take(page, f"{size}-raise-waits")
        page.evaluate("localStorage.removeItem('matpho:waiting')")
        page.context.set_offline(False)
        page.goto(f"{self.product.base}/alerts/settings")
        self.take(page, f"{size}-alert-settings", whole=True)

    def console(self, size: str) -> None:
        page = self.page(size, leader=True)
        page.goto(f"{self.product.base}/leader/alerts/")
        page.locator("[data-a='reach']:visible").first.wait_for()
        self.take(page, f"{size}-console", whole=size == "phone")
        page.locator("[data-ask='resolve']").first.click()
        self.take(page, f"{size}-console-end")
        page.context.close()


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="matpho-screenshots-") as folder:
        camera = StreetCamera()
        product = Product(Path(folder, "demo"), CAMERA_ALLOW=f"127.0.0.1:{camera.port}", DUTY_HOURS="0-24")
        empty = EmptyProduct(Path(folder, "empty"))
        try:
            product.wait_for_footage(90)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_ARGS)
                leader = Leader(browser.new_page(), product)
                leader.sign_in()
                desk, street = Desk(browser, product, leader), Street(browser, product, leader)
                ward = Ward(browser, product, leader)
                steps: list[Callable[[], None]] = [
                    lambda: street.entry("phone"), lambda: street.entry("desk"),
                    lambda: desk.staff("phone"), lambda: desk.staff("desk"),
                    lambda: street.set_up("phone", empty), lambda: street.set_up("desk", empty),
                    lambda: desk.lead("phone"), lambda: desk.lead("desk"),
                    lambda: desk.fund("phone"), lambda: desk.fund("desk"),
                    lambda: desk.own("phone"), lambda: desk.own("desk"),
                    lambda: desk.figures("phone"), lambda: desk.figures("desk"),
                    lambda: street.purpose("phone"), lambda: street.purpose("desk"),
                    lambda: street.watch("phone", dark=False), lambda: street.watch("phone", dark=True),
                    lambda: street.watch("desk", dark=True), lambda: street.watch("desk", dark=False),
                    street.tell, lambda: street.console("phone"), lambda: street.console("desk"),
                    lambda: street.alerts("phone"), lambda: street.alerts("phone", dark=True),
                    lambda: street.alerts("desk"),
                    lambda: ward.footage("phone"), lambda: ward.footage("desk"),
                    lambda: ward.room("desk"), lambda: ward.room("phone"),
                    lambda: ward.watched("phone"), lambda: ward.watched("desk"),
                    lambda: street.swap("phone"), lambda: street.swap("desk"),
                    lambda: street.revoked("phone"), lambda: street.revoked("desk"),
                    lambda: street.lose_a_camera(camera), lambda: desk.unwell("phone"), lambda: desk.unwell("desk"),
                ]  # fmt: skip
                for step in steps:
                    step()
                browser.close()
        finally:
            product.stop()
            empty.stop()
            camera.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
