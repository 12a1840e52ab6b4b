"""A real Celery worker on a real Valkey is killed (or frozen) while it cuts: one and only one clip comes out."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from backend.lib.clock import now
from cameras import snapshots
from cameras.models import Camera, Snapshot
from cameras.store.copy import copied_in
from neighborhoods.models import AuditEntry
from tests.cameras.playback.conftest import actor_of, make_camera
from tests.cameras.playback.footage import Recorder, ago
from tests.cast import Cast
from tests.pace import PATIENCE_S, allowed
from tests.servers import Valkey
from tests.webserver import database_url

pytestmark = [pytest.mark.both_databases, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
RESCUED_WITHIN_S = 10.0


class Worker:
    """``python -m backend.worker`` as ``make run`` starts it, in a data folder's own beat schedule."""

    def __init__(self, *module: str) -> None:
        self.log = settings.CONFIG.data_dir / f"worker.{time.monotonic_ns()}.log"
        env = {**os.environ, "DATABASE_URL": database_url(), "DATA_DIR": str(settings.CONFIG.data_dir),
               "REDIS_URL": settings.CONFIG.REDIS_URL, "DJANGO_SETTINGS_MODULE": "backend.settings"}  # fmt: skip
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-m", *module], env=env, cwd=ROOT, stdout=log, stderr=log)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(5)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
            if self.process.poll() is None:
                self.kill()

    def __str__(self) -> str:
        return self.log.read_text()[-3000:]


@pytest.fixture
def workers(valkey: Valkey) -> Iterator[Callable[..., Worker]]:
    started: list[Worker] = []

    def start(*module: str) -> Worker:
        started.append(Worker(*(module or ("backend.worker",))))
        return started[-1]

    yield start
    for worker in started:
        worker.stop()


@pytest.fixture
def snapshot(live_cast: Cast) -> Snapshot:
    camera: Camera = make_camera(live_cast)
    recorder = Recorder(camera)
    recorder.past(ago(60), 60)
    recorder.close()
    return snapshots.snapshot_request(
        actor=actor_of(live_cast.an), camera_id=camera.id, at=ago(30), before_s=10, after_s=10, now=now()
    )


def until(ready: Callable[[], bool], seconds: float, worker: Worker) -> float:
    """Wait; gives how long it took."""
    begun = time.monotonic()
    while not ready():
        assert time.monotonic() - begun < seconds, str(worker)
        time.sleep(0.05)
    return time.monotonic() - begun


def state(snapshot: Snapshot) -> tuple[str, str]:
    return Snapshot.objects.values_list("status", "worker").get(id=snapshot.id)


def assert_one(snapshot: Snapshot) -> None:
    snapshot.refresh_from_db()
    home = Path(settings.CONFIG.snapshot_dir)
    assert (snapshot.status, snapshot.path) == ("done", str(snapshot.id))
    assert [path.name for path in home.iterdir() if str(snapshot.id) in path.name] == [str(snapshot.id)]
    names = sorted(path.name for path in (home / str(snapshot.id)).iterdir())
    assert names == ["media.idx", "media.mp4", "poster.jpg"]
    assert copied_in(home / str(snapshot.id)).bytes > 10_000
    assert AuditEntry.objects.filter(action="snapshot.done").count() == 1


def test_a_killed_workers_snapshot_is_cut_by_another_within_ten_seconds(
    snapshot: Snapshot, workers: Callable[..., Worker]
) -> None:
    first = workers("tests.cameras.slow_worker", "8")
    until(lambda: state(snapshot)[0] == "cutting", PATIENCE_S, first)
    drafts = Path(settings.CONFIG.snapshot_dir)
    until(lambda: any(drafts.glob(f".{snapshot.id}.*/media.mp4")), PATIENCE_S, first)
    second = workers()
    until(lambda: " ready." in str(second), PATIENCE_S, second)
    assert state(snapshot)[0] == "cutting"
    first.kill()
    took = until(lambda: state(snapshot)[0] == "done", PATIENCE_S, second)
    assert took < allowed(RESCUED_WITHIN_S)
    assert_one(snapshot)
    assert snapshot.attempts == 2


def test_a_frozen_worker_that_wakes_up_adds_nothing(snapshot: Snapshot, workers: Callable[..., Worker]) -> None:
    first = workers("tests.cameras.slow_worker", "3")
    until(lambda: state(snapshot)[0] == "cutting", PATIENCE_S, first)
    drafts = Path(settings.CONFIG.snapshot_dir)
    until(lambda: any(drafts.glob(f".{snapshot.id}.*/media.mp4")), PATIENCE_S, first)
    first.process.send_signal(signal.SIGSTOP)
    second = workers()
    until(lambda: state(snapshot)[0] == "done", PATIENCE_S, second)
    kept = {path.name: path.read_bytes() for path in (drafts / str(snapshot.id)).iterdir()}
    first.process.send_signal(signal.SIGCONT)
    time.sleep(8)
    assert {path.name: path.read_bytes() for path in (drafts / str(snapshot.id)).iterdir()} == kept
    assert_one(snapshot)
