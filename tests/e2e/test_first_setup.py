"""An empty installation (``DEMO=0``), from the printed one-time link to a household that watches its first camera."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from cameras.demo.street import PASSWORD, USER
from tests.e2e.people import PLAYING, Phone, expect_usable, phone_page
from tests.e2e.product import EmptyProduct, SixDigits, StreetCamera
from tests.pace import PATIENCE_MS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FORM = {
    "Tổ dân phố": "Tổ dân phố 9",
    "Phường, xã": "Phường Hà Giang 1",
    "Mã phường, xã (5 số)": "00688",
    "Tỉnh, thành phố": "Tuyên Quang",
    "Mã tỉnh (2 số)": "08",
    "Tên": "Trần Thị Bình",
    "Tên đăng nhập": "binh",
    "Mật khẩu": "mot-mat-khau-dai",
}
SIGN_IN = "Tên đăng nhập"


@pytest.fixture(scope="module")
def street_camera() -> Iterator[StreetCamera]:
    running = StreetCamera()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, street_camera: StreetCamera) -> Iterator[EmptyProduct]:
    """Nobody sets this one up."""
    running = EmptyProduct(tmp_path_factory.mktemp("empty"), street_camera)
    yield running
    running.stop()


@dataclass
class NewStreet:
    """Set up by ``leader`` in the browser; ``late`` had opened the same link before that."""

    product: EmptyProduct
    leader: Phone
    late: Phone


@pytest.fixture(scope="module")
def street(
    tmp_path_factory: pytest.TempPathFactory, street_camera: StreetCamera, browser: Browser
) -> Iterator[NewStreet]:
    product = EmptyProduct(tmp_path_factory.mktemp("street"), street_camera)
    late, leader = phone_page(browser, 390, 844), phone_page(browser, 390, 844)
    late.page.goto(product.link)
    leader.page.goto(product.link)
    fill(leader.page, FORM)
    submit(leader.page)
    set_up_the_app(leader.page)
    leader.page.wait_for_url(f"{product.base}/cameras/")
    yield NewStreet(product, leader, late)
    complaints = leader.complaints() + late.complaints()
    for phone in (leader, late):
        phone.page.context.close()
    product.stop()
    assert complaints == []


def set_up_the_app(page: Page) -> None:
    """The second step, as it is asked of a new account: scan, type, keep the codes."""
    page.get_by_role("button", name="Dùng ứng dụng hiện 6 số").click()
    expect(page.get_by_role("img", name="Mã QR chứa khóa")).to_be_visible()
    page.get_by_text("Không quét được?").click()
    key = page.locator("[data-key]").inner_text().replace(" ", "")
    page.get_by_label("Gõ 6 số").fill(SixDigits(key).fresh())
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.locator("[data-codes] li")).to_have_count(10)
    page.get_by_role("button", name="Tôi đã giữ các mã").click()


def fill(page: Page, facts: dict[str, str]) -> None:
    for label, text in facts.items():
        page.get_by_label(label, exact=True).fill(text)


def submit(page: Page) -> None:
    page.get_by_role("button", name="Thiết lập").click()


def test_what_is_wrong_stands_under_its_field_and_nothing_typed_is_lost(
    empty: EmptyProduct, open_phone: Callable[[], Phone]
) -> None:
    page = open_phone().page
    page.goto(empty.link)
    assert "#" not in page.url, "the secret stays in the address bar"
    wrong = FORM | {"Mã phường, xã (5 số)": "688", SIGN_IN: "hai tu", "Mật khẩu": "ngan"}
    fill(page, wrong)
    submit(page)
    for label, reason in {
        "Mã phường, xã (5 số)": "5 chữ số, giữ cả số 0 ở đầu.",
        SIGN_IN: "tên đăng nhập hợp lệ",
        "Mật khẩu": "quá ngắn",
    }.items():
        field = page.get_by_label(label, exact=True)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile(reason))
    expect(page.locator("[data-error]:visible")).to_have_count(3)
    expect(page.get_by_label("Mã phường, xã (5 số)")).to_be_focused()
    for label, text in wrong.items():
        expect(page.get_by_label(label, exact=True)).to_have_value(text)
    expect_usable(page)
    page.get_by_label("Tổ dân phố").fill("")
    submit(page)
    expect(page.get_by_label("Tổ dân phố")).to_be_focused()
    expect(page.get_by_label("Mật khẩu")).to_have_value("ngan")


def test_a_half_copied_link_is_said_and_the_whole_one_pasted_into_the_same_tab_works(
    empty: EmptyProduct, open_phone: Callable[[], Phone]
) -> None:
    page = open_phone().page
    page.goto(f"{empty.base}/setup")
    expect(page.get_by_role("alert")).to_contain_text("Đường dẫn bị thiếu")
    expect(page.get_by_role("button", name="Thiết lập")).to_be_hidden()
    page.goto(empty.link)
    expect(page.get_by_role("alert")).to_be_hidden()
    page.get_by_label("Trình đơn").click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="First set-up")).to_be_visible()
    expect(page.get_by_role("button", name="Set up")).to_be_visible()


def test_the_link_leads_to_the_leaders_pages_and_works_once(street: NewStreet) -> None:
    page = street.leader.page
    page.goto(street.product.base)
    expect(page.get_by_role("heading", name="Tổ dân phố 9")).to_be_visible()
    expect(page.get_by_role("navigation").get_by_role("link", name="Các hộ")).to_be_visible()
    page.get_by_label("Trình đơn").click()
    expect(page.get_by_text("Trần Thị Bình")).to_be_visible()

    page.goto(street.product.link)
    expect(page.get_by_role("status")).to_contain_text("Đã thiết lập xong từ trước.")
    expect(page.locator("input[name=password]")).to_have_count(0)
    expect_usable(page)
    late = street.late.page
    fill(late, FORM | {SIGN_IN: "ke-khac"})
    submit(late)
    expect(late.get_by_role("alert")).to_contain_text("Đường dẫn thiết lập đã dùng")
    expect(late.get_by_label(SIGN_IN)).to_have_value("ke-khac")


def sign_the_record(page: Page) -> None:
    """Before the first recording: who answers for it. Then the camera's form is there."""
    expect(page.get_by_text("Trước khi ghi hình lần đầu")).to_be_visible()
    page.get_by_role("link", name="Ký hồ sơ pháp lý").click()
    page.get_by_role("button", name="Ký", exact=True).click()
    expect(page.locator("[data-error]:visible")).not_to_have_count(0)
    fill(
        page,
        {
            "Tên của bên đó": "Ban tự quản tổ 9",
            "Ai vận hành máy chủ?": "Anh Hải",
            "Bà con hỏi hoặc khiếu nại ở đâu?": "Tổ trưởng Bình",
            "Ký tên: gõ đầy đủ họ tên của bạn": "Trần Thị Bình",
        },
    )
    page.get_by_label("An ninh trật tự").check()
    page.get_by_label("Tôi đã đọc").check()
    expect_usable(page)
    page.get_by_role("button", name="Ký", exact=True).click()
    page.wait_for_url("**/leader/cameras/add")


def test_the_first_camera_the_first_household_and_its_first_picture(
    street: NewStreet, open_phone: Callable[[], Phone], street_camera: StreetCamera
) -> None:
    page = street.leader.page
    page.goto(street.product.base)
    page.get_by_role("link", name="Thêm camera").click()
    sign_the_record(page)
    fill(
        page,
        {
            "Địa chỉ": street_camera.address,
            "Tên đăng nhập của máy": USER,
            "Mật khẩu của máy": PASSWORD,
            "Vĩ độ": "22,8238",
        },
    )
    page.get_by_role("button", name="Thêm vào").click()
    for label in ("Tên", "Kinh độ"):
        expect(page.get_by_label(label, exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Mật khẩu của máy")).to_have_value(PASSWORD)
    fill(page, {"Tên": "Đầu ngõ 12", "Kinh độ": "104,984"})
    page.get_by_role("button", name="Thêm vào").click()
    page.wait_for_url("**/leader/cameras/")
    expect(page.locator("li", has_text="Đầu ngõ 12")).to_be_visible()

    page.get_by_role("navigation").get_by_role("link", name="Các hộ").click()
    page.get_by_role("button", name="Thêm và cấp mã").click()
    expect(page.get_by_label("Tên hộ")).to_be_focused()
    expect_usable(page)
    fill(page, {"Tên hộ": "Hộ ông An", "Địa chỉ": "Số 12 đường Nguyễn Trãi"})
    page.get_by_role("button", name="Thêm và cấp mã").click()
    expect(page.get_by_role("heading", name="Hộ ông An")).to_be_visible()
    page.get_by_role("button", name=re.compile("Cấp mã")).click()
    typed = page.locator("[data-typed]").inner_text()
    assert re.fullmatch(r"HG9-[B-Z]{4}-[B-Z]{4}", typed)

    phone = open_phone()
    phone.page.goto(street.product.base)
    phone.page.get_by_label("Mã", exact=True).fill(typed)
    phone.page.get_by_role("button", name="Mở camera").click()
    phone.page.wait_for_url("**/cameras/")
    phone.page.locator(".cam-link", has_text="Đầu ngõ 12").click()
    phone.page.wait_for_function(PLAYING, timeout=PATIENCE_MS)
    expect(phone.page.locator(".stamp-who")).to_have_text("Hộ ông An")
    page.goto(f"{street.product.base}/leader/")
    expect(page.locator("[data-watching]")).to_contain_text("Hộ ông An")
