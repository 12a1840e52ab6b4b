"""What the recorder writes into rows of what its workers say. No process, no camera."""

from datetime import timedelta

import pytest

from backend.lib.clock import now
from cameras.health import OFFLINE_AFTER, health_tick
from cameras.ingest.rows import Rows
from cameras.models import Rendition
from neighborhoods.models import OutboxRow
from tests.cameras.playback.conftest import make_camera

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_an_outage_is_told_once(cast):
    """The recorder hears a camera go and come back; the tick over its last frame is the one that makes news of it."""
    camera = make_camera(cast)
    began = now()
    camera.renditions.update(last_frame_at=began)
    key = str(camera.renditions.get().id)
    rows = Rows(camera.node_id)

    def write(at, **said):
        rows.take({"key": key, **said}, at)
        rows.write(at)
        health_tick(now=at)

    write(began, op="health", state="retrying", reason="unreachable")
    for seconds in range(0, 200, 15):
        rows.write(began + timedelta(seconds=seconds))
        health_tick(now=began + timedelta(seconds=seconds))
    back = began + timedelta(seconds=200)
    write(back, op="health", state="live", reason="")
    write(
        back + timedelta(seconds=5), op="measured", codec="avc1.64001f", width=1280, height=720, keyframe_ms=2000,
        bitrate_bps=1_200_000, last_frame_us=int(back.timestamp() * 1e6), clock_error_ms=-1_600,
    )  # fmt: skip

    told = OutboxRow.objects.order_by("id").values_list("topic", "payload")
    assert list(told) == [
        ("camera.offline", {"camera": str(camera.id), "reason": "unreachable"}),
        ("camera.online", {"camera": str(camera.id), "reason": ""}),
    ]
    assert OutboxRow.objects.earliest("id").at - began > OFFLINE_AFTER
    row = Rendition.objects.get(pk=key)
    assert (row.health, row.clock_error_ms, row.clock_measured_at) == ("live", -1_600, back)
