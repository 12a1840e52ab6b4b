"""The page of who watched, for the owner; that whoever watches is told so beforehand; and the list of odd uses."""

from datetime import datetime

import pytest
from django.test import Client

from backend.lib import clock
from backend.lib.clock import VIETNAM
from cameras.models import Camera
from cameras.odduses import odd_uses_notice
from neighborhoods.access import Role
from neighborhoods.api.authentication import COOKIE
from tests.architecture.own_world import make_wall
from tests.cameras.test_odduses import DAY, HOUR, Street, make_street, watched
from tests.cast import Cast, Person, make_phuc, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def street(cast: Cast) -> Street:
    return make_street(cast)


@pytest.fixture
def noon() -> datetime:
    """Yesterday, there."""
    return clock.now().astimezone(VIETNAM).replace(hour=12, minute=0, second=0, microsecond=0) - DAY


def read(who: Person, path: str, status: int = 200) -> str:
    client = Client()
    client.cookies[COOKIE] = who.token
    answer = client.get(path)
    assert answer.status_code == status, answer.content[:300]
    return answer.content.decode().partition("<main")[2]


def viewers_page(who: Person, camera: Camera, status: int = 200, query: str = "") -> str:
    return read(who, f"/cameras/{camera.id}/viewers/{query}", status)


def test_the_owner_reads_who_what_when_and_why(street: Street, noon: datetime) -> None:
    watched(street.door, street.em, noon, 15)
    watched(street.door, street.cast.binh, noon + HOUR, 1, purpose="complaint")
    watched(street.door, street.cast.dung, noon + 2 * HOUR, 1, mode="export", purpose="vehicle", role="officer")
    watched(street.door, None, noon + 3 * HOUR, 1)
    watched(street.door, street.cast.an, noon + 4 * HOUR, 1)
    page = viewers_page(street.cast.an, street.door)
    for words in (
        f"{noon:%d/%m/%Y}", "Hộ ông Em", "12:00 – 12:15", "Xem trực tiếp", "Trần Thị Bình</strong> · Tổ trưởng",
        "Lý do: Có khiếu nại", "Phạm Dũng", "Trích xuất hình cho một vụ việc", "Màn hình chung", "Nhà mình",
    ):  # fmt: skip
        assert words in page, words
    assert "Vũ Văn Em" not in page, "a resident stands there by household"
    assert page.index("Nhà mình") < page.index("Phạm Dũng") < page.index("Hộ ông Em")


def test_it_says_of_a_replay_what_was_shown_and_when_it_was_watched(street: Street, noon: datetime) -> None:
    watched(street.door, street.em, noon - 10 * HOUR, 1, mode="playback", later=10 * HOUR)
    watched(street.door, street.em, noon - 20 * HOUR, 1, mode="playback", later=20 * HOUR)
    page = viewers_page(street.cast.an, street.door)
    assert "02:00 – 02:01" in page and ">lúc 12:00<" in page
    assert f"{noon - DAY:%d/%m} 16:00 – 16:01" in page


def test_days_stand_under_each_other_and_older_ones_on_the_next_page(street: Street, noon: datetime) -> None:
    for n in range(45):
        watched(street.door, street.em, noon - DAY * (n // 5), 1)
    first = viewers_page(street.cast.an, street.door)
    assert first.count("Hộ ông Em") == 40 and first.count("<h2") >= 8
    after = first.partition('href="?before=')[2].partition('"')[0]
    second = viewers_page(street.cast.an, street.door, query=f"?before={after}")
    assert second.count("Hộ ông Em") == 5 and "?before=" not in second
    viewers_page(street.cast.an, street.door, 404, "?before=x")


def test_nobody_has_watched(street: Street) -> None:
    assert "Chưa ai xem camera này" in viewers_page(street.cast.an, street.door)


def test_what_is_older_than_a_month_is_not_told(street: Street) -> None:
    watched(street.door, street.em, clock.now() - 32 * DAY, 1)
    assert "Chưa ai xem camera này" in viewers_page(street.cast.an, street.door)


def test_whose_business_it_is(street: Street, noon: datetime) -> None:
    watched(street.gate, street.em, noon, 2)
    people = {"an": street.cast.an, "em": street.em, "cuc": street.cast.cuc, "binh": street.cast.binh,
              "phuc": make_phuc(street.cast), "dung": street.cast.dung}  # fmt: skip
    for camera, readers in ((street.door, {"an"}), (street.gate, {"binh", "phuc"})):
        for name, who in people.items():
            status = 200 if name in readers else 404
            viewers_page(who, camera, status)
            answer = Client().get(f"/api/v1/cameras/{camera.id}/viewers/", **who.bearer)
            assert answer.status_code == status, (name, camera.name)


def test_it_is_reached_from_the_cameras_page_by_those_who_may(street: Street) -> None:
    link = f'href="/cameras/{street.door.id}/viewers/"'
    assert link in read(street.cast.an, f"/cameras/{street.door.id}/")
    assert link not in read(street.cast.binh, f"/cameras/{street.door.id}/")
    assert f'href="/cameras/{street.gate.id}/viewers/"' in read(street.cast.binh, f"/cameras/{street.gate.id}/")


def test_whoever_watches_is_told_beforehand(street: Street) -> None:
    """On the page itself, beside the picture, before any picture comes."""
    door, gate = f"/cameras/{street.door.id}/", f"/cameras/{street.gate.id}/"
    assert "Chủ camera đọc được hộ của bạn đang xem" in read(street.em, door)
    assert "Chủ camera đọc được tên của bạn" in read(street.cast.binh, door)
    assert "để tổ trưởng, tổ phó đọc: hộ của bạn" in read(street.em, gate)
    assert "để tổ trưởng, tổ phó đọc: tên của bạn" in read(street.cast.binh, gate)
    assert 'class="hint told"' not in read(street.cast.an, door), "who watches their own door"
    assert "được ghi lại theo giờ, chủ từng camera đọc được" in read(street.em, "/cameras/")
    assert "Ai phát đoạn hình được ghi lại" in read(street.em, "/alerts/")


def test_what_is_unusual_stands_above_the_list(street: Street) -> None:
    watched(street.door, street.em, street.midnight, 20)
    odd_uses_notice(now=clock.now())
    page = viewers_page(street.cast.an, street.door)
    assert "Xem 20 phút trong một đêm" in page and "00:00 – 00:19" in page
    assert page.index("Xem khác thường") < page.index("Xem trực tiếp")


def test_the_auditor_reads_all_of_the_ward_and_each_owner_their_own(street: Street) -> None:
    auditor = make_staff("kiem-tra", "Kiểm tra", Role.AUDITOR, street.cast.ward)
    assert "Không có gì khác thường" in read(auditor, "/odd-uses/")
    watched(street.door, street.em, street.midnight, 20)
    watched(street.gate, street.cast.binh, clock.now() - 9 * HOUR, 500)
    odd_uses_notice(now=clock.now())
    page = read(auditor, "/odd-uses/")
    assert "Hộ ông Em" in page and "Xem 20 phút trong một đêm" in page
    assert "Trần Thị Bình</strong> · Tổ trưởng" in page and "Gần như không lúc nào tắt: 500 phút" in page
    assert "/viewers/" not in page, "who watched is the owner's to read"
    leaders = read(street.cast.binh, "/odd-uses/")
    assert "Hộ ông Em" not in leaders and f'href="/cameras/{street.gate.id}/viewers/"' in leaders
    read(street.cast.dung, "/odd-uses/", 404)
    answer = Client().get("/api/v1/odd-uses/", **auditor.bearer).json()
    assert {(one["rule"], one["household"], one["person"], one["count"]) for one in answer["results"]} == {
        ("endless", "", "Trần Thị Bình", 500), ("at_night", "Hộ ông Em", "", 20),
    }  # fmt: skip


def test_a_wall_is_not_told_and_tells_nobody(street: Street) -> None:
    read(make_wall(street.cast), f"/cameras/{street.gate.id}/viewers/", 404)
