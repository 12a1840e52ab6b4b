"""How much a household may keep and propose: counted over all its phones, however many ask at once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from backend.lib.clock import now
from backend.lib.errors import Conflict, MatPhoError
from cameras import registration, room, snapshots
from cameras.ingest import guard
from cameras.models import Camera, Snapshot
from neighborhoods.access import Actor
from neighborhoods.models import Device
from tests.cameras.playback.conftest import actor_of, make_camera
from tests.cameras.playback.footage import ago
from tests.cast import Cast, Person, make_resident, token_pair

pytestmark = pytest.mark.both_databases
AT_ONCE = 16


def another_phone(person: Person, **facts: Any) -> Person:
    token, stored = token_pair()
    code = person.device.code
    device = Device.objects.create(
        kind="phone", name="Máy hai", token_hash=stored, household=person.household, code=code,
        expires_at=now() + timedelta(days=30), **facts,
    )  # fmt: skip
    return Person(device, token, household=person.household)


def keep(person: Person, camera: Camera) -> Snapshot:
    return snapshots.snapshot_request(
        actor=actor_of(person), camera_id=camera.id, at=ago(60), before_s=5, after_s=5, now=now()
    )


def kept(person: Person, camera: Camera, count: int, size: int = 0) -> None:
    Snapshot.objects.bulk_create(
        Snapshot(
            camera=camera, device=person.device, at=now(), starts_at=now(), ends_at=now(), status="done", bytes=size
        )
        for _ in range(count)
    )


def all_at_once(act: Callable[[int], Any]) -> list[str]:
    """``act`` in sixteen threads; the codes of those that were refused."""
    gate, refused = threading.Barrier(AT_ONCE), []

    def one(number: int) -> None:
        gate.wait()
        try:
            act(number)
        except MatPhoError as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return refused


@pytest.mark.django_db
def test_a_hundred_are_the_households_and_not_each_phones(cast: Cast) -> None:
    camera = make_camera(cast)
    kept(cast.an, camera, room.MOST_KEPT - 1)
    second = another_phone(cast.an)
    keep(second, camera)
    for phone in (cast.an, second):
        with pytest.raises(Conflict) as refused:
            keep(phone, camera)
        assert refused.value.code == "too_many_snapshots"
    keep(make_resident(cast.place, 31, "Hộ khác", "Khác"), camera)
    keep(cast.binh, camera)


@pytest.mark.django_db
def test_bytes_are_counted_too(cast: Cast) -> None:
    camera = make_camera(cast)
    kept(cast.an, camera, 2, size=room.MOST_BYTES // 2)
    with pytest.raises(Conflict) as refused:
        keep(another_phone(cast.an), camera)
    assert refused.value.code == "too_many_snapshots"
    Snapshot.objects.first().delete()
    keep(cast.an, camera)


@pytest.mark.django_db
def test_a_staff_member_has_room_of_their_own(cast: Cast) -> None:
    camera = make_camera(cast)
    kept(cast.binh, camera, room.MOST_KEPT)
    with pytest.raises(Conflict):
        keep(cast.binh, camera)
    keep(cast.an, camera)


@pytest.mark.django_db(transaction=True)
def test_five_unfinished_are_five_however_many_ask_at_once(live_cast: Cast) -> None:
    camera, me = make_camera(live_cast), live_cast.an
    refused = all_at_once(lambda _: keep(me, camera))
    assert Snapshot.objects.count() == room.MOST_UNFINISHED
    assert refused == ["too_many"] * (AT_ONCE - room.MOST_UNFINISHED)


@pytest.mark.django_db(transaction=True)
def test_ten_proposals_are_ten_however_many_come_at_once(live_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "look_up", lambda _host, _port: ["203.0.112.5"])
    me: Actor = actor_of(live_cast.an)
    refused = all_at_once(
        lambda number: registration.camera_add(
            actor=me, neighborhood_id=live_cast.place.id, owner_household_id=me.home_id, name=f"Mắt {number}",
            url="rtsp://cam.example.com/1", now=now(),
        )
    )  # fmt: skip
    assert Camera.objects.count() == registration.MOST_PROPOSALS
    assert refused == ["too_many_proposals"] * (AT_ONCE - registration.MOST_PROPOSALS)
