"""Roles with an end: ended early, handed over in one step, and what the old holder can do afterwards."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.lib.errors import Absent, Conflict
from backend.pages.rolewords import ends_soon
from neighborhoods import access, invitations, roles
from neighborhoods.access import Action, Grant, Role
from neighborhoods.devices import actor_of
from neighborhoods.models import AuditEntry, Revocation, RoleGrant
from neighborhoods.roles import role_end, role_grant, role_handover
from tests.architecture.test_permissions import INNER, Asker, plain
from tests.architecture.walkers import make_world
from tests.cast import Cast, Person, make_phuc, make_staff
from tests.neighborhoods.conftest import NOW, actor, at_once

pytestmark = pytest.mark.django_db
ADMINISTRATOR = access.system("test", Grant(Role.ADMINISTRATOR))
NEW = {"username": "mai", "password": "ba-con-meo-den"}


def grant_of(person: Person) -> RoleGrant:
    return RoleGrant.objects.get(account=person.account, ended_at=None)


@pytest.mark.both_databases
def test_a_leader_passes_the_role_to_the_deputy_in_one_moment(cast: Cast) -> None:
    phuc, old = make_phuc(cast), grant_of(cast.binh)
    assert phuc.account and cast.binh.account
    made = role_handover(actor=actor(cast.binh), grant_id=old.id, account_id=phuc.account.id, now=NOW)
    old.refresh_from_db()
    assert (old.ended_at, made.starts_at, made.ends_at) == (NOW, NOW, NOW + roles.TERM)
    assert actor_of(cast.binh.token, now=NOW) is None
    assert [grant.role for grant in actor(phuc).grants] == [Role.LEADER], "who leads is deputy no more"
    revoked = Revocation.objects.get()
    assert (revoked.kind, revoked.subject_id) == ("role", cast.binh.account.id)
    entry = AuditEntry.objects.get(action="role.handed_over")
    assert entry.data["follows"] == str(old.id)


@pytest.mark.both_databases
def test_by_invitation_the_old_one_ends_when_it_is_accepted(cast: Cast) -> None:
    old = grant_of(cast.binh)
    issued = invitations.handover_invite(actor=actor(cast.binh), grant_id=old.id, name="Vũ Thị Mai", now=NOW)
    assert actor(cast.binh).may(Action.MANAGE_CODES), "still the leader"
    made = invitations.invitation_accept(token=issued.token, now=NOW, **NEW)
    assert made.grant and made.grant.role == Role.LEADER
    assert actor_of(cast.binh.token, now=NOW) is None
    assert Revocation.objects.filter(kind="role").count() == 1


def test_two_successors_cannot_both_follow(cast: Cast) -> None:
    old = grant_of(cast.binh)
    first, second = (
        invitations.handover_invite(actor=actor(cast.binh), grant_id=old.id, name=f"Người {n}", now=NOW) for n in "12"
    )
    invitations.invitation_accept(token=first.token, now=NOW, **NEW)
    with pytest.raises(invitations.InvitationRefused):
        invitations.invitation_accept(token=second.token, now=NOW, username="khac", password=NEW["password"])


def test_to_whom_and_by_whom(cast: Cast) -> None:
    phuc, old = make_phuc(cast), grant_of(cast.binh)
    assert phuc.account and cast.binh.account and cast.dung.account
    stranger = make_staff("la", "Người Lạ", Role.TREASURER, cast.other_place)
    assert stranger.account
    for who in (phuc, cast.hoa, cast.dung, stranger, cast.an):
        with pytest.raises(Absent):
            role_handover(actor=actor(who), grant_id=old.id, account_id=phuc.account.id, now=NOW)
    for whom in (stranger.account, cast.dung.account):
        with pytest.raises(Absent):
            role_handover(actor=actor(cast.binh), grant_id=old.id, account_id=whom.id, now=NOW)
    with pytest.raises(Conflict):
        role_handover(actor=actor(cast.binh), grant_id=old.id, account_id=cast.binh.account.id, now=NOW)
    role_handover(actor=ADMINISTRATOR, grant_id=old.id, account_id=stranger.account.id, now=NOW)
    with pytest.raises(Conflict) as over:
        role_handover(actor=ADMINISTRATOR, grant_id=old.id, account_id=phuc.account.id, now=NOW)
    assert over.value.code == "role_ended"


def test_a_leader_ends_helpers_but_not_the_own_role_nor_another_leaders(cast: Cast) -> None:
    second = grant_of(make_staff("to-pho-2", "Người Hai", Role.LEADER, cast.place))
    role_end(actor=actor(cast.binh), grant_id=grant_of(cast.hoa).id, now=NOW)
    assert actor_of(cast.hoa.token, now=NOW) is None
    with pytest.raises(Conflict) as own:
        role_end(actor=actor(cast.binh), grant_id=grant_of(cast.binh).id, now=NOW)
    assert own.value.code == "hand_over_instead"
    for grant in (second, grant_of(cast.dung)):
        with pytest.raises(Absent):
            role_end(actor=actor(cast.binh), grant_id=grant.id, now=NOW)
    role_end(actor=ADMINISTRATOR, grant_id=second.id, now=NOW)


def test_the_last_administrator_stays(cast: Cast) -> None:
    first, second = (
        role_grant(actor=ADMINISTRATOR, account_id=person.account.id, role=Role.ADMINISTRATOR, now=NOW)  # type: ignore[union-attr]
        for person in (cast.binh, cast.dung)
    )
    role_end(actor=ADMINISTRATOR, grant_id=first.id, now=NOW)
    with pytest.raises(Conflict) as last:
        role_end(actor=ADMINISTRATOR, grant_id=second.id, now=NOW)
    assert last.value.code == "last_administrator"


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_many_handovers_at_once_one_happens(live_cast: Cast) -> None:
    old = grant_of(live_cast.binh)
    others = [make_staff(f"n{n}", f"Người {n}", Role.DEPUTY, live_cast.place) for n in range(6)]

    def pass_on(number: int) -> Any:
        account = others[number].account
        return role_handover(actor=ADMINISTRATOR, grant_id=old.id, account_id=account.id, now=NOW)  # type: ignore[union-attr]

    got = at_once(pass_on, 6)
    assert [isinstance(one, RoleGrant) for one in got].count(True) == 1
    assert {getattr(one, "code", "") for one in got} == {"", "role_ended"}
    assert RoleGrant.objects.filter(role=Role.LEADER, neighborhood=live_cast.place, ended_at=None).count() == 1


def test_two_months_before_its_end_the_holder_is_told(cast: Cast) -> None:
    grant = grant_of(cast.binh)
    for days, told in ((61, []), (59, ["Tổ trưởng"])):
        RoleGrant.objects.filter(id=grant.id).update(ends_at=NOW + timedelta(days=days))
        assert [one.word for one in ends_soon(actor(cast.binh), NOW)] == told
    RoleGrant.objects.filter(id=grant.id).update(ends_at=NOW)
    assert actor_of(cast.binh.token, now=NOW) is None, "and then it is over"


def test_the_former_leader_finds_what_somebody_without_a_role_finds(db: None, valkey: object) -> None:
    """Every route of the API and every page, with the token that was the leader's a moment ago."""
    world = make_world()
    leader, phuc = world.people["leader"], world.people["deputy"]
    place = grant_of(leader).neighborhood
    assert phuc.account and place
    nobody = make_staff("khong", "Không Việc", Role.DEPUTY, place)
    RoleGrant.objects.filter(account=nobody.account).update(ended_at=timezone.now())
    moment = timezone.now()
    role_handover(actor=actor(leader, moment), grant_id=grant_of(leader).id, account_id=phuc.account.id, now=moment)
    asker, differ, open_to_successor = Asker(world.ids), [], 0
    for route in INNER:
        answers = [plain(asker.send(route, person)) for person in (leader, nobody)]
        if answers[0] != answers[1] or answers[0][0] not in (302, 401):
            differ.append((route.method, route.path, answers[0][0]))
        open_to_successor += asker.send(route, phuc).status_code < 300
    assert differ == []
    assert open_to_successor > 40, "the successor's answers are a leader's"
