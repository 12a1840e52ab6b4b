"""Before staff see anybody's own camera they say why: without it no poster, no picture; the owner reads the reason."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cameras.demo.street import PASSWORD, USER
from tests.e2e.people import FETCH, PLAYING, Leader, Phone, expect_usable
from tests.e2e.product import Product
from tests.pace import PATIENCE_MS, PATIENCE_S

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME = "Cửa nhà ông Long"


@dataclass
class Home:
    """A household with a camera of its own at its door."""

    camera: str
    household: dict[str, Any]
    leader: Leader

    def sessions(self) -> list[dict[str, Any]]:
        """Views of the camera that are open now, as the leader's list of watchers has them."""
        return [row for row in self.leader.call("GET", "/watching/")["results"] if row["camera"] == self.camera]


@pytest.fixture(scope="module")
def home(leader: Leader, product: Product) -> Iterator[Home]:
    household = leader.call("GET", "/households/")["results"][5]
    added = leader.call(
        "POST",
        "/cameras/",
        {
            "name": NAME, "url": f"rtsp://127.0.0.1:{product.camera_port}/ngo-12", "user": USER, "password": PASSWORD,
            "ownership": "household", "owner_household": household["id"],
        },
    )  # fmt: skip
    until = time.monotonic() + PATIENCE_S
    while leader.call("GET", f"/cameras/{added['id']}/")["status"] != "live" and time.monotonic() < until:
        time.sleep(0.2)
    yield Home(added["id"], household, leader)
    leader.call("POST", f"/cameras/{added['id']}/retire/")


@pytest.fixture
def asked(home: Home, product: Product) -> Iterator[Page]:
    """Bình has opened the camera from the grid, with the keyboard, and is asked."""
    page = home.leader.page
    page.goto(f"{product.base}/cameras/")
    page.locator(".cam-link", has_text=NAME).press("Enter")
    expect(page.get_by_role("dialog", name="Bạn xem để làm gì?")).to_be_visible()
    yield page
    page.goto(f"{product.base}/leader/")  # a view that goes on would be somebody else's finding


def test_the_grid_of_staff_shows_no_picture_of_it_and_that_of_neighbours_does(
    home: Home, product: Product, phone: Phone
) -> None:
    neighbours = phone.page.locator(".cam-link", has_text=NAME)
    expect(neighbours.locator("img")).to_be_visible(timeout=PATIENCE_MS)
    page = home.leader.page
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(f"{product.base}/cameras/")
    expect(page.locator(".cam-link img:visible")).to_have_count(8, timeout=PATIENCE_MS)
    staff = page.locator(".cam-link", has_text=NAME)
    expect(staff.locator("img")).to_be_hidden()
    expect(staff).to_contain_text("Nêu lý do rồi xem")
    assert not [url for url in fetched if home.camera in url]


def test_no_reason_no_picture(home: Home, asked: Page) -> None:
    expect(asked.locator("#ask-name")).to_be_focused()
    expect_usable(asked)
    asked.keyboard.press("Enter")  # chooses nothing by chance
    expect(asked.get_by_role("dialog")).to_be_visible()
    asked.keyboard.press("Escape")
    expect(asked.get_by_role("dialog")).to_be_hidden()
    expect(asked.get_by_role("alert").filter(has_text="Chưa nêu lý do, chưa có hình")).to_be_visible()
    asked.get_by_role("button", name="Trực tiếp").click()
    expect(asked.get_by_role("dialog")).to_be_visible()
    asked.get_by_role("button", name="Không xem nữa").click()
    asked.get_by_role("button", name="1 phút").click()
    expect(asked.get_by_role("dialog")).to_be_visible()
    assert asked.locator("video[src]").count() == 0
    assert home.sessions() == []
    for purpose, code in {"": "purpose_required", "because": "bad_input"}.items():
        status, problem = asked.evaluate(FETCH, ["POST", f"/api/v1/cameras/{home.camera}/live/", {"purpose": purpose}])
        assert (status, problem["code"]) == (400, code)
        assert "purpose" in problem["errors"]


def test_a_reason_chosen_by_keyboard_opens_the_picture_and_its_owner_reads_it(
    home: Home, asked: Page, product: Product, open_phone: Callable[[], Phone]
) -> None:
    asked.keyboard.press("Tab")
    expect(asked.get_by_role("button", name="Đang có sự việc")).to_be_focused()
    asked.keyboard.press("Tab")
    asked.keyboard.press("Enter")
    asked.wait_for_function(PLAYING, timeout=PATIENCE_MS)
    expect(asked.get_by_role("dialog")).to_be_hidden()
    assert [(row["mode"], row["purpose"]) for row in home.sessions()] == [("live", "alert")]

    owner = open_phone()
    issued = home.leader.call("POST", "/codes/", {"household": home.household["id"], "slots": 1})
    owner.join(product, issued["typed"])
    until, told = time.monotonic() + PATIENCE_S, []
    while not told and time.monotonic() < until:
        status, answer = owner.page.evaluate(FETCH, ["GET", f"/api/v1/cameras/{home.camera}/viewers/", None])
        assert status == 200
        told = [(row["role"], row["mode"], row["purpose"]) for row in answer["results"] if row["mode"] == "live"]
        time.sleep(0.5)
    assert told == [("leader", "live", "alert")]


def test_a_neighbour_is_not_asked(home: Home, phone: Phone) -> None:
    phone.page.locator(".cam-link", has_text=NAME).click()
    phone.page.wait_for_function(PLAYING, timeout=PATIENCE_MS)
    expect(phone.page.get_by_role("dialog")).to_be_hidden()
