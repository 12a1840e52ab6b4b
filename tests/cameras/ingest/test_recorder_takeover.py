"""One recorder after the other, on one database: killed, paused, two at once, cut off. Nothing is lost or doubled."""

import contextlib
import os
import signal
import sqlite3
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from backend.lib.clock import now
from cameras.models import RecorderLease, Slice
from tests.cameras.ingest.foreman import journals, stored_frames
from tests.cameras.ingest.recorders import camera_make, store_of, wait_for, workers_of
from tests.pace import allowed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def test_a_killed_worker_is_replaced_and_its_rows_are_closed(start, street, live_cast):
    camera = camera_make(street, live_cast.place)
    process = start()
    wait_for(lambda: Slice.objects.filter(camera=camera).exists())
    time.sleep(2)
    begun = time.monotonic()
    os.kill(workers_of(process)[0], signal.SIGKILL)
    wait_for(lambda: Slice.objects.filter(camera=camera, discontinuity_sequence=1).exists())
    assert time.monotonic() - begun < allowed(5)  # its first part is a second long and written at a sweep
    wait_for(lambda: Slice.objects.filter(camera=camera, state="recovered").count() == 1)
    first, second = journals(*store_of(camera))[:2]
    assert second.header.wall_us - first.ends_us < allowed(3) * 1e6
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
    camera = camera_make(street, live_cast.place)
    first = start()
    wait_for(lambda: Slice.objects.filter(camera=camera).exists())
    time.sleep(2)
    _pause(first)
    paused = time.monotonic()
    start()
    wait_for(lambda: Slice.objects.filter(camera=camera, generation=2).exists())
    assert time.monotonic() - paused < allowed(20)  # ten seconds for the lease, the rest for a start
    os.killpg(first.pid, signal.SIGCONT)
    time.sleep(4)
    numbers = stored_frames(*store_of(camera))
    assert len(numbers) == len(set(numbers))
    newest = max(journal.header.generation for journal in journals(*store_of(camera)))
    assert newest == 2
    assert RecorderLease.objects.get(rendition__camera=camera).generation == 2


def test_a_recorder_that_was_killed_whole_is_followed_at_once(start, street, live_cast):
    """kill -9 of the parent: its workers end with their pipe, and nobody waits for its leases to run out."""
    camera = camera_make(street, live_cast.place)
    first = start()
    wait_for(lambda: Slice.objects.filter(camera=camera).exists())
    time.sleep(2)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    RecorderLease.objects.update(expires_at=now() + timedelta(hours=1))
    start()
    wait_for(lambda: Slice.objects.filter(camera=camera, generation=2).exists())
    before, after = (
        [one for one in journals(*store_of(camera)) if one.header.generation == number] for number in (1, 2)
    )  # fmt: skip
    assert after[0].header.wall_us - before[-1].ends_us < allowed(5) * 1e6  # what a start takes
    numbers = stored_frames(*store_of(camera))
    assert numbers == sorted(set(numbers))


def test_two_recorders_share_no_camera(start, street, live_cast):
    cameras = [camera_make(street, live_cast.place, f"c{number}") for number in range(3)]
    start(), start()
    wait_for(lambda: Slice.objects.values("camera").distinct().count() == 3)
    time.sleep(4)
    for number, camera in enumerate(cameras):
        frames = stored_frames(*store_of(camera))
        assert len(frames) == len(set(frames))
        assert len(street.watchers(f"c{number}")) == 1
        assert {journal.header.generation for journal in journals(*store_of(camera))} == {1}


def test_with_the_database_away_it_writes_for_eight_seconds_and_goes_on_when_it_is_back(start, street, live_cast):
    camera = camera_make(street, live_cast.place)
    start()
    wait_for(lambda: Slice.objects.filter(camera=camera).exists())
    time.sleep(3)
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE cameras_recorderlease IN ACCESS EXCLUSIVE MODE")
        away_us = time.time_ns() // 1000  # on SQLite every transaction of ours holds the writers' lock
        time.sleep(12)
    wait_for(lambda: Slice.objects.filter(camera=camera, generation=2).exists())
    first = [journal for journal in journals(*store_of(camera)) if journal.header.generation == 1]
    last_us = max(journal.ends_us for journal in first)
    assert 4_000_000 < last_us - away_us < 8_500_000
    numbers = stored_frames(*store_of(camera))
    assert numbers == sorted(set(numbers))
