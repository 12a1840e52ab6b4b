"""A school's staff: named accounts, invited by an administrator to one address, who live nowhere by it."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.lib.errors import Absent, BadInput
from neighborhoods import devices, households, invitations, roles
from neighborhoods.access import Grant, Role, system
from neighborhoods.models import Account, RoleGrant
from tests.cast import Cast, School, make_school
from tests.neighborhoods.conftest import actor

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
ADMINISTRATOR = system("test", Grant(Role.ADMINISTRATOR))


@pytest.fixture
def school(cast: Cast) -> School:
    return make_school(cast)


def test_an_administrator_invites_them_and_the_link_says_where_to(cast: Cast, school: School) -> None:
    moment = timezone.now()
    made = invitations.invitation_make(
        actor=ADMINISTRATOR, role=Role.SCHOOL, name="Cô Vân", household_id=school.household.id, now=moment
    )
    opened = invitations.invitation_open(made.token, now=moment)
    assert (opened.household, invitations.place_of(opened).ward_id) == (school.household, cast.ward.id)
    accepted = invitations.invitation_accept(
        token=made.token, username="van", password="mot-mat-khau-dai-lam", display_name="Cô Vân", now=moment
    )
    assert accepted.grant is not None
    assert (accepted.grant.household, accepted.grant.neighborhood, accepted.grant.ward) == (
        school.household,
        None,
        None,
    )
    assert accepted.grant in roles.roles_for(ADMINISTRATOR)


def test_who_leads_invites_none_and_sees_none(cast: Cast, school: School) -> None:
    binh, moment = actor(cast.binh), timezone.now()
    with pytest.raises(Absent):
        invitations.invitation_make(
            actor=binh, role=Role.SCHOOL, name="Cô Vân", household_id=school.household.id,
            neighborhood_id=cast.place.id, now=moment,
        )  # fmt: skip
    assert not roles.roles_for(binh).filter(role=Role.SCHOOL).exists()
    grant = RoleGrant.objects.get(role=Role.SCHOOL)
    with pytest.raises(Absent):
        roles.role_end(actor=binh, grant_id=grant.id, now=moment)


def test_the_role_wants_an_address_and_no_other_role_does(cast: Cast, school: School) -> None:
    account, moment = Account.objects.get(username="thu"), timezone.now()
    wrong = [
        (Role.SCHOOL, {}), (Role.SCHOOL, {"ward_id": cast.ward.id}), (Role.SCHOOL, {"neighborhood_id": cast.place.id}),
        (Role.OPERATOR, {"household_id": school.household.id}), (Role.LEADER, {"household_id": school.household.id}),
        (Role.SCHOOL, {"household_id": school.household.id, "ward_id": cast.ward.id}),
    ]  # fmt: skip
    for role, where in wrong:
        with pytest.raises(BadInput, check=lambda refusal: refusal.code == "role_place"):
            roles.role_grant(actor=ADMINISTRATOR, account_id=account.id, role=role, now=moment, **where)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.update(ward=cast.ward, household=school.household)


def test_they_act_for_the_address_and_live_nowhere(cast: Cast, school: School) -> None:
    thu = actor(school.thu)
    assert thu.grants == (Grant(Role.SCHOOL, household_id=school.household.id),)
    assert (thu.home_id, thu.household_id, thu.neighborhood_id, thu.ward_id) == (None, None, None, cast.ward.id)


def test_a_school_that_has_moved_away_has_none(cast: Cast, school: School) -> None:
    moment = timezone.now()
    households.household_leave(actor=actor(cast.binh), household_id=school.household.id, now=moment)
    assert devices.actor_for(school.thu.device, now=moment) is None


def test_the_role_is_handed_over_at_the_same_address(cast: Cast, school: School) -> None:
    grant, moment = RoleGrant.objects.get(role=Role.SCHOOL), timezone.now()
    follows = roles.role_handover(
        actor=ADMINISTRATOR, grant_id=grant.id, account_id=Account.objects.get(username="hoa").id, now=moment
    )
    assert follows.household == school.household
    assert devices.actor_for(school.thu.device, now=moment) is None
