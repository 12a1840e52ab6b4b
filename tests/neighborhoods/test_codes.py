"""Codes: how they look and are read, and the leader's verbs."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.lib.errors import Absent, BadInput, Conflict
from neighborhoods import codeforms, codes, devices
from neighborhoods.models import AccessCode, AuditEntry, Device, OutboxRow, Revocation
from neighborhoods.sessions import CodeRefused, Redeemed, session_redeem
from tests.cast import Cast
from tests.neighborhoods.conftest import NOW, actor

pytestmark = pytest.mark.both_databases


def issue(cast: Cast, **options: object) -> codes.Issued:
    return codes.code_issue(actor=actor(cast.binh), household_id=cast.an.household.id, now=NOW, **options)


def redeem(code: str, **options: object) -> Redeemed:
    return session_redeem(**{"code": code, "device_name": "Máy", "source": "203.0.113.9", "now": NOW, **options})


class TestForm:
    @pytest.mark.parametrize(
        "typed",
        [
            "HG7-BCDF-GHJK", "hg7-bcdf-ghjk", "HG7 BCDF GHJK", "hg7bcdfghjk", "  HG7–BCDF—GHJK ", "HG7.BCDF.GHJK",
            "hg7-bc\u200bdf-ghjk", "ＨＧ７-BCDF-GHJK",
        ],
    )  # fmt: skip
    def test_it_is_read_tolerantly(self, typed: str) -> None:
        assert codeforms.read(typed) == codeforms.read("HG7-BCDF-GHJK")

    def test_what_a_vietnamese_keyboard_makes_of_it(self) -> None:
        assert codeforms.read("hg7-đwf-ưghjk") == codeforms.read("HG7-DDWF-WGHJK")

    @pytest.mark.parametrize("selector", ["1", "HG7", "HG70", "TPHCM2025Q12"])
    def test_a_selector_has_as_many_characters_as_it_needs(self, selector: str) -> None:
        assert codeforms.read(f"{selector.lower()} bcdf ghjk").selector == selector

    def test_the_same_letters_in_another_neighborhood_are_another_code(self) -> None:
        assert codeforms.read("HG7-BCDF-GHJK").digest != codeforms.read("HG8-BCDF-GHJK").digest

    def test_the_qr_form_is_exact(self) -> None:
        assert codeforms.read("mpq_AbCd").digest != codeforms.read("mpq_abcd").digest
        assert not codeforms.read("mpq_AbCd").typed

    @given(st.text(max_size=200))
    def test_anything_can_be_read(self, text: str) -> None:
        assert len(codeforms.read(text).digest) == 32


@pytest.mark.django_db
class TestIssue:
    def test_it_gives_both_forms_and_keeps_neither(self, cast: Cast) -> None:
        issued = issue(cast)
        assert re.fullmatch(r"HG7-[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", issued.typed)
        assert re.fullmatch(r"mpq_[A-Za-z0-9_-]{22}", issued.qr)
        row = repr(AccessCode.objects.filter(id=issued.code.id).values().get())
        assert issued.typed not in row
        assert issued.typed.replace("-", "")[3:] not in row
        assert issued.qr not in row
        assert issued.typed not in repr(issued)
        assert issued.code.hint == issued.typed[-2:]

    def test_it_says_so_in_the_audit_without_the_secrets(self, cast: Cast) -> None:
        issued = issue(cast, slots=3)
        entry = AuditEntry.objects.get(action="code.issued")
        assert entry.subject == f"code:{issued.code.id}"
        assert (entry.ward_id, entry.neighborhood_id) == (cast.ward.id, cast.place.id)
        assert entry.actor == f"account:{cast.binh.account.id}"
        assert (entry.data["slots"], entry.data["household"]) == (3, str(cast.an.household.id))
        assert issued.typed not in str(entry.data)

    def test_only_the_leader_of_the_place_may(self, cast: Cast) -> None:
        for person in (cast.an, cast.cuc, cast.dung, cast.hoa):
            with pytest.raises(Absent):
                codes.code_issue(actor=actor(person), household_id=cast.an.household.id, now=NOW)
        with pytest.raises(Absent):
            codes.code_issue(actor=actor(cast.binh), household_id=cast.cuc.household.id, now=NOW)
        with pytest.raises(Absent):
            codes.code_issue(actor=actor(cast.binh), household_id=uuid4(), now=NOW)

    @pytest.mark.parametrize(
        "options",
        [
            {"slots": 0},
            {"slots": 31},
            {"expires_at": NOW},
            {"expires_at": NOW + timedelta(days=400)},
            {"hours_scope": [{"days": [7], "from": "06:00", "to": "22:00"}]},
            {"hours_scope": [{"days": [], "from": "06:00", "to": "22:00"}]},
            {"hours_scope": [{"days": [1], "from": "6h", "to": "22:00"}]},
            {"hours_scope": [{"days": [True], "from": "06:00", "to": "22:00"}]},
        ],
    )
    def test_it_refuses_what_makes_no_sense(self, cast: Cast, options: dict[str, object]) -> None:
        with pytest.raises(BadInput) as caught:
            issue(cast, **options)
        assert list(caught.value.fields) == list(options)

    def test_scopes_reach_the_actor(self, cast: Cast) -> None:
        camera, span = uuid4(), {"days": [0, 6], "from": "06:00", "to": "22:00"}
        issued = issue(cast, camera_scope=[camera], hours_scope=[span])
        holder = devices.actor_of(redeem(issued.typed).token, now=NOW)
        assert holder is not None
        assert holder.camera_scope == {camera}
        assert holder.hours_scope == (span,)


@pytest.mark.django_db(transaction=True)
class TestRevoke:
    def test_every_device_born_of_it_ends_and_no_other(self, live_cast: Cast) -> None:
        issued, other = issue(live_cast), issue(live_cast)
        born = [redeem(issued.typed), redeem(issued.qr)]
        stays = redeem(other.typed)
        codes.code_revoke(actor=actor(live_cast.binh), code_id=issued.code.id, now=NOW)
        assert [devices.actor_of(each.token, now=NOW) for each in born] == [None, None]
        assert devices.actor_of(stays.token, now=NOW) is not None
        assert devices.actor_of(live_cast.an.token, now=NOW) is not None
        with pytest.raises(CodeRefused):
            redeem(issued.typed)

    def test_it_is_one_revocation_of_the_code(self, live_cast: Cast) -> None:
        issued = issue(live_cast)
        redeem(issued.typed)
        codes.code_revoke(actor=actor(live_cast.binh), code_id=issued.code.id, now=NOW)
        row = Revocation.objects.get()
        assert (row.kind, row.subject_id) == ("code", issued.code.id)
        assert OutboxRow.objects.filter(topic="code.revoked").count() == 1

    def test_twice_is_once(self, live_cast: Cast) -> None:
        issued = issue(live_cast)
        for _turn in range(2):
            codes.code_revoke(actor=actor(live_cast.binh), code_id=issued.code.id, now=NOW)
        assert Revocation.objects.count() == 1
        assert AuditEntry.objects.filter(action="code.revoked").count() == 1

    def test_others_may_not(self, live_cast: Cast) -> None:
        issued = issue(live_cast)
        for person in (live_cast.an, live_cast.cuc, live_cast.dung, live_cast.hoa):
            with pytest.raises(Absent):
                codes.code_revoke(actor=actor(person), code_id=issued.code.id, now=NOW)
        assert not Revocation.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestReissue:
    def test_only_the_chosen_device_ends(self, live_cast: Cast) -> None:
        issued = issue(live_cast, slots=2)
        lost, kept = redeem(issued.typed), redeem(issued.typed)
        again = codes.code_reissue(
            actor=actor(live_cast.binh), code_id=issued.code.id, device_id=lost.device.id, now=NOW
        )
        assert devices.actor_of(lost.token, now=NOW) is None
        assert devices.actor_of(kept.token, now=NOW) is not None
        row = Revocation.objects.get()
        assert (row.kind, row.subject_id) == ("device", lost.device.id)
        for old in (issued.typed, issued.qr):
            with pytest.raises(CodeRefused):
                redeem(old)
        new = redeem(again.typed)
        assert new.device.slot == 3
        with pytest.raises(CodeRefused):  # one slot was opened, not two
            redeem(again.qr)

    def test_revoking_it_later_ends_the_old_devices_too(self, live_cast: Cast) -> None:
        issued = issue(live_cast)
        early = redeem(issued.typed)
        codes.code_reissue(actor=actor(live_cast.binh), code_id=issued.code.id, now=NOW)
        assert devices.actor_of(early.token, now=NOW) is not None
        codes.code_revoke(actor=actor(live_cast.binh), code_id=issued.code.id, now=NOW)
        assert devices.actor_of(early.token, now=NOW) is None

    def test_a_revoked_code_stays_revoked(self, live_cast: Cast) -> None:
        issued = issue(live_cast)
        codes.code_revoke(actor=actor(live_cast.binh), code_id=issued.code.id, now=NOW)
        with pytest.raises(Conflict):
            codes.code_reissue(actor=actor(live_cast.binh), code_id=issued.code.id, now=NOW)

    def test_another_codes_device_is_not_touched(self, live_cast: Cast) -> None:
        issued, other = issue(live_cast), issue(live_cast)
        foreign = redeem(other.typed)
        with pytest.raises(Absent):
            codes.code_reissue(
                actor=actor(live_cast.binh), code_id=issued.code.id, device_id=foreign.device.id, now=NOW
            )
        assert devices.actor_of(foreign.token, now=NOW) is not None
        assert redeem(issued.typed).device.code_id == issued.code.id
        assert Device.objects.get(id=foreign.device.id).revoked_at is None

    def test_the_fresh_sheet_of_a_full_code_lets_one_more_in(self, live_cast: Cast) -> None:
        first = issue(live_cast, slots=1)
        redeem(first.typed)
        fresh = codes.code_reissue(actor=actor(live_cast.binh), code_id=first.code.id, now=NOW)
        assert (fresh.code.slots, fresh.code.slots_used) == (2, 1)
        redeem(fresh.typed)
        with pytest.raises(CodeRefused):
            redeem(fresh.typed)
