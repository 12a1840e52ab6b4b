"""View minutes: stored once, chained hourly per ward, and a changed or missing one is found."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db.models import QuerySet

from backend.lib.clock import now
from backend.lib.ids import new_id
from cameras import viewminutes
from cameras.models import Camera, ViewMinute
from cameras.playback.viewjournal import ViewJournal, bring_home, minutes_of
from cameras.viewminutes import view_minutes_chain, view_minutes_store, view_minutes_verify
from neighborhoods import audit_chain, triggers
from neighborhoods.models import AuditEntry, OutboxRow
from tests.cameras.playback.conftest import make_camera
from tests.cast import Cast, Person

pytestmark = pytest.mark.both_databases
SESSION = new_id()
Forgery = Callable[[QuerySet[ViewMinute]], None]


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


def changed(rows: QuerySet[ViewMinute]) -> None:
    rows.update(role="resident")


def deleted(rows: QuerySet[ViewMinute]) -> None:
    rows.delete()


def all_deleted(rows: QuerySet[ViewMinute]) -> None:
    ViewMinute.objects.all().delete()


def added(rows: QuerySet[ViewMinute]) -> None:
    _copy(rows.get())


def added_apart(rows: QuerySet[ViewMinute]) -> None:
    """At an instant at which nothing was chained."""
    forged = rows.get()
    assert forged.chained_at is not None
    forged.chained_at = forged.chained_at + timedelta(microseconds=1)
    _copy(forged)


def _copy(row: ViewMinute) -> None:
    row.id, row.minute = new_id(), row.minute + timedelta(minutes=19)
    row.save(force_insert=True)


@pytest.fixture
def three(cast: Cast, hour: datetime) -> QuerySet[ViewMinute]:
    """The second of three minutes that are chained."""
    eye = make_camera(cast)
    view_minutes_store([minute(eye, cast.binh, hour - timedelta(minutes=30), step) for step in range(3)])
    view_minutes_chain(now=hour)
    return ViewMinute.objects.filter(minute=hour - timedelta(minutes=29))


@pytest.mark.parametrize("forge", [changed, deleted, all_deleted, added, added_apart])
class TestForgery:
    def test_is_found(self, three: QuerySet[ViewMinute], forge: Forgery) -> None:
        forge(three)
        assert len(view_minutes_verify()) == 1

    def test_is_found_by_the_command_for_the_whole_audit(
        self, three: QuerySet[ViewMinute], forge: Forgery, capsys: pytest.CaptureFixture[str]
    ) -> None:
        settings.CONFIG.audit_head_file.unlink(missing_ok=True)  # of a test before
        call_command("audit_verify", "--no-sign")
        forge(three)
        with pytest.raises(CommandError):
            call_command("audit_verify", "--no-sign")
        assert "view minutes" in capsys.readouterr().err

    def test_is_news_the_next_day_and_no_head_is_signed_over_it(
        self, three: QuerySet[ViewMinute], forge: Forgery, hour: datetime, tmp_path: Path
    ) -> None:
        path, key = tmp_path / "head.json", bytes(range(32))
        assert audit_chain.audit_check(path, key=key, now=hour) == []
        signed = path.read_text()
        forge(three)
        assert len(audit_chain.audit_check(path, key=key, now=hour + timedelta(days=1))) == 1
        assert path.read_text() == signed
        assert OutboxRow.objects.filter(topic="audit.damaged").count() == 1


def test_what_is_chained_while_it_reads_is_no_fault(
    cast: Cast, hour: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    view_minutes_store([minute(make_camera(cast), cast.binh, hour - timedelta(minutes=30))])
    read = viewminutes._chained

    def and_then_they_are_chained() -> Any:
        entries = read()
        view_minutes_chain(now=hour)
        return entries

    monkeypatch.setattr(viewminutes, "_chained", and_then_they_are_chained)
    assert view_minutes_verify() == []
    assert AuditEntry.objects.filter(action="view_minutes.chained").exists()


def test_an_entry_that_says_nothing_is_a_fault_and_no_crash(three: QuerySet[ViewMinute]) -> None:
    with triggers.lifted():
        AuditEntry.objects.filter(action="view_minutes.chained").update(data={"count": 3})
    assert len(view_minutes_verify()) == 2  # the entry, and the rows that none names


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
