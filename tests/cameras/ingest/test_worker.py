"""One real worker process."""

import contextlib
import itertools
import subprocess
import sys
import time

import pytest

from backend.lib.config import ROOT
from cameras.demo.rtsp_server import CameraServer
from cameras.demo.testcard import card
from tests.cameras.ingest.foreman import foreman, journals, stored_frames
from tests.faults import faulty_camera as faults
from tests.faults.faulty_camera import FaultyCamera


def test_it_imports_neither_django_nor_redis():
    listing = "import sys, cameras.ingest.worker; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    found = subprocess.run([sys.executable, "-c", listing], cwd=ROOT, capture_output=True, text=True, check=True)
    heavy = {"django", "redis", "celery", "channels", "rest_framework", "asyncio", "numpy", "av", "cryptography"}
    assert not heavy & set(found.stdout.split())


@pytest.mark.parametrize("schemes", [("MD5",), ("SHA-256", "MD5"), ("Basic",)])
def test_it_signs_in_as_the_camera_asks(tmp_path, schemes):
    server = CameraServer(user="cam", password="mật khẩu", schemes=schemes)
    server.add("a", card(gop=15))
    with server.running(), foreman(tmp_path) as crew:
        key = crew.record(server.url("a"), user="cam", password="mật khẩu")
        crew.wait_live(key)


def test_slices_hand_over_without_a_seam_and_numbers_go_on(tmp_path):
    server = CameraServer()
    server.add("a", card(gop=15))
    with server.running(), foreman(tmp_path) as crew:
        key = crew.record(server.url("a"), slice_seconds=2)
        crew.wait(lambda: len(crew.news("closed", key)) >= 2)
        crew.quit()
        found = journals(tmp_path, key)
        for one, after in itertools.pairwise(found):
            assert one.close.next_slice == after.header.slice_id
            assert after.header.previous_slice == one.header.slice_id
            assert after.header.media_sequence == one.header.media_sequence + len(one.segments())
            assert after.header.first_tfdt == one.fragments[-1].tfdt + one.fragments[-1].duration
            assert abs(after.header.wall_us - one.ends_us) < 1000
        assert {journal.header.discontinuity_sequence for journal in found} == {0}
    numbers = stored_frames(tmp_path, key)
    assert numbers == list(range(numbers[0], numbers[-1] + 1))


def test_stop_ends_one_camera_and_frees_its_session(tmp_path):
    with FaultyCamera(faults.one_session()) as camera, foreman(tmp_path) as crew:
        key = crew.record(camera.url)
        crew.wait_live(key)
        crew.stop(key)
        assert crew.news("stopped", key)[0]["reason"] == "stopped"
        crew.wait(lambda: crew.news("closed", key) or not journals(tmp_path, key))
        crew.wait(lambda: camera.playing == 0)


def test_a_name_that_does_not_resolve_is_tried_again(tmp_path):
    with foreman(tmp_path) as crew:
        key = crew.record("rtsp://refused.example:554/x")
        crew.wait(lambda: crew.health(key) == ("refused", "address_refused"))
        gone = crew.record("rtsp://127.0.0.1:1/x")
        crew.wait(lambda: crew.health(gone) == ("retrying", "unreachable"))
        crew.wait(lambda: crew.dials[gone] >= 3)
        assert crew.dials[key] == 1


def test_it_ends_with_its_parent(tmp_path):
    server = CameraServer()
    server.add("a", card(gop=15))
    with server.running(), foreman(tmp_path) as crew:
        key = crew.record(server.url("a"))
        crew.wait(lambda: crew.news("opened", key))
        with crew._lock:
            crew.pipe._sock.shutdown(2)
        assert crew.process.wait(5) == 0
    assert all(journal.close is not None for journal in journals(tmp_path, key))


def test_a_slow_disk_stalls_no_frame(tmp_path):
    server = CameraServer()
    for number in range(8):
        server.add(f"c{number}", card(gop=15), offset=number)
    with server.running(), foreman(tmp_path, MATPHO_SLOW_FSYNC_MS="100") as crew:
        keys = [crew.record(server.url(f"c{number}")) for number in range(8)]
        time.sleep(8)
        assert max(stats["oldest_unsynced_s"] for stats in crew.news("stats")) < 8  # s: five of waiting, and a round
        crew.quit()
    for key in keys:
        numbers = stored_frames(tmp_path, key)
        assert len(numbers) > 60 and numbers == list(range(numbers[0], numbers[-1] + 1))


def test_a_full_disk_is_said_and_survived(tmp_path):
    """The store's folder cannot be written: the camera says so, and is recorded as soon as it can."""
    server = CameraServer()
    server.add("a", card(gop=15))
    store = tmp_path / "store"
    store.write_text("a file where a folder should be")
    with server.running(), foreman(store) as crew:
        key = crew.record(server.url("a"))
        crew.wait(lambda: crew.health(key) == ("retrying", "store_failed"))
        store.unlink()
        crew.wait(lambda: crew.news("opened", key))


def test_cameras_that_flood_hold_nobody_up(tmp_path):
    """The worker speaks on, far within the ten seconds after which it would be killed, and the others lose nothing."""
    flooding = [FaultyCamera(faults.floods(kind)) for kind in faults.FLOODS]
    with contextlib.ExitStack() as street, foreman(tmp_path) as crew:
        good = street.enter_context(FaultyCamera(faults.good()))
        key = crew.record(good.url)
        crew.wait_live(key)
        others = [crew.record(street.enter_context(camera).url) for camera in flooding]
        crew.wait(lambda: all(crew.health(other) == ("refused", "too_much") for other in others))
        time.sleep(3)
        crew.quit()
        spoke = [stats["at"] for stats in crew.news("stats")]
        assert max(after - before for before, after in itertools.pairwise(spoke)) < 5
        assert crew.dials[key] == 1
        sent = good.frames()
    stored = stored_frames(tmp_path, key)
    assert stored == sent[: len(stored)] and len(sent) - len(stored) <= 8


def test_parameters_that_change_all_the_time_make_few_slices(tmp_path):
    """Each change is a seam, hence files and a row. A camera that never stops is refused, and told why."""
    with FaultyCamera(faults.parameters_change()) as camera, foreman(tmp_path) as crew:
        key = crew.record(camera.url)
        crew.wait(lambda: crew.health(key) == ("refused", "unsteady"))
        time.sleep(2)
        crew.quit()
        found = journals(tmp_path, key)
        assert 10 < len(found) <= 22  # twenty at once, and those that time brings
        assert all(journal.close is not None for journal in found)
        assert len(list((tmp_path / "init").iterdir())) <= 23
        assert crew.dials[key] == 1  # once a minute
