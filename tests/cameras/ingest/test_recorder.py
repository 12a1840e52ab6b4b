"""The whole recorder as ``manage.py recorder`` starts it: real database, real workers, real cameras."""

import signal
import time
from datetime import timedelta

import pytest
from django.conf import settings

from backend.lib.clock import now
from backend.lib.config import ROOT
from cameras.health import health_tick
from cameras.models import Camera, RecorderLease, Rendition, Slice
from neighborhoods.models import OutboxRow
from tests.cameras.ingest.foreman import journals, stored_frames
from tests.cameras.ingest.recorders import PASSWORD, camera_make, store_of, wait_for, workers_of
from tests.faults import faulty_camera as faults
from tests.faults.faulty_camera import FaultyCamera
from tests.pace import PATIENCE_S, allowed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.both_databases
def test_a_new_camera_is_recorded_within_five_seconds_and_left_when_it_retires(start, street, live_cast):
    process = start()
    wait_for(lambda: workers_of(process))
    time.sleep(2)
    begun = time.monotonic()
    camera = camera_make(street, live_cast.place)
    row = wait_for(lambda: Slice.objects.filter(camera=camera).first())
    assert time.monotonic() - begun < allowed(5)
    assert row.state == "open" and row.generation == 1
    rendition = camera.renditions.get()
    wait_for(lambda: Rendition.objects.filter(pk=rendition.pk, health="live", codec__startswith="avc1.").exists())
    Camera.objects.filter(pk=camera.pk).update(state="retired")
    wait_for(lambda: not Slice.objects.filter(camera=camera, state="open").exists())
    assert RecorderLease.objects.get(pk=rendition.pk).holder == ""
    sizes = [path.stat().st_size for path in (settings.CONFIG.store_dir / str(camera.pk)).rglob("*.mp4")]
    time.sleep(1.5)
    assert sizes == [path.stat().st_size for path in (settings.CONFIG.store_dir / str(camera.pk)).rglob("*.mp4")]


@pytest.mark.both_databases
def test_it_stops_within_three_seconds_with_every_slice_closed(start, street, live_cast):
    camera = camera_make(street, live_cast.place)
    process = start()
    wait_for(lambda: Slice.objects.filter(camera=camera).exists())
    time.sleep(5)
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0
    assert time.monotonic() - begun < allowed(3)
    rows = {row.id: row for row in Slice.objects.filter(camera=camera)}
    found = journals(*store_of(camera))
    assert {journal.header.slice_id for journal in found} == rows.keys()
    for journal in found:
        row = rows[journal.header.slice_id]
        assert row.state == "closed" and row.root == journal.close.root.hex() and row.bytes == journal.close.length
    numbers = stored_frames(*store_of(camera))
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert RecorderLease.objects.get(rendition__camera=camera).holder == ""


def test_a_camera_behind_tls_is_refused_and_the_others_go_on(start, street, live_cast):
    behind = camera_make(street, live_cast.place)
    behind.renditions.update(source_url="rtsps://10.255.255.1:8554/c0")
    good = camera_make(street, live_cast.place, "c1")
    start()
    wait_for(lambda: Slice.objects.filter(camera=good).exists())
    wait_for(lambda: behind.renditions.filter(health="refused", health_reason="tls_unsupported").exists())


def test_an_address_of_this_server_is_never_dialled(start, street, live_cast):
    camera = camera_make(street, live_cast.place)
    start(CAMERA_ALLOW="")
    rendition = camera.renditions.get()
    wait_for(lambda: Rendition.objects.filter(pk=rendition.pk, health="refused").exists())
    assert Rendition.objects.get(pk=rendition.pk).health_reason in ("address_port", "address_this_server")
    assert not Slice.objects.filter(camera=camera).exists()


def test_a_private_address_is_dialled_only_where_a_leader_named_it(start, street, live_cast):
    camera = camera_make(street, live_cast.place)
    camera.renditions.update(source_url="rtsp://10.255.255.1:554/c0")
    start()
    wait_for(lambda: camera.renditions.filter(health="refused", health_reason="address_private").exists())


def test_a_redirect_is_judged_as_every_address_is(start, street, live_cast):
    """By the real guard: to another camera it is followed, to a port of this server it is not, whatever is there."""
    with (
        FaultyCamera(faults.good()) as hidden,
        FaultyCamera(faults.redirects(hidden.url)) as inward,
        FaultyCamera(faults.redirects(street.url("c1"))) as onward,
    ):
        allowed = ",".join(f"127.0.0.1:{one.port}" for one in (street, inward, onward))
        bad, good = (camera_make(street, live_cast.place, f"c{number}") for number in range(2))
        bad.renditions.update(source_url=inward.url)
        good.renditions.update(source_url=onward.url)
        start(CAMERA_ALLOW=allowed, CAMERA_PORTS=str(hidden.port))  # its port is a camera's: the address is the reason
        wait_for(lambda: Slice.objects.filter(camera=good).exists())
        wait_for(lambda: bad.renditions.filter(health="refused", health_reason="address_this_server").exists())
        assert any(request.startswith("DESCRIBE") for request in inward.requests)
        assert hidden.requests == []
        assert not Slice.objects.filter(camera=bad).exists()


@pytest.mark.both_databases
def test_a_camera_that_comes_back_is_told_by_its_frames_and_once(start, street, live_cast):
    camera = camera_make(street, live_cast.place)
    Rendition.objects.filter(camera=camera).update(health="retrying")
    Camera.objects.filter(pk=camera.pk).update(offline_since=now() - timedelta(hours=1))
    start()
    wait_for(lambda: camera.renditions.filter(health="live", last_frame_at__isnull=False).exists())
    assert not OutboxRow.objects.exists()
    assert [health_tick(now=now()), health_tick(now=now())] == [1, 0]
    row = OutboxRow.objects.get()
    assert (row.topic, row.payload["camera"], row.neighborhood_id) == (
        "camera.online", str(camera.pk), live_cast.place.id,
    )  # fmt: skip


def test_the_password_reaches_no_log_and_no_process_list(start, street, live_cast, tmp_path):
    camera_make(street, live_cast.place)
    process = start(LOG_LEVEL="DEBUG")
    wait_for(lambda: Slice.objects.exists())
    for pid in [process.pid, *workers_of(process)]:
        seen = (ROOT / f"/proc/{pid}/cmdline").read_bytes() + (ROOT / f"/proc/{pid}/environ").read_bytes()
        assert PASSWORD.encode() not in seen
    assert PASSWORD not in (tmp_path / "recorder-0.log").read_text()
