"""Pictures of the pages of those who look after a neighborhood, of its fund and its papers."""

from tests.e2e.album import Album
from tests.e2e.people import PLAYING, sign_in
from tests.pace import PATIENCE_MS


class Desk(Album):
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

    def figures(self, size: str) -> None:
        """The leader's figures, and the ward's month for everybody."""
        page = self.page(size, leader=True)
        page.goto(f"{self.product.base}/figures/")
        self.take(page, f"{size}-figures", whole=True)
        page.goto(f"{self.product.base}/transparency/{self.place.partition('-')[0]}/")
        self.take(page, f"{size}-transparency", whole=True)
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
        screen.wait_for_function(PLAYING, timeout=PATIENCE_MS)
        screen.wait_for_function(
            "() => [...document.querySelectorAll('.wall-tiles img')].every((one) => one.naturalWidth)"
        )
        self.take(screen, "desk-wall")
        screen.context.close()
        page.context.close()
