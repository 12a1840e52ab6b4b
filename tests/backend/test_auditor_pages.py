"""An auditor's home: what waits for them, what runs, how the audit stands; and that it only reads."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from backend.lib import clock
from cameras.footage import requests
from cameras.models import OddUse
from cameras.oddlooks import LOOKED
from neighborhoods.access import Role
from neighborhoods.auditing import heads
from neighborhoods.models import AuditCopy, AuditEntry, RoleGrant, Ward
from tests.cameras.footage.street import HOUR, Street, make_street, noon
from tests.cameras.playback.conftest import actor_of
from tests.cast import Cast, Person, make_staff

pytestmark = pytest.mark.django_db
Read = Callable[..., str]


@pytest.fixture
def tam(cast: Cast) -> Person:
    return make_staff("tam", "Mai Thị Tâm", Role.AUDITOR, cast.ward)


@pytest.fixture
def read(client: Client) -> Read:
    """``read(tam)``: what stands in the page's main part, in one line."""

    def read_one(person: Person, path: str = "/auditor/", *, status: int = 200) -> str:
        client.cookies["matpho"] = person.token
        answer = client.get(path)
        assert answer.status_code == status
        return " ".join(answer.content.decode().partition("<main")[2].split())

    return read_one


@pytest.fixture
def street(cast: Cast) -> Street:
    return make_street(cast, noon())


def urgent(street: Street) -> None:
    made = requests.request_make(
        actor=street.dung, case_id=street.case.id, wanted=street.wanted(urgent=True), now=street.moment
    )
    requests.request_sign(actor=street.chief, request_id=made.id, now=street.moment)


def noticed(street: Street) -> OddUse:
    at = clock.now()
    odd = OddUse.objects.create(
        rule="again",
        household_id=street.cast.cuc.household.id,
        role="resident",
        count=5,
        starts_at=at - HOUR,
        ends_at=at,
    )
    odd.cameras.add(street.corner)
    return odd


@pytest.mark.parametrize(("role", "home"), [(Role.AUDITOR, "/auditor/"), (Role.SUPERVISOR, "/footage/")])
def test_who_watches_nothing_is_led_to_what_waits_for_them(cast: Cast, client: Client, role: Role, home: str) -> None:
    client.cookies["matpho"] = make_staff("x", "X", role, cast.ward).token
    assert client.get("/").headers["Location"] == home


def test_where_nothing_is_it_says_so(read: Read, tam: Person) -> None:
    drawn = read(tam)
    for words in ("Không có lần giao khẩn nào chờ xem lại", "Không có gì mới cần xem", "Không có yêu cầu nào đang chạy",
                  "Chưa có bản sao nào ra khỏi máy này", "Chưa có. Mã"):  # fmt: skip
        assert words in drawn


def test_an_urgent_release_waits_with_its_time_and_is_gone_once_reviewed(
    read: Read, tam: Person, street: Street
) -> None:
    urgent(street)
    drawn = read(tam)
    assert "1 lần chờ xem lại" in drawn and street.case.case_number in drawn and 'href="/footage/"' in drawn
    assert "gấp nhất: còn 2 ngày" in drawn  # of the 72 hours since noon
    assert street.gate.name not in drawn and "data-camera" not in drawn
    request = street.case.footage_requests.get()
    type(request).objects.filter(id=request.id).update(signed_at=street.moment - timedelta(hours=80))
    assert "gấp nhất: Đã hết hạn" in read(tam)
    requests.request_review(
        actor=actor_of(tam), request_id=request.id, justified=True, words="Đúng là có người gặp nạn", now=clock.now()
    )
    assert "Không có lần giao khẩn nào chờ xem lại" in read(tam)


def test_what_runs_is_counted_by_kind(read: Read, tam: Person, street: Street) -> None:
    requests.request_make(actor=street.dung, case_id=street.case.id, wanted=street.wanted(), now=street.moment)
    drawn = read(tam)
    assert '<dt>tự nguyện</dt><dd class="numbers">1</dd>' in drawn
    assert '<dt>bắt buộc theo luật</dt><dd class="numbers">0</dd>' in drawn


def test_odd_uses_count_until_the_auditor_has_looked_which_is_on_record(
    read: Read, tam: Person, cast: Cast, street: Street
) -> None:
    noticed(street)
    second = noticed(street)
    assert "2 lượt chưa xem" in read(tam) and not AuditEntry.objects.filter(action=LOOKED).exists()
    read(cast.binh, "/odd-uses/")  # who leads looks at their own: no look of the auditor's
    assert "2 lượt chưa xem" in read(tam) and not AuditEntry.objects.filter(action=LOOKED).exists()
    read(tam, "/odd-uses/")
    read(tam, "/odd-uses/")
    entry = AuditEntry.objects.get(action=LOOKED)
    assert (entry.actor, entry.subject, entry.ward_id) == (
        f"account:{tam.account.id}", f"odd_use:{second.id}", cast.ward.id,
    )  # fmt: skip
    assert "Không có gì mới cần xem" in read(tam)
    noticed(street)
    assert "1 lượt chưa xem" in read(tam)
    other = make_staff("khac", "Khác", Role.AUDITOR, cast.ward)
    assert "3 lượt chưa xem" in read(other)


def test_the_audit_says_its_newest_head_and_what_left_and_what_failed(
    read: Read, tam: Person, street: Street, settings: Any, tmp_path: Path
) -> None:
    heads.heads_sign(key=settings.SECRETS.signing_key, now=clock.now() + timedelta(days=1))
    settings.CONFIG = replace(settings.CONFIG, AUDIT_COPY_DIR=str(tmp_path))
    today = clock.vietnam_day(clock.now())
    drawn = read(tam)
    assert f"{today:%d/%m/%Y}" in drawn and "chưa gửi được lần nào" in drawn
    AuditCopy.objects.create(way="folder", day=today - timedelta(days=1), left_at=clock.now())
    AuditCopy.objects.create(way="folder", day=today, trouble="no space left", attempts=3)
    drawn = read(tam)
    assert f"mã ngày {today - timedelta(days=1):%d/%m/%Y}" in drawn and "chưa đến được kho thứ hai" in drawn


def test_the_months_lead_to_the_open_page(read: Read, tam: Person, cast: Cast, client: Client) -> None:
    today = clock.vietnam_day(clock.now())
    Ward.objects.filter(id=cast.ward.id).update(created_at=clock.now() - timedelta(days=400))
    drawn = read(tam)
    assert drawn.count(f'href="/transparency/{cast.ward.code}/') == 6
    path = f"/transparency/{cast.ward.code}/{today:%Y-%m}/"
    assert f'href="{path}"' in drawn and client.get(path).status_code == 200


def test_an_auditor_of_two_wards_chooses(read: Read, tam: Person, cast: Cast) -> None:
    assert "chips" not in read(tam)
    other = Ward.objects.create(code="00700", name="Xã Xa", province_code="08", province_name="Tuyên Quang")
    RoleGrant.objects.create(
        account=tam.account, role=Role.AUDITOR, ward=other, starts_at=clock.now() - HOUR, ends_at=clock.now() + HOUR
    )
    assert "Phường chưa có tổ dân phố nào" in read(tam, f"/auditor/?ward={other.id}")
    read(cast.binh, status=404)
    read(cast.dung, status=404)
