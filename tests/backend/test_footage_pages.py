"""The page of requests for each who reads it: officer, owner, leader, superior, auditor."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from backend.lib import clock
from backend.pages import footageboard, footagewords
from backend.pages.views import footage as footage_views
from cameras.footage import decisions, links, outcomes, requests
from cameras.footage.area import Area
from cameras.footage.limits import policy_of
from neighborhoods.access import Role
from neighborhoods.api.authentication import COOKIE
from tests.architecture.fund_asks import PDF
from tests.cameras.footage.conftest import filmed, moment, street
from tests.cameras.footage.parcels import approved, asked, fetched, made, ordered, packed
from tests.cameras.footage.street import Street
from tests.cast import Person, make_staff

pytestmark = pytest.mark.django_db
__all__ = ["filmed", "moment", "street"]
Read = Callable[[Person], str]


def read(who: Person, path: str = "/footage/") -> str:
    client = Client()
    client.cookies[COOKIE] = who.token
    answer = client.get(path)
    assert answer.status_code == 200, answer.content[:300]
    return answer.content.decode().partition("<main")[2]


@pytest.fixture
def auditor(street: Street) -> Person:
    return make_staff("kiem-tra", "Kiểm tra", Role.AUDITOR, street.cast.ward)


def test_whoever_is_in_charge_signs_and_who_asked_does_not(street: Street) -> None:
    request = requests.request_make(
        actor=street.dung, case_id=street.case.id, wanted=street.wanted(urgent=True), now=street.moment
    )
    sign = f"/api/v1/footage-requests/{request.id}/sign/"
    page = read(street.boss)
    assert sign in page and "Ký" in page and street.gate.name not in page
    assert sign not in read(street.cast.dung) and "Chờ chỉ huy" in read(street.cast.dung)
    for other in (street.cast.an, street.cast.binh):
        assert str(request.id) not in read(other), "nobody is asked before somebody in charge has signed"


def test_an_auditor_looks_back_at_what_danger_released(street: Street, auditor: Person) -> None:
    request = requests.request_make(
        actor=street.dung, case_id=street.case.id, wanted=street.wanted(urgent=True), now=street.moment
    )
    requests.request_sign(actor=street.chief, request_id=request.id, now=street.moment)
    review = f"/api/v1/footage-requests/{request.id}/review/"
    assert review in read(auditor)
    assert review not in read(street.boss) and review not in read(street.cast.dung)
    assert "Giao ngay: có người gặp nguy hiểm" in read(street.cast.an)


def test_a_demands_scan_is_brought_by_who_asks_and_then_confirmed(street: Street) -> None:
    request = requests.request_make(
        actor=street.dung, case_id=street.case.id, now=street.moment,
        wanted=street.wanted(kind="demand", signatory="Đại tá Nam"),
    )  # fmt: skip
    scan, service = (f"/api/v1/footage-requests/{request.id}/{what}/" for what in ("scan", "service"))
    assert f'data-to="{scan}"' in read(street.cast.dung)
    page = read(street.cast.an)
    assert service not in page and "Tôi không đồng ý" not in page
    requests.request_scan(actor=street.dung, request_id=request.id, data=PDF, name="lenh.pdf", now=street.moment)
    page = read(street.cast.an)
    assert service in page and f'href="{scan}"' in page and "Tôi không đồng ý" not in page
    assert f'data-to="{scan}"' not in read(street.cast.dung)


def test_an_officer_packs_fetches_and_says_what_came_of_it(filmed: Street, monkeypatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: filmed.moment)
    monkeypatch.setattr("backend.pages.views.footage.now", lambda: filmed.moment)
    request = approved(filmed, asked(filmed), filmed.gate)
    pack = f"/api/v1/footage-requests/{request.id}/packages/"
    page = read(filmed.cast.dung)
    assert pack in page and "Làm gói hình của 1 camera" in page and "/conclusion/" not in page
    package = ordered(filmed, request)
    page = read(filmed.cast.dung)
    assert f'data-job="{package.job_id}"' in page and pack not in page and "đang làm" in page
    made(filmed, package)
    page = read(filmed.cast.dung)
    fetch, record = (f"/api/v1/footage-packages/{package.id}/{what}/" for what in ("links", "record"))
    assert fetch in page and record in page and "sẵn sàng" in page
    assert fetch not in read(filmed.boss) and record in read(filmed.boss)
    fetched(filmed, package)
    page = read(filmed.cast.dung)
    assert fetch not in page and "đã giao" in page and f"/api/v1/footage-requests/{request.id}/conclusion/" in page
    chief = read(filmed.boss)
    assert f"/api/v1/footage-packages/{package.id}/allow/" in chief and f"{package.id}/annex/" in chief
    assert "Công an đã lấy hình lúc" in read(filmed.cast.an)
    outcomes.request_conclude(
        actor=filmed.dung, request_id=request.id, helped=[1], what_helped=["time"], copies_deleted=True,
        now=filmed.moment,
    )  # fmt: skip
    assert "Hình đã giúp ích cho vụ việc." in read(filmed.cast.an)
    assert "/conclusion/" not in read(filmed.cast.dung) and "Đã đóng và đã báo cho chủ camera" in read(filmed.cast.dung)


def test_a_yes_can_be_taken_back_on_the_page_until_it_was_fetched(filmed: Street) -> None:
    package = packed(filmed, filmed.gate)
    assert 'value="withdraw"' in read(filmed.cast.an)
    link = links.link_make(actor=filmed.dung, package_id=package.id, now=filmed.moment)
    links.link_open(actor=filmed.dung, link_id=link.id, now=filmed.moment)
    assert 'value="withdraw"' not in read(filmed.cast.an)


def test_a_package_that_stopped_says_why_and_goes_on(filmed: Street, monkeypatch) -> None:
    package = ordered(filmed, approved(filmed, asked(filmed), filmed.gate))
    with monkeypatch.context() as full:
        full.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 1000})())
        made(filmed, package)
    page = read(filmed.cast.dung)
    assert "Ổ đĩa đã đầy" in page and "Làm tiếp" in page


def test_a_no_leaves_no_trace_on_the_officers_page(filmed: Street) -> None:
    first, second = asked(filmed), asked(filmed)
    decisions.ask_deny(actor=filmed.an, request_id=first.id, camera_id=filmed.gate.id, now=filmed.moment)
    page = read(filmed.cast.dung)
    parts = [part.partition("</article>")[0] for part in page.split('<article class="card request')[1:]]
    plain = [part.replace(str(one.id), "ID") for part, one in zip(parts, (second, first), strict=True)]
    assert plain[0] == plain[1]


def test_of_a_request_that_is_over_nothing_can_be_done(filmed: Street) -> None:
    request = asked(filmed)
    requests.request_withdraw(actor=filmed.dung, request_id=request.id, now=filmed.moment + timedelta(hours=1))
    page = read(filmed.cast.dung)
    assert "Đã rút lại" in page and 'x-data="sender"' not in page


def test_the_map_knows_where_neighborhoods_say_they_lie_and_no_camera(street: Street) -> None:
    place = street.cast.place
    place.latitude, place.longitude = 22.8236, 104.9841
    place.save()
    page = read(street.cast.dung, "/footage/ask")
    facts = json.loads(re.search(r'id="area-facts"[^>]*>(.*?)</script>', page)[1])
    assert facts["places"] == [{"name": "Tổ dân phố 7", "lat": 22.8236, "lon": 104.9841}]
    assert facts["alone_km2"] < facts["largest_km2"]
    for camera in (street.gate, street.corner):
        assert camera.name not in page and str(camera.latitude) not in page and str(camera.id) not in page
    assert "Chưa tổ nào" not in page
    place.latitude = place.longitude = None
    place.save()
    assert "Chưa tổ nào cho biết vị trí" in read(street.cast.dung, "/footage/ask")


def test_the_pages_print_the_figures_in_force(street: Street, monkeypatch) -> None:
    theirs = policy_of("window_hours=0.5, extent_km2=0.25, largest_km2=3, held_hours=24, extended_days=10, places=2")
    for module in (footagewords, footageboard, requests, footage_views):
        monkeypatch.setattr(module, "POLICY", theirs)
    page = read(street.cast.dung, "/footage/ask")
    assert "Quá 0,25 km² thì cần chỉ huy ký thêm; quá 3 km² thì không được" in page
    assert "Quá 2 tổ thì cần chỉ huy ký thêm; nhiều nhất 8 tổ" in page
    assert "<dd>0,5; có chỉ huy ký: 24</dd>" in page and "<dd>24 giờ</dd>" in page
    wanted = street.wanted(area=Area(places=(street.cast.place.id,)))
    asked = requests.request_make(actor=street.dung, case_id=street.case.id, wanted=wanted, now=street.moment)
    assert asked.over_limits == ["window"] and asked.deadline_at == street.moment + timedelta(hours=24)
    monkeypatch.setattr("backend.pages.views.footage.now", lambda: street.moment)
    assert "hơn 0,5 giờ" in read(street.boss)
    requests.request_sign(actor=street.chief, request_id=asked.id, now=street.moment)
    assert "Giữ thêm 10 ngày" in read(street.boss)
