"""What is kept of a member: seen whole, corrected, taken along, left, and forgotten."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from backend.lib.clock import iso
from backend.lib.errors import Absent, BadInput, Conflict
from cameras.models import Camera, MediaNode, ViewSession
from neighborhoods import datadesk, erasure, owndata
from neighborhoods.devices import actor_of
from neighborhoods.models import (
    AuditEntry,
    Campaign,
    DataRequest,
    Device,
    Household,
    HouseholdRegistration,
    Member,
    Payment,
    Pledge,
    Revocation,
)
from notifications.models import Preferences, PushSubscription
from tests.architecture.walkers import _guest
from tests.cast import Cast, token_pair
from tests.neighborhoods.conftest import NOW, actor

pytestmark = pytest.mark.django_db


def kept(cast: Cast) -> dict[str, Any]:
    return owndata.own_data(actor=actor(cast.an), now=NOW)


def wife_of(cast: Cast) -> Member:
    """Another member of An's household, with a phone and a number of her own."""
    wife = Member.objects.create(household=cast.an.household, name="Trần Thị Mai", phone="0912345678")
    Device.objects.create(
        kind="phone", name="Máy chị Mai", token_hash=b"m" * 32, household=cast.an.household, member=wife,
        expires_at=NOW + timedelta(days=9),
    )  # fmt: skip
    return wife


def watch(cast: Cast, device: Device, name: str) -> None:
    node, _made = MediaNode.objects.get_or_create(name="default")
    camera = Camera.objects.create(neighborhood=cast.place, node=node, name=name, owner_household=cast.an.household)
    ViewSession.objects.create(device=device, camera=camera, mode="live", ends_at=NOW, created_at=NOW)


def test_everything_is_told_in_one_document(cast: Cast) -> None:
    Member.objects.filter(id=cast.an.member.id).update(phone="0987654321")
    watch(cast, cast.an.device, "Cổng nhà ông An")
    Preferences.objects.create(device=cast.an.device, muted=["other"])
    campaign = Campaign.objects.create(
        neighborhood=cast.place, code="CAM", purpose="Camera", target=30_000_000,
        starts_on=NOW.date(), ends_on=NOW.date(), approval_above=0,
    )  # fmt: skip
    Pledge.objects.create(campaign=campaign, household=cast.an.household, amount=350_000, pledged_by="x")
    Payment.objects.create(
        campaign=campaign, household=cast.an.household, amount=350_000, method="cash", paid_on=NOW.date(),
        receipt_number=1,
    )  # fmt: skip
    found = kept(cast)
    assert set(found) == {
        "made_at", "household", "members", "phones", "codes", "requests", "cameras", "watched", "kept_moments",
        "footage_asked", "alerts", "alert_phones", "pledges", "payments", "refunds", "waivers", "registrations",
    }  # fmt: skip
    assert found["household"]["address"] == cast.an.household.address
    assert [(one["name"], one["phone"], one["me"]) for one in found["members"]] == [
        ("Nguyễn Văn An", "0987654321", True)
    ]
    assert [one["name"] for one in found["phones"]] == ["Điện thoại"]
    assert [one["name"] for one in found["cameras"]] == ["Cổng nhà ông An"]
    assert [one["camera"] for one in found["watched"]] == ["Cổng nhà ông An"]
    assert [(one["amount"], one["receipt"]) for one in found["payments"]] == [(350_000, 1)]
    assert found["pledges"][0]["in_force"] and found["alert_phones"][0]["muted"] == ["other"]
    assert json.loads(json.dumps(found)) == found and found["made_at"] == iso(NOW)


def test_what_another_member_watched_and_their_number_are_theirs(cast: Cast) -> None:
    wife = wife_of(cast)
    watch(cast, wife.devices.get(), "Đầu ngõ")
    found = kept(cast)
    assert found["watched"] == []
    assert {one["name"]: one["phone"] for one in found["members"]} == {"Nguyễn Văn An": "", "Trần Thị Mai": "…678"}


def test_a_phone_whose_holder_said_nothing_tells_only_its_own_watching(cast: Cast) -> None:
    Device.objects.filter(id=cast.an.device.id).update(member=None)
    watch(cast, cast.an.device, "Đầu ngõ")
    assert [one["camera"] for one in kept(cast)["watched"]] == ["Đầu ngõ"]
    for act in (
        lambda: owndata.member_correct(actor=actor(cast.an), changes={"name": "Ai"}, now=NOW),
        lambda: owndata.member_leave_own(actor=actor(cast.an), now=NOW),
    ):
        with pytest.raises(Conflict) as unknown:
            act()
        assert unknown.value.code == "member_unknown"


@pytest.mark.parametrize("who", ["binh", "hoa", "dung", "guest"])
def test_a_guest_and_staff_have_no_such_page(cast: Cast, who: str) -> None:
    person = _guest(cast) if who == "guest" else getattr(cast, who)
    with pytest.raises(Absent):
        owndata.own_data(actor=actor(person), now=NOW)


def test_a_member_corrects_their_own_name_and_number(cast: Cast) -> None:
    member = owndata.member_correct(
        actor=actor(cast.an), changes={"name": "Nguyễn Văn Ân", "phone": "0912 345 678"}, now=NOW
    )
    member.refresh_from_db()
    assert (member.name, member.phone) == ("Nguyễn Văn Ân", "0912345678")
    entry = AuditEntry.objects.get(action="member.updated")
    assert entry.data["fields"] == ["name", "phone"] and "Ân" not in str(entry.data)
    with pytest.raises(BadInput):
        owndata.member_correct(actor=actor(cast.an), changes={"phone": "không có"}, now=NOW)


def test_who_leaves_loses_every_phone_and_the_household_goes_on(cast: Cast) -> None:
    wife = wife_of(cast)
    owndata.member_leave_own(actor=actor(cast.an), now=NOW)
    assert actor_of(cast.an.token, now=NOW) is None
    assert Revocation.objects.filter(subject_id=cast.an.device.id).exists()
    assert wife.devices.get().revoked_at is None
    assert Household.objects.get(id=cast.an.household.id).left_at is None


def test_erasing_takes_name_and_number_and_leaves_the_money_and_the_audit(cast: Cast) -> None:
    wife = wife_of(cast)
    Member.objects.filter(id=cast.an.member.id).update(phone="0987654321")
    PushSubscription.objects.create(device=cast.an.device, endpoint="https://x/", p256dh="p", auth="a")
    asked = DataRequest.objects.create(
        neighborhood=cast.place, household=cast.an.household, member=cast.an.member, kind="see", state="done",
        words="Tôi là An", outcome="Đã đưa", closed_at=NOW, answer_due=NOW.date(), finish_due=NOW.date(),
    )  # fmt: skip
    other = {
        kind: DataRequest.objects.create(
            neighborhood=cast.place, household=cast.an.household, member=cast.an.member, kind=kind, words="Tôi là An",
            answer_due=NOW.date(), finish_due=NOW.date(),
        )
        for kind in ("delete", "view")
    }  # fmt: skip
    before = AuditEntry.objects.count()
    erased = erasure.member_erase(actor=actor(cast.binh), member_id=cast.an.member.id, now=NOW)
    erased.refresh_from_db()
    asked.refresh_from_db()
    device = Device.objects.get(id=cast.an.device.id)
    assert (erased.name, erased.phone, erased.left_at) == (erasure.ERASED, "", NOW)
    assert (device.name, device.revoked_at) == (erasure.ERASED, NOW)
    assert (asked.words, asked.outcome, asked.state) == ("", "", "done")
    for kind, words in (("delete", ""), ("view", "Tôi là An")):  # a camera that looks in must still be turned
        other[kind].refresh_from_db()
        assert other[kind].words == words
    assert not PushSubscription.objects.exists() and actor_of(cast.an.token, now=NOW) is None
    entry = AuditEntry.objects.get(action="member.erased")
    assert entry.subject == f"member:{cast.an.member.id}" and "An" not in str(entry.data)
    assert AuditEntry.objects.count() == before + 1
    assert wife.devices.get().revoked_at is None


def test_the_last_of_a_household_takes_its_name_along(cast: Cast) -> None:
    erasure.member_erase(actor=actor(cast.binh), member_id=cast.an.member.id, now=NOW)
    assert Household.objects.get(id=cast.an.household.id).name == "Hộ H012"
    for _twice in range(2):
        erasure.member_erase(actor=actor(cast.binh), member_id=cast.an.member.id, now=NOW)
    for who in (cast.hoa, cast.cuc, cast.dung):
        with pytest.raises(Absent):
            erasure.member_erase(actor=actor(who), member_id=cast.cuc.member.id, now=NOW)


def test_the_page_and_the_file_say_the_same(client: Client, cast: Cast) -> None:
    client.cookies["matpho"] = cast.an.token
    page = client.get("/me/").content.decode()
    assert "Dữ liệu của tôi" in page and "Nguyễn Văn An" in page
    answer = client.get("/me/data.json")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.json()["members"] == client.get("/api/v1/me/data/").json()["members"]


def test_a_phone_of_another_kind_is_no_resident(cast: Cast) -> None:
    token, stored = token_pair()
    Device.objects.create(
        kind="wall", name="TV", token_hash=stored, neighborhood=cast.place, expires_at=NOW + timedelta(days=1)
    )
    wall = actor_of(token, now=NOW)
    assert wall is not None
    with pytest.raises(Absent):
        owndata.own_data(actor=wall, now=NOW)


def test_what_one_member_asks_of_the_desk_is_told_to_no_other(client: Client, cast: Cast) -> None:
    """She may ask the desk because of him."""
    wife = wife_of(cast)
    places = {"neighborhood": cast.place, "household": cast.an.household, "kind": "delete"}
    days = {"answer_due": NOW.date(), "finish_due": NOW.date()}
    hers = DataRequest.objects.create(**places, **days, member=wife, words="Chồng tôi theo dõi tôi")
    ours = DataRequest.objects.create(**places, **days, words="Xem dữ liệu của nhà")
    assert [one["words"] for one in kept(cast)["requests"]] == [ours.words]
    listed = client.get("/api/v1/data-requests/", **cast.an.bearer).json()["results"]
    assert [one["id"] for one in listed] == [str(ours.id)]
    assert client.get(f"/api/v1/data-requests/{hers.id}/", **cast.an.bearer).status_code == 404
    assert client.get(f"/api/v1/data-requests/{hers.id}/", **cast.binh.bearer).status_code == 200
    Device.objects.filter(id=cast.an.device.id).update(member=wife)
    assert {one["words"] for one in kept(cast)["requests"]} == {hers.words, ours.words}


def test_a_household_that_is_called_by_who_is_erased_is_called_by_its_number(cast: Cast) -> None:
    """The name is laid over every picture that the household watches, and stands in the treasurer's list."""
    wife = wife_of(cast)
    HouseholdRegistration.objects.create(household=cast.an.household, kind="temporary", reference="Ông nguyễn văn AN")
    HouseholdRegistration.objects.create(household=cast.an.household, kind="business", reference="Tiệm an khang")
    erasure.member_erase(actor=actor(cast.binh), member_id=cast.an.member.id, now=NOW)
    household = Household.objects.get(id=cast.an.household.id)
    assert (household.name, household.folded.split()[:2]) == ("Hộ H012", ["ho", "h012"])
    assert list(household.registrations.order_by("kind").values_list("reference", flat=True)) == ["Tiệm an khang", ""]
    assert wife.devices.get().revoked_at is None, "others live there still"


def test_where_somebody_else_gave_the_name_it_stays(cast: Cast) -> None:
    wife = wife_of(cast)
    erasure.member_erase(actor=actor(cast.binh), member_id=wife.id, now=NOW)
    assert Household.objects.get(id=cast.an.household.id).name == "Hộ ông An"


def test_the_addresses_from_which_they_watched_are_forgotten(cast: Cast) -> None:
    watch(cast, cast.an.device, "Đầu ngõ")
    ViewSession.objects.update(client_addresses=["203.0.113.9"])
    erasure.member_erase(actor=actor(cast.binh), member_id=cast.an.member.id, now=NOW)
    assert ViewSession.objects.get().client_addresses == []


@pytest.mark.parametrize(("how", "left"), [("finish", ""), ("refuse", "Ông Tư")])
def test_of_a_passer_by_who_is_deleted_the_request_keeps_nothing(cast: Cast, how: str, left: str) -> None:
    asked = datadesk.data_request_enter(
        actor=actor(cast.binh), neighborhood_id=cast.place.id, asked=datadesk.Asked(kind="delete", words="Tôi là Tư"),
        asker_name="Ông Tư", asker_contact="0912345678", now=NOW,
    )  # fmt: skip
    facts: dict[str, Any] = {"actor": actor(cast.binh), "request_id": asked.id, "outcome": "Xong", "now": NOW}
    if how == "finish":
        datadesk.data_request_finish(**facts)
    else:
        datadesk.data_request_refuse(ground="nothing_kept", **facts)
    asked.refresh_from_db()
    assert asked.asker_name == left and bool(asked.asker_contact) == bool(left)


def test_what_is_said_of_a_request_after_the_person_is_erased_is_not_kept(cast: Cast) -> None:
    """First erased, then the request closed: that order is the natural one."""
    asked = {
        kind: DataRequest.objects.create(
            neighborhood=cast.place, household=cast.an.household, member=cast.an.member, kind=kind, words="Tôi là An",
            answer_due=NOW.date(), finish_due=NOW.date(),
        )
        for kind in ("delete", "view")
    }  # fmt: skip
    erasure.member_erase(actor=actor(cast.binh), member_id=cast.an.member.id, now=NOW)
    for kind, request in asked.items():
        done = datadesk.data_request_finish(
            actor=actor(cast.binh), request_id=request.id, outcome="Đã xoá ông An", now=NOW
        )
        done.refresh_from_db()
        assert (kind, done.words, done.outcome, done.state) == (kind, "", "", "done")
