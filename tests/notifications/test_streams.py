"""Who reads which stream, role by role, and that a stream is made once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from neighborhoods.access import Actor, Grant, Role
from neighborhoods.models import AccessCode, Neighborhood, RoleGrant, Ward
from notifications.models import Stream
from notifications.streams import Kind, rows_of, stream_of, streams_of
from tests.cast import Cast, make_school, make_staff
from tests.neighborhoods.conftest import actor, at_once

pytestmark = pytest.mark.django_db


def kinds(found) -> list[str]:
    return [str(kind) for kind, _ in found]


def test_a_resident_reads_the_neighborhood_the_ward_and_the_own_household(cast: Cast) -> None:
    household = cast.an.household
    assert streams_of(actor(cast.an)) == sorted(
        [(Kind.HOUSEHOLD, household.id), (Kind.NEIGHBORHOOD, cast.place.id), (Kind.WARD, cast.ward.id)]
    )


def test_a_guest_has_no_household_stream(cast: Cast) -> None:
    AccessCode.objects.filter(id=cast.an.device.code_id).update(kind=AccessCode.Kind.GUEST)
    assert kinds(streams_of(actor(cast.an))) == ["neighborhood", "ward"]


@pytest.mark.parametrize(
    ("role", "read"),
    [
        (Role.LEADER, ["neighborhood", "stewards", "ward"]),
        (Role.DEPUTY, ["neighborhood", "stewards", "ward"]),
        (Role.TREASURER, ["neighborhood", "ward"]),
        (Role.WALL, ["neighborhood", "ward"]),
        (Role.STREET_WORKER, []),
        (Role.AUDITOR, []),
    ],
)
def test_roles_of_a_neighborhood(cast: Cast, role: Role, read: list[str]) -> None:
    found = streams_of(actor(make_staff("nam", "Nam", role, cast.place)))
    assert kinds(found) == read
    assert {subject for _, subject in found} <= {cast.place.id, cast.ward.id}


@pytest.mark.parametrize(
    ("role", "read"),
    [
        (Role.OFFICER, ["duty", "ward"]),
        (Role.OPERATOR, ["duty", "ward"]),
        (Role.STREET_WORKER, []),
        (Role.AUDITOR, []),
        (Role.ADMINISTRATOR, []),
    ],
)
def test_roles_of_a_ward_read_none_of_its_neighborhoods(cast: Cast, role: Role, read: list[str]) -> None:
    found = streams_of(actor(make_staff("nam", "Nam", role, cast.ward)))
    assert (kinds(found), {subject for _, subject in found} - {cast.ward.id}) == (read, set())


@pytest.mark.parametrize("role", Role)
def test_a_role_of_nowhere_reads_nothing(role: Role) -> None:
    assert streams_of(Actor(pseudonym="account:x", grants=(Grant(role),))) == []


def test_a_schools_staff_read_its_stream_and_its_phones_do_not(cast: Cast) -> None:
    school, other = make_school(cast), make_staff("my", "My", Role.SCHOOL, cast.an.household)
    assert streams_of(actor(school.thu)) == [(Kind.SCHOOL, school.household.id)]
    assert streams_of(actor(other)) == [(Kind.SCHOOL, cast.an.household.id)]
    assert kinds(streams_of(actor(school.phone))) == ["household", "neighborhood", "ward"]


def test_a_leader_of_two_places_reads_the_wards_of_both(cast: Cast) -> None:
    elsewhere = Ward.objects.create(code="00700", name="Xã Xa", province_code="08", province_name="Tuyên Quang")
    far = Neighborhood.objects.create(ward=elsewhere, code="00700-T01", selector="XA1", name="Thôn 1")
    RoleGrant.objects.create(
        account=cast.binh.account, role=Role.DEPUTY, neighborhood=far,
        starts_at=timezone.now() - timedelta(days=1), ends_at=timezone.now() + timedelta(days=9),
    )  # fmt: skip
    found = streams_of(actor(cast.binh))
    assert set(found) == {
        (kind, place.id) for place in (cast.place, far) for kind in (Kind.NEIGHBORHOOD, Kind.STEWARDS)
    } | {(Kind.WARD, cast.ward.id), (Kind.WARD, elsewhere.id)}


def test_a_resident_costs_no_statement(cast: Cast, django_assert_num_queries) -> None:
    people = [actor(cast.an), actor(cast.binh), actor(cast.dung)]
    with django_assert_num_queries(0):
        for one in people:
            streams_of(one)


def test_rows_are_made_once_and_found_again(cast: Cast, django_assert_num_queries) -> None:
    an = actor(cast.an)
    first = rows_of(an)
    assert [(row.kind, row.subject_id, row.head) for row in first] == [(*each, 0) for each in streams_of(an)]
    with django_assert_num_queries(1):
        assert rows_of(an) == first
    assert stream_of("ward", cast.ward.id) in first


def test_an_unknown_kind_is_refused(cast: Cast) -> None:
    with pytest.raises(ValueError, match="province"):
        stream_of("province", cast.ward.id)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_made_by_many_at_once_it_is_one_row(live_cast: Cast) -> None:
    subject = live_cast.place.id
    rows = at_once(lambda number: stream_of("stewards", subject).id, 6)
    assert set(rows) == {Stream.objects.get(kind="stewards", subject_id=subject).id}
