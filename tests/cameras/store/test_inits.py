"""Init segments whose slices are gone go, too."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from backend.celery import DAY, TICKS
from cameras import tasks
from cameras.models import Camera, MediaNode, Slice
from cameras.store.check import store_check
from cameras.store.inits import inits_sweep
from neighborhoods.access import system
from neighborhoods.models import AuditEntry
from tests.cameras.store.conftest import NOW, Record

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def sweep(root: Path, node: MediaNode) -> int:
    return inits_sweep(actor=system("retention"), root=root, node_id=node.id, now=NOW)


def aged(path: Path, age: timedelta = timedelta(days=2)) -> Path:
    at = (NOW - age).timestamp()
    os.utime(path, (at, at))
    return path


def old_init(root: Path, number: int) -> Path:
    path = root / "init" / f"{number:064x}.mp4"
    path.write_bytes(b"moov")
    return aged(path)


def test_those_that_no_slice_names_go_and_the_others_stay(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    record(camera)
    [named] = map(aged, (tmp_path / "init").iterdir())
    for number in range(700):
        old_init(tmp_path, number)
    assert sweep(tmp_path, node) == 700
    assert list((tmp_path / "init").iterdir()) == [named]
    assert AuditEntry.objects.get(action="store.swept").data == {"inits": 700}
    assert sweep(tmp_path, node) == 0
    assert AuditEntry.objects.filter(action="store.swept").count() == 1


def test_a_young_one_may_wait_for_its_slices_row(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera)
    [named] = (tmp_path / "init").iterdir()
    aged(named, timedelta(hours=23))
    Slice.objects.all().delete()
    assert sweep(tmp_path, node) == 0
    aged(named, timedelta(hours=25))
    assert sweep(tmp_path, node) == 1


def test_one_too_many_is_written_again(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera)
    [named] = map(aged, (tmp_path / "init").iterdir())
    before = named.read_bytes()
    named.unlink()
    store_check(actor=system("x"), root=tmp_path, node_id=node.id, now=NOW, settle_s=-1)
    assert named.read_bytes() == before


def test_it_runs_once_a_day_and_not_over_a_wrong_store(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record, monkeypatch, caplog
):
    assert TICKS["cameras.tasks.inits_sweep"] == DAY
    record(camera)
    elsewhere = tmp_path / "mountpoint"
    (elsewhere / "init").mkdir(parents=True)
    path = old_init(elsewhere, 1)
    os.utime(path, (0, 0))
    monkeypatch.setattr(type(settings.CONFIG), "store_dir", elsewhere)
    tasks.inits_sweep()
    assert path.exists() and "mounted" in caplog.text
    monkeypatch.setattr(type(settings.CONFIG), "store_dir", tmp_path)
    path = old_init(tmp_path, 1)
    os.utime(path, (0, 0))
    tasks.inits_sweep()
    assert not path.exists()
