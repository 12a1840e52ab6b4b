"""Kept moments: what is asked, when it is cut, what is in it, and that one comes out."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import av
import pytest
from django.conf import settings
from django.db import transaction

from backend.lib.clock import now, to_us
from backend.lib.errors import Absent, BadInput, Conflict, TooMany
from cameras import cutting, snapshots
from cameras.models import Camera, Slice, Snapshot
from cameras.store.copy import copied_in
from cameras.store.journal import INDEPENDENT, SEGMENT_END, SEGMENT_START, Journal
from neighborhoods.models import AuditEntry
from tests.cameras.playback.conftest import actor_of, make_camera
from tests.cameras.playback.footage import Recorder, ago
from tests.cast import Cast, make_resident

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture
def camera(cast: Cast) -> Camera:
    return make_camera(cast)


@pytest.fixture
def recorder(camera: Camera) -> Iterator[Recorder]:
    made = Recorder(camera, slice_seconds=20)
    yield made
    made.close()


def asked(cast: Cast, camera: Camera, at: datetime, before_s: int = 5, after_s: int = 5) -> Snapshot:
    return snapshots.snapshot_request(
        actor=actor_of(cast.an), camera_id=camera.id, at=at, before_s=before_s, after_s=after_s, now=now()
    )


def cut(snapshot: Snapshot) -> Snapshot:
    """Sweep and cut, as the worker does."""
    for snapshot_id in snapshots.snapshots_sweep(now=now()):
        cutting.snapshot_cut(snapshot_id, now=now)
    snapshot.refresh_from_db()
    return snapshot


def home(snapshot: Snapshot) -> Path:
    return Path(settings.CONFIG.snapshot_dir) / str(snapshot.id)


def journals(snapshot: Snapshot) -> list[Journal]:
    found = [Journal.open(path) for path in home(snapshot).glob("*.idx")]
    return sorted(found, key=lambda one: one.header.wall_us)


def stored() -> dict[bytes, bytes]:
    """SHA-256 → bytes of every fragment in the store."""
    found = {}
    for row in Slice.objects.all():
        media = settings.CONFIG.store_dir / row.path
        raw = media.read_bytes()
        for one in Journal.open(media.with_suffix(".idx")).fragments:
            found[one.sha256] = raw[one.offset : one.offset + one.length]
    return found


def test_the_clip_is_the_footage_bit_for_bit(cast: Cast, camera: Camera, recorder: Recorder) -> None:
    recorder.past(ago(60), 60)
    recorder.close()
    at = ago(30)
    done = cut(asked(cast, camera, at))
    assert (done.status, done.failure, done.attempts) == ("done", "", 1)
    known = stored()
    (journal,) = journals(done)
    raw = journal.path.with_suffix(".mp4").read_bytes()
    assert done.bytes == len(raw)
    for one in journal.fragments:
        copy = raw[one.offset : one.offset + one.length]
        assert copy == known[one.sha256] and sha256(copy).digest() == one.sha256
    first, last = journal.fragments[0], journal.fragments[-1]
    assert first.flags & INDEPENDENT and first.flags & SEGMENT_START and last.flags & SEGMENT_END
    assert journal.close is not None and journal.close.root == journal.root() and journal.close.length == len(raw)
    assert to_us(at) - 7_000_000 <= first.wall_us <= to_us(at) - 5_000_000
    assert to_us(at) + 5_000_000 <= journal.ends_us <= to_us(at) + 6_100_000
    assert done.covers_from is not None and to_us(done.covers_from) == first.wall_us


def test_the_clip_plays_alone_and_its_poster_is_a_picture(cast: Cast, camera: Camera, recorder: Recorder) -> None:
    recorder.past(ago(60), 60)
    recorder.close()
    done = cut(asked(cast, camera, ago(30), 10, 10))  # spans a handed-over slice
    (journal,) = journals(done)
    with av.open(str(journal.path.with_suffix(".mp4"))) as container:
        frames = sum(1 for _ in container.decode(video=0))
    assert frames == sum(one.frames for one in journal.fragments) >= 200
    with av.open(str(home(done) / "poster.jpg")) as picture:
        assert next(picture.decode(video=0)).width == 320


def test_it_waits_for_footage_still_to_come(cast: Cast, camera: Camera, recorder: Recorder) -> None:
    recorder.past(ago(60), 60)
    snapshot = asked(cast, camera, now(), 5, 20)
    moment = now()
    assert snapshots.snapshots_sweep(now=moment + timedelta(seconds=21)) == []
    snapshot.refresh_from_db()
    assert snapshot.status == "waiting"
    recorder.past(moment, 23)
    assert snapshots.snapshots_sweep(now=moment + timedelta(seconds=21)) == [snapshot.id]


def test_a_camera_that_is_down_gives_what_it_had(cast: Cast, camera: Camera, recorder: Recorder) -> None:
    recorder.past(ago(60), 30)
    recorder.close()
    done = cut(asked(cast, camera, ago(31), 10, 16))
    assert done.status == "waiting"  # the end may still come
    later = now() + timedelta(seconds=30)
    for snapshot_id in snapshots.snapshots_sweep(now=later):
        cutting.snapshot_cut(snapshot_id, now=now)
    done.refresh_from_db()
    assert done.status == "done"
    assert done.covers_to is not None and done.covers_to < done.ends_at - timedelta(seconds=8)


def test_no_footage_at_all_fails_with_its_reason(cast: Cast, camera: Camera) -> None:
    done = cut(asked(cast, camera, ago(3600)))
    assert (done.status, done.failure) == ("failed", "no_footage")
    assert AuditEntry.objects.filter(action="snapshot.failed").count() == 1


def test_a_reconnect_inside_makes_two_files_and_an_honest_gap(cast: Cast, camera: Camera, recorder: Recorder) -> None:
    recorder.past(ago(60), 20)
    recorder.seam()
    recorder.past(ago(30), 20)
    recorder.close()
    done = cut(asked(cast, camera, ago(35), 15, 15))
    assert [path.name for path in sorted(home(done).glob("*.mp4"))] == ["media.mp4", "media_001.mp4"]
    first, second = journals(done)
    assert second.header.wall_us - first.ends_us > 5_000_000
    assert second.header.discontinuity_sequence == 1
    assert second.header.media_sequence == len(first.segments())


def test_private_hours_are_left_out(cast: Cast, camera: Camera, recorder: Recorder) -> None:
    from backend.lib.clock import VIETNAM

    recorder.past(ago(180), 180)
    recorder.close()
    boundary = ago(60).astimezone(VIETNAM).replace(second=0, microsecond=0)
    span = [(boundary - timedelta(hours=2)).strftime("%H:%M"), boundary.strftime("%H:%M")]
    days = list(range(7))
    Camera.objects.filter(id=camera.id).update(private_hours=[{"days": days, "from": span[0], "to": span[1]}])
    done = cut(asked(cast, camera, boundary + timedelta(seconds=10), 60, 10))
    assert done.status == "done"
    assert all(one.wall_us >= to_us(boundary) for journal in journals(done) for one in journal.fragments)
    with pytest.raises(Conflict) as refused:
        asked(cast, camera, boundary - timedelta(seconds=10))
    assert refused.value.code == "private_hours"


def test_damaged_footage_is_not_kept_as_if_it_were_whole(cast: Cast, camera: Camera, recorder: Recorder) -> None:
    recorder.past(ago(60), 60)
    recorder.close()
    for row in Slice.objects.all():
        path = settings.CONFIG.store_dir / row.path
        raw = bytearray(path.read_bytes())
        raw[-100] ^= 1
        path.write_bytes(raw)
    done = cut(asked(cast, camera, ago(30), 20, 20))
    assert (done.status, done.failure) == ("failed", "damaged")
    assert not home(done).exists()


def test_it_outlives_the_footage_it_was_cut_from(cast: Cast, camera: Camera, recorder: Recorder) -> None:
    recorder.past(ago(60), 60)
    recorder.close()
    done = cut(asked(cast, camera, ago(30)))
    for row in Slice.objects.all():
        (settings.CONFIG.store_dir / row.path).unlink()
    assert copied_in(home(done)).bytes > 10_000


def test_only_one_of_two_workers_gets_it(cast: Cast, camera: Camera, recorder: Recorder) -> None:
    recorder.past(ago(60), 60)
    recorder.close()
    snapshot = asked(cast, camera, ago(30))
    assert snapshots.snapshots_sweep(now=now()) == [snapshot.id]
    assert snapshots.snapshots_sweep(now=now()) == []  # it is under way
    assert cutting.snapshot_cut(snapshot.id, now=now) is True
    assert cutting.snapshot_cut(snapshot.id, now=now) is False
    assert AuditEntry.objects.filter(action="snapshot.done").count() == 1


def test_a_dead_claim_is_free_after_six_seconds_and_given_up_after_three(cast: Cast, camera: Camera) -> None:
    snapshot = asked(cast, camera, ago(30))
    moment = now()
    for attempt in (1, 2, 3):
        Snapshot.objects.filter(id=snapshot.id).update(
            status="cutting", worker=f"dead:{attempt}", attempts=attempt, heartbeat_at=moment
        )
        assert snapshots.snapshots_sweep(now=moment + timedelta(seconds=5)) == []
        woken = snapshots.snapshots_sweep(now=moment + timedelta(seconds=7))
        assert woken == ([snapshot.id] if attempt < 3 else [])
    snapshot.refresh_from_db()
    assert (snapshot.status, snapshot.failure) == ("failed", "gave_up")


def test_a_worker_that_lost_its_claim_changes_nothing(cast: Cast, camera: Camera) -> None:
    snapshot = asked(cast, camera, ago(30))
    Snapshot.objects.filter(id=snapshot.id).update(status="cutting", worker="second")
    assert not snapshots.snapshot_done(snapshot, worker="first", path="x", covers_us=(1, 2), size=3, now=now())
    assert not snapshots.snapshot_failed(snapshot, worker="first", reason="disk", now=now())
    snapshot.refresh_from_db()
    assert (snapshot.status, snapshot.path) == ("cutting", "")


def test_a_finished_folder_of_a_killed_attempt_is_taken_over(cast: Cast, camera: Camera, recorder: Recorder) -> None:
    recorder.past(ago(60), 60)
    recorder.close()
    snapshot = cut(asked(cast, camera, ago(30)))
    before = {path.name: path.read_bytes() for path in home(snapshot).iterdir()}
    Snapshot.objects.filter(id=snapshot.id).update(status="due", heartbeat_at=None, worker="", done_at=None)
    assert cut(snapshot).status == "done"
    assert {path.name: path.read_bytes() for path in home(snapshot).iterdir()} == before


@pytest.mark.parametrize(
    ("at_s", "before_s", "after_s", "field"),
    [
        (-90_000, 5, 5, "at"),
        (600, 5, 5, "at"),
        (-60, 0, 0, "after_s"),
        (-60, -1, 5, "before_s"),
        (-60, 5, 121, "after_s"),
    ],
)
def test_windows_that_make_no_sense_are_refused(
    cast: Cast, camera: Camera, at_s: int, before_s: int, after_s: int, field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        asked(cast, camera, now() + timedelta(seconds=at_s), before_s, after_s)
    assert list(refused.value.fields) == [field]
    assert Snapshot.objects.count() == 0


def test_five_at_a_time_and_a_hundred_in_all(cast: Cast, camera: Camera) -> None:
    for _ in range(5):
        asked(cast, camera, ago(60))
    with pytest.raises(TooMany):
        asked(cast, camera, ago(60))
    Snapshot.objects.update(status="done")
    Snapshot.objects.bulk_create(
        Snapshot(camera=camera, device=cast.an.device, at=now(), starts_at=now(), ends_at=now(), status="done")
        for _ in range(95)
    )
    with pytest.raises(Conflict) as refused:
        asked(cast, camera, ago(60))
    assert refused.value.code == "too_many_snapshots"


def test_it_is_the_households_own(cast: Cast, camera: Camera) -> None:
    snapshot = asked(cast, camera, ago(60))
    assert snapshots.snapshot_for(actor_of(cast.an), snapshot.id, now=now()) == snapshot
    neighbour = make_resident(cast.place, 31, "Hộ khác", "Khác")
    for person in (neighbour, cast.cuc, cast.binh):
        with pytest.raises(Absent):
            snapshots.snapshot_for(actor_of(person), snapshot.id, now=now())
        with pytest.raises(Absent):
            snapshots.snapshot_delete(actor=actor_of(person), snapshot_id=snapshot.id, now=now())
    with pytest.raises(Absent):
        snapshots.snapshot_request(
            actor=actor_of(cast.cuc), camera_id=camera.id, at=ago(9), before_s=1, after_s=1, now=now()
        )


def test_giving_it_up_removes_row_and_files(
    cast: Cast, camera: Camera, recorder: Recorder, django_capture_on_commit_callbacks: object
) -> None:
    recorder.past(ago(60), 60)
    recorder.close()
    done = cut(asked(cast, camera, ago(30)))
    folder = home(done)
    assert folder.is_dir()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        snapshots.snapshot_delete(actor=actor_of(cast.an), snapshot_id=done.id, now=now())
    assert not folder.exists() and Snapshot.objects.count() == 0


def test_a_month_is_the_end(cast: Cast, camera: Camera) -> None:
    with transaction.atomic():
        snapshot = asked(cast, camera, ago(60))
    Snapshot.objects.filter(id=snapshot.id).update(status="done")
    assert snapshots.snapshots_expire(now=now() + timedelta(days=29)) == 0
    assert snapshots.snapshots_expire(now=now() + timedelta(days=31)) == 1
    assert Snapshot.objects.count() == 0
