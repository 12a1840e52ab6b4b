"""View minutes: stored once, chained hourly per ward, and a changed or missing one is found."""

from datetime import datetime, timedelta

import pytest

from backend.lib.clock import now
from backend.lib.ids import new_id
from cameras.models import Camera, ViewMinute
from cameras.playback.viewjournal import ViewJournal, bring_home, minutes_of
from cameras.viewminutes import view_minutes_chain, view_minutes_store, view_minutes_verify
from neighborhoods.models import AuditEntry
from tests.cameras.playback.conftest import make_camera
from tests.cast import Cast, Person

SESSION = new_id()


def minute(camera: Camera, who: Person, at: datetime, step: int = 0) -> ViewMinute:
    account = who.account.id if who.account else None
    return ViewMinute(
        session_id=SESSION, camera=camera, account_id=account, role="leader", mode="live", purpose="incident",
        minute=at + timedelta(minutes=step), watched_at=at + timedelta(minutes=step),
    )  # fmt: skip


@pytest.fixture
def hour() -> datetime:
    return now().replace(minute=0, second=0, microsecond=0)


def test_the_same_minute_counts_once(cast: Cast, hour: datetime) -> None:
    eye = make_camera(cast)
    for _ in range(2):
        view_minutes_store([minute(eye, cast.binh, hour, step) for step in range(3)])
    assert ViewMinute.objects.count() == 3


def test_a_whole_hour_is_chained_once(cast: Cast, hour: datetime) -> None:
    eye = make_camera(cast)
    view_minutes_store([minute(eye, cast.binh, hour - timedelta(minutes=30), step) for step in range(3)])
    view_minutes_store([minute(eye, cast.binh, hour + timedelta(minutes=1))])
    assert view_minutes_chain(now=hour + timedelta(minutes=2)) == 3
    assert view_minutes_chain(now=hour + timedelta(minutes=3)) == 0
    entry = AuditEntry.objects.get(action="view_minutes.chained")
    assert (entry.ward_id, entry.data["count"]) == (cast.ward.id, 3)
    assert view_minutes_verify() == []


def test_what_comes_late_goes_into_the_next_entry(cast: Cast, hour: datetime) -> None:
    eye = make_camera(cast)
    view_minutes_store([minute(eye, cast.binh, hour - timedelta(minutes=30))])
    view_minutes_chain(now=hour + timedelta(minutes=2))
    view_minutes_store([minute(eye, cast.binh, hour - timedelta(minutes=20))])
    assert view_minutes_chain(now=hour + timedelta(minutes=3)) == 1
    assert view_minutes_verify() == []


@pytest.mark.parametrize("change", ["changed", "deleted", "added"])
def test_a_forged_minute_is_found(change: str, cast: Cast, hour: datetime) -> None:
    eye = make_camera(cast)
    view_minutes_store([minute(eye, cast.binh, hour - timedelta(minutes=30), step) for step in range(3)])
    view_minutes_chain(now=hour)
    rows = ViewMinute.objects.filter(minute=hour - timedelta(minutes=29))
    if change == "changed":
        rows.update(role="resident")
    elif change == "deleted":
        rows.delete()
    else:
        forged = minute(eye, cast.binh, hour - timedelta(minutes=10))
        forged.chained_at = hour
        forged.save()
    assert len(view_minutes_verify()) == 1


def test_a_torn_last_line_costs_only_itself(cast: Cast, tmp_path) -> None:
    eye = make_camera(cast)
    line = (
        f'{{"session":"{SESSION}","camera":"{eye.id}","household":null,"account":null,"role":"resident","mode":"live",'
        '"purpose":"","minute_us":60000000,"watched_us":61000000}'
    )
    path = tmp_path / "default.1.1.log"
    path.write_text(f"{line}\n{line[:40]}")
    assert bring_home(path)
    assert ViewMinute.objects.count() == 1
    assert not path.exists()


def test_lines_of_a_camera_that_is_gone_do_not_hold_up_the_others(live_cast: Cast, hour: datetime) -> None:
    eye = make_camera(live_cast)
    lost = minute(eye, live_cast.binh, hour)
    lost.camera_id = new_id()
    view_minutes_store([lost, minute(eye, live_cast.binh, hour, 1)])
    assert ViewMinute.objects.count() == 1


def test_a_file_still_being_written_is_left_alone(cast: Cast, tmp_path) -> None:
    journal = ViewJournal(tmp_path, "default")
    assert [bring_home(path) for path in tmp_path.glob("*.log")] == [False]
    journal.close()


def test_a_span_touches_its_minutes() -> None:
    assert list(minutes_of(59_000_000, 61_000_000)) == [0, 60_000_000]
    assert list(minutes_of(60_000_000, 120_000_000)) == [60_000_000]
