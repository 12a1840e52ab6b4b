"""A school's camera behind every door: no household's code, no resident, guest or screen comes near it."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from backend.lib.errors import Absent, Conflict
from cameras import guests, registry, snapshots, viewing
from cameras.models import Camera, Snapshot
from cameras.playback import rows
from neighborhoods.access import Action, Actor
from neighborhoods.models import AccessCode, Device
from notifications import alerts, moments
from notifications.facing import Place
from notifications.models import AlertClip
from tests.architecture.own_world import make_wall
from tests.cameras.api.conftest import Api
from tests.cameras.playback.conftest import actor_of
from tests.cast import Cast, Person, School, token_pair

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def guest_of(school: School, camera: Camera, moment: datetime) -> Person:
    """By a code from before the camera was a school's."""
    code = AccessCode.objects.create(
        neighborhood=camera.neighborhood, household=school.household, kind=AccessCode.Kind.GUEST,
        typed_hmac=secrets.token_bytes(32), qr_hmac=secrets.token_bytes(32), camera_scope=[str(camera.id)],
        replay=True, expires_at=moment + timedelta(days=1),
    )  # fmt: skip
    token, stored = token_pair()
    device = Device.objects.create(
        kind=Device.Kind.PHONE, name="Máy khách", token_hash=stored, household=school.household, code=code,
        expires_at=moment + timedelta(days=1),
    )  # fmt: skip
    return Person(device, token, household=school.household)


@pytest.fixture
def shut_out(cast: Cast, school: School, yard: Camera, moment: datetime) -> dict[str, Person]:
    return {
        "a resident": cast.an, "the school's own code": school.phone, "its guest": guest_of(school, yard, moment),
        "the street's screen": make_wall(cast), "an officer": cast.dung, "the treasurer": cast.hoa,
        "a resident elsewhere": cast.cuc,
    }  # fmt: skip


def opening(actor: Actor, camera: Camera, moment: datetime) -> dict[str, Callable[[], Any]]:
    """Every way to a picture of one camera."""
    given: dict[str, Any] = {"actor": actor, "camera_id": camera.id, "purpose": "patrol", "now": moment}
    before, sent = moment - timedelta(minutes=5), given | {"address": "127.0.0.1"}
    kept = Snapshot(
        camera=camera, device_id=actor.device_id, at=before, starts_at=before, ends_at=moment, status="done"
    )
    alerted = Snapshot(camera=camera, at=before, starts_at=before, ends_at=moment, status="done")
    alone = {"actor": actor, "address": "127.0.0.1", "now": moment}
    return {
        "live": lambda: viewing.view_open_live(**sent),
        "replay": lambda: viewing.view_open_playback(starts_at=before, ends_at=moment, **sent),
        "frame": lambda: viewing.view_open_frame(at=None, **sent),
        "past frame": lambda: viewing.view_open_frame(at=before, **sent),
        "clip": lambda: viewing.view_open_snapshot(snapshot=kept, **alone),
        "alert's clip": lambda: viewing.view_open_snapshot(snapshot=alerted, **alone),
        "keep": lambda: snapshots.snapshot_request(at=before, before_s=5, after_s=5, **given),
    }


def refused(acts: dict[str, Callable[[], Any]]) -> set[str]:
    found = set()
    for name, act in acts.items():
        try:
            act()
        except Absent:
            found.add(name)
        except Conflict as told:  # they may, and nothing is recorded
            assert told.code in ("no_footage", "private_hours", "school_hours"), told.code
    return found


WAYS = {"live", "replay", "frame", "past frame", "clip", "alert's clip", "keep"}


def test_it_is_not_there_for_anybody_it_is_not_for(
    shut_out: dict[str, Person], yard: Camera, moment: datetime, client: Client
) -> None:
    for who, person in shut_out.items():
        api, actor = Api(person), actor_of(person)
        assert refused(opening(actor, yard, moment)) == WAYS, who
        assert rows.poster_hidden(person.device.id, yard.id, moment) is None, who
        assert not registry.cameras_for(actor, Action.SEE_CAMERAS).exists(), who
        for path in ("", "recordings/", "recordings/summary/", "viewers/"):
            assert api.get(f"/cameras/{yard.id}/{path}")[0] == 404, (who, path)
        for act in ("live/", "frame/"):
            assert api.post(f"/cameras/{yard.id}/{act}", {"purpose": "patrol"})[0] == 404, (who, act)
        client.cookies["matpho"] = person.token
        for page in ("/cameras/", "/wall", "/alerts/", "/me/"):
            assert str(yard.id) not in client.get(page).content.decode(), (who, page)
        assert client.get(f"/cameras/{yard.id}/").status_code == 404, who


def test_who_leads_keeps_it_working_and_sees_no_picture(
    cast: Cast, yard: Camera, moment: datetime, client: Client
) -> None:
    binh = Api(cast.binh)
    assert refused(opening(actor_of(cast.binh), yard, moment)) == WAYS
    assert rows.poster_hidden(cast.binh.device.id, yard.id, moment) is None
    told = binh.get(f"/cameras/{yard.id}/")[1]
    assert (told["status"], told["poster_url"]) == ("connecting", None)
    client.cookies["matpho"] = cast.binh.token
    assert str(yard.id) in client.get("/leader/cameras/").content.decode()
    assert str(yard.id) not in client.get("/cameras/").content.decode()


def test_its_staff_watch_it_at_any_hour_and_look_back(school: School, yard: Camera, moment: datetime) -> None:
    Camera.objects.filter(id=yard.id).update(school_hours=[])
    assert refused(opening(actor_of(school.thu), yard, moment)) == {"clip", "alert's clip", "keep"}
    listed = Api(school.thu).get("/cameras/")[1]["results"]
    assert [row["id"] for row in listed] == [str(yard.id)]
    assert rows.poster_hidden(school.thu.device.id, yard.id, moment) is not None


def test_another_schools_staff_do_not(cast: Cast, school: School, yard: Camera, moment: datetime) -> None:
    Camera.objects.filter(id=yard.id).update(owner_household=cast.an.household)
    assert refused(opening(actor_of(school.thu), yard, moment)) == WAYS


def test_its_staff_end_with_the_school(school: School, yard: Camera, moment: datetime) -> None:
    type(school.household).objects.filter(id=school.household.id).update(left_at=moment)
    assert Api(school.thu).get("/cameras/")[0] == 401


def test_an_operator_watches_it_live_with_a_reason_and_never_its_past(
    nga: Person, yard: Camera, moment: datetime
) -> None:
    assert refused(opening(actor_of(nga), yard, moment)) == WAYS - {"live", "frame"}
    assert Api(nga).post(f"/cameras/{yard.id}/live/")[1]["code"] == "purpose_required"
    assert rows.poster_hidden(nga.device.id, yard.id, moment) is None  # a grid states no reason


def test_its_household_gives_no_guest_a_code_for_it(school: School, yard: Camera, moment: datetime) -> None:
    actor = actor_of(school.phone)
    assert not guests.own_cameras(actor).exists()
    with pytest.raises(Absent):
        guests.guest_code_issue(actor=actor, camera_ids=[yard.id], now=moment)


def test_no_alert_keeps_its_moment_or_says_its_name(cast: Cast, yard: Camera, moment: datetime) -> None:
    where = {"latitude": 22.8, "longitude": 104.9}
    Camera.objects.filter(id=yard.id).update(name="Sân Hoa Sen", owner_household=None, **where)
    assert not moments.near(cast.place.id, Place(22.8, 104.9), 0.01).exists()
    for category, camera_ids in {"fire": (), "theft": (yard.id,)}.items():  # beside it; and named by who keeps it
        told = alerts.alert_raise(
            actor=actor_of(cast.binh), category=category, camera_ids=camera_ids, location=Place(22.8, 104.9), now=moment
        )
        assert told.alert.place == cast.place.name
    assert not AlertClip.objects.exists()
    assert snapshots.snapshot_for_alert(camera=joined(yard), at=moment, now=moment) is None


def joined(camera: Camera) -> Camera:
    return Camera.objects.select_related("neighborhood", "owner_household").get(id=camera.id)


def test_what_somebody_kept_before_it_was_a_schools_is_out_of_reach(cast: Cast, yard: Camera, moment: datetime) -> None:
    Camera.objects.filter(id=yard.id).update(ownership="public")
    kept = Snapshot.objects.create(
        camera=yard, device=cast.an.device, at=moment, starts_at=moment, ends_at=moment + timedelta(seconds=5)
    )
    an = Api(cast.an)
    assert an.get(f"/snapshots/{kept.id}/")[0] == 200
    Camera.objects.filter(id=yard.id).update(ownership="school")
    assert an.get(f"/snapshots/{kept.id}/")[0] == 404
    assert an.get("/snapshots/")[1]["results"] == []


def test_a_role_that_was_without_the_second_step_watches_nothing(school: School, yard: Camera) -> None:
    Device.objects.filter(id=school.thu.device.id).update(second_factor_at=None)
    assert Api(school.thu).get("/cameras/")[0] == 401
