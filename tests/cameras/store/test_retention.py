"""Retention by age, by bytes per camera and in all; holds; and a kill between any two of its steps."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from backend.lib.clock import from_us
from cameras.models import Camera, Hold, MediaNode, Slice
from cameras.store import retention
from cameras.store.catalog import read_segments, slices_between
from cameras.store.check import store_check
from cameras.store.retention import Limits, Removed, held, retention_run
from neighborhoods.access import system
from neighborhoods.models import AuditEntry, Neighborhood, OutboxRow
from tests.cameras.store.conftest import NOW, Record, agrees
from tests.cameras.store.footage import WALL_US, indexes
from tests.cast import sign_record

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

HOUR_US = 3_600_000_000


def run(
    root: Path, node: MediaNode, *, now: datetime = NOW, max_bytes: int = 0, headroom: int = 0, free: int = 10**12
) -> Removed:  # fmt: skip
    limits = Limits(max_bytes=max_bytes, headroom_bytes=headroom)
    return retention_run(
        actor=system("retention"), root=root, node_id=node.id, limits=limits, now=now, free=lambda _: free
    )  # fmt: skip


def keep(camera: Camera, **limits: int | None) -> None:
    Camera.objects.filter(id=camera.id).update(**limits)


def sequences(camera: Camera) -> list[int]:
    return list(Slice.objects.filter(camera=camera).order_by("starts_at").values_list("media_sequence", flat=True))


def hold(camera: Camera, row: Slice, **fields: datetime | None) -> Hold:
    assert row.ends_at is not None
    return Hold.objects.create(
        camera=camera, starts_at=row.starts_at + timedelta(seconds=1), ends_at=row.ends_at - timedelta(seconds=1),
        reason="legal_demand", **fields,
    )  # fmt: skip


def test_footage_younger_than_its_cameras_retention_stays(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    record(camera)
    keep(camera, retention_hours=2)
    assert run(tmp_path, node).slices == 0
    assert agrees(tmp_path)


def test_nothing_is_kept_longer_than_the_signed_record_says(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    """It hangs on the sign at the street: whatever the camera is set to."""
    record(camera)
    keep(camera, retention_hours=24 * 90)
    place, late = camera.neighborhood, NOW + timedelta(days=7)
    Neighborhood.objects.filter(id=place.id).update(legal_record=None)
    assert run(tmp_path, node, now=late).slices == 0
    sign_record(place)  # seven days
    assert run(tmp_path, node, now=late).by_reason == {"age": 3}
    assert agrees(tmp_path)


def test_what_is_past_its_age_goes_with_its_files_and_one_audit_entry_a_run(
    tmp_path: Path, camera: Camera, other_camera: Camera, node: MediaNode, record: Record
):
    record(camera)
    record(other_camera)
    keep(camera, retention_hours=1)
    removed = run(tmp_path, node, now=NOW + timedelta(seconds=9))
    assert (removed.slices, removed.by_reason) == (2, {"age": 2})  # the third ends at the tenth second
    assert sequences(camera) == [4]
    assert len(sequences(other_camera)) == 3
    assert agrees(tmp_path)
    entry = AuditEntry.objects.get(action="footage.deleted")
    assert (entry.actor, entry.neighborhood_id, entry.data["slices"]) == ("system:retention", camera.neighborhood_id, 2)
    assert entry.data["bytes"] == removed.bytes
    assert entry.ward_id == camera.neighborhood.ward_id
    assert OutboxRow.objects.filter(topic="footage.deleted").count() == 1


def test_each_camera_keeps_its_own_bytes_newest_first(
    tmp_path: Path, camera: Camera, other_camera: Camera, node: MediaNode, record: Record
):
    record(camera)
    record(other_camera)
    newest = Slice.objects.filter(camera=camera).order_by("-starts_at")[0]
    keep(camera, retention_bytes=newest.bytes)
    assert run(tmp_path, node).by_reason == {"camera_bytes": 2}
    assert sequences(camera) == [4]
    assert len(sequences(other_camera)) == 3
    keep(camera, retention_bytes=0)
    run(tmp_path, node)
    assert sequences(camera) == []


def test_over_the_stores_limit_the_oldest_of_all_cameras_go_first(
    tmp_path: Path, camera: Camera, other_camera: Camera, node: MediaNode, record: Record
):
    record(camera, wall_us=WALL_US - HOUR_US)
    record(other_camera)
    total = sum(row.bytes for row in Slice.objects.all())
    removed = run(tmp_path, node, max_bytes=total - 1)
    assert removed.by_reason == {"store_bytes": 1}
    assert (sequences(camera), len(sequences(other_camera))) == ([2, 4], 3)
    assert run(tmp_path, node, max_bytes=total).slices == 0
    assert agrees(tmp_path)


def minutes_of(record: Record, camera: Camera, count: int, *, hours_ago: int = 0) -> list[Slice]:
    """``count`` recordings of one camera, a minute apart; gives its slices, oldest first."""
    for number in range(count):
        record(camera, wall_us=WALL_US - hours_ago * HOUR_US + number * 60_000_000)
    return list(Slice.objects.filter(camera=camera).order_by("starts_at"))


def test_a_noisy_camera_pays_for_itself_and_not_its_neighbours(
    tmp_path: Path, camera: Camera, other_camera: Camera, node: MediaNode, record: Record
):
    """The noisy one's footage is all younger: by age alone the quiet one would lose everything it has."""
    minutes_of(record, camera, 1, hours_ago=1)
    noisy = minutes_of(record, other_camera, 5)
    limit = sum(row.bytes for row in noisy)
    removed = run(tmp_path, node, max_bytes=limit)
    assert len(sequences(camera)) == 3
    gone = len(noisy) - len(sequences(other_camera))
    assert removed.by_reason == {"store_bytes": gone}
    assert sequences(other_camera) == [row.media_sequence for row in noisy[gone:]]  # its own oldest
    assert sum(row.bytes for row in Slice.objects.all()) <= limit
    assert agrees(tmp_path)


def test_headroom_is_taken_from_those_over_their_share_too(
    tmp_path: Path, camera: Camera, other_camera: Camera, node: MediaNode, record: Record
):
    minutes_of(record, camera, 1, hours_ago=1)
    noisy = minutes_of(record, other_camera, 5)
    run(tmp_path, node, headroom=noisy[0].bytes + 1, free=0)
    assert (len(sequences(camera)), len(sequences(other_camera))) == (3, 13)


def test_two_over_their_share_lose_the_oldest_of_both_and_no_more_than_what_is_over(
    tmp_path: Path, camera: Camera, other_camera: Camera, node: MediaNode, record: Record
):
    older = minutes_of(record, camera, 4, hours_ago=1)
    newer = minutes_of(record, other_camera, 4)
    total = sum(row.bytes for row in [*older, *newer])
    run(tmp_path, node, max_bytes=total - 1)
    assert (len(sequences(camera)), len(sequences(other_camera))) == (11, 12)
    run(tmp_path, node, max_bytes=total // 2)
    share, largest = total // 4, max(row.bytes for row in older)
    for one in (camera, other_camera):
        kept = sum(row.bytes for row in Slice.objects.filter(camera=one))
        assert share - largest < kept <= share


def test_where_the_rest_of_a_noisy_camera_is_held_the_oldest_of_all_go(
    tmp_path: Path, camera: Camera, other_camera: Camera, node: MediaNode, record: Record
):
    quiet = minutes_of(record, camera, 1, hours_ago=1)
    noisy = minutes_of(record, other_camera, 5)
    Hold.objects.create(
        camera=other_camera, starts_at=noisy[0].starts_at, ends_at=noisy[-1].starts_at + timedelta(hours=1), reason="x"
    )
    removed = run(tmp_path, node, max_bytes=sum(row.bytes for row in [*quiet, *noisy]) - 1)
    assert (sequences(camera), len(sequences(other_camera))) == ([2, 4], 15)
    assert removed.short_bytes == 0


def test_headroom_on_the_disk_is_made_free(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera)
    first = Slice.objects.order_by("starts_at")[0]
    assert run(tmp_path, node, headroom=1000, free=1000).slices == 0
    assert run(tmp_path, node, headroom=1000 + first.bytes, free=1000).slices == 1
    assert sequences(camera) == [2, 4]


def test_a_hold_beats_age_and_pressure(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    record(camera)
    rows = list(Slice.objects.order_by("starts_at"))
    hold(camera, rows[1])
    keep(camera, retention_hours=0, retention_bytes=0)
    removed = run(tmp_path, node, max_bytes=1, headroom=10**15, free=0)
    assert sequences(camera) == [2]
    assert removed.short_bytes == 10**15
    assert agrees(tmp_path)


def test_a_hold_of_another_camera_or_time_holds_nothing_here(
    tmp_path: Path, camera: Camera, other_camera: Camera, node: MediaNode, record: Record
):
    record(camera)
    row = Slice.objects.order_by("starts_at")[0]
    assert row.ends_at is not None
    hold(other_camera, row)
    Hold.objects.create(
        camera=camera, starts_at=row.starts_at - timedelta(hours=1), ends_at=row.starts_at, reason="touches only"
    )
    assert held(other_camera.id, row.starts_at, row.ends_at, now=NOW)
    assert not held(camera.id, row.starts_at, row.ends_at, now=NOW)
    keep(camera, retention_hours=0)
    run(tmp_path, node)
    assert sequences(camera) == []


@pytest.mark.parametrize("over", ["released", "expired"])
def test_a_hold_that_is_over_holds_nothing(tmp_path: Path, camera: Camera, node: MediaNode, record: Record, over: str):
    record(camera)
    row = Slice.objects.order_by("starts_at")[0]
    hold(camera, row, **{"released_at" if over == "released" else "expires_at": NOW})
    keep(camera, retention_hours=0)
    run(tmp_path, node)
    assert sequences(camera) == []


def test_a_hold_placed_between_choosing_and_deleting_is_respected(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record, monkeypatch
):
    record(camera)
    keep(camera, retention_hours=0)
    rows = list(Slice.objects.order_by("starts_at"))
    choose = retention._Run._delete_batch

    def late(self, chosen, reason):
        hold(camera, rows[0])
        choose(self, chosen, reason)

    monkeypatch.setattr(retention._Run, "_delete_batch", late)
    run(tmp_path, node)
    assert sequences(camera) == [0]
    assert agrees(tmp_path)


def test_a_slice_being_written_is_never_touched(tmp_path: Path, camera: Camera, node: MediaNode, record: Record):
    recording = record(camera, ends="writing", slice_seconds=60)
    keep(camera, retention_hours=0, retention_bytes=0)
    assert run(tmp_path, node, max_bytes=1).slices == 0
    # even where its row wrongly says that it is finished, the recorder's lock counts
    Slice.objects.update(state="closed", ends_at=from_us(WALL_US + 1), bytes=5)
    assert run(tmp_path, node, max_bytes=1).slices == 0
    assert len(indexes(tmp_path)) == 1
    recording.close()


class Killed(BaseException):
    """Nobody catches it, like a kill."""


def dies_after(count: int, steps: Callable[..., object]) -> Callable[..., object]:
    calls = 0

    def step(*args: object, **kwargs: object) -> object:
        nonlocal calls
        if calls == count:
            raise Killed
        calls += 1
        return steps(*args, **kwargs)

    return step


@pytest.mark.parametrize("unlinks", range(6))
def test_a_kill_at_any_unlink_leaves_no_dangling_playlist_and_the_next_run_ends_it(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record, monkeypatch, unlinks: int
):
    monkeypatch.setattr(type(settings.CONFIG), "store_dir", tmp_path)
    record(camera)
    keep(camera, retention_hours=0)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Path, "unlink", dies_after(unlinks, Path.unlink))
        run(tmp_path, node)
    begins = from_us(WALL_US)
    files = slices_between(camera.id, "main", begins, NOW)
    listed = read_segments(files)
    by_id = {one.slice_id: one for one in files}
    for segment in listed:  # whatever a playlist lists can be fetched
        assert by_id[segment.slice_id].media.stat().st_size >= segment.offset + segment.length
    assert len({segment.slice_id for segment in listed}) == 3 - (unlinks + 1) // 2
    report = store_check(actor=system("check_store"), root=tmp_path, node_id=node.id, now=NOW, settle_s=-1)
    assert {finding.kind for finding in report.findings} <= {"journal_missing", "row_without_files"}
    run(tmp_path, node)
    assert sequences(camera) == []
    assert not [path for path in tmp_path.glob("*/*/*/*") if path.is_file()]


def test_folders_of_past_days_are_removed_and_todays_stay(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record
):
    record(camera)
    keep(camera, retention_hours=0)
    run(tmp_path, node)
    day = from_us(WALL_US).strftime("%Y%m%d")
    assert (tmp_path / str(camera.id) / "main" / day).is_dir()
    record(camera, wall_us=WALL_US + HOUR_US)
    run(tmp_path, node, now=NOW + timedelta(days=9))
    assert not (tmp_path / str(camera.id)).exists()


def test_the_command_says_what_it_did(
    tmp_path: Path, camera: Camera, node: MediaNode, record: Record, monkeypatch, capsys
):
    monkeypatch.setattr(type(settings.CONFIG), "store_dir", tmp_path)
    record(camera, wall_us=WALL_US - 1000 * HOUR_US * 24)
    call_command("retention")
    assert capsys.readouterr().out.startswith("3 slices and ")
    assert Slice.objects.count() == 0
