"""The form on a school's camera's page: who gets it, what it says, and the one time a camera is given to an address."""

import re

import pytest
from django.test import Client

from cameras.models import Camera
from neighborhoods.access import Role
from neighborhoods.api.authentication import COOKIE
from neighborhoods.models import AuditEntry, Revocation
from tests.cameras.api.conftest import Api
from tests.cameras.playback.conftest import make_camera
from tests.cameras.schools.test_hours import SCHOOL_DAYS, give
from tests.cast import Cast, Person, School, make_phuc, make_staff

pytestmark = pytest.mark.django_db
FORM = 'x-data="schoolForm"'


def read(who: Person, camera: Camera, status: int = 200) -> str:
    client = Client()
    client.cookies[COOKIE] = who.token
    answer = client.get(f"/cameras/{camera.id}/")
    assert answer.status_code == status, answer.content[:300]
    return answer.content.decode().partition("<main")[2]


def test_the_schools_staff_set_the_hours_and_read_who_may_watch(school: School, yard: Camera) -> None:
    give(yard, [*SCHOOL_DAYS, {"days": [5], "from": "07:00", "to": "11:00"}])
    page = read(school.thu, yard)
    assert FORM in page and "data-stage" in page and "data-becomes" not in page and 'name="owner_household"' not in page
    rows = re.findall(r"<fieldset[^>]*data-span.*?</fieldset>", page, re.DOTALL)
    assert len(rows) == 4 and ["hidden>" in row.partition("\n")[0] for row in rows] == [False, False, True, True]
    assert [re.findall(r'value="(\d)" checked', row) for row in rows[:2]] == [list("01234"), ["5"]]
    assert 'value="06:30"' in rows[0] and 'value="17:30"' in rows[0]
    assert "Trực ban phường: chỉ trong giờ T2–T6 06:30–17:30, T7 07:00–11:00" in page
    give(yard, [])
    assert "Trực ban phường: không xem được, vì chưa đặt giờ" in read(school.thu, yard)


def test_who_leads_gets_the_form_and_nobody_else_does(cast: Cast, school: School, yard: Camera, nga: Person) -> None:
    for person in (cast.binh, make_phuc(cast)):
        page = read(person, yard)
        assert FORM in page and "Bác được bớt giờ" in page and "Ngoài ra không ai" in page
        assert "không xem hình của nó" in page and "data-stage" not in page, "no player that could only be refused"
    page = read(nga, yard)
    assert FORM not in page and "Trực ban phường: chỉ trong giờ" in page
    for person in (cast.an, school.phone):
        read(person, yard, 404)
    street = make_camera(cast)
    assert 'data-becomes="school"' in read(cast.binh, street)
    for person in (cast.an, nga):
        page = read(person, street)
        assert FORM not in page and "Camera của trường" not in page
    Camera.objects.filter(id=street.id).update(owner_household=cast.an.household, ownership="household")
    assert FORM not in read(cast.an, street), "a household's phone would shut itself out"


def test_a_streets_camera_is_given_to_the_schools_address_whose_staff_then_set_its_hours(
    cast: Cast, school: School
) -> None:
    street = make_camera(cast)
    assert f'<option value="{school.household.id}">' in read(cast.binh, street)
    path, address = f"/cameras/{street.id}/", {"owner_household": str(school.household.id)}
    status, answer = Api(cast.binh).patch(path, {"ownership": "school", "school_hours": SCHOOL_DAYS} | address)
    assert (status, list(answer["errors"])) == (400, ["school_hours"]), "hours are the school's to give"
    status, answer = Api(cast.binh).patch(path, {"ownership": "school"} | address)
    assert status == 200 and answer["details"]["owner_household"] == str(school.household.id)
    assert AuditEntry.objects.filter(action="camera.edited").latest("seq").data["fields"] == [
        "owner_household_id", "ownership",
    ]  # fmt: skip
    assert Revocation.objects.filter(kind="camera", subject_id=street.id).exists()
    assert Api(school.thu).patch(path, {"school_hours": SCHOOL_DAYS})[0] == 200
    assert 'name="owner_household"' not in read(cast.binh, street)


@pytest.mark.parametrize("case", ["not a school's", "another neighborhood's", "owned already"])
def test_it_is_given_once_to_an_address_of_the_neighborhood_and_only_as_a_schools(
    cast: Cast, school: School, case: str
) -> None:
    owned = {"owner_household": cast.an.household} if case == "owned already" else {}
    street = make_camera(cast, **owned)
    to = cast.cuc.household if case == "another neighborhood's" else school.household
    body = {"owner_household": str(to.id)} | ({} if case == "not a school's" else {"ownership": "school"})
    status, answer = Api(cast.binh).patch(f"/cameras/{street.id}/", body)
    assert (status, list(answer["errors"])) == (400, ["owner_household"])
    street.refresh_from_db()
    assert street.ownership == "public"


def test_no_school_takes_a_camera_for_itself(cast: Cast, school: School, yard: Camera) -> None:
    other = make_staff("co-giao-2", "Cô giáo", Role.SCHOOL, school.household)
    status, answer = Api(other).patch(f"/cameras/{yard.id}/", {"owner_household": str(cast.an.household.id)})
    assert (status, list(answer["errors"])) == (400, ["owner_household"])
    assert Api(school.phone).patch(f"/cameras/{yard.id}/", {"school_hours": []})[0] == 404
