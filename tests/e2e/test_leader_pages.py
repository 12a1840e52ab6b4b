"""The leader at a desk: find a household, issue, take back in two taps, see who watches, cameras and their health."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from cameras.demo.street import PASSWORD, USER
from tests.e2e.people import ALWAYS, PLAYING, Leader, Phone, started
from tests.e2e.product import Product
from tests.pace import PATIENCE_MS, allowed_ms
from tests.pdfs import pages_text

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_households_are_found_without_accents(leader: Leader) -> None:
    page = leader.page
    page.goto(f"{leader.product.base}/leader/households/")
    rows = page.locator("[data-find]")
    expect(rows).to_have_count(86)
    name = rows.nth(40).locator("strong").inner_text()
    plain = page.evaluate("(t) => t.normalize('NFD').replace(/\\p{M}/gu, '').replace(/[đĐ]/g, 'd').toLowerCase()", name)
    page.get_by_role("searchbox").fill(plain)
    expect(rows.nth(40)).to_be_visible()
    assert page.locator("[data-find]:visible").count() < 86
    page.get_by_role("searchbox").fill("không có ai tên như thế")
    expect(page.get_by_text("Không có hộ nào như vậy")).to_be_visible()


def test_a_code_is_issued_shown_once_and_taken_back_in_two_taps(
    leader: Leader, product: Product, open_phone: Callable[[], Phone]
) -> None:
    page = leader.page
    page.goto(f"{product.base}/leader/households/")
    page.locator(".row-link").nth(60).click()
    page.wait_for_url(re.compile("/households/[0-9a-f-]{36}/"))
    started(page)
    page.get_by_role("button", name=re.compile("Cấp (thêm )?mã")).click()
    typed = page.locator("[data-typed]").inner_text()
    assert re.fullmatch(r"[A-Z0-9]+-[B-Z]{4}-[B-Z]{4}", typed)
    expect(page.get_by_role("img", name=re.compile("QR"))).to_be_visible()
    phone = open_phone()
    phone.join(product, typed)
    page.reload()
    expect(page.locator("[data-typed]")).to_have_count(0)
    code = page.locator("article").filter(has_text=f"đuôi {typed[-2:]}")
    code.get_by_role("button", name="Thu hồi mã").click()
    expect(code).to_contain_text("1 máy mất hình ngay lập tức")
    code.get_by_role("button", name="Đúng, thu hồi").click()
    expect(page.get_by_role("status")).to_contain_text("Đã thu hồi mã")
    expect(phone.page.locator("[data-revoked]")).to_be_visible(timeout=allowed_ms(3))


def test_one_phone_is_cut_off_and_the_code_goes_on(
    leader: Leader, product: Product, open_phone: Callable[[], Phone]
) -> None:
    issued = leader.issue_code()
    first, second = open_phone(), open_phone()
    first.join(product, issued["typed"])
    second.join(product, issued["typed"])
    page = leader.page
    page.goto(f"{product.base}/leader/households/{issued['household']['id']}/")
    code = page.locator("article").filter(has_text=f"đuôi {issued['typed'][-2:]}")
    row = code.locator("li").first
    row.get_by_role("button", name="Cắt máy").click()
    row.get_by_role("button", name="Đúng, cắt máy này").click()
    expect(page.get_by_role("status")).to_contain_text("Đã cắt máy")
    expect(first.page.locator("[data-revoked]")).to_be_visible(timeout=allowed_ms(3))
    second.page.reload()
    expect(second.page.locator(".cam-link").first).to_be_visible()


def test_a_lost_phone_is_replaced_in_two_taps(
    leader: Leader, product: Product, open_phone: Callable[[], Phone]
) -> None:
    issued = leader.issue_code(number=2)
    lost, fresh = open_phone(), open_phone()
    lost.join(product, issued["typed"])
    page = leader.page
    page.goto(f"{product.base}/leader/households/{issued['household']['id']}/")
    row = page.locator("article").filter(has_text=f"đuôi {issued['typed'][-2:]}").locator("li").first
    row.get_by_role("button", name="Mất máy?").click()
    row.get_by_role("button", name="Cắt máy, cho mã mới").click()
    expect(page.get_by_role("img", name=re.compile("QR"))).to_be_visible()
    typed = page.locator("[data-typed]").inner_text()
    assert typed != issued["typed"]
    expect(lost.page.locator("[data-revoked]")).to_be_visible(timeout=allowed_ms(3))
    fresh.join(product, typed)


def test_sheets_of_chosen_households_are_made_with_progress_and_given_out_once(leader: Leader) -> None:
    page = leader.page
    page.goto(f"{leader.product.base}/leader/codes/")
    boxes = page.locator("input[name=household]")
    page.get_by_role("button", name="Làm phiếu cho các hộ đã chọn").click()
    page.get_by_role("button", name="Đúng, làm phiếu mới").click()
    expect(page.get_by_role("alert").filter(has_text="Hãy chọn ít nhất một hộ trước.")).to_be_visible()
    page.get_by_role("button", name="Không").click()
    for number in (70, 71, 72):
        boxes.nth(number).check()
    page.get_by_role("button", name="Làm phiếu cho các hộ đã chọn").click()
    page.get_by_role("button", name="Đúng, làm phiếu mới").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    button = page.get_by_role("button", name="Lấy tệp phiếu để in")
    expect(button).to_be_visible(timeout=PATIENCE_MS)
    with page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename == "Phiếu mã.pdf"
    assert len(pages_text(download.value.path().read_bytes())) == 2
    expect(page.get_by_role("link", name="Mở lại")).to_be_visible()
    page.reload()
    expect(button).to_have_count(0)


def test_a_household_is_put_right_where_it_stands(leader: Leader) -> None:
    page = leader.page
    page.goto(f"{leader.product.base}/leader/households/")
    page.locator(".row-link").nth(75).click()
    page.wait_for_url(re.compile("/households/[0-9a-f-]{36}/"))
    started(page)
    page.get_by_text("Thêm người").first.click()
    name = page.locator("#member-name")
    name.fill("Lê Thị Bé Na")
    page.locator("#member-phone").fill("12")
    name.press("Enter")
    expect(page.locator("[data-error=phone]")).to_have_text("Số điện thoại có 6 đến 15 chữ số.")
    page.locator("#member-phone").fill("0912000111")
    name.press("Enter")
    person = page.locator("li").filter(has_text="Lê Thị Bé Na")
    expect(person).to_contain_text("0912000111")
    person.get_by_role("button", name="Đã chuyển đi").click()
    person.get_by_role("button", name="Đúng, đã chuyển đi").click()
    expect(person).to_have_count(0)
    page.locator("#household-address").fill("Số 7, ngõ 9")
    page.get_by_role("button", name="Lưu phần đã sửa").click()
    expect(page.locator("#main > p").first).to_contain_text("Số 7, ngõ 9")


def test_who_is_watching_now_is_told_by_household(leader: Leader, phone: Phone) -> None:
    phone.open_camera()
    leader.page.goto(f"{leader.product.base}/leader/")
    watching = leader.page.locator("[data-watching]")
    expect(watching).to_contain_text(phone.code["household"]["name"], timeout=PATIENCE_MS)
    expect(watching).to_contain_text("trực tiếp")


def test_cameras_and_their_health_are_listed(leader: Leader) -> None:
    leader.page.goto(f"{leader.product.base}/leader/cameras/")
    expect(leader.page.locator(".rows .state")).to_have_count(8)
    expect(leader.page.locator(".state.good").first).to_contain_text("Đang ghi")


def test_an_address_that_is_this_server_is_refused_with_the_reason(leader: Leader) -> None:
    page = leader.page
    page.goto(f"{leader.product.base}/leader/cameras/add")
    page.get_by_label("Tên", exact=True).fill("Thử")
    page.locator("#source").fill("rtsp://127.0.0.1:554/x")
    page.get_by_role("button", name="Thêm vào").click()
    expect(page.get_by_role("status")).to_be_visible()
    expect(page.locator("[data-error]:visible").first).to_contain_text("máy chủ")


def test_a_camera_is_tried_added_recorded_and_taken_away(leader: Leader, product: Product, phone: Phone) -> None:
    page = leader.page
    page.goto(f"{product.base}/leader/cameras/add")
    page.get_by_label("Tên", exact=True).fill("Sân đình")
    page.locator("#source").fill(f"rtsp://127.0.0.1:{product.camera_port}/ngo-12")
    page.get_by_label("Tên đăng nhập của máy").fill(USER)
    page.get_by_label("Mật khẩu của máy").fill(PASSWORD)
    page.get_by_role("button", name="Thử xem").click()
    expect(page.get_by_role("status")).to_contain_text("1280×720", timeout=PATIENCE_MS)
    expect(page.get_by_role("img", name="Hình máy quay đang thấy")).to_be_visible()
    page.get_by_role("button", name="Thêm vào").click()
    page.wait_for_url("**/leader/cameras/")
    row = page.locator("li", has_text="Sân đình")
    expect(row).to_be_visible()
    phone.page.reload()
    phone.page.locator(".cam-link", has_text="Sân đình").click()
    phone.page.wait_for_function(PLAYING, timeout=PATIENCE_MS)
    row.locator("summary").click()
    row.get_by_role("button", name="Gỡ camera").click()
    row.get_by_role("button", name="Đúng, gỡ đi").click()
    expect(row).to_have_count(0)
    expect(phone.page.locator("[data-cover]")).to_contain_text("Camera này không còn chia sẻ", timeout=allowed_ms(5))


def test_private_hours_end_the_picture_and_say_so(leader: Leader, phone: Phone) -> None:
    camera = leader.call("GET", "/cameras/?q=nguyen trai")["results"][0]
    phone.page.locator(".cam-link", has_text=camera["name"]).click()
    phone.page.wait_for_function(PLAYING, timeout=PATIENCE_MS)
    leader.call("PATCH", f"/cameras/{camera['id']}/", {"private_hours": ALWAYS})
    try:
        expect(phone.page.locator("[data-cover]")).to_contain_text("Giờ riêng tư", timeout=allowed_ms(4))
        assert phone.page.locator("video").count() == 0
    finally:
        leader.call("PATCH", f"/cameras/{camera['id']}/", {"private_hours": []})


def test_a_resident_finds_no_leaders_page(phone: Phone, product: Product) -> None:
    for path in ("/leader/", "/leader/households/", "/leader/watching/"):
        assert phone.page.goto(product.base + path).status == 404
    expect(phone.page.get_by_role("heading", name="Không có gì ở đây")).to_be_visible()


def test_a_list_from_a_file_is_looked_at_before_it_is_put_in(leader: Leader) -> None:
    page, here = leader.page, leader.call("GET", "/households/")["results"][5]
    said = (
        "Địa chỉ,Chủ hộ,Thành viên,SĐT\n"
        f"{here['address'].upper()},,Mã Thị Khách,\nSố 7 ngõ Lạ,Lò Văn Páo,,12\n"
    )  # fmt: skip
    page.goto(f"{leader.product.base}/leader/households/")
    page.get_by_role("link", name="Nhập hộ từ tệp").click()
    page.wait_for_function("window.htmx")
    page.locator("#list-file").set_input_files(
        {"name": "h.csv", "mimeType": "text/csv", "buffer": said.encode("utf-16")}
    )
    expect(page.get_by_text("Thêm người: Mã Thị Khách")).to_be_visible()
    expect(page.locator(".import-line", has_text="dòng 3")).to_contain_text("Số điện thoại có 6 đến 15 chữ số")
    assert leader.call("GET", "/members/?q=ma thi khach")["results"] == []
    page.get_by_role("button", name="Nhập phần còn lại, bỏ 1 dòng").click()
    expect(page.get_by_text("Đã thêm 0 hộ, sửa 1 hộ, thêm 1 người.")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("link", name="Xem danh sách hộ").click()
    page.get_by_role("searchbox").fill("ma thi khach")
    expect(page.locator("[data-find]:visible")).to_have_count(1)
    expect(page.locator("[data-find]:visible")).to_contain_text(here["name"])
