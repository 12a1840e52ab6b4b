"""The whole recorder as ``manage.py recorder`` starts it: real database, real workers, real cameras."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, transaction

from backend.lib.clock import now
from backend.lib.config import ROOT
from cameras import credentials
from cameras.demo.rtsp_server import CameraServer
from cameras.demo.testcard import card
from cameras.health import health_tick
from cameras.models import Camera, RecorderLease, Rendition, Slice
from cameras.store.catalog import node_here
from neighborhoods.models import OutboxRow
from tests.cameras.ingest.foreman import journals, stored_frames

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
PASSWORD = "hunter2-of-the-street"
STARTED_ON_A_LOADED_MACHINE_US = 2_000_000


def _database_url() -> str:
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    return f"postgres://{found['USER']}@{quote(str(found['HOST']), safe='')}/{found['NAME']}"


@pytest.fixture
def street():
    server = CameraServer(user="cam", password=PASSWORD)
    for number in range(3):
        server.add(f"c{number}", card(gop=15), offset=number * 5)
    with server.running():
        yield server


@pytest.fixture
def start(street, tmp_path):
    """Starts recorders on this test's database and store; ends them afterwards."""
    running = []

    def begin(*, data_dir=None, **more):
        log = (tmp_path / f"recorder-{len(running)}.log").open("w")
        env = {
            **os.environ, "DJANGO_SETTINGS_MODULE": "backend.settings", "DATABASE_URL": _database_url(),
            "DATA_DIR": str(settings.CONFIG.data_dir), "CAMERA_ALLOW": f"127.0.0.1:{street.port}", **more,
        }  # fmt: skip
        command = [sys.executable, "manage.py", "recorder", "--slice-seconds", "4"]
        process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=log, start_new_session=True)
        running.append(process)
        return process

    yield begin
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _camera(street, neighborhood, path="c0", **facts):
    camera = Camera.objects.create(neighborhood=neighborhood, node=node_here(), name=path, state="active", **facts)
    sealed = credentials.seal("cam", PASSWORD)
    Rendition.objects.create(camera=camera, source_url=street.url(path), credentials=sealed)
    return camera


def _wait(what, seconds=20.0):
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until, f"waited {seconds} s in vain"
        time.sleep(0.05)
    return found


def _store(camera):
    return settings.CONFIG.store_dir, str(camera.pk)


def _workers(process):
    found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]


def test_a_new_camera_is_recorded_within_five_seconds_and_left_when_it_retires(start, street, live_cast):
    process = start()
    _wait(lambda: _workers(process))
    time.sleep(2)
    begun = time.monotonic()
    camera = _camera(street, live_cast.place)
    row = _wait(lambda: Slice.objects.filter(camera=camera).first())
    assert time.monotonic() - begun < 5
    assert row.state == "open" and row.generation == 1
    rendition = camera.renditions.get()
    _wait(lambda: Rendition.objects.filter(pk=rendition.pk, health="live", codec__startswith="avc1.").exists())
    Camera.objects.filter(pk=camera.pk).update(state="retired")
    _wait(lambda: not Slice.objects.filter(camera=camera, state="open").exists())
    assert RecorderLease.objects.get(pk=rendition.pk).holder == ""
    sizes = [path.stat().st_size for path in (settings.CONFIG.store_dir / str(camera.pk)).rglob("*.mp4")]
    time.sleep(1.5)
    assert sizes == [path.stat().st_size for path in (settings.CONFIG.store_dir / str(camera.pk)).rglob("*.mp4")]


def test_it_stops_within_three_seconds_with_every_slice_closed(start, street, live_cast):
    camera = _camera(street, live_cast.place)
    process = start()
    _wait(lambda: Slice.objects.filter(camera=camera).exists())
    time.sleep(5)
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0
    assert time.monotonic() - begun < 3
    rows = {row.id: row for row in Slice.objects.filter(camera=camera)}
    found = journals(*_store(camera))
    assert {journal.header.slice_id for journal in found} == rows.keys()
    for journal in found:
        row = rows[journal.header.slice_id]
        assert row.state == "closed" and row.root == journal.close.root.hex() and row.bytes == journal.close.length
    numbers = stored_frames(*_store(camera))
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert RecorderLease.objects.get(rendition__camera=camera).holder == ""


def test_a_killed_worker_is_replaced_and_its_rows_are_closed(start, street, live_cast):
    camera = _camera(street, live_cast.place)
    process = start()
    _wait(lambda: Slice.objects.filter(camera=camera).exists())
    time.sleep(2)
    begun = time.monotonic()
    os.kill(_workers(process)[0], signal.SIGKILL)
    _wait(lambda: Slice.objects.filter(camera=camera, discontinuity_sequence=1).exists())
    assert time.monotonic() - begun < 5  # its first part is a second long and written at a sweep
    _wait(lambda: Slice.objects.filter(camera=camera, state="recovered").count() == 1)
    first, second = journals(*_store(camera))[:2]
    assert second.header.wall_us - first.ends_us < 3_000_000
    assert second.header.previous_slice == first.header.slice_id


def _pause(recorder):
    """SIGSTOP for the whole recorder, but not in the middle of a transaction: SQLite has one writer, and whoever is
    frozen with its lock stops everybody on that machine. (PostgreSQL locks rows.)"""
    while True:
        os.killpg(recorder.pid, signal.SIGSTOP)
        if connection.vendor != "sqlite":
            return
        try:
            with contextlib.closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0.2)) as other:
                other.execute("BEGIN IMMEDIATE")
                other.rollback()
            return
        except sqlite3.OperationalError:
            os.killpg(recorder.pid, signal.SIGCONT)
            time.sleep(0.1)


def test_a_paused_recorder_loses_its_cameras_and_doubles_nothing(start, street, live_cast):
    camera = _camera(street, live_cast.place)
    first = start()
    _wait(lambda: Slice.objects.filter(camera=camera).exists())
    time.sleep(2)
    _pause(first)
    paused = time.monotonic()
    start()
    _wait(lambda: Slice.objects.filter(camera=camera, generation=2).exists(), 25)
    assert time.monotonic() - paused < 20  # ten seconds for the lease, the rest for a start on a loaded machine
    os.killpg(first.pid, signal.SIGCONT)
    time.sleep(4)
    numbers = stored_frames(*_store(camera))
    assert len(numbers) == len(set(numbers))
    newest = max(journal.header.generation for journal in journals(*_store(camera)))
    assert newest == 2
    assert RecorderLease.objects.get(rendition__camera=camera).generation == 2


def test_a_recorder_that_was_killed_whole_is_followed_at_once(start, street, live_cast):
    """kill -9 of the parent: its workers end with their pipe, and nobody waits for its leases to run out."""
    camera = _camera(street, live_cast.place)
    first = start()
    _wait(lambda: Slice.objects.filter(camera=camera).exists())
    time.sleep(2)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    start()
    _wait(lambda: Slice.objects.filter(camera=camera, generation=2).exists(), 8)
    before, after = (
        [one for one in journals(*_store(camera)) if one.header.generation == number] for number in (1, 2)
    )  # fmt: skip
    assert after[0].header.wall_us - before[-1].ends_us < 3_000_000 + STARTED_ON_A_LOADED_MACHINE_US
    numbers = stored_frames(*_store(camera))
    assert numbers == sorted(set(numbers))


def test_two_recorders_share_no_camera(start, street, live_cast):
    cameras = [_camera(street, live_cast.place, f"c{number}") for number in range(3)]
    start(), start()
    _wait(lambda: Slice.objects.values("camera").distinct().count() == 3)
    time.sleep(4)
    for number, camera in enumerate(cameras):
        frames = stored_frames(*_store(camera))
        assert len(frames) == len(set(frames))
        assert len(street.watchers(f"c{number}")) == 1
        assert {journal.header.generation for journal in journals(*_store(camera))} == {1}


def test_with_the_database_away_it_writes_for_eight_seconds_and_goes_on_when_it_is_back(start, street, live_cast):
    camera = _camera(street, live_cast.place)
    start()
    _wait(lambda: Slice.objects.filter(camera=camera).exists())
    time.sleep(3)
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE cameras_recorderlease IN ACCESS EXCLUSIVE MODE")
        away_us = time.time_ns() // 1000  # on SQLite every transaction of ours holds the writers' lock
        time.sleep(12)
    _wait(lambda: Slice.objects.filter(camera=camera, generation=2).exists())
    first = [journal for journal in journals(*_store(camera)) if journal.header.generation == 1]
    last_us = max(journal.ends_us for journal in first)
    assert 4_000_000 < last_us - away_us < 8_500_000
    numbers = stored_frames(*_store(camera))
    assert numbers == sorted(set(numbers))


def test_a_camera_behind_tls_is_refused_and_the_others_go_on(start, street, live_cast):
    behind = _camera(street, live_cast.place)
    behind.renditions.update(source_url="rtsps://10.255.255.1:8554/c0")
    good = _camera(street, live_cast.place, "c1")
    start()
    _wait(lambda: Slice.objects.filter(camera=good).exists())
    _wait(lambda: behind.renditions.filter(health="refused", health_reason="tls_unsupported").exists())


def test_an_address_of_this_server_is_never_dialled(start, street, live_cast):
    camera = _camera(street, live_cast.place)
    start(CAMERA_ALLOW="")
    rendition = camera.renditions.get()
    _wait(lambda: Rendition.objects.filter(pk=rendition.pk, health="refused").exists())
    assert Rendition.objects.get(pk=rendition.pk).health_reason in ("address_port", "address_this_server")
    assert not Slice.objects.filter(camera=camera).exists()


def test_a_private_address_is_dialled_only_where_a_leader_named_it(start, street, live_cast):
    camera = _camera(street, live_cast.place)
    camera.renditions.update(source_url="rtsp://10.255.255.1:554/c0")
    start()
    _wait(lambda: camera.renditions.filter(health="refused", health_reason="address_private").exists())


def test_a_camera_that_comes_back_is_told_by_its_frames_and_once(start, street, live_cast):
    camera = _camera(street, live_cast.place)
    Rendition.objects.filter(camera=camera).update(health="retrying")
    Camera.objects.filter(pk=camera.pk).update(offline_since=now() - timedelta(hours=1))
    start()
    _wait(lambda: camera.renditions.filter(health="live", last_frame_at__isnull=False).exists())
    assert not OutboxRow.objects.exists()
    assert [health_tick(now=now()), health_tick(now=now())] == [1, 0]
    row = OutboxRow.objects.get()
    assert (row.topic, row.payload["camera"], row.neighborhood_id) == (
        "camera.online", str(camera.pk), live_cast.place.id,
    )  # fmt: skip


def test_the_password_reaches_no_log_and_no_process_list(start, street, live_cast, tmp_path):
    _camera(street, live_cast.place)
    process = start(LOG_LEVEL="DEBUG")
    _wait(lambda: Slice.objects.exists())
    for pid in [process.pid, *_workers(process)]:
        seen = (ROOT / f"/proc/{pid}/cmdline").read_bytes() + (ROOT / f"/proc/{pid}/environ").read_bytes()
        assert PASSWORD.encode() not in seen
    assert PASSWORD not in (tmp_path / "recorder-0.log").read_text()
