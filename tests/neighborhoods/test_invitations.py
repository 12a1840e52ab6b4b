"""Invitations: by whom to what, used once, taken back, too late; a new account or the one they have."""

from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from backend.lib import clock
from backend.lib.errors import Absent, BadInput, Conflict
from neighborhoods import access, factors, invitations, roles
from neighborhoods.access import Action, Grant, Role
from neighborhoods.devices import actor_of
from neighborhoods.invitations import InvitationIssued, InvitationRefused, invitation_accept, invitation_make
from neighborhoods.models import Account, AuditEntry, Device, Invitation, RoleGrant
from tests.cast import Cast, Person, make_phuc
from tests.neighborhoods.conftest import NOW, actor, at_once

pytestmark = pytest.mark.django_db
JSON = "application/json"
ADMINISTRATOR = access.system("test", Grant(Role.ADMINISTRATOR))
NEW = {"username": "mai", "password": "ba-con-meo-den"}


def invite(cast: Cast, role: Role = Role.DEPUTY, who: Person | None = None) -> InvitationIssued:
    by = actor(who or cast.binh)
    return invitation_make(actor=by, role=role, name="Vũ Thị Mai", neighborhood_id=cast.place.id, now=NOW)


def refused(token: str, **more: Any) -> None:
    with pytest.raises(InvitationRefused):
        invitation_accept(token=token, now=more.pop("now", NOW), **(NEW | more))


@pytest.mark.both_databases
def test_it_makes_account_and_role_in_one_go(cast: Cast) -> None:
    made = invitation_accept(token=invite(cast).token, now=NOW, **NEW)
    assert made.grant is not None
    assert (made.account.display_name, made.account.check_password(NEW["password"])) == ("Vũ Thị Mai", True)
    assert (made.grant.role, made.grant.neighborhood_id, made.grant.ends_at) == (
        "deputy",
        cast.place.id,
        NOW + roles.TERM,
    )
    invitation = Invitation.objects.get()
    assert (invitation.used_at, invitation.used_by_id) == (NOW, made.account.id)
    acts = set(AuditEntry.objects.values_list("action", flat=True))
    assert acts == {"invitation.made", "account.created", "role.granted"}
    assert "Mai" not in str(list(AuditEntry.objects.values()))


def test_the_secret_is_kept_as_a_hash_and_shown_by_no_repr(cast: Cast) -> None:
    issued = invite(cast)
    assert issued.token not in repr(issued)
    assert issued.token.encode() not in bytes(Invitation.objects.get().token_hash)


def test_it_works_once_for_a_week_and_not_when_taken_back(cast: Cast) -> None:
    used, late, back = (invite(cast).token for _n in range(3))
    invitation_accept(token=used, now=NOW, **NEW)
    refused(used, username="khac")
    refused(late, username="khac", now=NOW + invitations.VALID_FOR)
    row = Invitation.objects.order_by("-id").first()
    assert row
    for _twice in range(2):
        invitations.invitation_revoke(actor=actor(cast.binh), invitation_id=row.id, now=NOW)
    refused(back, username="khac")
    refused("x" * 43)
    first = Invitation.objects.order_by("id").first()
    assert first
    with pytest.raises(Conflict):
        invitations.invitation_revoke(actor=actor(cast.binh), invitation_id=first.id, now=NOW)


def test_a_name_that_is_taken_leaves_the_link_as_it_was(cast: Cast) -> None:
    token = invite(cast).token
    with pytest.raises(Conflict):
        invitation_accept(token=token, now=NOW, username="binh", password=NEW["password"])
    with pytest.raises(BadInput) as wrong:
        invitation_accept(token=token, now=NOW, username="mai", password="ngan")
    assert set(wrong.value.fields) == {"password"}
    assert invitation_accept(token=token, now=NOW, **NEW).account.username == "mai"


@pytest.mark.parametrize("role", [Role.LEADER, Role.OFFICER, Role.OPERATOR, Role.ADMINISTRATOR, Role.AUDITOR])
def test_a_leader_invites_helpers_alone(cast: Cast, role: Role) -> None:
    with pytest.raises(Absent):
        invite(cast, role)


def test_nobody_else_invites_and_not_to_another_neighborhood(cast: Cast) -> None:
    for who in (make_phuc(cast), cast.hoa, cast.dung, cast.an):
        with pytest.raises(Absent):
            invite(cast, who=who)
    with pytest.raises(Absent):
        invitation_make(
            actor=actor(cast.binh), role=Role.DEPUTY, name="Ai", neighborhood_id=cast.other_place.id, now=NOW
        )


def test_an_administrator_invites_an_officer_of_a_unit(cast: Cast) -> None:
    unit = "Công an phường Hà Giang 2"
    issued = invitation_make(
        actor=ADMINISTRATOR, role=Role.OFFICER, name="Lê Quân", ward_id=cast.ward.id, unit=unit, now=NOW
    )
    grant = invitation_accept(token=issued.token, now=NOW, **NEW).grant
    assert grant and (grant.ward_id, grant.unit) == (cast.ward.id, unit)
    with pytest.raises(BadInput) as wrong:
        invitation_make(actor=ADMINISTRATOR, role=Role.OFFICER, name="A", neighborhood_id=cast.place.id, now=NOW)
    assert wrong.value.code == "role_place"


def test_the_one_who_invites_cannot_say_yes_themselves(cast: Cast) -> None:
    """Else a leader would hold the purse beside the second signature."""
    token = invite(cast, Role.TREASURER).token
    with pytest.raises(Conflict) as own:
        invitation_accept(token=token, account=cast.binh.account, now=NOW)
    assert own.value.code == "not_oneself"
    with pytest.raises(Conflict) as twice:
        invitation_accept(token=token, account=cast.hoa.account, now=NOW)
    assert twice.value.code == "has_role"


def test_with_the_role_end_the_links_its_holder_gave(cast: Cast) -> None:
    token = invite(cast).token
    grant = RoleGrant.objects.get(account=cast.binh.account)
    roles.role_end(actor=ADMINISTRATOR, grant_id=grant.id, now=NOW)
    refused(token)


def test_who_forgot_the_password_begins_anew_by_a_link(cast: Cast) -> None:
    assert cast.hoa.account
    factors.totp_keep(account=cast.hoa.account, secret="A" * 32, now=NOW)
    grant = RoleGrant.objects.get(account=cast.hoa.account)
    first = invitations.password_link(actor=actor(cast.binh), grant_id=grant.id, now=NOW)
    second = invitations.password_link(actor=actor(cast.binh), grant_id=grant.id, now=NOW)
    refused(first.token)
    with pytest.raises(BadInput):
        invitation_accept(token=second.token, now=NOW, password="ngan")
    assert actor_of(cast.hoa.token, now=NOW) is not None
    made = invitation_accept(token=second.token, now=NOW, password=NEW["password"])
    assert (made.account, made.grant) == (cast.hoa.account, None)
    assert Account.objects.get(username="hoa").check_password(NEW["password"])
    assert factors.factors_of(cast.hoa.account.id) == []
    assert actor_of(cast.hoa.token, now=NOW) is None
    own = RoleGrant.objects.get(account=cast.binh.account)
    with pytest.raises(Conflict):
        invitations.password_link(actor=actor(cast.binh), grant_id=own.id, now=NOW)


def test_the_terminal_helps_the_only_administrator(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    roles.role_grant(actor=ADMINISTRATOR, account_id=cast.binh.account.id, role=Role.ADMINISTRATOR, now=NOW)  # type: ignore[union-attr]
    call_command("staff_link", "binh")
    link = capsys.readouterr().out.strip()
    assert link.startswith("/invite#")
    assert look(link.partition("#")[2]).json()["username"] == "binh"
    assert AuditEntry.objects.get(action="invitation.made").actor == "system:terminal"
    with pytest.raises(CommandError):
        call_command("staff_link", "khong-co-ai")


def look(token: str) -> Any:
    return Client().post("/api/v1/invitations/look/", {"token": token}, JSON)


def test_the_page_is_told_what_it_is(cast: Cast) -> None:
    told = look(invite(cast).token).json()
    assert (told["role"], told["neighborhood"]["name"], told["name"]) == ("deputy", "Tổ dân phố 7", "Vũ Thị Mai")
    assert (told["invited_by"], told["handover"], told["username"]) == ("Trần Thị Bình", False, None)
    answer = look("x" * 43)
    assert (answer.status_code, answer.json()["code"]) == (400, "invitation_refused")


def test_over_the_api_from_the_link_to_the_role(cast: Cast, valkey: object) -> None:
    body = {"role": "treasurer", "name": "Vũ Thị Mai", "neighborhood": str(cast.place.id)}
    issued = Client().post("/api/v1/invitations/", body, JSON, **cast.binh.bearer).json()
    assert issued["link"] == f"http://testserver/invite#{issued['token']}"
    assert issued["qr"].startswith("data:image/svg+xml")
    listed = Client().get("/api/v1/invitations/", **cast.binh.bearer).json()["results"]
    assert [row["id"] for row in listed] == [issued["invitation"]["id"]]
    assert issued["token"] not in str(listed)
    said_yes = Client().post("/api/v1/invitations/accept/", {"token": issued["token"], **NEW}, JSON)
    assert (said_yes.status_code, said_yes.json()) == (201, {"username": "mai", "role": "treasurer"})


def test_somebody_with_an_account_signs_in_and_accepts(cast: Cast, valkey: object) -> None:
    cache.clear()
    phuc, browser = make_phuc(cast), Client()
    token = invite(cast, Role.TREASURER).token
    accept = "/api/v1/invitations/accept/"
    assert browser.post(accept, {"token": token}, JSON).json()["code"] == "not_signed_in"
    browser.post("/_allauth/browser/v1/auth/login", {"username": "phuc", "password": "phuc-mat-khau-dai"}, JSON)
    assert browser.post(accept, {"token": token}, JSON).status_code == 201
    assert actor(phuc, clock.now()).may(Action.KEEP_FUND)
    assert browser.post("/api/v1/sessions/staff/", {"device_name": "x"}, JSON).json()["code"] == "second_factor_enrol"


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_eight_who_use_one_link_at_once_one_is_let_in(live_cast: Cast) -> None:
    token = invite(live_cast).token

    def accept(number: int) -> Any:
        return invitation_accept(token=token, now=NOW, username=f"mai{number}", password=NEW["password"])

    got = at_once(accept, 8)
    assert [isinstance(one, invitations.Accepted) for one in got].count(True) == 1
    assert {type(one) for one in got} == {invitations.Accepted, InvitationRefused}
    assert RoleGrant.objects.filter(role=Role.DEPUTY).count() == 1
    assert Account.objects.filter(username__startswith="mai").count() == 1
    assert not Device.objects.filter(account__username__startswith="mai").exists(), "the second step comes first"
