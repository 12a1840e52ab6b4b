"""Who watched which minutes, to the minute: what a player fetched from the real server is what the owner is told."""

import shutil
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import settings

from backend.lib.clock import now
from backend.lib.ids import new_id
from cameras import viewers, viewing, viewminutes
from cameras.models import Camera, Slice, Snapshot, ViewMinute, ViewSession
from cameras.snapshots import snapshot_request
from cameras.viewers import Watching
from neighborhoods.access import Role
from neighborhoods.models import Device
from tests import web
from tests.cameras.playback.conftest import actor_of, live_url, make_camera, replay_url, uris
from tests.cameras.playback.footage import Recorder, ago
from tests.cameras.playback.test_pictures import grid_url, poster
from tests.cast import Cast, Person, make_resident
from tests.pace import PATIENCE_S
from tests.webserver import WebServer

MINUTE, SEGMENT = timedelta(minutes=1), timedelta(seconds=2)


@pytest.fixture
def door(live_cast: Cast) -> Camera:
    """An's own."""
    return make_camera(live_cast, owner_household=live_cast.an.household, ownership=Camera.Ownership.HOUSEHOLD)


@pytest.fixture
def em(live_cast: Cast) -> Person:
    """A neighbour."""
    return make_resident(live_cast.place, 13, "Hộ ông Em", "Vũ Văn Em")


@pytest.fixture
def five(door: Camera) -> Iterator[datetime]:
    """Five minutes were recorded, from one second after a whole minute on, so that segments lie across the minutes."""
    begun = ago(420).replace(second=1, microsecond=0)
    recorder = Recorder(door)
    recorder.past(begun, 300)
    recorder.close()
    yield begun


def timed(url: str) -> list[tuple[datetime, str]]:
    """A playlist's segments with the time of their first frame."""
    text = web.get(url).text
    lines = [line for line in text.splitlines() if "DATE-TIME" in line]
    starts = [datetime.fromisoformat(line.partition(":")[2]) for line in lines]
    assert len(starts) == len(uris(text))
    base = url.rpartition("/")[0]
    return [(at, f"{base}/{uri}") for at, uri in zip(starts, uris(text), strict=True)]


def told(camera: Camera, count: int, *, since: datetime | None = None) -> list[Watching]:
    """What the owner is told, once ``count`` minutes have come home."""
    until = time.monotonic() + PATIENCE_S
    while ViewMinute.objects.filter(camera=camera).count() < count and time.monotonic() < until:
        time.sleep(0.1)
    sessions = [one["session_id"] for one in viewers.viewings_since(camera, since or ago(3600))]
    return viewers.viewers_of(camera, sessions=sessions)


def whole(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def test_a_replay_of_known_minutes_is_told_as_those_minutes(
    live_cast: Cast, door: Camera, five: datetime, em: Person, server: WebServer
) -> None:
    """The window is the second and third whole minute. One segment lies across either end of it, and a second of each
    shows the minute beside: so that is told too, and nothing more."""
    first, last = whole(five) + MINUTE, whole(five) + 3 * MINUTE
    fetched = timed(replay_url(server, em, door, first, last))
    assert len(fetched) == 61 and fetched[0][0] == first - SEGMENT / 2  # one lies across the beginning
    assert {web.get(one).status_code for _at, one in fetched} == {200}
    [span] = told(door, 4)
    assert (span.starts_at, span.ends_at) == (whole(first - SEGMENT), whole(last + SEGMENT) + MINUTE)
    assert (span.household, span.person, span.role, span.mode) == ("Hộ ông Em", "", "resident", "playback")


def test_where_segments_end_with_the_minute_it_is_told_to_the_minute(
    live_cast: Cast, door: Camera, em: Person, server: WebServer
) -> None:
    begun = whole(ago(420))
    recorder = Recorder(door)
    recorder.past(begun, 300)
    recorder.close()
    first, last = begun + MINUTE, begun + 3 * MINUTE
    for _at, one in timed(replay_url(server, em, door, first, last)):
        assert web.get(one).status_code == 200
    [span] = told(door, 2)
    assert (span.starts_at, span.ends_at) == (first, last)


def test_of_a_replay_only_what_was_fetched_is_told(
    live_cast: Cast, door: Camera, five: datetime, em: Person, server: WebServer
) -> None:
    """The whole was opened, its second minute and then its fourth were watched."""
    listed = timed(replay_url(server, em, door, five, five + 300 * SEGMENT / 2))
    for minute in (1, 3):
        begin = whole(five) + minute * MINUTE
        for at, one in listed:
            if begin <= at and at + SEGMENT <= begin + MINUTE:
                web.get(one)
    spans = [((one.starts_at - whole(five)) // MINUTE, (one.ends_at - whole(five)) // MINUTE) for one in told(door, 2)]
    assert spans == [(3, 4), (1, 2)]


def test_live_is_told_as_the_minutes_of_what_was_shown(live_cast: Cast, door: Camera, server: WebServer) -> None:
    """Ten seconds, followed as a player does, across the end of a minute; the clock decides when the test begins."""
    recorder = Recorder(door)
    recorder.past(ago(30), 30)
    recorder.live()
    try:
        time.sleep(max(0.0, 55.0 - now().second) if now().second < 55 else 0.0)
        url, fetched = live_url(server, live_cast.binh, door, purpose="complaint"), {}
        begun = now()
        while now() - begun < timedelta(seconds=10):
            for at, one in timed(url)[-3:]:
                if one not in fetched:
                    fetched[one] = at
                    assert web.get(one).status_code == 200
            time.sleep(0.5)
    finally:
        recorder.close()
    [span] = told(door, 2)
    shown_from, shown_to = min(fetched.values()), max(fetched.values()) + SEGMENT
    assert span.starts_at <= shown_from < span.starts_at + MINUTE
    assert span.ends_at - MINUTE < shown_to <= span.ends_at + SEGMENT
    assert abs(span.watched_at - span.ends_at) < MINUTE + 5 * SEGMENT
    assert (span.household, span.person, span.role, span.purpose) == ("", "Trần Thị Bình", "leader", "complaint")


def test_frame_poster_clip_and_kept_moment_are_told_as_what_they_are(
    live_cast: Cast, door: Camera, five: datetime, em: Person, server: WebServer
) -> None:
    at = five + timedelta(seconds=70)
    common = {"actor": actor_of(em), "address": "127.0.0.1", "now": now()}
    frame = viewing.view_open_frame(camera_id=door.id, at=at, **common)
    assert web.get(server.url + frame.url).status_code == 200
    poster(door)
    assert web.get(f"{grid_url(live_cast, server, of=em)}poster/{door.id}.jpg").status_code == 200
    for device, folder in ((em.device, "kept"), (None, "alerts")):
        clip_of(door, device, at, folder)
        made = Snapshot.objects.get(path=folder)
        clip = viewing.view_open_snapshot(snapshot=made, **common)
        assert web.get(timed(server.url + clip.url)[0][1]).status_code == 200
    kept = snapshot_request(actor=actor_of(em), camera_id=door.id, at=at, before_s=15, after_s=15, now=now())
    found = {one.mode: one for one in told(door, 5)}
    assert found.keys() == {"frame", "grid", "snapshot", "alert", "kept"}
    assert {one.household for one in found.values()} == {"Hộ ông Em"}
    assert found["frame"].starts_at == whole(at) and found["frame"].ends_at == whole(at) + MINUTE
    assert found["grid"].ends_at - found["grid"].starts_at == 60 * MINUTE
    assert found["kept"].starts_at == whole(kept.starts_at) and found["kept"].ends_at >= kept.ends_at


def clip_of(camera: Camera, device: Device | None, at: datetime, folder: str) -> None:
    """A finished clip, cut as the worker cuts it: here a whole slice, the one that holds the moment."""
    held = Slice.objects.filter(camera=camera, starts_at__lte=at).latest("starts_at")
    (media,) = (settings.CONFIG.store_dir / str(camera.id)).rglob(f"*{held.id}*.mp4")
    kept = settings.CONFIG.snapshot_dir / folder
    kept.mkdir(parents=True, exist_ok=True)
    for suffix in (".mp4", ".idx"):
        shutil.copy(media.with_suffix(suffix), (kept / "media").with_suffix(suffix))
    Snapshot.objects.create(
        camera=camera, device=device, at=at, starts_at=at - MINUTE, ends_at=at + MINUTE, status=Snapshot.Status.DONE,
        path=folder,
    )  # fmt: skip


def test_a_package_for_a_case_is_told_by_name_and_once(cast: Cast) -> None:
    """Of three hundred and one seconds that begin in the middle of a minute, six minutes are told."""
    camera, package = make_camera(cast), new_id()
    start = whole(ago(7200)) + MINUTE / 2
    for _ in range(2):
        viewminutes.view_minutes_export(
            package_id=package, camera=camera, account_id=cast.dung.account.id, role=Role.OFFICER, purpose="vehicle",
            starts_at=start, ends_at=start + timedelta(seconds=301), now=now(),
        )  # fmt: skip
    [span] = viewers.viewers_of(camera, sessions=[package])
    assert (span.starts_at, span.ends_at) == (whole(start), whole(start) + 6 * MINUTE)
    assert (span.mode, span.person, span.role, span.purpose) == ("export", "Phạm Dũng", "officer", "vehicle")
    assert viewminutes.view_minutes_chain(now=now() + 60 * MINUTE) == 6
    assert viewminutes.view_minutes_verify() == []


def test_what_was_taken_along_is_told_however_old_the_footage(cast: Cast) -> None:
    camera, package, old = make_camera(cast), new_id(), ago(40 * 86_400)
    viewminutes.view_minutes_export(
        package_id=package, camera=camera, account_id=cast.dung.account.id, role=Role.OFFICER, purpose="vehicle",
        starts_at=old, ends_at=old + MINUTE, now=now(),
    )  # fmt: skip
    assert [one["session_id"] for one in viewers.viewings_since(camera, ago(60))] == [package]


def test_every_way_of_watching_has_its_own_name() -> None:
    assert set(ViewSession.Mode.values) < set(ViewMinute.Mode.values)
