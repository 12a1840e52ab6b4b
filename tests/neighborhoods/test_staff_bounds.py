"""What whoever manages roles may not do: hold both purses, open another leader's account, shut somebody out."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from backend.lib.errors import Absent, Conflict
from neighborhoods import access, factors, invitations, roles
from neighborhoods.access import Grant, Role
from neighborhoods.devices import actor_of
from neighborhoods.invitations import InvitationRefused, invitation_accept, invitation_make
from neighborhoods.models import RoleGrant
from neighborhoods.roles import role_grant, role_handover
from tests.cast import Cast, Person, make_phuc, make_staff
from tests.neighborhoods.conftest import NOW, actor, at_once

pytestmark = pytest.mark.django_db
ADMINISTRATOR = access.system("test", Grant(Role.ADMINISTRATOR))
NEW = {"username": "mai", "password": "ba-con-meo-den"}


def grant_of(person: Person) -> RoleGrant:
    return RoleGrant.objects.get(account=person.account, ended_at=None)


def test_a_leader_does_not_take_the_purse_by_handing_it_to_themself(cast: Cast) -> None:
    assert cast.binh.account
    with pytest.raises(Conflict) as own:
        role_handover(actor=actor(cast.binh), grant_id=grant_of(cast.hoa).id, account_id=cast.binh.account.id, now=NOW)
    assert own.value.code == "not_oneself"
    assert actor_of(cast.hoa.token, now=NOW) is not None


def test_a_leader_opens_no_way_into_another_leaders_account(cast: Cast) -> None:
    second = grant_of(make_staff("to-pho-2", "Người Hai", Role.LEADER, cast.place))
    for act in (invitations.password_link, factors.second_factor_reset):
        with pytest.raises(Absent):
            act(actor=actor(cast.binh), grant_id=second.id, now=NOW)  # type: ignore[operator]


def test_a_link_for_a_new_password_is_dead_once_its_giver_could_not_give_it(cast: Cast) -> None:
    """A leader who keeps the treasurer's link would else open the account of a later administrator."""
    assert cast.hoa.account
    link = invitations.password_link(actor=actor(cast.binh), grant_id=grant_of(cast.hoa).id, now=NOW).token
    role_grant(actor=ADMINISTRATOR, account_id=cast.hoa.account.id, role=Role.ADMINISTRATOR, now=NOW)
    with pytest.raises(InvitationRefused):
        invitation_accept(token=link, password=NEW["password"], now=NOW)
    assert cast.hoa.account.check_password("hoa-mat-khau-dai")


def test_an_invitation_ends_with_the_role_of_who_gave_it_on_its_last_day_too(cast: Cast) -> None:
    grant = grant_of(cast.binh)
    RoleGrant.objects.filter(id=grant.id).update(ends_at=NOW + timedelta(days=1))
    token = invitation_make(
        actor=actor(cast.binh), role=Role.TREASURER, name="Mai", neighborhood_id=cast.place.id, now=NOW
    ).token
    with pytest.raises(InvitationRefused):
        invitation_accept(token=token, now=NOW + timedelta(days=2), **NEW)


def test_what_an_administrator_gave_ends_with_their_role(cast: Cast) -> None:
    chief = make_staff("quan-tri", "Quản Trị", Role.DEPUTY, cast.other_place)
    other = make_staff("quan-tri-2", "Quản Trị Hai", Role.DEPUTY, cast.other_place)
    assert chief.account and other.account
    held = role_grant(actor=ADMINISTRATOR, account_id=chief.account.id, role=Role.ADMINISTRATOR, now=NOW)
    role_grant(actor=ADMINISTRATOR, account_id=other.account.id, role=Role.ADMINISTRATOR, now=NOW)
    token = invitation_make(actor=actor(chief), role=Role.OFFICER, name="Lê Quân", ward_id=cast.ward.id, now=NOW).token
    roles.role_end(actor=ADMINISTRATOR, grant_id=held.id, now=NOW)
    with pytest.raises(InvitationRefused):
        invitation_accept(token=token, now=NOW, **NEW)


def test_a_leader_who_is_to_be_replaced_does_not_take_the_administrators_link_back(cast: Cast) -> None:
    issued = invitations.handover_invite(actor=ADMINISTRATOR, grant_id=grant_of(cast.binh).id, name="Mai", now=NOW)
    with pytest.raises(Absent):
        invitations.invitation_revoke(actor=actor(cast.binh), invitation_id=issued.invitation.id, now=NOW)
    assert not invitations.invitations_for(actor(cast.binh)).exists()
    assert invitation_accept(token=issued.token, now=NOW, **NEW).grant


def test_a_name_in_other_letters_shuts_nobody_out(cast: Cast, valkey: Any) -> None:
    """Sign-in reads names without their case: of two that differ in it, neither would get in."""
    cache.clear()
    token = invitation_make(
        actor=actor(cast.binh), role=Role.TREASURER, name="Mai", neighborhood_id=cast.place.id, now=NOW
    ).token
    with pytest.raises(Conflict) as taken:
        invitation_accept(token=token, now=NOW, username="BINH", password=NEW["password"])
    assert taken.value.code == "username_taken"
    body = {"username": "binh", "password": "binh-mat-khau-dai"}
    answer = Client().post("/_allauth/browser/v1/auth/login", body, "application/json")
    assert answer.status_code == 200


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_many_successors_at_once_one_follows_and_the_others_are_told(live_cast: Cast) -> None:
    old = grant_of(live_cast.binh)
    links = [
        invitations.handover_invite(actor=actor(live_cast.binh), grant_id=old.id, name=f"Người {n}", now=NOW).token
        for n in range(6)
    ]
    people = [
        make_phuc(live_cast),
        *(make_staff(f"n{n}", f"Người {n}", Role.DEPUTY, live_cast.place) for n in range(5)),
    ]

    together = threading.Barrier(6)

    def say_yes(number: int) -> Any:
        connection.ensure_connection()
        together.wait(30)
        return invitation_accept(token=links[number], account=people[number].account, now=NOW)

    got = at_once(say_yes, 6)
    assert sorted(type(one).__name__ for one in got) == ["Accepted"] + ["InvitationRefused"] * 5


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_link_that_is_used_while_the_next_is_made_waits_for_nobody(
    live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Account and invitation are taken in one order by both, so that PostgreSQL ends neither."""
    first = invitations.password_link(actor=actor(live_cast.binh), grant_id=grant_of(live_cast.hoa).id, now=NOW)
    claim, manage = invitations._claimed, factors.account_managed
    claimed, held = threading.Event(), threading.Event()

    def slow_claim(token: str, now: Any) -> Any:
        invitation = claim(token, now)
        claimed.set()
        held.wait(0.5)
        return invitation

    def seen_managed(*args: Any, **kwargs: Any) -> Any:
        account = manage(*args, **kwargs)
        held.set()
        return account

    monkeypatch.setattr(invitations, "_claimed", slow_claim)
    monkeypatch.setattr(factors, "account_managed", seen_managed)

    def act(number: int) -> Any:
        if number == 0:
            return invitation_accept(token=first.token, password=NEW["password"], now=NOW)
        claimed.wait(5)
        return invitations.password_link(actor=actor(live_cast.binh), grant_id=grant_of(live_cast.hoa).id, now=NOW)

    got = at_once(act, 2)
    assert [type(one).__name__ for one in got] == ["Accepted", "InvitationIssued"]
