"""Routes of places and lists: searched as people type, changed by administrators, filled from a file."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backend.lib.tables import read_table
from neighborhoods import jobs
from neighborhoods.access import Role
from neighborhoods.importing.columns import columns_of, is_heading
from neighborhoods.models import Household, Member, PlaceHistory, RoleGrant
from neighborhoods.neighborhood_changes import neighborhood_rename
from neighborhoods.placeload import places_load
from tests.cast import Cast, Person, make_resident, make_staff
from tests.neighborhoods.conftest import NOW
from tests.neighborhoods.test_place_changes import ADMIN

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
JSON = "application/json"


@pytest.fixture
def admin(cast: Cast) -> Person:
    made = make_staff("quan-tri", "Quản trị", Role.ADMINISTRATOR, cast.ward)
    RoleGrant.objects.filter(account=made.account).update(ward=None)
    return made


def found(client: Client, who: Person, path: str) -> list[str]:
    answer = client.get(f"/api/v1/{path}", **who.bearer)
    assert answer.status_code == 200, answer.content
    return [one["name"] for one in answer.json()["results"]]


def test_households_are_found_as_people_type(client: Client, cast: Cast) -> None:
    hue = make_resident(cast.place, 86, "Hộ bà Huệ", "Nguyễn Thị Huệ")
    Household.objects.filter(id=hue.household.id).update(
        address="Số 5 ngõ Đội Cấn", folded="ho ba hue so 5 ngo doi can 86"
    )
    for words in ("hue", "HUỆ", "ngo doi can", "nguyen thi hue", "thi hue doi", "H086", "86", "h86"):
        assert found(client, cast.binh, f"households/?q={words}") == ["Hộ bà Huệ"], words
    assert found(client, cast.binh, "households/?q=hue cuc") == []
    assert len(found(client, cast.binh, "households/?q=%20")) == 2
    assert found(client, cast.binh, "households/?q=100%25") == found(client, cast.binh, "households/?q=_") == []
    assert found(client, cast.binh, "members/?q=nguyen van an") == ["Nguyễn Văn An"]
    Member.objects.filter(name="Nguyễn Thị Huệ").update(left_at=NOW)
    assert found(client, cast.binh, "households/?q=nguyen thi") == []


def test_a_name_that_was_changed_is_found_by_the_new_one(client: Client, cast: Cast) -> None:
    body = {"name": "Hộ bà Đào"}
    answer = client.patch(f"/api/v1/households/{cast.an.household.id}/", body, JSON, **cast.binh.bearer)
    assert answer.status_code == 200
    assert found(client, cast.binh, "households/?q=ba dao") == ["Hộ bà Đào"]
    assert found(client, cast.binh, "households/?q=ong an") == []  # nor by the old one


def test_wards_are_found_in_the_official_list(client: Client, cast: Cast, admin: Person) -> None:
    places_load(actor=ADMIN, now=NOW)
    assert found(client, admin, "wards/?q=hoan kiem") == ["Phường Hoàn Kiếm"]
    assert found(client, admin, "wards/?q=ha giang 2 tuyen quang") == ["Phường Hà Giang 2"]
    assert len(found(client, admin, "wards/?province=08&page_size=200")) == 124
    provinces = client.get("/api/v1/provinces/", **cast.an.bearer).json()
    assert (len(provinces), provinces[0]) == (34, {"code": "01", "name": "Hà Nội", "kind": "city"})


def test_a_place_is_found_by_what_it_was_called(client: Client, cast: Cast, admin: Person) -> None:
    neighborhood_rename(actor=ADMIN, neighborhood_id=cast.place.id, name="Tổ Trần Phú", now=NOW)
    for words in ("to dan pho 7", "tran phu", "HG7", "ha giang tran"):
        assert found(client, admin, f"neighborhoods/?q={words}") == ["Tổ Trần Phú"], words


def test_an_administrator_merges_and_the_past_is_told(client: Client, cast: Cast, admin: Person) -> None:
    make_resident(cast.other_place, 12, "Hộ ông Giáp", "Giáp")
    path = f"/api/v1/neighborhoods/{cast.other_place.id}/merge/"
    body = {"into": str(cast.place.id), "decision": "5/NQ-HĐND", "until": "2026-07-01"}
    answer = client.post(path, body, JSON, **admin.bearer)
    assert answer.status_code == 200, answer.content
    assert [(one["name"], one["number"]) for one in answer.json()["renumbered"]] == [("Hộ ông Giáp", 13)]
    past = client.get(f"/api/v1/neighborhoods/{cast.place.id}/history/", **cast.cuc.bearer).json()
    assert [(one["change"], one["name"], one["decision"], one["until"]) for one in past] == [
        ("merged", "Tổ dân phố 8", "5/NQ-HĐND", "2026-07-01")
    ]
    assert found(client, admin, "neighborhoods/") == ["Tổ dân phố 7"]
    again = client.post(path, body, JSON, **admin.bearer)
    assert (again.status_code, again.json()["code"]) == (409, "place_closed")
    assert PlaceHistory.objects.filter(household__isnull=False).count() == 2


@pytest.mark.parametrize("body", [{}, {"into": "x"}, {"into": None}, {"into": "", "until": "32/13/2026"}])
def test_what_names_no_place_is_refused(client: Client, cast: Cast, admin: Person, body: dict[str, Any]) -> None:
    answer = client.post(f"/api/v1/neighborhoods/{cast.place.id}/merge/", body, JSON, **admin.bearer)
    assert answer.status_code == 400 and "into" in answer.json()["errors"]


def test_registrations_share_an_address_and_no_identity_number_is_kept(client: Client, cast: Cast) -> None:
    path = f"/api/v1/households/{cast.an.household.id}/registrations/"
    made = client.post(path, {"kind": "temporary", "reference": "người thuê tầng 2"}, JSON, **cast.binh.bearer)
    assert made.status_code == 201
    for reference in ("012345678901", "CMND 123 456 789", "0123-4567-8901"):
        refused = client.post(path, {"kind": "other", "reference": reference}, JSON, **cast.binh.bearer)
        assert (refused.status_code, refused.json()["code"]) == (400, "id_number")
    ended = client.post(f"/api/v1/registrations/{made.json()['id']}/end/", {}, JSON, **cast.binh.bearer)
    assert ended.json()["ended_at"]
    assert [one["reference"] for one in client.get(path, **cast.binh.bearer).json()] == ["người thuê tầng 2"]


def send(client: Client, cast: Cast, data: bytes, name: str = "ho.csv") -> Any:
    body = {"neighborhood": str(cast.place.id), "file": SimpleUploadedFile(name, data)}
    return client.post("/api/v1/households/import/", body, **cast.binh.bearer)


def test_a_list_is_read_then_put_in_by_a_job(client: Client, cast: Cast) -> None:
    answer = send(client, cast, "Số nhà;Chủ hộ;CCCD\n40;Vàng Thị Chư;1\n;;\n41;;\n".encode("utf-16"))
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["added"], told["refused"], told["unread"]) == (2, 0, ["CCCD"])
    assert told["lines"][0] == {
        "line": 2, "verdict": "added", "household": "Hộ Vàng Thị Chư", "address": "Số 40", "notes": [],
    }  # fmt: skip
    path = f"/api/v1/households/import/{told['id']}/"
    assert client.get(path, **cast.binh.bearer).json()["lines"] == told["lines"]
    job = client.post(f"{path}apply/", {}, JSON, **cast.binh.bearer)
    assert job.status_code == 202 and job.json()["kind"] == "households.import"
    assert jobs.job_run(job.json()["id"], now=lambda: NOW)
    assert found(client, cast.binh, "households/?q=vang thi chu") == ["Hộ Vàng Thị Chư"]
    assert client.get(path, **cast.binh.bearer).json()["applied_at"]


def test_refused_lines_are_told_in_vietnamese(client: Client, cast: Cast) -> None:
    answer = send(client, cast, "Địa chỉ,Chủ hộ,SĐT\nSố 40,An,mười hai\n".encode())
    assert answer.json()["lines"][0]["notes"] == ["Số điện thoại có 6 đến 15 chữ số."]
    refused = client.post(f"/api/v1/households/import/{answer.json()['id']}/apply/", {}, JSON, **cast.binh.bearer)
    assert (refused.status_code, refused.json()["code"]) == (409, "import_refused")


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"\x89PNG\r\n\x1a\n\x00", "table_unreadable"), (b"PK\x03\x04x", "table_unreadable"), (b"", "file_missing"),
     (b"a,b\n1,2\n", "table_unreadable"), ("Địa chỉ,Chủ hộ\n".encode() + b"1,2\n" * 3001, "table_too_large")],
)  # fmt: skip
def test_a_file_that_is_no_list_is_a_clear_error(client: Client, cast: Cast, data: bytes, code: str) -> None:
    answer = send(client, cast, data)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["errors"]["file"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_empty_list_is_one_that_the_import_reads(client: Client, cast: Cast, kind: str) -> None:
    answer = client.get(f"/api/v1/households/import/template.{kind}", **cast.binh.bearer)
    assert f"danh-sach-ho.{kind}" in answer["Content-Disposition"]
    table = read_table(answer.content, name=f"x.{kind}", is_heading=is_heading)
    columns = columns_of(table.headings)
    assert len(columns.places) == len(table.headings) and not columns.unread
    sent = send(client, cast, answer.content, f"x.{kind}").json()
    assert (sent["added"], sent["refused"]) == (2, 0)


def test_the_page_tells_why_a_file_cannot_be_read(client: Client, cast: Cast) -> None:
    client.cookies["matpho"] = cast.binh.token
    answer = client.post("/leader/households/import/read", {"file": io.BytesIO(b"\x00\x01")})
    assert answer.status_code == 200 and "Tệp này không phải là bảng" in answer.content.decode()
