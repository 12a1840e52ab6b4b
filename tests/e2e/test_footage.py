"""Footage for a case in real browsers: the officer asks on a desk, the leader answers on the same evening's phone."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.lib.clock import VIETNAM
from tests.e2e.people import Leader, Phone, expect_usable, sign_in
from tests.e2e.product import Product
from tests.pace import PATIENCE_MS, PATIENCE_S
from tests.pdfs import pages_text

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def dung(product: Product, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, locale="vi-VN")
    page = context.new_page()
    sign_in(page, product, "dung")
    page.wait_for_url("**/leader/alerts/")
    yield page
    context.close()


def local(at: datetime) -> str:
    return at.astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.timeout(400)  # alone it waits for two minutes of footage
def test_an_officer_asks_and_learns_counts_before_and_after(dung: Page, product: Product, leader: Leader) -> None:
    product.wait_for_footage(125)  # the form knows whole minutes, and what is packed later is closed by then
    dung.goto(f"{product.base}/footage/")
    expect(dung.get_by_role("heading", name="Chưa có yêu cầu nào")).to_be_visible()
    expect_usable(dung)
    dung.get_by_role("link", name="Yêu cầu trích xuất hình mới").click()
    expect_usable(dung)
    dung.get_by_label("Số vụ việc").fill("2026/17")
    dung.get_by_role("button", name="Ghi vụ việc").click()
    until = datetime.now(VIETNAM).replace(second=0, microsecond=0) - timedelta(minutes=1)
    dung.get_by_label("Từ", exact=True).fill(local(until - timedelta(minutes=1)))
    dung.get_by_label("Đến", exact=True).fill(local(until))
    dung.get_by_role("button", name="Ở đó có gì?").click()
    expect(dung.get_by_role("status")).to_contain_text(re.compile(r"\d+ camera; ít nhất một camera có"))
    dung.get_by_label("Số công văn").fill("45/CV-CAP")
    dung.get_by_label("Vài lời").fill("phục vụ công tác điều tra")
    dung.get_by_role("button", name="Gửi yêu cầu").click()
    expect(dung.get_by_text("Hãy ghi rõ đang tìm gì")).to_be_visible()
    expect_usable(dung)
    dung.get_by_label("Vài lời").fill("Xe máy Wave màu xanh bị lấy ở đầu ngõ 12")
    dung.get_by_role("button", name="Gửi yêu cầu").click()
    dung.wait_for_url("**/footage/")
    asked = dung.locator("[data-footage]").first
    expect(asked).to_contain_text(re.compile(r"\d+ camera"))
    assert "ngõ 12" not in re.sub(r"Xe máy.*", "", asked.inner_text()), "no camera has a name before its release"
    expect_usable(dung)


def test_the_leader_answers_for_the_streets_cameras_and_a_no_is_told_to_nobody(
    dung: Page, product: Product, leader: Leader
) -> None:
    """Among those asked for may be a household's own, which the leader neither sees nor answers for."""
    asked = dung.locator("[data-footage]").first.inner_text()
    cameras = int(re.search(r"(\d+) camera", asked)[1])
    page = leader.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{product.base}/footage/")
    row = page.locator("[data-footage]").first
    expect(row.get_by_role("button", name="Tôi đồng ý")).not_to_have_count(0)
    expect_usable(page)
    first, second, third = (row.locator("[data-camera]").nth(number) for number in range(3))
    names = [one.get_attribute("aria-label") for one in (first, second, third)]
    first.get_by_role("button", name="Tôi đồng ý").first.click()
    first.get_by_role("button", name="Vâng, cho trích xuất").click()
    expect(page.get_by_label(names[0])).to_contain_text("Bác đã đồng ý")
    page.get_by_label(names[1]).get_by_role("button", name="Tôi không đồng ý").click()
    expect(page.get_by_label(names[1])).to_contain_text("Bác không đồng ý")
    third = page.get_by_label(names[2])
    third.get_by_text("Hỏi lại trước đã").click()
    third.get_by_label("Câu hỏi của bác").fill("Xe nào, mấy giờ?")
    third.get_by_role("button", name="Gửi câu hỏi").click()
    expect(page.get_by_label(names[2])).to_contain_text("Xe nào, mấy giờ?")
    expect_usable(page)
    page.set_viewport_size({"width": 1280, "height": 850})
    dung.reload()
    told = dung.locator("[data-footage]").first
    expect(told).to_contain_text("1 đã giao")
    expect(told).to_contain_text(f"{cameras - 1} đang chờ")
    expect(told).to_contain_text("Chủ camera hỏi: Xe nào, mấy giờ?")
    assert not [name for name in names if name in told.inner_text().replace("ở đầu ngõ 12", "")]
    told.get_by_label("Câu trả lời").fill("Wave xanh, lúc 9 giờ")
    told.get_by_role("button", name="Gửi trả lời").click()
    expect(dung.locator("[data-footage]").first).to_contain_text("Trả lời: Wave xanh, lúc 9 giờ")


@pytest.mark.timeout(600)
def test_the_officer_packs_it_fetches_it_once_and_anybody_can_check_it(
    dung: Page, product: Product, tmp_path: Path
) -> None:
    """With nothing but what was handed over: the ZIP, and the fingerprint on the record that goes with it."""
    row = dung.locator("[data-footage]").first
    row.get_by_role("button", name="Xem hình").click()
    expect(row.locator("video")).to_be_visible()
    video = row.locator("video")
    until = time.monotonic() + PATIENCE_S
    while video.evaluate("video => video.currentTime") < 0.3:
        assert time.monotonic() < until, "it does not play"
        dung.wait_for_timeout(200)
    row.get_by_label("Kèm bản để xem").check()
    row.get_by_role("button", name="Làm gói hình của 1 camera").click()
    fetch = row.get_by_role("button", name="Tải gói hình")
    expect(fetch).to_be_visible(timeout=4 * PATIENCE_MS)  # its copy to look at is drawn by a nice process
    expect_usable(dung)
    with dung.expect_download() as record:
        row.get_by_role("link", name="Biên bản giao nhận để ký").click()
    record.value.save_as(tmp_path / "bien-ban.pdf")
    with dung.expect_download() as saved:
        fetch.click()
    saved.value.save_as(tmp_path / "goi.zip")
    said = " ".join(pages_text((tmp_path / "bien-ban.pdf").read_bytes()))
    key = re.search(r"(?:[0-9A-F]{4}-){9}[0-9A-F]{4}", said)[0]
    subprocess.run([sys.executable, "-m", "zipfile", "-e", "goi.zip", "goi"], cwd=tmp_path, check=True)
    command = [sys.executable, "-I", "goi/verify.py", "goi.zip", "--key", key]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, "VALID, key" in done.stdout) == (0, True), done.stdout
    assert [path.suffix for path in (tmp_path / "goi" / "viewing").iterdir()] == [".mp4"]
    asked = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"]
    (footage, *_others) = sorted((tmp_path / "goi" / "footage").iterdir())
    length = float(subprocess.run([*asked, str(footage)], check=True, capture_output=True, text=True).stdout)
    said = json.loads((tmp_path / "goi" / "manifest.json").read_bytes())["cameras"][0]["footage"][0]
    begins, ends = (datetime.fromisoformat(said[edge]["utc"]) for edge in ("from", "to"))
    assert length == pytest.approx((ends - begins).total_seconds(), abs=1)
    dung.reload()
    expect(dung.locator("[data-package]").first).to_contain_text("đã giao")
    expect(dung.get_by_role("button", name="Tải gói hình")).to_have_count(0)


def test_the_leader_sees_that_it_left_and_what_came_of_it(dung: Page, product: Product, leader: Leader) -> None:
    page = leader.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{product.base}/footage/")
    row = page.locator("[data-footage]").first
    expect(row).to_contain_text("Công an đã lấy hình lúc")
    expect(row.get_by_text("Rút lại lời đồng ý")).to_have_count(0)
    told = dung.locator("[data-footage]").first
    told.get_by_text("Vụ việc đã xong: báo kết quả").click()
    told.get_by_role("button", name="Đóng yêu cầu và báo cho chủ camera").click()
    expect(told.get_by_text("Hãy xóa các bản sao ngoài hồ sơ vụ việc rồi xác nhận.")).to_be_visible()
    told.locator("[name=helped]").first.check()
    told.get_by_label("phương tiện").check()
    told.get_by_label("Không còn giữ bản sao nào").check()
    told.get_by_role("button", name="Đóng yêu cầu và báo cho chủ camera").click()
    expect(dung.locator("[data-footage]").first).to_contain_text("Đã đóng và đã báo cho chủ camera")
    page.reload()
    expect(page.locator("[data-footage]").first).to_contain_text("Hình đã giúp ích cho vụ việc.")
    expect_usable(page)
    page.set_viewport_size({"width": 1280, "height": 850})


def test_a_household_without_a_camera_reads_that_nobody_asks(
    open_phone: Callable[[], Phone], product: Product, leader: Leader
) -> None:
    phone = open_phone()
    phone.join(product, leader.issue_code(number=9)["typed"])
    phone.page.goto(f"{product.base}/footage/")
    expect(phone.page.get_by_role("heading", name="Chưa có yêu cầu nào")).to_be_visible()
    expect_usable(phone.page)
