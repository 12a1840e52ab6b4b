"""Places are renamed, moved, merged and divided, and nothing that hung on them is lost."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from backend.lib.errors import Absent, BadInput, Conflict
from cameras.models import Camera
from cameras.store.catalog import node_here
from neighborhoods import belongings, codes, history, households, sessions, wards
from neighborhoods.access import Action, Actor, Grant, Role, system
from neighborhoods.devices import actor_of
from neighborhoods.fund import memo
from neighborhoods.fund.bank_rows import readings_of
from neighborhoods.models import (
    AuditEntry,
    Campaign,
    Household,
    Neighborhood,
    PlaceHistory,
    Revocation,
    RoleGrant,
    Ward,
)
from neighborhoods.neighborhood_changes import neighborhood_locate, neighborhood_move, neighborhood_rename
from neighborhoods.neighborhood_merging import neighborhood_merge, neighborhood_split
from neighborhoods.places import neighborhood_create
from neighborhoods.roles import role_handover
from notifications import readers
from notifications.models import Alert, AlertEndpoint
from tests.cast import Cast, make_resident, make_staff
from tests.neighborhoods.conftest import NOW, actor

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

ADMIN = system("test", Grant(Role.ADMINISTRATOR))


def camera(place: Neighborhood, name: str, owner: Household | None = None) -> Camera:
    return Camera.objects.create(neighborhood=place, node=node_here(), name=name, owner_household=owner)


def campaign(place: Neighborhood, code: str = "CAM") -> Campaign:
    days = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}
    return Campaign.objects.create(
        neighborhood=place, code=code, purpose="8 mắt camera", target=30_000_000, approval_above=0, **days
    )


def merge(cast: Cast, **more: Any) -> Any:
    return neighborhood_merge(
        actor=ADMIN, neighborhood_id=cast.other_place.id, into_id=cast.place.id, now=NOW, **more
    )  # fmt: skip


def test_every_column_that_names_a_place_is_moved_or_stays_for_a_reason() -> None:
    named = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model in (Neighborhood, Ward)
    }
    known = {each.label for each in [*belongings.MOVES, *belongings.OF_WARD]} | belongings.STAYS.keys()
    assert named == known


def test_a_neighborhood_is_renamed_and_what_it_was_is_kept(cast: Cast) -> None:
    renamed = neighborhood_rename(
        actor=ADMIN, neighborhood_id=cast.place.id, name="Tổ dân phố Trần Phú", decision="12/QĐ-UBND",
        until=date(2026, 7, 1), now=NOW,
    )  # fmt: skip
    assert (renamed.name, renamed.code, renamed.selector) == ("Tổ dân phố Trần Phú", "00691-T07", "HG7")
    past = PlaceHistory.objects.get()
    assert (past.neighborhood, past.name, past.code) == (cast.place, "Tổ dân phố 7", "00691-T07")
    assert (past.until, past.decision, past.change) == (date(2026, 7, 1), "12/QĐ-UBND", "renamed")
    neighborhood_rename(actor=ADMIN, neighborhood_id=cast.place.id, name="Tổ dân phố Trần Phú", now=NOW)
    assert PlaceHistory.objects.count() == 1  # the same name changes nothing


def test_who_leads_it_says_where_its_middle_lies(cast: Cast, leader: Actor) -> None:
    for _twice in range(2):
        placed = neighborhood_locate(actor=leader, neighborhood_id=cast.place.id, middle=(22.82, 104.98), now=NOW)
    assert (placed.latitude, placed.longitude) == (22.82, 104.98)
    assert AuditEntry.objects.filter(action="neighborhood.located").count() == 1  # the same place changes nothing
    with pytest.raises(Absent):
        neighborhood_locate(actor=leader, neighborhood_id=cast.other_place.id, middle=(22.82, 104.98), now=NOW)
    for nowhere in ((91.0, 104.98), (22.82, 180.5), (float("nan"), 104.98)):
        with pytest.raises(BadInput):
            neighborhood_locate(actor=leader, neighborhood_id=cast.place.id, middle=nowhere, now=NOW)
    off = neighborhood_locate(actor=leader, neighborhood_id=cast.place.id, middle=None, now=NOW)
    assert (off.latitude, off.longitude) == (None, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Neighborhood.objects.filter(id=cast.place.id).update(latitude=22.82)  # half a place is none


def test_a_change_is_not_written_down_before_its_day(cast: Cast) -> None:
    with pytest.raises(BadInput):
        neighborhood_rename(
            actor=ADMIN, neighborhood_id=cast.place.id, name="X", until=NOW.date() + timedelta(days=2), now=NOW
        )


def test_a_leader_changes_no_place(cast: Cast, leader: Actor) -> None:
    with pytest.raises(Absent):
        neighborhood_rename(actor=leader, neighborhood_id=cast.place.id, name="X", now=NOW)
    with pytest.raises(Absent):
        neighborhood_merge(actor=leader, neighborhood_id=cast.other_place.id, into_id=cast.place.id, now=NOW)
    with pytest.raises(Absent):
        wards.ward_rename(actor=leader, ward_id=cast.ward.id, name="X", now=NOW)


def test_after_a_merge_everything_is_the_other_ones(cast: Cast) -> None:
    coda = camera(cast.other_place, "Cổng bà Cúc", cast.cuc.household)
    public = camera(cast.other_place, "Ngã ba")
    lead = make_staff("to8", "Tổ trưởng 8", Role.LEADER, cast.other_place)
    fund = campaign(cast.other_place)
    point = AlertEndpoint.objects.create(neighborhood=cast.other_place, name="Tủ")
    told = Alert.objects.create(
        ward=cast.ward, neighborhood=cast.other_place, category="fire", source="resident", occurred_at=NOW,
        raised_at=NOW, expires_at=NOW,
    )  # fmt: skip
    merged = merge(cast, decision="5/NQ-HĐND")
    assert merged.neighborhood == cast.place and not merged.renumbered and not merged.twins
    for row in (coda, public, fund, point, told, cast.cuc.household, cast.cuc.device.code):
        row.refresh_from_db()
        assert row.neighborhood_id == cast.place.id
    now_in = actor(cast.cuc)
    assert now_in.neighborhood_id == cast.place.id and now_in.may(Action.VIEW_LIVE)
    assert actor(lead).neighborhood_id == cast.place.id
    cast.other_place.refresh_from_db()
    assert cast.other_place.closed_at == NOW and history.neighborhood_now(cast.other_place) == cast.place
    past = PlaceHistory.objects.get(neighborhood=cast.other_place)
    assert (past.change, past.code, past.into_id, past.decision) == ("merged", "00691-T08", cast.place.id, "5/NQ-HĐND")
    entry = AuditEntry.objects.get(action="neighborhood.merged")
    assert entry.data["households"] == 1 and entry.data["moved"]["cameras.Camera.neighborhood"] == 2


def test_what_is_watched_there_ends_and_is_asked_anew(cast: Cast) -> None:
    merge(cast)
    assert Revocation.objects.filter(kind="neighborhood", subject_id=cast.other_place.id).count() == 1


def test_of_two_equal_numbers_the_one_that_comes_gets_the_next_and_the_old_leads_on(cast: Cast) -> None:
    make_resident(cast.other_place, 12, "Hộ ông Giáp", "Giáp")
    make_resident(cast.other_place, 14, "Hộ ông Ất", "Ất")
    merged = merge(cast)
    assert [home.name for home in merged.renumbered] == ["Hộ ông Giáp"]
    numbers = dict(cast.place.households.values_list("name", "number"))
    assert numbers == {"Hộ ông An": 12, "Hộ bà Cúc": 3, "Hộ ông Giáp": 15, "Hộ ông Ất": 14}
    found = {number: history.household_under("HG8", number) for number in (3, 12, 14)}
    assert [found[n] and found[n].name for n in (3, 12, 14)] == ["Hộ bà Cúc", "Hộ ông Giáp", "Hộ ông Ất"]
    assert history.household_under("HG7", 12) == cast.an.household
    assert history.household_under("HG9", 1) is None and history.household_under("HG7", 99) is None
    assert households.households_for(actor(cast.binh)).get(name="Hộ ông Giáp").folded.endswith(" 15")


def test_two_households_of_one_address_both_stay_and_are_told(cast: Cast, leader: Actor) -> None:
    cast.cuc.household.address = "so 12 - TO DAN PHO 7"
    cast.cuc.household.save()
    merged = merge(cast)
    assert merged.twins == [cast.cuc.household]
    cast.cuc.household.refresh_from_db()
    assert cast.cuc.household.address_twin == 1
    with pytest.raises(Conflict):
        households.household_create(
            actor=leader, neighborhood_id=cast.place.id, name="X", address="12 tổ dân phố 7", now=NOW
        )
    households.household_leave(actor=leader, household_id=cast.an.household.id, now=NOW)
    cast.cuc.household.refresh_from_db()
    assert cast.cuc.household.address_twin == 0  # the address is theirs alone


def test_old_sheets_open_the_new_place(cast: Cast) -> None:
    cuc_leader = make_staff("to8", "Tổ trưởng 8", Role.LEADER, cast.other_place)
    issued = codes.code_issue(actor=actor(cuc_leader), household_id=cast.cuc.household.id, now=NOW)
    assert issued.typed.startswith("HG8-")
    merge(cast)
    redeemed = sessions.session_redeem(code=issued.typed, device_name="Máy", source="198.51.100.7", now=NOW)
    found = actor_of(redeemed.token, now=NOW)
    assert found and found.neighborhood_id == cast.place.id
    with pytest.raises(Conflict) as caught:  # its selector is never given again
        neighborhood_create(actor=ADMIN, ward_id=cast.ward.id, name="Tổ mới", selector="HG8", now=NOW)
    assert caught.value.code == "selector_taken"


def test_a_campaign_whose_code_is_taken_gets_another(cast: Cast) -> None:
    ours, theirs = campaign(cast.place), campaign(cast.other_place)
    merge(cast)
    assert set(cast.place.campaigns.values_list("id", "code")) == {(ours.id, "CAM"), (theirs.id, "CAM2")}


def test_a_transfer_on_old_paper_is_for_the_household_it_named(cast: Cast) -> None:
    giap = make_resident(cast.other_place, 12, "Hộ ông Giáp", "Giáp").household
    for place, code in ((cast.place, "CAM"), (cast.other_place, "CAM"), (cast.other_place, "DEN")):
        campaign(place, code)
    merge(cast)
    giap.refresh_from_db()
    assert giap.number == 13
    said = ["HG8 DEN H012", "hg8 cam h003 FT123", "HG7 CAM H012", "HG8 DEN H099"]
    found = readings_of(said, cast.place.id, "HG7")
    sure, likely = memo.Certainty.EXACT, memo.Certainty.LIKELY
    assert [(one.certainty, one.candidates) for one in found[:3]] == [
        (likely, (memo.Candidate("DEN", 13),)),
        (likely, (memo.Candidate("", 3),)),  # CAM or CAM2: a person says
        (sure, (memo.Candidate("CAM", 12),)),
    ]
    assert found[3].certainty is memo.Certainty.NONE


def test_what_was_merged_is_merged_once_and_never_into_itself(cast: Cast) -> None:
    merge(cast)
    with pytest.raises(Conflict) as caught:
        merge(cast)
    assert caught.value.code == "place_closed"
    with pytest.raises(BadInput):
        neighborhood_merge(actor=ADMIN, neighborhood_id=cast.place.id, into_id=cast.place.id, now=NOW)


def test_what_comes_a_moment_late_goes_after_the_others(cast: Cast) -> None:
    merge(cast)
    assert belongings.late_ones_move() == {}
    late = camera(cast.other_place, "Đến muộn")
    assert belongings.late_ones_move() == {"cameras.Camera.neighborhood": 1}
    late.refresh_from_db()
    assert late.neighborhood == cast.place


def test_what_cannot_go_keeps_nothing_else_back(cast: Cast) -> None:
    campaign(cast.place)
    merge(cast)
    stuck, late = campaign(cast.other_place), camera(cast.other_place, "Đến muộn")
    assert belongings.late_ones_move() == {"cameras.Camera.neighborhood": 1}
    late.refresh_from_db()
    stuck.refresh_from_db()
    assert (late.neighborhood, stuck.neighborhood) == (cast.place, cast.other_place)


def test_nothing_new_is_hung_on_what_was_merged(cast: Cast, leader: Actor) -> None:
    """Whoever read their rights before the merge finds the place closed after it."""
    stale = actor(make_staff("to8", "Tổ trưởng 8", Role.LEADER, cast.other_place))
    merge(cast)
    with pytest.raises(Conflict) as caught:
        households.household_create(actor=stale, neighborhood_id=cast.other_place.id, name="X", address="Y", now=NOW)
    assert caught.value.code == "place_closed"


def test_a_split_takes_the_chosen_households_with_codes_and_cameras(cast: Cast) -> None:
    em = make_resident(cast.place, 86, "Hộ ông Em", "Em")
    own, public = camera(cast.place, "Nhà Em", em.household), camera(cast.place, "Ngã tư")
    fund = campaign(cast.place)
    made = neighborhood_split(
        actor=ADMIN, neighborhood_id=cast.place.id, household_ids=[em.household.id], name="Tổ dân phố 7B",
        selector="HG7B", decision="9/QĐ", now=NOW,
    )  # fmt: skip
    for row in (em.household, own, public, fund, em.device.code):
        row.refresh_from_db()
    assert (made.code, em.household.neighborhood, em.household.number) == ("00691-T09", made, 86)
    assert own.neighborhood == made and em.device.code.neighborhood == made
    assert public.neighborhood == fund.neighborhood == cast.place
    assert actor(em).neighborhood_id == made.id and actor(cast.an).neighborhood_id == cast.place.id
    assert history.household_under("HG7", 86) == em.household
    past = PlaceHistory.objects.get(neighborhood=made)
    assert (past.change, past.former_place_id) == ("split", cast.place.id)
    fresh = households.household_create(
        actor=actor(cast.binh), neighborhood_id=cast.place.id, name="Hộ mới", address="Số 99", now=NOW
    )
    assert fresh.number == 87  # paper names 86: it is not given again


def test_a_split_takes_neither_strangers_nor_everybody(cast: Cast) -> None:
    with pytest.raises(Absent):
        neighborhood_split(
            actor=ADMIN, neighborhood_id=cast.place.id, household_ids=[cast.cuc.household.id], name="X", now=NOW
        )
    with pytest.raises(BadInput):
        neighborhood_split(
            actor=ADMIN, neighborhood_id=cast.place.id, household_ids=[cast.an.household.id], name="X", now=NOW
        )
    assert Neighborhood.objects.count() == 2


def test_a_neighborhood_moves_to_another_ward_and_its_officers_change(cast: Cast) -> None:
    other = Ward.objects.create(code="00700", name="Xã Ngọc Đường", province_code="08", province_name="Tuyên Quang")
    moved = neighborhood_move(actor=ADMIN, neighborhood_id=cast.place.id, ward_id=other.id, now=NOW)
    assert (moved.code, moved.ward, moved.selector) == ("00700-T01", other, "HG7")
    assert actor(cast.an).ward_id == other.id
    assert RoleGrant.objects.get(account=cast.dung.account).ward == cast.ward
    past = PlaceHistory.objects.get(neighborhood=cast.place)
    assert (past.code, past.former_place_id, past.into_id) == ("00691-T07", cast.ward.id, other.id)
    chains = AuditEntry.objects.filter(action__startswith="neighborhood.moved").values_list("action", "ward_id")
    assert set(chains) == {("neighborhood.moved_away", cast.ward.id), ("neighborhood.moved", other.id)}
    again = neighborhood_create(actor=ADMIN, ward_id=cast.ward.id, name="Tổ 9", now=NOW)
    assert again.code == "00691-T09"  # 07 was another's once
    with pytest.raises(Conflict):
        neighborhood_merge(actor=ADMIN, neighborhood_id=cast.other_place.id, into_id=moved.id, now=NOW)


def test_what_was_told_in_a_neighborhood_is_the_new_wards_to_read(cast: Cast) -> None:
    other = Ward.objects.create(code="00700", name="Xã Ngọc Đường", province_code="08", province_name="Tuyên Quang")
    told = Alert.objects.create(
        ward=cast.ward, neighborhood=cast.place, category="fire", source="resident", occurred_at=NOW,
        raised_at=NOW, expires_at=NOW,
    )  # fmt: skip
    assert readers.alerts_for(actor(cast.dung)).exists()
    neighborhood_move(actor=ADMIN, neighborhood_id=cast.place.id, ward_id=other.id, now=NOW)
    assert not readers.alerts_for(actor(cast.dung)).exists()
    assert readers.alerts_for(actor(make_staff("moi", "Công an xã", Role.OFFICER, other))).get() == told


def test_a_role_held_in_both_places_ends_once_for_all(cast: Cast) -> None:
    """Who led both before the merger leads one after it, and hands all of that over."""
    RoleGrant.objects.create(
        account=cast.binh.account, role=Role.LEADER, neighborhood=cast.other_place, starts_at=NOW - timedelta(days=1),
        ends_at=NOW + timedelta(days=900),
    )  # fmt: skip
    merge(cast)
    held = RoleGrant.objects.filter(account=cast.binh.account, ended_at=None)
    assert set(held.values_list("neighborhood_id", flat=True)) == {cast.place.id} and cast.hoa.account
    role_handover(actor=actor(cast.binh), grant_id=held[0].id, account_id=cast.hoa.account.id, now=NOW)
    assert not held.exists() and actor_of(cast.binh.token, now=NOW) is None


def test_a_ward_is_renamed_merged_and_divided(cast: Cast) -> None:
    wards.ward_rename(actor=ADMIN, ward_id=cast.ward.id, name="Xã Hà Giang", decision="1/NQ", now=NOW)
    cast.ward.refresh_from_db()
    assert (cast.ward.name, cast.ward.kind) == ("Xã Hà Giang", "commune")
    assert PlaceHistory.objects.get(ward=cast.ward).name == "Phường Hà Giang 2"
    made = wards.ward_split(
        actor=ADMIN, ward_id=cast.ward.id, code="00701", name="Phường Mới", neighborhood_ids=[cast.other_place.id],
        now=NOW,
    )  # fmt: skip
    cast.other_place.refresh_from_db()
    assert (cast.other_place.ward, cast.other_place.code) == (made, "00701-T01")
    assert made.province_code == "08"
    wards.ward_merge(actor=ADMIN, ward_id=cast.ward.id, into_id=made.id, decision="2/NQ", now=NOW)
    cast.ward.refresh_from_db()
    assert cast.ward.merged_into == made and cast.ward.neighborhoods.count() == 0
    assert set(made.neighborhoods.values_list("code", flat=True)) == {"00701-T01", "00701-T02"}
    assert actor(cast.dung).ward_id == made.id  # who served there serves here
    with pytest.raises(Conflict):
        neighborhood_create(actor=ADMIN, ward_id=cast.ward.id, name="Tổ 1", now=NOW)
    with pytest.raises(BadInput):
        wards.ward_merge(actor=ADMIN, ward_id=made.id, into_id=made.id, now=NOW)
    with pytest.raises(Absent):
        wards.ward_split(actor=ADMIN, ward_id=made.id, code="00702", name="Y", neighborhood_ids=[cast.ward.id], now=NOW)
