"""Whatever takes a picture back, and however it is watched: the player is empty two seconds after the act's answer."""

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from cameras.demo.street import PASSWORD, USER
from tests.e2e.people import ALWAYS, PLAYING, Leader, Phone
from tests.e2e.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LIMIT_S = 2.0
WATCH_FOR_EMPTY = """() => { window.emptiedAt = new Promise((done) => {
  const look = () => {
    const full = [...document.querySelectorAll('video')].some((v) => v.src || v.readyState > 0);
    if (full) setTimeout(look, 10); else done(Date.now());
  };
  look();
}); }"""
PICTURE = "() => { const v = document.querySelector('[data-slot] video'); return Boolean(v && v.readyState >= 2); }"
NAME = "Ngõ thử thu hồi"


@pytest.fixture(scope="module")
def camera(leader: Leader, product: Product) -> Iterator[str]:
    """A camera of this file's own, so that nobody else misses it; it has a past to look back at."""
    added = leader.call(
        "POST", "/cameras/",
        {"name": NAME, "url": f"rtsp://127.0.0.1:{product.camera_port}/ngo-12", "user": USER, "password": PASSWORD},
    )  # fmt: skip
    until = time.monotonic() + 20
    while leader.call("GET", f"/cameras/{added['id']}/")["status"] != "live" and time.monotonic() < until:
        time.sleep(0.2)
    time.sleep(15)
    yield added["id"]
    if leader.call("GET", f"/cameras/{added['id']}/")["status"] != "retired":
        leader.call("POST", f"/cameras/{added['id']}/retire/")


@pytest.fixture
def family(leader: Leader, open_phone: Callable[[], Phone], product: Product) -> Phone:
    """A household of its own with one member, who has said so on the one phone."""
    place = leader.call("GET", "/households/")["results"][0]["neighborhood"]
    address = f"Số {time.monotonic_ns()} ngõ Thử"
    household = leader.call(
        "POST", "/households/", {"neighborhood": place, "name": "Hộ thử thu hồi", "address": address}
    )
    member = leader.call("POST", "/members/", {"household": household["id"], "name": "Nguyễn Thử"})
    issued = leader.call("POST", "/codes/", {"household": household["id"], "slots": 2})
    phone = open_phone()
    phone.code = {"id": issued["code"]["id"], "household": household["id"], "member": member["id"]}
    phone.join(product, issued["typed"])
    Leader(phone.page, product).call("PATCH", "/me/", {"member": member["id"]})
    return phone


def by_code(leader: Leader, phone: Phone, camera: str) -> None:
    leader.call("POST", f"/codes/{phone.code['id']}/revoke/", {})


def by_device(leader: Leader, phone: Phone, camera: str) -> None:
    """The one act that the page alone offers the leader."""
    page = leader.page
    page.goto(f"{leader.product.base}/leader/households/{phone.code['household']}/")
    row = page.locator("article li").first
    row.get_by_role("button", name="Cắt máy").click()
    with page.expect_response("**/cut"):
        row.get_by_role("button", name="Đúng, cắt máy này").click()


def by_household(leader: Leader, phone: Phone, camera: str) -> None:
    leader.call("POST", f"/households/{phone.code['household']}/leave/", {})


def by_member(leader: Leader, phone: Phone, camera: str) -> None:
    leader.call("POST", f"/members/{phone.code['member']}/leave/", {})


def by_private_hours(leader: Leader, phone: Phone, camera: str) -> None:
    leader.call("PATCH", f"/cameras/{camera}/", {"private_hours": ALWAYS})


def by_camera(leader: Leader, phone: Phone, camera: str) -> None:
    leader.call("POST", f"/cameras/{camera}/retire/")


@pytest.fixture
def both(family: Phone, camera: str, product: Product) -> Iterator[list[Page]]:
    """The phone with two tabs: the camera live, and a moment ago."""
    live, replay = family.page, family.page.context.new_page()
    for page in (live, replay):
        page.goto(f"{product.base}/cameras/{camera}/")
        page.wait_for_function(PLAYING, timeout=20_000)
    replay.get_by_role("slider").press("ArrowLeft")
    expect(replay.locator("[data-mode-words]")).to_have_text("XEM LẠI", timeout=15_000)
    replay.wait_for_function(PLAYING)
    yield [live, replay]
    replay.close()


@pytest.mark.parametrize("act", [by_code, by_device, by_household, by_member, by_private_hours, by_camera])
def test_live_and_replay_are_emptied(
    act: Callable[[Leader, Phone, str], None], both: list[Page], family: Phone, camera: str, leader: Leader
) -> None:
    for page in both:
        page.evaluate(WATCH_FOR_EMPTY)
    act(leader, family, camera)
    answered = time.time() * 1000
    for page in both:
        took = (page.evaluate("() => window.emptiedAt") - answered) / 1000
        print(f"{act.__name__}: empty player after {took:.2f} s")
        assert took <= LIMIT_S
    both[0].wait_for_timeout(1500)
    assert [page.evaluate(PICTURE) for page in both] == [False, False], "the picture came back"
    for page in both:
        expect(page.locator("[data-revoked]:visible, [data-cover]:visible").first).to_be_visible()
    if act is by_private_hours:
        leader.call("PATCH", f"/cameras/{camera}/", {"private_hours": []})  # the next act is seen on a shown camera
