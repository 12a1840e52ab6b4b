"""The wall of the ward's room: chosen by its operators, public cameras alone, sixteen at the most."""

import threading
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from backend.lib.errors import Absent, BadInput
from cameras import roomwall
from cameras.models import Camera, RoomCamera
from neighborhoods import wards
from neighborhoods.access import Grant, Role, system
from neighborhoods.models import AuditEntry, Ward
from tests.cameras.api.conftest import Api
from tests.cameras.playback.conftest import actor_of, make_camera
from tests.cast import Cast, Person, make_nga

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture
def moment() -> datetime:
    return timezone.now()


@pytest.fixture
def nga(cast: Cast) -> Person:
    return make_nga(cast)


def street(cast: Cast, count: int, **facts: object) -> list[UUID]:
    return [make_camera(cast, **facts).id for _ in range(count)]


def shown(person: Person, ward_id: UUID) -> list[UUID]:
    return [camera.id for camera in roomwall.room_cameras(actor_of(person), ward_id)]


def choose(person: Person, ward_id: UUID, ids: list[UUID], moment: datetime) -> None:
    roomwall.room_choose(actor=actor_of(person), ward_id=ward_id, camera_ids=ids, now=moment)


def entries() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action="room.chosen").order_by("seq"))


def test_it_hangs_in_the_order_it_was_chosen_and_is_on_record(cast: Cast, nga: Person, moment: datetime) -> None:
    one, two, three = street(cast, 3)
    choose(nga, cast.ward.id, [three, one], moment)
    assert shown(nga, cast.ward.id) == [three, one]
    choose(nga, cast.ward.id, [one, two], moment)
    assert shown(nga, cast.ward.id) == [one, two]
    choose(nga, cast.ward.id, [one, two], moment)  # the same again is no act
    last = entries()[-1]
    assert len(entries()) == 2
    assert (last.actor, last.subject) == (f"account:{nga.account.id}", f"ward:{cast.ward.id}")  # type: ignore[union-attr]
    assert last.data == {"cameras": [str(one), str(two)]}
    choose(nga, cast.ward.id, [], moment)
    assert shown(nga, cast.ward.id) == []


def test_sixteen_hang_and_a_seventeenth_does_not(cast: Cast, nga: Person, moment: datetime) -> None:
    ids = street(cast, 17)
    choose(nga, cast.ward.id, ids[:16], moment)
    assert shown(nga, cast.ward.id) == ids[:16]
    for wrong in (ids, [ids[0], ids[0]]):
        with pytest.raises(BadInput, check=lambda refusal: list(refusal.fields) == ["cameras"]):
            choose(nga, cast.ward.id, wrong, moment)
    assert shown(nga, cast.ward.id) == ids[:16]


@pytest.mark.parametrize(
    "facts", [{"ownership": word} for word in ("household", "business", "agency", "school")] + [{"state": "retired"}]
)
def test_nothing_else_is_chosen_and_what_becomes_so_is_gone(
    cast: Cast, nga: Person, moment: datetime, facts: dict[str, str]
) -> None:
    stays, goes = street(cast, 2)
    choose(nga, cast.ward.id, [goes, stays], moment)
    Camera.objects.filter(id=goes).update(**facts)
    assert shown(nga, cast.ward.id) == [stays]
    with pytest.raises(BadInput):
        choose(nga, cast.ward.id, [goes], moment)


def test_another_wards_camera_is_absent_and_another_wards_operator_too(
    cast: Cast, nga: Person, moment: datetime
) -> None:
    ward = Ward.objects.create(code="00700", name="Phường Khác", province_code="08", province_name="Tuyên Quang")
    with pytest.raises(BadInput):
        choose(nga, cast.ward.id, [uuid4()], moment)
    for act in (shown, lambda person, ward_id: choose(person, ward_id, [], moment)):
        with pytest.raises(Absent):
            act(nga, ward.id)


def test_an_officer_sees_the_room_and_no_picture_and_others_not_even_the_room(
    cast: Cast, nga: Person, moment: datetime
) -> None:
    choose(nga, cast.ward.id, street(cast, 1), moment)
    assert shown(cast.dung, cast.ward.id) == []
    with pytest.raises(Absent):
        choose(cast.dung, cast.ward.id, [], moment)
    for person in (cast.an, cast.binh, cast.hoa):
        with pytest.raises(Absent):
            shown(person, cast.ward.id)


def test_a_wall_goes_with_its_ward(cast: Cast, nga: Person, moment: datetime) -> None:
    """A neighborhood that moves leaves no picture behind, and the wards' merging brings both walls together."""
    ids = street(cast, 1)
    choose(nga, cast.ward.id, ids, moment)
    other = Ward.objects.create(code="00700", name="Phường Khác", province_code="08", province_name="Tuyên Quang")
    administrator = system("test", Grant(Role.ADMINISTRATOR))
    wards.ward_merge(actor=administrator, ward_id=cast.ward.id, into_id=other.id, decision="12/NQ", now=moment)
    assert list(RoomCamera.objects.values_list("ward_id", "camera_id")) == [(other.id, ids[0])]
    assert shown(nga, other.id) == ids


def test_over_the_api(cast: Cast, nga: Person) -> None:
    one, two = street(cast, 2)
    api, path = Api(nga), f"/wards/{cast.ward.id}/room/"
    status, answer = api("put", path, {"cameras": [str(two), str(one)]})
    assert (status, [row["id"] for row in answer["cameras"]]) == (200, [str(two), str(one)])
    assert api.get(path)[1] == answer
    assert api("put", path, {"cameras": ["x"]})[0] == 400
    assert api("put", path, {})[0] == 400
    assert Api(cast.dung).get(path) == (200, {"cameras": []})
    assert Api(cast.dung)("put", path, {"cameras": []})[0] == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_who_choose_at_once_one_choice_stands_whole(live_cast: Cast) -> None:
    nga, moment = make_nga(live_cast), timezone.now()
    ids = street(live_cast, 8)
    choices, failed = [ids[:5], ids[3:]], []

    def run(chosen: list[UUID]) -> None:
        try:
            choose(nga, live_cast.ward.id, chosen, moment)
        except Exception as error:  # noqa: BLE001  (told to the test's own thread)
            failed.append(error)
        finally:
            connection.close()

    for _turn in range(3):
        threads = [threading.Thread(target=run, args=(chosen,)) for chosen in choices]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert shown(nga, live_cast.ward.id) in choices
    assert [entry.data["cameras"] for entry in entries()][-1] == [str(each) for each in shown(nga, live_cast.ward.id)]


def test_a_households_own_camera_asks_an_operator_why_and_a_public_one_does_not(cast: Cast, nga: Person) -> None:
    public, own = make_camera(cast), make_camera(cast, ownership="household", owner_household=cast.an.household)
    api = Api(nga)
    assert api.post(f"/cameras/{public.id}/live/")[0] == 201
    status, told = api.post(f"/cameras/{own.id}/live/")
    assert (status, told["code"]) == (400, "purpose_required")
    assert api.post(f"/cameras/{own.id}/live/", {"purpose": "incident"})[0] == 201
    assert api.post(f"/cameras/{public.id}/playback/", {"from": "2026-01-01T00:00:00Z"})[0] == 404
