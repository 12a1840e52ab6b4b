"""What ``check_store`` takes out of the store: little at a time, nothing that is held, and no root is forgotten."""

import shutil
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import call_command

from backend.lib.ids import new_id
from cameras.models import Camera, Hold, MediaNode, Slice
from cameras.store import check as check_module
from cameras.store import parting
from cameras.store.check import Report, store_check
from cameras.store.layout import QUARANTINE
from neighborhoods.access import system
from neighborhoods.models import AuditEntry
from tests.cameras.store.conftest import NOW, Record, agrees
from tests.cameras.store.footage import Recording, encoded, indexes, muxed

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def check(root: Path, node: MediaNode, **options: bool) -> Report:
    return store_check(
        actor=system("check_store"), root=root, node_id=node.id, now=NOW, settle_s=-1, **options
    )  # fmt: skip


def found(report: Report) -> set[tuple[str, bool]]:
    return {(finding.kind, finding.repaired) for finding in report.findings}


def hold_all(camera: Camera) -> None:
    starts_at = Slice.objects.order_by("starts_at")[0].starts_at
    Hold.objects.create(camera=camera, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), reason="x")


@pytest.fixture
def stranger(tmp_path: Path) -> Recording:
    """Three slices of a camera that no row names, as of a database that was restored from an older copy."""
    stream = encoded()
    return Recording(tmp_path, camera_id=new_id()).write(muxed(stream), stream.init).close()


def test_a_marked_store_that_somebody_emptied_costs_no_row_without_force(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    record(camera)
    check(tmp_path, node)
    shutil.rmtree(tmp_path / str(camera.id))
    report = check(tmp_path, node)
    assert (found(report), report.withheld) == ({("row_without_files", False)}, 3)
    assert Slice.objects.count() == 3
    assert not AuditEntry.objects.filter(action="footage.lost").exists()
    assert found(check(tmp_path, node, force=True)) == {("row_without_files", True)}
    assert Slice.objects.count() == 0


def test_one_camera_of_many_slices_is_not_dropped_at_once(
    tmp_path: Path, camera: Camera, other_camera: Camera, node: MediaNode, record: Record, monkeypatch
):
    monkeypatch.setattr(parting, "FEW", 2)
    record(camera)
    record(other_camera)
    shutil.rmtree(tmp_path / str(camera.id))
    assert (found(check(tmp_path, node)), Slice.objects.count()) == ({("row_without_files", False)}, 6)
    monkeypatch.setattr(parting, "FEW", 3)
    assert (found(check(tmp_path, node)), Slice.objects.count()) == ({("row_without_files", True)}, 3)
    assert agrees(tmp_path)


def test_a_share_of_a_large_store_may_go(
    tmp_path: Path, camera: Camera, other_camera: Camera, node: MediaNode, record: Record, monkeypatch
):
    monkeypatch.setattr(parting, "FEW", 0)
    monkeypatch.setattr(parting, "SHARE", 0.5)
    record(camera)
    record(other_camera)
    shutil.rmtree(tmp_path / str(camera.id))
    assert found(check(tmp_path, node)) == {("row_without_files", True)}


def test_unknown_cameras_are_not_quarantined_by_the_hundred(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record, stranger: Recording, monkeypatch
):
    monkeypatch.setattr(parting, "FEW", 2)
    record(camera)
    report = check(tmp_path, node)
    assert (found(report), report.withheld) == ({("unknown_camera", False)}, 3)
    assert len(indexes(tmp_path)) == 6
    assert found(check(tmp_path, node, force=True)) == {("unknown_camera", True)}
    assert len(indexes(tmp_path)) == 3


def test_files_that_are_being_written_are_left_alone_whatever_their_camera(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    stream = encoded()
    writing = Recording(tmp_path, camera_id=new_id(), slice_seconds=60).write(muxed(stream), stream.init)
    report = check(tmp_path, node)
    assert (report.writing, report.findings) == (1, [])
    writing.close()
    young = store_check(actor=system("check_store"), root=tmp_path, node_id=node.id, now=NOW)
    assert (young.writing, young.findings) == (1, [])
    assert len(indexes(tmp_path)) == 1
    assert found(check(tmp_path, node)) == {("unknown_camera", True)}


def test_a_camera_that_was_added_during_the_run_is_known(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record, monkeypatch
):
    """A run over a city's node takes an hour; cameras are added meanwhile."""
    record(camera)
    late = Camera(neighborhood=camera.neighborhood, node=node, name="Mới", state=Camera.State.ACTIVE)

    def added_meanwhile(root: Path) -> list[UUID]:
        late.save()
        record(late)
        return sorted([camera.id, late.id])

    monkeypatch.setattr(check_module, "camera_ids", added_meanwhile)
    assert check(tmp_path, node).findings == []


def test_a_journal_whose_name_is_still_to_come_is_left_to_its_writer(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    """A recorder stopped between the draft and its name holds the draft's lock."""
    writing = record(camera, ends="writing", slice_seconds=60)
    [index] = indexes(tmp_path)
    index.rename(index.with_suffix(".idx.new"))
    report = check(tmp_path, node)
    assert (report.writing, report.findings) == (1, [])
    writing.close()


@pytest.mark.parametrize("state", ["closed", "open"])
@pytest.mark.parametrize("force", [False, True])
def test_the_row_of_held_footage_stays_whatever_happened_to_its_files(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record, state: str, force: bool
):
    record(camera)
    hold_all(camera)
    index = indexes(tmp_path)[1]
    lost = Slice.objects.get(path=index.with_suffix(".mp4").relative_to(tmp_path).as_posix())
    if state == "open":
        Slice.objects.filter(id=lost.id).update(state="open", ends_at=None, bytes=0, root="")
    index.with_suffix(".mp4").unlink()
    assert found(check(tmp_path, node, force=force)) == {("orphan_index", False)}
    assert index.exists()
    index.unlink()
    report = check(tmp_path, node, force=force)
    assert found(report) == {("row_without_files", False)}
    assert report.findings[0].detail.endswith(", held")
    assert Slice.objects.count() == 3


def test_a_root_goes_to_the_audit_before_its_row_goes(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera)
    index = indexes(tmp_path)[1]
    lost = Slice.objects.get(path=index.with_suffix(".mp4").relative_to(tmp_path).as_posix())
    index.unlink()
    index.with_suffix(".mp4").unlink()
    check(tmp_path, node)
    entry = AuditEntry.objects.get(action="footage.lost")
    assert (entry.actor, entry.neighborhood_id) == ("system:check_store", camera.neighborhood_id)
    assert entry.ward_id == camera.neighborhood.ward_id
    assert entry.data["roots"] == {str(lost.id): lost.root}
    assert (entry.data["slices"], entry.data["cameras"]) == (1, [str(camera.id)])
    assert not (tmp_path / QUARANTINE).exists()


def test_the_command_says_what_it_withheld(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record, monkeypatch, capsys
):
    monkeypatch.setattr(type(settings.CONFIG), "store_dir", tmp_path)
    record(camera)
    check(tmp_path, node)
    shutil.rmtree(tmp_path / str(camera.id))
    with pytest.raises(SystemExit):
        call_command("check_store", "--settle", "-1")
    out = capsys.readouterr().out
    assert "3 slices would have left the store" in out and "--force" in out
    assert Slice.objects.count() == 3
