"""The leader's page of one household: who lives there, what is noted of the address, and how it is put right."""

import pytest
from django.test import Client

from neighborhoods.api.authentication import COOKIE
from neighborhoods.households import household_leave
from neighborhoods.models import Member
from neighborhoods.registrations import registration_add
from tests.cast import Cast, Person, make_phuc
from tests.neighborhoods.conftest import NOW, actor

pytestmark = pytest.mark.django_db


def shown(client: Client, cast: Cast, who: Person) -> str:
    assert cast.an.household
    client.cookies[COOKIE] = who.token
    answer = client.get(f"/leader/households/{cast.an.household.id}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_names_who_lives_there_and_leads_to_what_puts_it_right(client: Client, cast: Cast) -> None:
    household = cast.an.household
    assert household
    be = Member.objects.create(household=household, name="Nguyễn Thị Bé", phone="0912000001")
    gone = Member.objects.create(household=household, name="Nguyễn Văn Đi", left_at=NOW)
    note = registration_add(
        actor=actor(cast.binh), household_id=household.id, kind="temporary", reference="nhà trọ tầng 2", now=NOW
    )
    for who in (cast.binh, make_phuc(cast)):
        page = shown(client, cast, who)
        assert "Nguyễn Thị Bé" in page and "0912000001" in page and gone.name not in page
        assert "tạm trú · nhà trọ tầng 2" in page
        for path in (
            f"members/{be.id}/leave/", "members/", f"registrations/{note.id}/end/",
            f"households/{household.id}/registrations/", f"households/{household.id}/leave/",
        ):  # fmt: skip
            assert f'="/api/v1/{path}"' in page, path
        assert f'data-to="/api/v1/households/{household.id}/" data-method="PATCH"' in page


def test_a_household_that_moved_away_gets_no_code_any_more(client: Client, cast: Cast) -> None:
    assert cast.an.household
    household_leave(actor=actor(cast.binh), household_id=cast.an.household.id, now=NOW)
    page = shown(client, cast, cast.binh)
    assert "Hộ này đã chuyển đi ngày" in page
    assert 'data-to="' not in page and 'hx-post="/leader' not in page


def test_two_of_one_address_are_told_where_it_can_be_put_right(client: Client, cast: Cast) -> None:
    assert cast.an.household
    cast.an.household.address_twin = 1
    cast.an.household.save()
    assert "hộ khác" in shown(client, cast, cast.binh).lower()
