"""The figures' pages: of one's own places, and of a ward's month for everybody, with nobody in it."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backend.figures import open_month
from backend.lib.clock import VIETNAM
from cameras.models import Camera, MediaNode
from neighborhoods.models import Household, Ward
from notifications.models import Alert
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    open_month.forget()
    made, moment = make_cast(), timezone.now()
    node = MediaNode.objects.create(name="default")
    for name, facts in (("Cổng nhà ông An", {"purpose": "traffic"}), ("Đầu ngõ", {"make": "Hikvision"})):
        Camera.objects.create(
            neighborhood=made.place,
            node=node,
            name=name,
            state="active",
            approved_at=moment - timedelta(hours=1),
            **facts,
        )
    Camera.objects.update(created_at=moment - timedelta(hours=2))
    Household.objects.update(created_at=moment - timedelta(hours=2))
    Ward.objects.update(created_at=moment - timedelta(days=70))
    Alert.objects.create(
        ward=made.ward, neighborhood=made.place, category="fire", source="resident", household=made.an.household,
        text="Cháy nhà ông Tư", occurred_at=moment - timedelta(hours=1), raised_at=moment - timedelta(minutes=30),
        expires_at=moment, verdict="used", state="resolved",
    )  # fmt: skip
    return made


def month(at=None) -> str:
    return f"{(at or timezone.now()).astimezone(VIETNAM):%Y-%m}"


def read(path: str, person=None, status=200):
    client = Client()
    if person:
        client.cookies["matpho"] = person.token
    answer = client.get(path)
    assert answer.status_code == status, answer.content[:300]
    return answer


def test_who_leads_reads_the_figures_of_their_place(cast: Cast):
    drawn = read("/figures/", cast.binh).content.decode().partition("<main")[2]
    assert "Tổ dân phố 7" in drawn and "Giao thông" in drawn and "Hikvision" in drawn and "Cháy" in drawn
    assert "Cháy nhà ông Tư" not in drawn and "Hộ ông An" not in drawn and "Cổng nhà ông An" not in drawn


def test_an_officer_goes_from_the_ward_to_its_neighborhoods(cast: Cast):
    drawn = read("/figures/", cast.dung).content.decode()
    assert f"?neighborhood={cast.other_place.id}&amp;first=" in drawn
    read(f"/figures/?neighborhood={cast.other_place.id}", cast.dung)
    read(f"/figures/?neighborhood={cast.other_place.id}", cast.an, status=404)


def test_days_that_cannot_be_are_said_and_the_usual_ones_shown(cast: Cast):
    drawn = read("/figures/?first=2026-05-02&last=2026-05-01", cast.binh).content.decode()
    assert "Ngày cuối không được trước ngày đầu" in drawn
    assert "Số liệu" in read("/figures/?first=abc&ward=1", cast.binh).content.decode()


def test_a_wards_month_is_read_by_everybody_and_names_nobody(cast: Cast):
    path = read("/transparency/00691/", status=302)["Location"]
    assert path == f"/transparency/00691/{month()}/"
    answer = read(path)
    drawn = answer.content.decode()
    assert "Phường Hà Giang 2" in drawn and "Giao thông" in drawn and "Có ích" in drawn and "7 ngày" in drawn
    for secret in ("Hộ ông An", "Nguyễn Văn An", "Cổng nhà ông An", "Cháy nhà ông Tư", str(cast.an.household.id)):
        assert secret not in drawn
    assert "khi tháng đã qua" in drawn and "Số lần trích xuất" not in drawn
    assert "Đang chạy tốt" not in drawn, "that one of two cameras is down is a burglar's news"


def test_caches_may_keep_it_and_it_is_the_same_for_who_is_signed_in(cast: Cast):
    path = f"/transparency/00691/{month()}/"
    first, second = read(path), read(path, cast.binh)
    assert first["Cache-Control"] == "public, max-age=300" and "Cookie" in first["Vary"]
    assert first.content == second.content and not second.cookies


def test_months_lead_to_each_other_and_end_where_the_ward_began(cast: Cast):
    began = Ward.objects.get(code="00691").created_at
    drawn = read(f"/transparency/00691/{month()}/").content.decode()
    assert 'rel="prev"' in drawn and 'rel="next"' not in drawn
    drawn = read(f"/transparency/00691/{month(began)}/").content.decode()
    assert 'rel="prev"' not in drawn and 'rel="next"' in drawn


@pytest.mark.parametrize(
    "path",
    ["00691/1999-01/", "00691/2999-01/", "00691/2026-13/", "00691/2026-1/", "00691/x/", "99999/", "00691/٢٠٢٦-٠١/"],
)
def test_there_is_no_page_for_what_never_was(cast: Cast, path):
    read(f"/transparency/{path}", status=404)


def test_the_month_as_a_table(cast: Cast):
    answer = read(f"/transparency/00691/{month()}.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    found = {(part, what): number for part, what, number in rows[1:]}
    assert found["Camera", "Đã lắp"] == "2" and found["Cảnh báo", "Có ích"] == "1"
    assert found["Camera", "Dùng vào việc gì: Giao thông"] == "1"
    assert f"so-lieu-00691-{month()}.csv" in answer["Content-Disposition"]


def test_the_list_of_wards(cast: Cast):
    Ward.objects.create(code="00700", name="Phường Trống", province_code="08", province_name="Tuyên Quang")
    drawn = read("/transparency/").content.decode()
    assert "/transparency/00691/" in drawn and "Phường Trống" not in drawn


def test_the_public_month_asks_the_database_once_in_five_minutes(cast: Cast, django_assert_max_num_queries):
    path = f"/transparency/00691/{month()}/"
    with django_assert_max_num_queries(25):
        read(path)
    with django_assert_max_num_queries(2):
        read(path)
