"""Pictures of every page, made from the running product: ``make screenshots``, or ``python -m tests.e2e.screenshots``.

Writes ``docs/screenshots/<phone|desk>-<page>.png``; dark ones of the pages that are used at night.
"""

import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from backend.lib.config import ROOT
from cameras.demo.street import PASSWORD, USER
from tests.e2e.people import ALWAYS, PLAYING, Leader, Teller, sign_in
from tests.e2e.product import BROWSER_ARGS, CHROMIUM, EmptyProduct, Product, StreetCamera

FOLDER = ROOT / "docs" / "screenshots"
SIZES = {"phone": (390, 844), "desk": (1280, 850)}


class Album:
    def __init__(self, browser: Browser, product: Product, folder: Path) -> None:
        self.browser, self.product, self.folder = browser, product, folder
        self.leader = Leader(browser.new_page(), product)
        self.leader.sign_in()

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
        path = self.folder / f"{name}.png"
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

    def staff(self, size: str) -> None:
        """The second step, one's own account, who does what, and the link for somebody new."""
        page = self.page(size)
        page.goto(f"{self.product.base}/staff")
        page.get_by_label("Tên đăng nhập").fill("hoa")
        page.get_by_label("Mật khẩu").fill(self.product.passwords["hoa"])
        page.get_by_role("button", name="Đăng nhập").click()
        page.locator("[data-step='second']:visible").wait_for()
        self.take(page, f"{size}-second-step")
        page.context.close()
        page = self.page(size, leader=True)
        page.goto(f"{self.product.base}/account")
        self.take(page, f"{size}-account", whole=True)
        page.goto(f"{self.product.base}/leader/roles/")
        self.take(page, f"{size}-roles", whole=True)
        page.locator("[data-invite] input[name=name]").fill("Vũ Thị Mai")
        page.locator("[data-invite] button").click()
        page.locator("[data-link]:visible").wait_for()
        self.take(page, f"{size}-invitation-link")
        link = page.locator("[data-link-text]").inner_text()
        page.context.close()
        page = self.page(size)
        page.goto(link)
        page.locator("[data-yes]:visible").wait_for()
        self.take(page, f"{size}-invited")
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

    def unwell(self, size: str) -> None:
        """The camera that is down: what the leader is told, and its neighbours on the grid."""
        page = self.page(size, leader=True)
        for name, path in {"leader-unwell": "", "cameras-unwell": "cameras/"}.items():
            page.goto(f"{self.product.base}/leader/{path}")
            page.locator(".state.bad").first.wait_for()
            self.take(page, f"{size}-{name}")
        page.context.close()
        page = self.page(size)
        self.join(page)
        page.locator(".cam-link.old img:visible").wait_for()
        page.locator(".cam-link.old").scroll_into_view_if_needed()
        self.take(page, f"{size}-grid-old")
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

    def lead(self, size: str) -> None:
        page = self.page(size, leader=True)
        viewer = self.page("phone")
        self.join(viewer)
        viewer.locator(".cam-link").nth(2).click()
        viewer.wait_for_function(PLAYING)
        for name, path in {
            "leader": "",
            "households": "households/",
            "code-sheets": "codes/",
            "cameras": "cameras/",
            "add-camera": "cameras/add",
        }.items():
            page.goto(f"{self.product.base}/leader/{path}")
            self.take(page, f"{size}-{name}")
        page.goto(f"{self.product.base}/leader/households/")
        page.locator(".row-link").nth(40).click()
        page.locator("form[hx-post$='/code'] button").click()
        page.locator("[data-sheet]").wait_for()
        self.take(page, f"{size}-sheet", whole=True)
        page.locator("[data-revoke]").first.click()
        self.take(page, f"{size}-take-back", whole=True)
        viewer.context.close()
        page.context.close()

    def fund(self, size: str) -> None:
        """The open book, a household's own page, the treasurer's desk and forms, the leader's second pair of eyes."""
        page = self.page(size)
        self.join(page, self.leader.issue_code(number=11))
        for name, path in {"fund-mine": "/fund/", "fund-open": f"/fund/{self.place}/CAM/"}.items():
            page.goto(f"{self.product.base}{path}")
            self.take(page, f"{size}-{name}")
        page.locator(".spent .chain").first.scroll_into_view_if_needed()
        self.take(page, f"{size}-fund-chain")
        page.context.close()
        self.treasurer(size)
        page = self.page(size, leader=True)
        page.goto(f"{self.product.base}/fund/manage/")
        page.get_by_role("link", name="chờ bác duyệt").click()
        self.take(page, f"{size}-fund-approve")
        page.goto(f"{page.url.partition('#')[0]}resolution")
        self.take(page, f"{size}-fund-resolution", whole=True)
        page.context.close()

    def figures(self, size: str) -> None:
        """The leader's figures, and the ward's month for everybody."""
        page = self.page(size, leader=True)
        page.goto(f"{self.product.base}/figures/")
        self.take(page, f"{size}-figures", whole=True)
        page.goto(f"{self.product.base}/transparency/{self.place.partition('-')[0]}/")
        self.take(page, f"{size}-transparency", whole=True)
        page.context.close()

    def treasurer(self, size: str) -> None:
        """The desk, who has paid, cash received, an expense; each run takes cash from another household that owes."""
        page = self.page(size)
        sign_in(page, self.product, "hoa")
        page.wait_for_url("**/fund/manage/")
        self.take(page, f"{size}-fund-desk")
        page.get_by_role("link", name="Ghi khoản chi").click()
        self.take(page, f"{size}-fund-expense", whole=True)
        page.goto(f"{self.product.base}/fund/manage/")
        page.get_by_role("link", name="Thu tiền mặt").click()
        self.take(page, f"{size}-fund-dues")
        page.locator(".row-link").first.click()
        page.get_by_role("button", name="Thu tiền mặt").click()
        page.get_by_role("button", name="Đã nhận đủ tiền").click()
        page.locator("[data-paid]").wait_for()
        self.take(page, f"{size}-fund-paid")
        page.context.close()

    def own(self, size: str) -> None:
        """One's own data and a request about it, the leader's desk, the legal record, a shared screen and its yes."""
        page = self.page(size)
        self.join(page, self.leader.issue_code(number=14 if size == "phone" else 15))
        page.goto(f"{self.product.base}/me/")
        page.locator("form[data-to='/api/v1/me/'] button").first.click()
        page.locator("#my-name").wait_for()
        page.locator("section .adding > summary").click()
        page.locator("#ask-kind").select_option("view")
        page.locator("#ask-words").fill("Camera đầu ngõ 12 nhìn thẳng vào sân nhà tôi")
        with page.expect_response("**/data-requests/"):
            page.locator("#ask-kind").locator("xpath=ancestor::form").locator("button").click()
        page.locator(".request").first.wait_for()
        self.take(page, f"{size}-mine", whole=True)
        page.context.close()
        screen = self.page("desk")
        screen.goto(f"{self.product.base}/wall")
        screen.wait_for_function("() => document.querySelector('[data-code]').textContent.length === 9")
        self.take(screen, "desk-wall-qr")
        page = self.page(size, leader=True)
        for name, path in {"data-requests": "leader/requests/", "legal-record": "legal/"}.items():
            page.goto(f"{self.product.base}/{path}")
            self.take(page, f"{size}-{name}", whole=True)
        page.goto(f"{self.product.base}/walls/#{screen.locator('[data-code]').inner_text()}")
        page.locator("#wall-name").fill("Nhà ông Tư")
        self.take(page, f"{size}-walls")
        page.get_by_role("button", name="Cho phép").click()
        screen.wait_for_function(PLAYING, timeout=30_000)
        screen.wait_for_function(
            "() => [...document.querySelectorAll('.wall-tiles img')].every((one) => one.naturalWidth)"
        )
        self.take(screen, "desk-wall")
        screen.context.close()
        page.context.close()

    @property
    def place(self) -> str:
        """The neighborhood's code, as it stands in the open book's address."""
        code: str = self.leader.call("GET", "/neighborhoods/")["results"][0]["code"]
        return code


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="matpho-screenshots-") as folder:
        camera = StreetCamera()
        product = Product(Path(folder, "demo"), CAMERA_ALLOW=f"127.0.0.1:{camera.port}")
        empty = EmptyProduct(Path(folder, "empty"))
        try:
            product.wait_for_footage(90)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_ARGS)
                album = Album(browser, product, FOLDER)
                steps: list[Callable[[], None]] = [
                    lambda: album.entry("phone"), lambda: album.entry("desk"),
                    lambda: album.staff("phone"), lambda: album.staff("desk"),
                    lambda: album.set_up("phone", empty), lambda: album.set_up("desk", empty),
                    lambda: album.lead("phone"), lambda: album.lead("desk"),
                    lambda: album.fund("phone"), lambda: album.fund("desk"),
                    lambda: album.own("phone"), lambda: album.own("desk"),
                    lambda: album.figures("phone"), lambda: album.figures("desk"),
                    lambda: album.purpose("phone"), lambda: album.purpose("desk"),
                    lambda: album.watch("phone", dark=False), lambda: album.watch("phone", dark=True),
                    lambda: album.watch("desk", dark=True), lambda: album.watch("desk", dark=False),
                    album.tell, lambda: album.console("phone"), lambda: album.console("desk"),
                    lambda: album.alerts("phone"), lambda: album.alerts("phone", dark=True),
                    lambda: album.alerts("desk"),
                    lambda: album.swap("phone"), lambda: album.swap("desk"),
                    lambda: album.revoked("phone"), lambda: album.revoked("desk"),
                    lambda: album.lose_a_camera(camera), lambda: album.unwell("phone"), lambda: album.unwell("desk"),
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
