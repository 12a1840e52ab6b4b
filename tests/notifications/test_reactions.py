"""News that causes acts: a silent camera raises an alert of its own, and a cut moment is announced."""

from datetime import datetime, timedelta

import pytest

from backend.lib.clock import iso, now
from cameras import health, snapshots
from cameras.models import Camera, Rendition, Snapshot
from neighborhoods import outbox
from neighborhoods.access import system
from neighborhoods.models import OutboxRow
from notifications.dispatching import dispatch_once
from notifications.models import Alert, AlertClip, Event
from tests.cameras.api.conftest import Api
from tests.cameras.playback.conftest import make_camera
from tests.cast import Cast
from tests.notifications.pipeline import make_alert, told

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def dispatch_all() -> None:
    while dispatch_once(now=now()):
        pass


def test_a_silent_camera_is_told_and_raises_one_alert_which_its_return_ends(cast: Cast) -> None:
    camera = make_camera(cast)
    main = Rendition.objects.filter(camera=camera)
    main.update(last_frame_at=now() - timedelta(minutes=5))
    health.health_tick(now=now())
    dispatch_all()
    assert told() == [("stewards", "camera.offline"), ("stewards", "alert.raised")]
    alert = Alert.objects.get()
    assert (alert.category, alert.source, list(alert.cameras.all())) == ("camera_health", "camera", [camera])
    OutboxRow.objects.filter(topic="camera.offline").update(done_at=None)  # said twice
    Event.objects.filter(kind="camera.offline").delete()
    dispatch_all()
    assert Alert.objects.count() == 1
    main.update(last_frame_at=now())
    health.health_tick(now=now())
    dispatch_all()
    assert told()[-2:] == [("stewards", "camera.online"), ("stewards", "alert.resolved")]
    alert.refresh_from_db()
    assert alert.state == "resolved"


def moves(camera: Camera, at: datetime, **owner: str) -> None:
    payload: dict[str, object] = {"camera": str(camera.id), "at": iso(at), **owner}
    outbox.add(topic="camera.motion", neighborhood_id=camera.neighborhood_id, payload=payload, now=now())


def test_movement_raises_one_alert_with_its_clip_for_those_who_lead(cast: Cast) -> None:
    camera, at = make_camera(cast), now() - timedelta(seconds=6)
    moves(camera, at)
    dispatch_all()
    assert told() == [("stewards", "alert.raised")]
    alert = Alert.objects.get()
    assert (alert.category, alert.source, alert.place, alert.escalate_at) == ("motion", "camera", "Cổng chào", None)
    clip = AlertClip.objects.get(alert=alert)
    assert clip.camera == camera and clip.snapshot is not None
    assert abs(clip.snapshot.at - at) < timedelta(milliseconds=1)  # the moment, not when it was told
    moves(camera, now())
    dispatch_all()
    assert Alert.objects.count() == 1 and len(told()) == 1
    seen = {name: [one["id"] for one in Api(getattr(cast, name)).get("/alerts/")[1]["results"]]
            for name in ("binh", "an", "cuc", "dung", "hoa")}  # fmt: skip
    assert seen == {"binh": [str(alert.id)], "an": [], "cuc": [], "dung": [], "hoa": []}
    assert Api(cast.an).get(f"/alerts/{alert.id}/")[0] == 404
    moves(make_camera(cast), now())  # another camera's movement is another alert
    dispatch_all()
    assert sorted(Alert.objects.values_list("category", flat=True)) == ["motion", "motion"]


def test_movement_before_a_households_camera_is_told_to_its_phones_too(cast: Cast) -> None:
    household = cast.an.household
    assert household is not None
    moves(make_camera(cast, owner_household=household, ownership="household"), now(), household=str(household.id))
    dispatch_all()
    assert told() == [("household", "camera.motion"), ("stewards", "alert.raised")]
    assert [one["kind"] for one in Api(cast.an).get("/events/", since="")[1]["results"]] == ["camera.motion"]


@pytest.mark.parametrize(("topic", "clip"), [("snapshot.done", "ready"), ("snapshot.failed", "failed")])
def test_a_cut_moment_of_an_alert_is_announced_and_anybody_elses_is_not(cast: Cast, topic: str, clip: str) -> None:
    alert, camera, moment = make_alert(cast), make_camera(cast), now()
    status = Snapshot.Status.DONE if clip == "ready" else Snapshot.Status.FAILED
    cut = [
        Snapshot.objects.create(
            camera=camera, device=device, at=moment, starts_at=moment, ends_at=moment, status=status, created_at=moment
        )
        for device in (None, cast.an.device)
    ]
    AlertClip.objects.create(alert=alert, camera=camera, snapshot=cut[0])
    for snapshot in cut:
        snapshots._record(system("snapshots"), snapshot, topic, {"camera": camera.id}, moment)
    dispatch_all()
    assert told() == [("neighborhood", "alert.clip"), ("stewards", "alert.clip"), ("duty", "alert.clip")]
    assert {event.data["alert"]["clip"] for event in Event.objects.all()} == {clip}
    assert not outbox.rows_due(topics={topic}, now=now(), limit=1)
