"""A store that is not there: nothing is deleted over a disk that was not mounted, or over another database."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from backend.lib.ids import new_id
from cameras import tasks
from cameras.management.commands import recorder
from cameras.models import Camera, MediaNode, Slice
from cameras.store import marker
from cameras.store.check import store_check
from cameras.store.layout import MARKER
from cameras.store.marker import NotThisStore, store_claim
from cameras.store.rebuild import index_rebuild
from cameras.store.retention import Limits, retention_run
from neighborhoods.access import system
from neighborhoods.models import AuditEntry
from tests.cameras.store.conftest import NOW, Record, agrees

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """The empty folder on which the store's disk would be mounted."""
    folder = tmp_path / "mountpoint"
    folder.mkdir()
    return folder


def rows() -> list[dict[str, object]]:
    return list(Slice.objects.order_by("id").values())


def test_a_store_that_is_not_mounted_costs_no_row(camera: Camera, node: MediaNode, record: Record, elsewhere: Path):
    record(camera)
    before = rows()
    with pytest.raises(NotThisStore, match="mounted"):
        store_check(actor=system("check_store"), root=elsewhere, node_id=node.id, now=NOW, settle_s=-1)
    with pytest.raises(NotThisStore, match="mounted"):
        index_rebuild(actor=system("rebuild_index"), root=elsewhere, node_id=node.id, now=NOW, settle_s=-1)
    assert rows() == before
    assert list(elsewhere.iterdir()) == []
    assert not AuditEntry.objects.filter(action__startswith="store.").exists()


def test_retention_deletes_nothing_either_while_it_is_away(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record, elsewhere: Path
):
    record(camera)
    Camera.objects.filter(id=camera.id).update(retention_hours=0)
    before = rows()
    with pytest.raises(NotThisStore):
        retention_run(actor=system("retention"), root=elsewhere, node_id=node.id, limits=Limits(), now=NOW)
    assert rows() == before
    gone = retention_run(actor=system("retention"), root=tmp_path, node_id=node.id, limits=Limits(), now=NOW)
    assert gone.slices == len(before)  # mounted again, it goes on


def test_a_store_of_another_database_is_left_alone(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record, elsewhere: Path
):
    """DATABASE_URL that names the wrong database: there every camera of this store is unknown."""
    store_claim(tmp_path, new_id())
    record(camera)
    Slice.objects.all().delete()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(NotThisStore, match=str(node.id)):
        store_check(actor=system("check_store"), root=tmp_path, node_id=node.id, now=NOW, settle_s=-1)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_retention_goes_on_in_a_folder_that_another_database_marked(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record, elsewhere: Path
):
    """The database was lost and begun anew: what this one recorded must not fill the disk."""
    for root in (tmp_path, elsewhere):
        store_claim(root, other := new_id())
    record(camera)
    Camera.objects.filter(id=camera.id).update(retention_hours=0)
    with pytest.raises(NotThisStore, match="mounted"):
        retention_run(actor=system("retention"), root=elsewhere, node_id=node.id, limits=Limits(), now=NOW)
    gone = retention_run(actor=system("retention"), root=tmp_path, node_id=node.id, limits=Limits(), now=NOW)
    assert gone.slices == 3
    assert marker.owner_of(elsewhere) == other


def test_a_store_from_before_the_marker_is_marked_and_checked(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    record(camera)
    assert marker.owner_of(tmp_path) is None
    report = store_check(actor=system("check_store"), root=tmp_path, node_id=node.id, now=NOW, settle_s=-1)
    assert (report.slices, report.findings) == (3, [])  # and the marker is no stranger
    assert marker.owner_of(tmp_path) == node.id
    assert agrees(tmp_path)


def test_a_dry_run_marks_nothing(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera)
    store_check(actor=system("x"), root=tmp_path, node_id=node.id, now=NOW, settle_s=-1, repair=False)
    assert marker.owner_of(tmp_path) is None


def test_a_marker_that_a_crash_left_empty_is_written_again(tmp_path: Path, camera: Camera, node: MediaNode):
    (tmp_path / MARKER).write_text("")
    store_claim(tmp_path, node.id)
    assert marker.owner_of(tmp_path) == node.id


def test_a_disk_that_takes_no_marker_stops_nothing(tmp_path: Path, node: MediaNode):
    """Retention frees the very disk that is too full for a marker."""
    (tmp_path / "taken").write_text("")
    store_claim(tmp_path / "taken" / "store", node.id)


def test_the_commands_say_so_in_one_line_and_force_goes_on(
    camera: Camera, node: MediaNode, record: Record, elsewhere: Path, monkeypatch, capsys
):
    record(camera)
    monkeypatch.setattr(type(settings.CONFIG), "store_dir", elsewhere)
    for command in ("check_store", "rebuild_index", "retention"):
        with pytest.raises(CommandError, match="mounted"):
            call_command(command)
    assert Slice.objects.count() == 3
    call_command("check_store", "--settle", "-1", "--force")
    assert "row_without_files" in capsys.readouterr().out
    assert (Slice.objects.count(), marker.owner_of(elsewhere)) == (0, node.id)


def test_the_scheduled_run_says_so_and_the_recorder_records_on(
    camera: Camera, node: MediaNode, record: Record, elsewhere: Path, monkeypatch, caplog
):
    record(camera)
    monkeypatch.setattr(type(settings.CONFIG), "store_dir", elsewhere)
    tasks.retention_run()
    assert recorder._node(elsewhere) == node.id
    assert [one.levelname for one in caplog.records] == ["ERROR", "ERROR"]
    assert all("mounted" in one.getMessage() for one in caplog.records)
    assert Slice.objects.count() == 3


def test_the_recorder_marks_its_store_at_its_first_start(tmp_path: Path, node: MediaNode):
    assert recorder._node(tmp_path) == node.id
    assert marker.owner_of(tmp_path) == node.id
