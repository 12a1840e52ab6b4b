"""The ward's operations room and the case log, as each reader is told of them."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from cameras import cases
from cameras.footage import requests
from cameras.models import Camera, RoomCamera
from neighborhoods.access import Role
from neighborhoods.models import Ward
from notifications.models import Alert
from tests.cameras.footage.street import Street, make_street, noon
from tests.cameras.playback.conftest import make_camera
from tests.cameras.playback.test_viewing import daily
from tests.cast import Cast, Person, make_nga, make_school, make_staff

pytestmark = pytest.mark.django_db
Read = Callable[..., str]


@pytest.fixture
def read(client: Client) -> Read:
    """``read(nga, "/room/")``: what stands in the page's main part."""

    def read_one(person: Person, path: str, *, status: int = 200, **headers: str) -> str:
        client.cookies["matpho"] = person.token
        answer = client.get(path, headers=headers)
        assert answer.status_code == status, answer.content[:300]
        text = answer.content.decode()
        return text.partition("<main")[2] or text

    return read_one


@pytest.fixture
def street(cast: Cast) -> Street:
    return make_street(cast, noon())


@pytest.fixture
def nga(cast: Cast) -> Person:
    return make_nga(cast)


@pytest.fixture
def alert(cast: Cast) -> Alert:
    at = timezone.now()
    return Alert.objects.create(
        ward=cast.ward, neighborhood=cast.place, category="fire", source="resident", household=cast.an.household,
        occurred_at=at, raised_at=at, expires_at=at + timedelta(hours=6),
    )  # fmt: skip


def test_an_empty_room_says_what_to_do_and_that_all_is_well(read: Read, nga: Person) -> None:
    drawn = read(nga, "/room/")
    for words in ("Chưa chọn camera nào", "Hiện không có chuyện gì", "Không có yêu cầu nào đang chạy",
                  "Chưa có camera trường học, mầm non nào"):  # fmt: skip
        assert words in drawn


def test_an_operator_has_the_wall_the_alerts_and_figures_and_no_case(
    read: Read, nga: Person, street: Street, alert: Alert
) -> None:  # fmt: skip
    """``gate`` is a household's own: it hangs nowhere, and nobody chooses it."""
    RoomCamera.objects.create(camera=street.corner, ward=street.cast.ward, position=0)
    requests.request_make(actor=street.dung, case_id=street.case.id, wanted=street.wanted(), now=street.moment)
    drawn = read(nga, "/room/")
    assert f'data-camera="{street.corner.id}"' in drawn and str(street.gate.id) not in drawn
    assert "Cháy, nổ" in drawn and "1 đang chạy" in drawn
    assert street.case.case_number not in drawn and "Wave" not in drawn and "Phạm Dũng" not in drawn
    assert "Tất cả yêu cầu" not in drawn and 'href="/cases/' not in drawn
    chooses = read(nga, "/room/cameras")
    assert str(street.corner.id) in chooses and str(street.gate.id) not in chooses


def test_an_officer_has_requests_and_cases_and_no_picture(read: Read, street: Street, alert: Alert) -> None:
    RoomCamera.objects.create(camera=street.corner, ward=street.cast.ward, position=0)
    requests.request_make(actor=street.dung, case_id=street.case.id, wanted=street.wanted(), now=street.moment)
    drawn = read(street.cast.dung, "/room/")
    assert f'href="/cases/{street.case.id}/"' in drawn and "đã giao 0/2" in drawn and "Cháy, nổ" in drawn
    assert "data-camera=" not in drawn and street.gate.name not in drawn
    read(street.cast.dung, "/room/cameras", status=404)


def test_who_is_not_on_duty_finds_no_room(read: Read, cast: Cast) -> None:
    for person in (cast.an, cast.binh, cast.hoa):
        read(person, "/room/", status=404)
        read(person, "/room/cameras", status=404)


def test_another_wards_room_is_not_there(read: Read, nga: Person) -> None:
    ward = Ward.objects.create(code="00700", name="Phường Khác", province_code="08", province_name="Tuyên Quang")
    for asked in (ward.id, uuid4(), "x"):
        read(nga, f"/room/?ward={asked}", status=404)


def test_the_page_asks_for_its_news_alone(read: Read, nga: Person, alert: Alert) -> None:
    news = read(nga, "/room/", **{"HX-Request": "true", "HX-Target": "room-news"})
    assert "Cháy, nổ" in news and "<html" not in news and "<main" not in news and 'id="room-news"' in news


def test_a_school_is_watched_in_its_hours_and_told_outside_them(read: Read, nga: Person, cast: Cast) -> None:
    at, hour = timezone.now(), timedelta(hours=1)
    yard = make_camera(cast, ownership="school", owner_household=make_school(cast).household)
    for hours, is_open in (([], False), (daily(at - hour, at + hour), True), (daily(at + hour, at + 2 * hour), False)):
        Camera.objects.filter(id=yard.id).update(school_hours=hours)
        drawn = read(nga, "/room/")
        assert (f'href="/cameras/{yard.id}/"' in drawn) == is_open
        assert ("Ngoài giờ" in drawn) != is_open
        assert f'data-camera="{yard.id}"' not in drawn  # no poster
    assert "T2–CN" in drawn


def test_an_operator_begins_in_the_room(client: Client, nga: Person, cast: Cast) -> None:
    for person, place in ((nga, "/room/"), (cast.dung, "/leader/alerts/"), (cast.an, "/cameras/")):
        client.cookies["matpho"] = person.token
        assert client.get("/").headers["Location"] == place


class TestTheCaseLog:
    @pytest.fixture
    def auditor(self, cast: Cast) -> Person:
        return make_staff("kiem-tra", "Kiểm tra", Role.AUDITOR, cast.ward)

    def test_it_lists_what_is_open_and_what_came_of_the_others(self, read: Read, street: Street) -> None:
        closed = cases.case_open(
            actor=street.dung, ward_id=street.cast.ward.id, case_number="2026/18", kind="fire", now=street.moment
        )
        cases.case_resolve(actor=street.dung, case_id=closed.id, outcome="clarified", now=street.moment)
        dung = street.cast.dung
        both, still, over = (read(dung, f"/cases/{show}") for show in ("", "?show=open", "?show=closed"))
        assert ("2026/17" in both, "2026/18" in both, "Đã làm rõ" in both) == (True, True, True)
        assert ("2026/17" in still, "2026/18" in still) == (True, False)
        assert ("2026/17" in over, "2026/18" in over) == (False, True)

    def test_it_goes_on_page_by_page(self, read: Read, street: Street) -> None:
        for n in range(40):
            cases.case_open(
                actor=street.dung, ward_id=street.cast.ward.id, case_number=f"A{n:02}", kind="theft", now=street.moment
            )
        first = read(street.cast.dung, "/cases/")
        link = first.partition('href="?before=')[2].partition('"')[0]
        second = read(street.cast.dung, f"/cases/?before={link}")
        assert ("A39" in first, "A10" in first, "A09" in first) == (True, True, False)
        assert ("A09" in second, "2026/17" in second, "A10" in second, "?before=" in second) == (
            True,
            True,
            False,
            False,
        )
        assert "A39" in read(street.cast.dung, "/cases/?before=x")

    def test_one_case_shows_its_requests_by_counts_and_what_was_looked_through(
        self, read: Read, street: Street, auditor: Person
    ) -> None:
        requests.request_make(actor=street.dung, case_id=street.case.id, wanted=street.wanted(), now=street.moment)
        taken = cases.extraction_record(
            actor=street.dung, case_id=street.case.id, camera_id=street.corner.id, reason="vehicle",
            starts_at=street.moment - timedelta(hours=2), ends_at=street.moment - timedelta(hours=1), now=street.moment,
        )  # fmt: skip
        cases.extraction_outcome(
            actor=street.dung,
            extraction_id=taken.id,
            outcome="used",
            what_helped=["vehicle", "time"],
            now=street.moment,
        )
        for person in (street.cast.dung, auditor):
            drawn = read(person, f"/cases/{street.case.id}/")
            assert "đã giao 0/2" in drawn and "phương tiện, thời gian" in drawn
            assert street.gate.name not in drawn  # asked for, and not released
            assert ("/resolve/" in drawn, "/outcome/" in drawn) == ((person is not auditor),) * 2

    def test_another_wards_case_and_other_roles_find_nothing(self, read: Read, street: Street, nga: Person) -> None:
        for person in (street.cast.an, street.cast.binh, nga):
            read(person, "/cases/", status=404)
            read(person, f"/cases/{street.case.id}/", status=404)
        ward = Ward.objects.create(code="00700", name="Phường Khác", province_code="08", province_name="Tuyên Quang")
        stranger = make_staff("la", "Lạ", Role.OFFICER, ward)
        read(stranger, f"/cases/{street.case.id}/", status=404)
        assert "2026/17" not in read(stranger, "/cases/")

    def test_a_supervisor_reads_and_does_not_write(self, read: Read, street: Street) -> None:
        chief = make_staff("chi-huy", "Chỉ huy", Role.SUPERVISOR, street.cast.ward)
        drawn = read(chief, f"/cases/{street.case.id}/")
        assert "/resolve/" not in drawn and "Ghi vụ việc" not in read(chief, "/cases/")
