"""A disk full of held footage: nothing held goes, new recording gives way, and whoever must act hears of it."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from cameras import health
from cameras.ingest.roster import roster
from cameras.models import Camera, Hold, MediaNode, Rendition, Slice
from cameras.store import givingway
from cameras.store.retention import Limits, retention_run
from neighborhoods.access import system
from neighborhoods.models import AuditEntry
from notifications.dispatching import dispatch_once
from notifications.models import Event
from tests.cameras.store.conftest import NOW, Record
from tests.cast import Cast, sign_record

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def make(cast: Cast, node: MediaNode, number: int) -> Camera:
    camera = Camera.objects.create(
        neighborhood=cast.place, node=node, name=f"Ngõ {number}", state=Camera.State.ACTIVE,
        approved_at=NOW - timedelta(days=100 - number),
    )  # fmt: skip
    Rendition.objects.create(camera=camera, source_url=f"rtsp://192.0.2.{number}/")
    return camera


@pytest.fixture
def cameras(cast: Cast, node: MediaNode) -> list[Camera]:
    sign_record(cast.place)
    return [make(cast, node, number) for number in range(1, 6)]


def balance(node: MediaNode, *, short: int = 0, room: int = 0, minutes: int = 0) -> int:
    return givingway.recording_balance(
        actor=system("retention"), node_id=node.id, short_bytes=short, room_bytes=room,
        now=NOW + timedelta(minutes=minutes),
    )  # fmt: skip


def recorded(node: MediaNode) -> set[UUID]:
    return {job.camera_id for job in roster(node.id).values()}


def test_those_let_in_first_give_way_first_and_all_within_a_few_runs(node: MediaNode, cameras: list[Camera]) -> None:
    assert recorded(node) == {camera.id for camera in cameras}
    paused = [balance(node, short=1, minutes=minute) for minute in range(5)]
    assert paused == [2, 1, 1, 1, 0] and recorded(node) == set()
    order = Camera.objects.order_by("gave_way_at", "approved_at").values_list("name", flat=True)
    assert list(order) == [camera.name for camera in cameras]


def test_they_come_back_the_newest_pause_first_and_only_with_room_to_spare(
    node: MediaNode, cameras: list[Camera]
) -> None:
    for minute in range(5):
        balance(node, short=1, minutes=minute)
    assert balance(node) == 0 and balance(node, room=givingway.ROOM_BYTES) == 0
    assert balance(node, room=givingway.ROOM_BYTES + 1) == 2
    assert recorded(node) == {cameras[4].id, cameras[3].id}


def test_another_nodes_cameras_go_on(node: MediaNode, cameras: list[Camera], cast: Cast) -> None:
    other = make(cast, MediaNode.objects.create(name="thứ hai"), 9)
    while balance(node, short=1):
        pass
    assert recorded(other.node) == {other.id}


def test_leader_and_operator_hear_of_it_and_it_is_on_record(node: MediaNode, cameras: list[Camera]) -> None:
    balance(node, short=1)
    balance(node, room=10**12)
    told = list(AuditEntry.objects.order_by("seq").values_list("action", flat=True))
    assert told[-4:] == [
        "recording.gave_way", "recording.gave_way_ward", "recording.resumed", "recording.resumed_ward",
    ]  # fmt: skip
    while dispatch_once(now=NOW + timedelta(minutes=1)):
        pass
    heard = Event.objects.filter(kind__startswith="recording.").order_by("id").values_list("stream__kind", "data")
    assert list(heard) == [(kind, {"cameras": count}) for kind, count in
                           (("stewards", 2), ("duty", 2), ("stewards", 1), ("duty", 1))]  # fmt: skip


def test_a_camera_that_gives_way_is_not_told_to_be_broken(node: MediaNode, cameras: list[Camera]) -> None:
    balance(node, short=1)
    health.health_tick(now=NOW + timedelta(days=1))
    silent = Camera.objects.exclude(offline_since=None).values_list("name", flat=True)
    assert set(silent) == {camera.name for camera in cameras[2:]}


def test_a_full_disk_of_held_footage_keeps_every_held_byte(
    tmp_path: Path, node: MediaNode, cast: Cast, record: Record, cameras: list[Camera]
) -> None:
    held, free = cameras[0], cameras[1]
    record(held)
    record(free)
    Hold.objects.create(camera=held, starts_at=NOW - timedelta(days=9), ends_at=NOW, reason="footage_request")
    kept = {row.path: (tmp_path / row.path).read_bytes() for row in Slice.objects.filter(camera=held)}
    removed = retention_run(
        actor=system("retention"), root=tmp_path, node_id=node.id, limits=Limits(headroom_bytes=10**15), now=NOW,
        free=lambda _: 0,
    )  # fmt: skip
    assert removed.short_bytes > 0 and not Slice.objects.filter(camera=free).exists()
    assert {path: (tmp_path / path).read_bytes() for path in kept} == kept
    assert balance(node, short=removed.short_bytes, room=removed.room_bytes) == 2
