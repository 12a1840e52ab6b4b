"""View sessions go when nobody can ask about them any more; living ones and the minutes watched stay."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.conf import settings as loaded
from django.db import connection
from pytest_django import Settings

from backend.celery import DAY, TICKS
from backend.lib import clock
from cameras import tasks, viewsessions
from cameras.models import ViewMinute, ViewSession
from cameras.viewsessions import view_sessions_expire
from neighborhoods.models import AuditEntry, OutboxRow
from tests.cameras.playback.conftest import make_camera
from tests.cast import Cast

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
KEEP = timedelta(days=31)
HOUR = timedelta(hours=1)


@pytest.fixture
def now() -> datetime:
    return clock.now()


def session(cast: Cast, ends_at: datetime, *, ended_at: datetime | None = None) -> ViewSession:
    begun = ends_at - timedelta(hours=4)
    return ViewSession.objects.create(
        device=cast.an.device, camera=make_camera(cast), mode="live", client_addresses=["192.168.1.5"],
        created_at=begun, last_used_at=begun, ends_at=ends_at, ended_at=ended_at,
    )  # fmt: skip


def test_what_ended_long_enough_ago_goes_and_nothing_else(cast: Cast, now: datetime) -> None:
    old = session(cast, now - KEEP - HOUR)
    closed = session(cast, now - KEEP - HOUR, ended_at=now - KEEP - 4 * HOUR)
    kept = [session(cast, now - KEEP + HOUR), session(cast, now + HOUR), session(cast, now + HOUR, ended_at=now)]
    assert view_sessions_expire(keep=KEEP, now=now) == 2
    assert set(ViewSession.objects.values_list("id", flat=True)) == {one.id for one in kept}
    assert not ViewSession.objects.filter(id__in=[old.id, closed.id]).exists()
    assert view_sessions_expire(keep=KEEP, now=now) == 0


def test_the_minutes_that_were_watched_stay(cast: Cast, now: datetime) -> None:
    old = session(cast, now - KEEP - HOUR)
    ViewMinute.objects.create(
        session_id=old.id, camera=old.camera, role="resident", mode="live", minute=old.created_at,
        watched_at=old.created_at,
    )  # fmt: skip
    view_sessions_expire(keep=KEEP, now=now)
    assert ViewMinute.objects.get().session_id == old.id


def test_it_is_in_the_audit_by_number_alone(cast: Cast, now: datetime) -> None:
    for _ in range(3):
        session(cast, now - KEEP - HOUR)
    view_sessions_expire(keep=KEEP, now=now)
    entry = AuditEntry.objects.get(action="views.deleted")
    assert (entry.chain, entry.data["sessions"], entry.actor) == ("platform", 3, "system:retention")
    assert OutboxRow.objects.filter(topic="views.deleted").count() == 1


def test_nothing_to_delete_leaves_no_entry(cast: Cast, now: datetime) -> None:
    session(cast, now + HOUR)
    assert view_sessions_expire(keep=KEEP, now=now) == 0
    assert not AuditEntry.objects.exists()


def test_many_go_in_batches(cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewsessions, "BATCH", 2)
    for _ in range(5):
        session(cast, now - KEEP - HOUR)
    assert view_sessions_expire(keep=KEEP, now=now) == 5
    counted = AuditEntry.objects.filter(action="views.deleted").order_by("seq").values_list("data__sessions", flat=True)
    assert list(counted) == [2, 2, 1]


def test_no_setting_ends_a_view_that_still_lives(cast: Cast, now: datetime) -> None:
    alive = session(cast, now + HOUR)
    view_sessions_expire(keep=timedelta(days=-1), now=now)
    assert ViewSession.objects.get() == alive


def test_the_schedule_does_it_daily_by_the_setting(cast: Cast, now: datetime, settings: Settings) -> None:
    assert TICKS["cameras.tasks.view_sessions_expire"] == DAY
    assert loaded.CONFIG.VIEW_SESSION_DAYS == "31"
    session(cast, now - timedelta(days=3))
    tasks.view_sessions_expire()
    assert ViewSession.objects.count() == 1
    settings.CONFIG = replace(settings.CONFIG, VIEW_SESSION_DAYS="2")
    tasks.view_sessions_expire()
    assert ViewSession.objects.count() == 0


def test_the_oldest_are_found_by_an_index(cast: Cast, now: datetime) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # the table is empty: a scan would be cheapest
    assert "view_by_end" in ViewSession.objects.filter(ends_at__lt=now).order_by("ends_at").values("id").explain()
