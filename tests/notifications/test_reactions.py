"""News that causes acts: a silent camera raises an alert of its own, and a cut moment is announced."""

from datetime import timedelta

import pytest

from backend.lib.clock import now
from cameras import health, snapshots
from cameras.models import Rendition, Snapshot
from neighborhoods import outbox
from neighborhoods.access import system
from neighborhoods.models import OutboxRow
from notifications.dispatching import dispatch_once
from notifications.models import Alert, AlertClip, Event
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
