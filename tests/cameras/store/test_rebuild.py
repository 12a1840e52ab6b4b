"""After losing the database: rows from files alone."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from backend.lib.ids import new_id
from cameras.models import Camera, MediaNode, RecorderLease, Rendition, Slice
from cameras.store.rebuild import index_rebuild
from neighborhoods.access import system
from neighborhoods.models import AuditEntry
from tests.cameras.store.conftest import NOW, Record, agrees
from tests.cameras.store.footage import WALL_US, Recording, encoded, muxed

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def test_every_row_comes_back_as_it_was(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera)
    record(camera, generation=7, wall_us=WALL_US + 60_000_000, rendition="sub")
    before = list(Slice.objects.order_by("id").values())
    Slice.objects.all().delete()
    rebuilt = index_rebuild(actor=system("rebuild_index"), root=tmp_path, node_id=node.id, now=NOW, settle_s=-1)
    assert (rebuilt.rows, len(before)) == (6, 6)
    assert list(Slice.objects.order_by("id").values()) == before
    assert agrees(tmp_path)
    assert AuditEntry.objects.get(action="store.rebuilt").data == {"rows": 6, "leases": 0}


def test_what_was_open_when_the_database_was_lost_comes_back_as_recovered(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    record(camera, ends="die")
    Slice.objects.all().delete()
    assert index_rebuild(actor=system("x"), root=tmp_path, node_id=node.id, now=NOW, settle_s=-1).rows == 3
    assert sorted(row.state for row in Slice.objects.all()) == ["closed", "closed", "recovered"]
    Slice.objects.all().delete()  # and again: the journal itself remembers that it was recovered
    assert index_rebuild(actor=system("x"), root=tmp_path, node_id=node.id, now=NOW, settle_s=-1).rows == 3
    assert sorted(row.state for row in Slice.objects.all()) == ["closed", "closed", "recovered"]


def test_footage_of_unknown_cameras_is_quarantined(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    stream = encoded()
    Recording(tmp_path, camera_id=new_id()).write(muxed(stream), stream.init).close()
    record(camera)
    Slice.objects.all().delete()
    rebuilt = index_rebuild(actor=system("x"), root=tmp_path, node_id=node.id, now=NOW, settle_s=-1)
    assert rebuilt.rows == 3
    assert len(list((tmp_path / "quarantine").rglob("*.mp4"))) == 3


def test_generations_go_on_above_what_is_on_the_disk(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    rendition = Rendition.objects.create(camera=camera, source_url="rtsp://192.0.2.1/1")
    record(camera, generation=7)
    Slice.objects.all().delete()
    assert index_rebuild(actor=system("x"), root=tmp_path, node_id=node.id, now=NOW, settle_s=-1).leases == 1
    assert RecorderLease.objects.get(rendition=rendition).generation == 7
    assert index_rebuild(actor=system("x"), root=tmp_path, node_id=node.id, now=NOW, settle_s=-1).leases == 0


def test_twice_is_once(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera)
    assert index_rebuild(actor=system("x"), root=tmp_path, node_id=node.id, now=NOW, settle_s=-1).rows == 0
    assert agrees(tmp_path)


def test_the_command(tmp_path: Path, camera: Camera, record: Record, monkeypatch, capsys):
    monkeypatch.setattr(type(settings.CONFIG), "store_dir", tmp_path)
    record(camera)
    Slice.objects.all().delete()
    call_command("rebuild_index", "--settle", "-1")
    assert capsys.readouterr().out.startswith("3 rows written, 0 generations raised")
    assert agrees(tmp_path)
