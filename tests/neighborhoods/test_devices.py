"""From a token to an actor, and what ends a device."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.lib.errors import Absent, Conflict
from neighborhoods import devices, households, people, roles
from neighborhoods.access import Grant, Role, system
from neighborhoods.models import Account, AuditEntry, Device, Household, Member, Revocation, RoleGrant
from tests.cast import Cast
from tests.neighborhoods.conftest import NOW, actor

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
ADMIN = system("test", Grant(Role.ADMINISTRATOR))


class TestActorOf:
    def test_a_residents_phone(self, cast: Cast) -> None:
        an = actor(cast.an)
        assert an.pseudonym == f"device:{cast.an.device.id}"
        assert an.grants == (
            Grant(Role.OWNER, household_id=cast.an.household.id),
            Grant(Role.RESIDENT, neighborhood_id=cast.place.id),
        )
        assert (an.household_name, an.member_id) == ("Hộ ông An", cast.an.member.id)
        assert (an.neighborhood_id, an.ward_id) == (cast.place.id, cast.ward.id)
        assert an.code_id == cast.an.device.code_id

    def test_a_leaders_browser(self, cast: Cast) -> None:
        binh = actor(cast.binh)
        assert binh.pseudonym == f"account:{cast.binh.account.id}"
        assert binh.grants == (Grant(Role.LEADER, neighborhood_id=cast.place.id),)
        assert (binh.neighborhood_id, binh.ward_id, binh.household_id) == (cast.place.id, cast.ward.id, None)

    def test_an_officers_place_is_the_ward(self, cast: Cast) -> None:
        dung = actor(cast.dung)
        assert (dung.ward_id, dung.neighborhood_id) == (cast.ward.id, None)

    @pytest.mark.parametrize("token", ["", "mp_", "mp_unknown", "Bearer", "mp_" + "A" * 43, "\x00", "mp_ế"])
    def test_anything_else_is_nobody(self, cast: Cast, token: str) -> None:
        assert devices.actor_of(token, now=NOW) is None

    def test_a_phone_takes_one_select_and_staff_two(self, cast: Cast) -> None:
        Device.objects.update(last_seen_at=NOW)
        for person, count in ((cast.an, 1), (cast.binh, 2)):
            with CaptureQueriesContext(connection) as queries:
                assert devices.actor_of(person.token, now=NOW)
            assert len(queries) == count

    def test_last_seen_is_touched_once_a_minute(self, cast: Cast) -> None:
        seen = []
        for seconds in (0, 30, 59, 60, 90):
            devices.actor_of(cast.an.token, now=NOW + timedelta(seconds=seconds))
            seen.append(Device.objects.get(id=cast.an.device.id).last_seen_at)
        minute = NOW + timedelta(seconds=60)
        assert seen == [NOW, NOW, NOW, minute, minute]

    @pytest.mark.parametrize(
        ("rows", "change"),
        [
            (Device, {"revoked_at": NOW}),
            (Device, {"expires_at": NOW}),
            (Household, {"left_at": NOW}),
            (Member, {"left_at": NOW}),
        ],
    )
    def test_a_phone_ends_with(self, cast: Cast, rows: Any, change: dict[str, Any]) -> None:
        rows.objects.update(**change)
        assert devices.actor_of(cast.an.token, now=NOW) is None

    @pytest.mark.parametrize(
        ("rows", "change"),
        [
            (Account, {"is_active": False}),
            (RoleGrant, {"ended_at": NOW}),
            (RoleGrant, {"ends_at": NOW}),
            (RoleGrant, {"starts_at": NOW + timedelta(days=1)}),
        ],
    )
    def test_a_leader_ends_with(self, cast: Cast, rows: Any, change: dict[str, Any]) -> None:
        rows.objects.update(**change)
        assert devices.actor_of(cast.binh.token, now=NOW) is None

    def test_the_actor_ends_no_later_than_the_role(self, cast: Cast) -> None:
        soon = NOW + timedelta(hours=1)
        RoleGrant.objects.filter(account=cast.binh.account).update(ends_at=soon)
        assert actor(cast.binh).expires_at == soon


class TestRevoke:
    @pytest.mark.parametrize("who", ["an", "binh"])
    def test_its_holder_and_the_leader_may_cut_a_phone_off(self, cast: Cast, who: str) -> None:
        devices.device_revoke(actor=actor(getattr(cast, who)), device_id=cast.an.device.id, now=NOW)
        assert devices.actor_of(cast.an.token, now=NOW) is None
        row = Revocation.objects.get()
        assert (row.kind, row.subject_id) == ("device", cast.an.device.id)
        assert AuditEntry.objects.get(action="device.revoked").ward_id == cast.ward.id

    def test_a_member_cuts_their_own_phones_and_nobody_elses_of_the_household(self, cast: Cast) -> None:
        an = actor(cast.an)
        wife = Member.objects.create(household=cast.an.household, name="Nguyễn Thị Bé")
        tablet, hers, nobodys = (
            Device.objects.create(
                kind="phone", name=name, token_hash=name.encode() * 4, household=cast.an.household, member=member,
                expires_at=NOW + timedelta(days=1),
            ) for name, member in (("Máy bảng", cast.an.member), ("Máy của Bé", wife), ("Máy chung", None))
        )  # fmt: skip
        for other in (hers, nobodys):
            with pytest.raises(Absent):
                devices.device_revoke(actor=an, device_id=other.id, now=NOW)
        devices.device_revoke(actor=an, device_id=tablet.id, now=NOW)
        assert not devices.actor_by_id(tablet.id, now=NOW)
        for other in (hers, nobodys):  # the leader cuts any
            assert devices.actor_by_id(other.id, now=NOW)
            devices.device_revoke(actor=actor(cast.binh), device_id=other.id, now=NOW)
            assert not devices.actor_by_id(other.id, now=NOW)

    def test_a_phone_without_a_name_cuts_itself_alone(self, cast: Cast) -> None:
        Device.objects.filter(id=cast.an.device.id).update(member=None)
        other = Device.objects.create(
            kind="phone", name="Máy chung", token_hash=b"x" * 32, household=cast.an.household,
            expires_at=NOW + timedelta(days=1),
        )  # fmt: skip
        with pytest.raises(Absent):
            devices.device_revoke(actor=actor(cast.an), device_id=other.id, now=NOW)
        devices.device_revoke(actor=actor(cast.an), device_id=cast.an.device.id, now=NOW)
        assert devices.actor_of(cast.an.token, now=NOW) is None

    @pytest.mark.parametrize("who", ["cuc", "dung", "hoa"])
    def test_others_may_not(self, cast: Cast, who: str) -> None:
        with pytest.raises(Absent):
            devices.device_revoke(actor=actor(getattr(cast, who)), device_id=cast.an.device.id, now=NOW)
        assert devices.actor_of(cast.an.token, now=NOW)

    def test_a_staff_browser_is_its_own_accounts(self, cast: Cast) -> None:
        with pytest.raises(Absent):
            devices.device_revoke(actor=actor(cast.an), device_id=cast.binh.device.id, now=NOW)
        with pytest.raises(Absent):
            devices.device_revoke(actor=actor(cast.hoa), device_id=cast.binh.device.id, now=NOW)
        devices.device_revoke(actor=actor(cast.binh), device_id=cast.binh.device.id, now=NOW)
        assert devices.actor_of(cast.binh.token, now=NOW) is None

    def test_an_unknown_device_is_absent(self, cast: Cast) -> None:
        with pytest.raises(Absent):
            devices.device_revoke(actor=actor(cast.binh), device_id=uuid4(), now=NOW)


class TestLeaving:
    def test_a_member_leaving_ends_their_devices_alone(self, cast: Cast) -> None:
        other = Device.objects.create(
            kind="phone", name="Máy chung", token_hash=b"x" * 32, household=cast.an.household,
            expires_at=NOW + timedelta(days=1),
        )  # fmt: skip
        people.member_leave(actor=actor(cast.binh), member_id=cast.an.member.id, now=NOW)
        assert devices.actor_of(cast.an.token, now=NOW) is None
        assert devices.actor_by_id(other.id, now=NOW) is not None
        assert [(r.kind, r.subject_id) for r in Revocation.objects.all()] == [("device", cast.an.device.id)]

    def test_a_household_leaving_ends_all_of_it(self, cast: Cast) -> None:
        households.household_leave(actor=actor(cast.binh), household_id=cast.an.household.id, now=NOW)
        assert devices.actor_of(cast.an.token, now=NOW) is None
        assert devices.actor_of(cast.cuc.token, now=NOW) is not None
        assert [(r.kind, r.subject_id) for r in Revocation.objects.all()] == [("household", cast.an.household.id)]
        cast.an.device.code.refresh_from_db()
        assert cast.an.device.code.revoked_at == NOW

    @pytest.mark.parametrize("who", ["an", "cuc", "dung", "hoa"])
    def test_only_the_leader_says_so(self, cast: Cast, who: str) -> None:
        with pytest.raises(Absent):
            people.member_leave(actor=actor(getattr(cast, who)), member_id=cast.an.member.id, now=NOW)
        with pytest.raises(Absent):
            households.household_leave(actor=actor(getattr(cast, who)), household_id=cast.an.household.id, now=NOW)

    def test_a_role_that_ends_revokes_its_holder(self, cast: Cast) -> None:
        grant = RoleGrant.objects.get(account=cast.binh.account)
        with pytest.raises(Conflict):  # a leader hands it over
            roles.role_end(actor=actor(cast.binh), grant_id=grant.id, now=NOW)
        roles.role_end(actor=ADMIN, grant_id=grant.id, now=NOW)
        assert devices.actor_of(cast.binh.token, now=NOW) is None
        assert [(r.kind, r.subject_id) for r in Revocation.objects.all()] == [("role", cast.binh.account.id)]


class TestClaim:
    def test_the_holder_says_who_of_the_household_they_are(self, cast: Cast) -> None:
        Device.objects.filter(id=cast.an.device.id).update(member=None)
        found = devices.signed_in(cast.an.token, now=NOW)
        people.device_claim(actor=found.actor, device=found.device, member_id=cast.an.member.id, now=NOW)
        assert actor(cast.an).member_id == cast.an.member.id

    def test_nobody_elses_name(self, cast: Cast) -> None:
        found = devices.signed_in(cast.an.token, now=NOW)
        with pytest.raises(Absent):
            people.device_claim(actor=found.actor, device=found.device, member_id=cast.cuc.member.id, now=NOW)


def test_a_leaving_members_phones_are_all_taken_before_the_first_is_told_of(cast: Cast) -> None:
    """The order of ``locks.py``: a row after the revocations' lock, and two verbs could wait for each other."""
    assert cast.an.member
    Device.objects.create(
        kind=Device.Kind.PHONE, name="Máy hai", token_hash=b"2" * 32, household=cast.an.household,
        member=cast.an.member, expires_at=NOW + timedelta(days=1),
    )  # fmt: skip
    with CaptureQueriesContext(connection) as queries:
        people.member_leave(actor=actor(cast.binh), member_id=cast.an.member.id, now=NOW)
    said = [query["sql"] for query in queries]
    ends = [n for n, sql in enumerate(said) if sql.startswith('UPDATE "neighborhoods_device"')]
    told = [n for n, sql in enumerate(said) if sql.startswith('INSERT INTO "neighborhoods_revocation"')]
    assert len(told) == 2
    assert max(ends) < min(told)


class TestTheAddressAfterLeaving:
    def test_the_next_family_takes_the_address(self, cast: Cast) -> None:
        binh, old = actor(cast.binh), cast.an.household
        assert old
        facts: dict[str, Any] = {"neighborhood_id": cast.place.id, "name": "Hộ mới", "address": old.address}
        with pytest.raises(Conflict) as refused:
            households.household_create(actor=binh, now=NOW, **facts)
        assert refused.value.code == "address_taken"
        households.household_leave(actor=binh, household_id=old.id, now=NOW)
        new = households.household_create(actor=binh, now=NOW, **facts)
        assert (new.address, new.number) == (old.address, old.number + 1)
        with pytest.raises(Conflict):
            households.household_create(actor=binh, now=NOW, **facts)

    def test_who_has_left_is_corrected_without_a_say_in_addresses(self, cast: Cast) -> None:
        binh, old = actor(cast.binh), cast.an.household
        assert old
        other = households.household_create(
            actor=binh, neighborhood_id=cast.place.id, name="Hộ ông Sáu", address="Ngõ 6", now=NOW
        )
        households.household_leave(actor=binh, household_id=old.id, now=NOW)
        changed = households.household_update(actor=binh, household_id=old.id, address=other.address, now=NOW)
        assert changed.address == "Ngõ 6"
