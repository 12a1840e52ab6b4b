"""Whatever takes a picture back, and however it is watched: the player is empty two seconds after the act's answer."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from cameras.demo.street import PASSWORD, USER
from tests.e2e.people import ALWAYS, FETCH, PLAYING, Leader, Phone
from tests.e2e.product import Product
from tests.pace import PATIENCE_MS, PATIENCE_S, allowed

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LIMIT_S = 2.0
BACK_S = 15
"""So much past a camera needs before a moment ago can be looked at."""
WATCH_FOR_EMPTY = """() => { window.emptiedAt = new Promise((done) => {
  const look = () => {
    const full = [...document.querySelectorAll('video')].some((v) => v.src || v.readyState > 0);
    const cover = document.querySelector('[data-revoked]:not([hidden]), [data-cover]:not([hidden])');
    if (full || !cover) setTimeout(look, 10); else done(Date.now());
  };
  look();
}); }"""
PICTURE = "() => [...document.querySelectorAll('video')].some((v) => v.src || v.readyState > 0)"
NAME = "Ngõ thử thu hồi"


@pytest.fixture(scope="module")
def own_camera(leader: Leader, product: Product) -> Iterator[str]:
    """A camera of this file's own, which may be taken away; others are watched while it gets a past."""
    added = leader.call(
        "POST", "/cameras/",
        {"name": NAME, "url": f"rtsp://127.0.0.1:{product.camera_port}/ngo-12", "user": USER, "password": PASSWORD},
    )  # fmt: skip
    yield added["id"]
    leader.page.evaluate(FETCH, ["POST", f"/api/v1/cameras/{added['id']}/retire/", None])  # where no test has done it


@pytest.fixture
def family(leader: Leader, open_phone: Callable[[], Phone], product: Product) -> Phone:
    """A household of its own with one member, who has said so on the one phone."""
    place = leader.call("GET", "/households/")["results"][0]["neighborhood"]["id"]
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


Act = Callable[[Leader, Phone, str], None]
ACTS = [by_code, by_device, by_household, by_member, by_private_hours, by_camera]
OF_THE_CAMERA = [by_private_hours, by_camera]


@pytest.fixture
def camera(act: Act, own_camera: str, product: Product, leader: Leader) -> Iterator[str]:
    """The camera that is watched; it has a past."""
    if act is by_camera:
        wait_for_past(leader, own_camera)
        yield own_camera
        return
    product.wait_for_footage(BACK_S)
    found = next(one["id"] for one in leader.call("GET", "/cameras/")["results"] if one["id"] != own_camera)
    yield found
    leader.call("PATCH", f"/cameras/{found}/", {"private_hours": []})


def wait_for_past(leader: Leader, camera: str) -> None:
    until = time.monotonic() + BACK_S + PATIENCE_S
    while True:
        ranges = leader.call("GET", f"/cameras/{camera}/recordings/")["ranges"]
        if ranges and seconds_of(ranges[0]) >= BACK_S:
            return
        assert time.monotonic() < until, f"it is not recorded: {ranges}"
        time.sleep(0.2)


def seconds_of(span: dict[str, str]) -> float:
    return (datetime.fromisoformat(span["to"]) - datetime.fromisoformat(span["from"])).total_seconds()


@pytest.fixture
def both(family: Phone, camera: str, product: Product) -> list[Page]:
    """The phone with two tabs: the camera live, and a moment ago."""
    live, replay = family.page, family.page.context.new_page()
    for page in (live, replay):
        page.goto(f"{product.base}/cameras/{camera}/")
    for page in (live, replay):
        page.wait_for_function(PLAYING, timeout=PATIENCE_MS)
    replay.get_by_role("slider").press("ArrowLeft")
    expect(replay.locator("[data-mode-words]")).to_have_text("XEM LẠI", timeout=PATIENCE_MS)
    replay.wait_for_function(PLAYING)
    return [live, replay]


@pytest.mark.parametrize("act", ACTS)
def test_live_and_replay_are_emptied(
    act: Act, both: list[Page], family: Phone, camera: str, leader: Leader, product: Product
) -> None:
    for page in both:
        assert page.evaluate(PLAYING)
        page.evaluate(WATCH_FOR_EMPTY)
    act(leader, family, camera)
    answered = time.time() * 1000
    for page in both:
        took = (page.evaluate("() => window.emptiedAt") - answered) / 1000
        print(f"{act.__name__}: empty player after {took:.2f} s")
        assert took <= allowed(LIMIT_S)
    both[0].wait_for_timeout(1500)
    assert [page.evaluate(PICTURE) for page in both] == [False, False], "the picture came back"
    for page in both:
        said = page.locator("[data-cover]" if act in OF_THE_CAMERA else "[data-revoked]")
        expect(said).to_be_visible()
        if act not in OF_THE_CAMERA:
            expect(page.get_by_role("alert").filter(has_text="Quyền xem đã bị thu hồi")).to_be_visible()
            page.goto(f"{product.base}/cameras/")
            expect(page.get_by_text("Máy này không còn quyền xem.")).to_be_visible()
