"""The one-time set-up link, and the places it makes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from backend.lib.errors import Absent, BadInput, Conflict, MatPhoError
from neighborhoods import places, setup
from neighborhoods.access import Grant, Role, system
from neighborhoods.models import Account, Neighborhood, RoleGrant, SetupLink, Ward
from tests.cast import Cast
from tests.neighborhoods.conftest import NOW, actor, at_once

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]
ADMIN = system("test", Grant(Role.ADMINISTRATOR))
ME = setup.NewAccount("quan-tri", "mot-mat-khau-dai", "Lê Quản Trị")
LEADER = setup.NewAccount("to-truong", "mat-khau-khac-dai", "Trần Thị Bình")
PLACE = setup.NewPlace("00691", "Phường Hà Giang 2", "08", "Tuyên Quang", "Tổ dân phố 7")


def link() -> str:
    issued = setup.setup_link_issue(now=NOW)
    assert issued is not None
    assert issued.token not in repr(issued)
    return issued.token


def complete(token: str, **more: Any) -> setup.SetUp:
    return setup.setup_complete(**{"token": token, "administrator": ME, "place": PLACE, "now": NOW, **more})


class TestLink:
    def test_it_makes_the_administrator_the_place_and_the_leader(self) -> None:
        done = complete(link(), leader=LEADER)
        roles = set(RoleGrant.objects.values_list("account__username", "role", "neighborhood__selector"))
        assert roles == {("quan-tri", "administrator", None), ("to-truong", "leader", done.neighborhood.selector)}
        assert done.neighborhood.code == "00691-T01"
        assert done.leader.check_password("mat-khau-khac-dai")

    def test_one_person_may_be_both(self) -> None:
        done = complete(link())
        assert done.administrator.id == done.leader.id
        assert set(RoleGrant.objects.values_list("role", flat=True)) == {"administrator", "leader"}

    def test_it_works_once(self) -> None:
        token = link()
        complete(token)
        with pytest.raises(setup.SetupLinkRefused):
            complete(token, administrator=replace(ME, username="zwei"))
        assert setup.setup_link_issue(now=NOW) is None
        assert not setup.setup_link_works(token, now=NOW)

    def test_ten_at_once_are_one(self) -> None:
        token = link()
        results = at_once(lambda n: complete(token, administrator=replace(ME, username=f"quan-tri-{n}")), 10)
        assert sum(isinstance(each, setup.SetUp) for each in results) == 1
        assert sum(isinstance(each, setup.SetupLinkRefused) for each in results) == 9
        assert Account.objects.count() == 1

    def test_a_newer_link_kills_the_older(self) -> None:
        old, new = link(), link()
        assert not setup.setup_link_works(old, now=NOW)
        with pytest.raises(setup.SetupLinkRefused):
            complete(old)
        complete(new)

    def test_it_ends_after_a_day(self) -> None:
        token = link()
        assert setup.setup_link_works(token, now=NOW + timedelta(hours=23))
        with pytest.raises(setup.SetupLinkRefused):
            complete(token, now=NOW + timedelta(hours=24))

    @pytest.mark.parametrize(
        "more",
        [
            {"administrator": replace(ME, password="short")},
            {"administrator": replace(ME, password="password123")},
            {"administrator": replace(ME, username="hai tu")},
            {"administrator": replace(ME, display_name="a\u202eb")},
            {"leader": ME},
            {"place": replace(PLACE, ward_code="691")},
            {"place": replace(PLACE, province_code="8")},
            {"place": replace(PLACE, selector="HG-7")},
        ],
    )
    def test_a_mistake_leaves_nothing_and_the_link_goes_on_working(self, more: dict[str, Any]) -> None:
        token = link()
        with pytest.raises(MatPhoError) as caught:
            complete(token, **more)
        assert isinstance(caught.value, BadInput | Conflict)
        assert not isinstance(caught.value, setup.SetupLinkRefused)
        assert not Account.objects.exists()
        assert not Ward.objects.exists()
        complete(token)

    @pytest.mark.parametrize(
        ("field", "more"),
        [
            ("username", {"administrator": replace(ME, username="hai tu")}),
            ("password", {"administrator": replace(ME, password="short")}),
            ("display_name", {"administrator": replace(ME, display_name="a\u202eb")}),
            ("leader.username", {"leader": replace(LEADER, username="hai tu")}),
            ("ward_code", {"place": replace(PLACE, ward_code="691")}),
            ("ward_name", {"place": replace(PLACE, ward_name=" ")}),
            ("province_code", {"place": replace(PLACE, province_code="8")}),
            ("province_name", {"place": replace(PLACE, province_name="\u200b")}),
            ("neighborhood_name", {"place": replace(PLACE, neighborhood_name="")}),
            ("selector", {"place": replace(PLACE, selector="HG-7")}),
        ],
    )
    def test_a_mistake_names_the_field_of_the_form(self, field: str, more: dict[str, Any]) -> None:
        with pytest.raises(MatPhoError) as caught:
            complete(link(), **more)
        assert list(caught.value.fields) == [field]

    def test_all_that_is_wrong_is_told_at_once(self) -> None:
        with pytest.raises(BadInput) as caught:
            complete(link(), administrator=replace(ME, password="short"), place=replace(PLACE, ward_code="691"))
        assert list(caught.value.fields) == ["password", "ward_code"]

    def test_the_token_is_not_kept(self) -> None:
        token = link()
        assert token not in repr(list(SetupLink.objects.values()))

    def test_the_route(self, client: Client) -> None:
        body = {
            "token": link(), "username": "quan-tri", "password": "mot-mat-khau-dai", "display_name": "Lê Quản Trị",
            "ward_code": "00691", "ward_name": "Phường Hà Giang 2", "province_code": "08",
            "province_name": "Tuyên Quang", "neighborhood_name": "Tổ dân phố 7", "selector": "",
        }  # fmt: skip
        answer = client.post("/api/v1/setup/", body, "application/json")
        assert answer.status_code == 201, answer.content
        assert answer.json()["neighborhood"]["selector"] == "HG7"
        assert "mat-khau" not in answer.content.decode()
        again = client.post("/api/v1/setup/", body, "application/json")
        assert (again.status_code, again.json()["code"]) == (400, "setup_link")


class TestPlaces:
    @pytest.mark.parametrize(
        ("ward", "name", "selector"),
        [
            ("Phường Hà Giang", "Tổ dân phố 7", "HG7"),
            ("Xã Đồng Văn", "Thôn 12", "DV12"),
            ("Phường Ỷ La", "Tổ 07", "YL7"),
            ("Đặc khu Phú Quốc", "Khu phố Cây Dừa", "PQ1"),
            ("Phường 12", "Tổ 3", "T3"),
        ],
    )
    def test_a_selector_is_the_wards_initials_and_the_number(self, ward: str, name: str, selector: str) -> None:
        row = Ward.objects.create(code="00001", name=ward, province_code="08", province_name="Tuyên Quang")
        assert places.neighborhood_create(actor=ADMIN, ward_id=row.id, name=name, now=NOW).selector == selector

    def test_it_grows_where_it_is_taken(self) -> None:
        for number in range(3):
            row = Ward.objects.create(
                code=f"0000{number}", name="Phường Hà Giang", province_code="08", province_name="Tuyên Quang"
            )
            places.neighborhood_create(actor=ADMIN, ward_id=row.id, name="Tổ 7", now=NOW)
        assert list(Neighborhood.objects.values_list("selector", flat=True)) == ["HG7", "HG72", "HG73"]

    def test_eighteen_at_once_have_eighteen_codes(self) -> None:
        row = Ward.objects.create(code="00001", name="Phường Hà Giang", province_code="08", province_name="T")
        made = at_once(
            lambda n: places.neighborhood_create(actor=ADMIN, ward_id=row.id, name=f"Tổ {n + 1}", now=NOW), 18
        )
        assert {each.code for each in made} == {f"00001-T{n:02d}" for n in range(1, 19)}

    def test_only_an_administrator(self, live_cast: Cast) -> None:
        for person in (live_cast.an, live_cast.binh, live_cast.dung):
            with pytest.raises(Absent):
                places.neighborhood_create(actor=actor(person), ward_id=live_cast.ward.id, name="Tổ 9", now=NOW)

    def test_a_taken_selector_or_ward_is_a_conflict(self, live_cast: Cast) -> None:
        with pytest.raises(Conflict):
            places.neighborhood_create(actor=ADMIN, ward_id=live_cast.ward.id, name="Tổ 9", selector="hg7", now=NOW)
        with pytest.raises(Conflict):
            places.ward_create(actor=ADMIN, code="00691", name="X", province_code="08", province_name="Y", now=NOW)
