"""A moment that was given up leaves nothing on the disk, whenever it was given up and whatever was killed meanwhile."""

import os
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from backend.celery import HOUR, TICKS
from backend.lib.clock import now
from backend.lib.ids import new_id
from cameras import cutting, leftovers, snapshots, tasks
from cameras.models import Camera, Snapshot
from neighborhoods.access import system
from neighborhoods.models import AuditEntry
from tests.cameras.playback.conftest import actor_of, make_camera
from tests.cameras.playback.footage import Recorder, ago
from tests.cast import Cast

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]

LATER = timedelta(seconds=7)
"""After this long without a heartbeat the claim is free again."""


@pytest.fixture(autouse=True)
def folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests' moments stand in the run's."""
    (tmp_path / "snapshots").mkdir()
    monkeypatch.setattr(type(settings.CONFIG), "snapshot_dir", tmp_path / "snapshots")


@pytest.fixture
def camera(live_cast: Cast) -> Iterator[Camera]:
    camera = make_camera(live_cast)
    recorder = Recorder(camera, slice_seconds=20)
    recorder.past(ago(60), 58)
    recorder.close()
    yield camera


@pytest.fixture
def due(live_cast: Cast, camera: Camera) -> Snapshot:
    snapshot = snapshots.snapshot_request(
        actor=actor_of(live_cast.an), camera_id=camera.id, at=ago(40), before_s=5, after_s=5, now=now()
    )
    assert snapshots.snapshots_sweep(now=now()) == [snapshot.id]
    return snapshot


def home() -> Path:
    return Path(settings.CONFIG.snapshot_dir)


def left() -> list[str]:
    return sorted(path.name for path in home().iterdir())


def frozen_after_copying(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]) -> None:
    """The worker is stopped after it has copied (a machine that pauses, a writer's lock); then ``meanwhile``."""
    copy = cutting.copy

    def stopped(found, folder):
        copied = copy(found, folder)
        meanwhile()
        return copied

    monkeypatch.setattr(cutting, "copy", stopped)
    monkeypatch.setattr(cutting, "heartbeat", lambda *_: nullcontext())


def test_a_moment_given_up_while_its_worker_was_frozen_leaves_no_clip(
    live_cast: Cast, due: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def given_up() -> None:
        snapshots.snapshots_sweep(now=now() + LATER)
        snapshots.snapshot_delete(actor=actor_of(live_cast.an), snapshot_id=due.id, now=now())

    frozen_after_copying(monkeypatch, given_up)
    assert cutting.snapshot_cut(due.id, now=now) is False
    assert not Snapshot.objects.exists()
    assert left() == []


def test_a_clip_that_another_worker_is_to_finish_stays(due: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    frozen_after_copying(monkeypatch, lambda: snapshots.snapshots_sweep(now=now() + LATER))
    assert cutting.snapshot_cut(due.id, now=now) is False
    assert left() == [str(due.id)]
    assert cutting.snapshot_cut(due.id, now=now) is True
    assert left() == [str(due.id)]


def test_what_a_kill_left_of_a_moment_that_was_given_up_goes_with_the_next_sweep(
    live_cast: Cast, due: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cutting.snapshot_cut(due.id, now=now)
    with monkeypatch.context() as killed:  # between the commit and the files
        killed.setattr("shutil.rmtree", lambda *_, **__: None)
        snapshots.snapshot_delete(actor=actor_of(live_cast.an), snapshot_id=due.id, now=now())
    assert left() == [str(due.id)]
    assert sweep() == 1
    assert left() == []
    entry = AuditEntry.objects.get(action="snapshot.swept")
    assert (entry.actor, entry.data) == ("system:snapshots", {"clips": [str(due.id)], "drafts": 0})
    assert sweep() == 0
    assert AuditEntry.objects.filter(action="snapshot.swept").count() == 1


def test_a_clip_without_a_row_that_nobody_gave_up_stays_for_its_month(due: Snapshot) -> None:
    """A database restored from yesterday's copy, or the wrong one, knows nothing of today's moments."""
    assert cutting.snapshot_cut(due.id, now=now)
    Snapshot.objects.all().delete()
    assert (sweep(), left()) == (0, [str(due.id)])
    assert (sweep(now() + timedelta(days=29)), left()) == (0, [str(due.id)])
    assert (sweep(now() + timedelta(days=31)), left()) == (1, [])


def test_kept_moments_and_what_is_not_ours_stay(due: Snapshot) -> None:
    assert cutting.snapshot_cut(due.id, now=now)
    (home() / "notes").mkdir()
    (home() / "notes.txt").write_text("somebody's")
    assert sweep(now() + timedelta(days=400)) == 0
    assert left() == sorted([str(due.id), "notes", "notes.txt"])


def test_drafts_of_dead_workers_go_after_an_hour(due: Snapshot) -> None:
    young, old = home() / f".{due.id}.aaaa", home() / f".{new_id()}.bbbb"
    for draft in (young, old):
        draft.mkdir(parents=True)
        (draft / "media.mp4").write_bytes(b"x")
    an_hour_ago = ago(3700).timestamp()
    os.utime(old, (an_hour_ago, an_hour_ago))
    assert (sweep(), left()) == (1, [young.name])
    assert AuditEntry.objects.get(action="snapshot.swept").data == {"clips": [], "drafts": 1}


def test_a_folder_that_is_not_there_yet_is_no_fault(db: None) -> None:
    home().rmdir()
    assert sweep() == 0


def test_it_runs_every_hour(due: Snapshot, live_cast: Cast) -> None:
    assert TICKS["cameras.tasks.snapshots_tidy"] == HOUR
    draft = home() / f".{due.id}.aaaa"
    draft.mkdir(parents=True)
    os.utime(draft, (0, 0))
    tasks.snapshots_tidy()
    assert left() == []


def sweep(at: datetime | None = None) -> int:
    return leftovers.leftovers_sweep(actor=system("snapshots"), now=at or now())
