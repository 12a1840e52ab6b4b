"""Slices left open by a recorder that died: they come of age like all others."""

from datetime import timedelta
from pathlib import Path

import pytest

from backend.lib.clock import from_us
from cameras.models import Camera, Hold, MediaNode, Slice
from cameras.store import abandoned
from cameras.store.check import store_check
from cameras.store.journal import Journal
from cameras.store.retention import Limits, retention_run
from neighborhoods.access import system
from neighborhoods.models import AuditEntry
from tests.cameras.store.conftest import NOW, Record, agrees
from tests.cameras.store.footage import indexes

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

LATER = NOW + timedelta(days=400)


def run(root: Path, node: MediaNode, *, later: timedelta = timedelta(days=400)) -> int:
    return retention_run(
        actor=system("retention"), root=root, node_id=node.id, limits=Limits(), now=NOW + later
    ).slices  # fmt: skip


def left_open(root: Path) -> Path:
    [path] = [path for path in indexes(root) if Journal.open(path).close is None]
    return path


def test_what_a_dead_recorder_of_a_retired_camera_left_open_expires(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    record(camera, ends="die")
    Camera.objects.filter(id=camera.id).update(state=Camera.State.RETIRED, retention_hours=1)
    assert run(tmp_path, node) == 3
    assert not Slice.objects.exists()
    assert not [path for path in tmp_path.glob("*/*/*/*") if path.is_file()]


def test_before_its_time_it_is_closed_and_stays(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera, ends="die")
    index = left_open(tmp_path)
    before, media = index.read_bytes(), index.with_suffix(".mp4").read_bytes()
    assert run(tmp_path, node, later=timedelta(hours=2)) == 0
    row = Slice.objects.get(id=Journal.open(index).header.slice_id)
    assert (row.state, row.root) == (Slice.State.RECOVERED, Journal.open(index).root().hex())
    assert row.ends_at == from_us(Journal.open(index).ends_us)
    assert (index.read_bytes()[: len(before)], index.with_suffix(".mp4").read_bytes()) == (before, media)
    assert agrees(tmp_path)
    entry = AuditEntry.objects.get(action="store.settled")
    assert (entry.actor, entry.data) == ("system:retention", {"slices": 1})
    run(tmp_path, node, later=timedelta(hours=2))
    assert AuditEntry.objects.filter(action="store.settled").count() == 1


def test_a_young_one_may_still_be_its_recorders(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera, ends="die", wall_us=int(NOW.timestamp() * 1e6) - 60_000_000)
    assert run(tmp_path, node, later=timedelta()) == 0
    assert Slice.objects.filter(state=Slice.State.OPEN).count() == 1


def test_one_that_a_recorder_holds_stays_open_however_old(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    """Stopped with SIGSTOP for a year: the lock lives as long as its process."""
    recording = record(camera, ends="writing", slice_seconds=60)
    before = indexes(tmp_path)[0].read_bytes()
    assert run(tmp_path, node) == 0
    assert Slice.objects.get().state == Slice.State.OPEN
    assert indexes(tmp_path)[0].read_bytes() == before
    recording.close()


def test_a_journal_without_its_name_gets_it(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera, ends="die", slice_seconds=60)
    index = left_open(tmp_path)
    index.rename(index.with_suffix(".idx.new"))
    run(tmp_path, node, later=timedelta(hours=2))
    assert Slice.objects.get().state == Slice.State.RECOVERED
    assert agrees(tmp_path)


@pytest.mark.parametrize("what", ["journal damaged", "another's journal", "no journal", "no media", "nothing"])
def test_what_nobody_can_show_any_more_comes_of_age_all_the_same(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record, what: str
):
    record(camera, ends="die")
    index = left_open(tmp_path)
    media = index.with_suffix(".mp4")
    other = next(path for path in indexes(tmp_path) if path != index)
    if what == "journal damaged":
        index.write_bytes(b"MPIX?")
    elif what == "another's journal":
        index.write_bytes(other.read_bytes())
    if what in ("no journal", "nothing"):
        index.unlink()
    if what in ("no media", "nothing"):
        media.unlink()
    row = Slice.objects.get(state=Slice.State.OPEN)
    hold = Hold.objects.create(
        camera=camera, starts_at=row.starts_at + timedelta(minutes=1), ends_at=row.starts_at + timedelta(hours=2),
        reason="x",
    )  # fmt: skip
    assert run(tmp_path, node) == 2
    assert Slice.objects.get().id == row.id  # it may have reached into what is held
    hold.released_at = NOW
    hold.save()
    assert run(tmp_path, node) == 1
    assert not [path for path in tmp_path.glob("*/*/*/*") if path.is_file()]


def test_one_with_nothing_whole_in_it_goes_too(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera, ends="die", slice_seconds=60)
    media = left_open(tmp_path).with_suffix(".mp4")
    media.write_bytes(media.read_bytes()[:900])
    assert run(tmp_path, node, later=timedelta(hours=2)) == 0
    assert run(tmp_path, node) == 1
    assert not Slice.objects.exists()


def test_a_disk_that_cannot_write_is_that_slices_fault_alone(
    tmp_path: Path, camera: Camera, other_camera: Camera, node: MediaNode, record: Record, monkeypatch, caplog
):
    record(camera, ends="die")
    record(other_camera, ends="die")
    recover = abandoned.recover

    def broken(pair):
        if pair.camera_id == camera.id:
            raise OSError(5, "Input/output error")
        return recover(pair)

    monkeypatch.setattr(abandoned, "recover", broken)
    run(tmp_path, node, later=timedelta(hours=2))
    assert [row.camera_id for row in Slice.objects.filter(state=Slice.State.OPEN)] == [camera.id]
    assert "Input/output error" in caplog.text


def test_the_row_that_its_recorder_finished_meanwhile_is_left(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record, monkeypatch
):
    record(camera, ends="die", slice_seconds=60)
    recover = abandoned.recover

    def late_news(pair):
        Slice.objects.update(state="closed", root="aa" * 32)
        return recover(pair)

    monkeypatch.setattr(abandoned, "recover", late_news)
    run(tmp_path, node, later=timedelta(hours=2))
    assert (Slice.objects.get().state, Slice.objects.get().root) == ("closed", "aa" * 32)
    assert not AuditEntry.objects.filter(action="store.settled").exists()


def test_the_check_agrees_with_what_was_settled(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera, ends="die")
    run(tmp_path, node, later=timedelta(hours=2))
    report = store_check(actor=system("x"), root=tmp_path, node_id=node.id, now=NOW, settle_s=-1, hashes=True)
    assert (report.slices, report.findings) == (3, [])
