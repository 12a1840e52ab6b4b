"""Pictures of the pages of a ward: an officer's request, its owner's answer, the operations room, an auditor's home."""

from datetime import datetime, timedelta

from playwright.sync_api import Page

from backend.lib.clock import VIETNAM
from tests.e2e.album import Album
from tests.e2e.people import FETCH, sign_in

CORNERS = ((0.4, 0.4), (0.6, 0.38), (0.62, 0.6), (0.38, 0.58))
"""Shares of the map's width and height: what one officer may ask for alone."""
ON_THE_WALL = 6


class Ward(Album):
    def staff(self, size: str, username: str) -> Page:
        page = self.page(size)
        sign_in(page, self.product, username)
        page.wait_for_function("() => !location.pathname.startsWith('/staff')")
        return page

    def footage(self, size: str) -> None:
        """An officer draws where, and asks; who leads answers. One case a size."""
        page = self.staff(size, "dung")
        ward = page.evaluate(FETCH, ["GET", "/api/v1/neighborhoods/", None])[1]["results"][0]["ward"]["id"]
        number = {"phone": "2026/17", "desk": "2026/18"}[size]
        page.evaluate(FETCH, ["POST", "/api/v1/cases/", {"ward": ward, "case_number": number, "kind": "theft"}])
        page.goto(f"{self.product.base}/footage/ask")
        page.get_by_label("Vụ việc", exact=True).select_option(label=number)
        page.get_by_role("button", name="Vẽ trên bản đồ").click()
        drawn = page.get_by_role("application", name="Bản đồ phường")
        drawn.scroll_into_view_if_needed()
        box = drawn.bounding_box()
        assert box is not None
        for across, down in CORNERS:
            drawn.click(position={"x": box["width"] * across, "y": box["height"] * down})
        page.get_by_role("button", name="Khép vùng").click()
        until = datetime.now(VIETNAM).replace(second=0, microsecond=0)
        for label, at in (("Từ", until - timedelta(minutes=1)), ("Đến", until)):
            page.get_by_label(label, exact=True).fill(f"{at:%Y-%m-%dT%H:%M}")
        page.get_by_role("button", name="Ở đó có gì?").click()
        page.get_by_text("ít nhất một camera có").wait_for()
        self.take(page, f"{size}-footage-ask", whole=True)
        page.get_by_label("Số công văn").fill("45/CV-CAP")
        page.get_by_label("Vài lời").fill("Xe máy Wave màu xanh bị lấy ở đầu ngõ 12")
        page.get_by_role("button", name="Gửi yêu cầu").click()
        page.wait_for_url("**/footage/")
        self.take(page, f"{size}-footage-asked")
        page.context.close()
        page = self.page(size, leader=True)
        page.goto(f"{self.product.base}/footage/")
        page.get_by_role("button", name="Tôi đồng ý").first.wait_for()
        self.take(page, f"{size}-footage-answer")
        page.context.close()

    def room(self, size: str) -> None:
        page = self.staff(size, "nga")
        page.goto(f"{self.product.base}/room/")
        if page.get_by_role("link", name="Chọn camera").count():
            page.get_by_role("link", name="Chọn camera").first.click()
            ticks = page.get_by_role("checkbox")
            ticks.first.wait_for()
            for number in range(ON_THE_WALL):
                ticks.nth(number).set_checked(True)
            page.get_by_role("button", name="Hiện các camera này").click()
        page.wait_for_function("() => document.querySelectorAll('.room-grid img').length > 0")
        page.wait_for_function("() => [...document.querySelectorAll('.room-grid img')].every((i) => i.naturalWidth)")
        self.take(page, f"{size}-room", whole=True)
        page.context.close()

    def watched(self, size: str) -> None:
        """Who watched a camera, as those who answer for it read it; and what waits for an auditor."""
        camera = self.leader.call("GET", "/cameras/?q=ngo 12")["results"][0]["id"]
        page = self.page(size, leader=True)
        page.goto(f"{self.product.base}/cameras/{camera}/viewers/")
        self.take(page, f"{size}-viewers")
        page.context.close()
        page = self.staff(size, "tam")
        page.goto(f"{self.product.base}/auditor/")
        self.take(page, f"{size}-auditor", whole=True)
        page.context.close()
