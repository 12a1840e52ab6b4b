"""What was recorded and is not shown, through the real server: private hours, other masks, a camera that is shared no
more, and what lies outside the hours of a code. Live, replay, frame, poster and kept moment alike."""

import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.conf import settings

from backend.lib.clock import now, to_us
from backend.lib.errors import Absent, Conflict
from cameras import cutting, snapshots, viewing
from cameras.models import Camera, Snapshot
from neighborhoods import codes, households, sessions
from neighborhoods.models import AccessCode
from tests import web
from tests.cameras.playback.conftest import actor_of, live_url, make_camera, replay_url, uris
from tests.cameras.playback.footage import Recorder, ago
from tests.cameras.playback.test_pictures import JPEG
from tests.cameras.playback.test_replay import names
from tests.cameras.playback.test_viewing import daily
from tests.cast import Cast, Person, make_resident
from tests.pace import allowed
from tests.webserver import WebServer

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def minutes_ago(count: int) -> datetime:
    """A whole minute: hours of cameras and codes are told by the minute."""
    return now().replace(second=0, microsecond=0) - count * MINUTE


def frame_url(server: WebServer, person: Person, camera: Camera, at: datetime | None) -> str:
    opened = viewing.view_open_frame(
        actor=actor_of(person), camera_id=camera.id, at=at, width=160, address="127.0.0.1", now=now()
    )
    return server.url + opened.url


def poster_url(server: WebServer, person: Person, camera: Camera) -> str:
    opened = viewing.view_open_grid(actor=actor_of(person), address="127.0.0.1", now=now())
    return f"{server.url}{opened.url}poster/{camera.id}.jpg"


def poster_of(camera: Camera, taken_at: datetime) -> None:
    path = settings.CONFIG.poster_dir / f"{camera.id}.jpg"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(JPEG)
    os.utime(path, ns=(time.time_ns(), to_us(taken_at) * 1000))


def kept(person: Person, camera: Camera, at: datetime, before_s: int, after_s: int) -> Snapshot:
    """A kept moment, cut."""
    snapshot = snapshots.snapshot_request(
        actor=actor_of(person), camera_id=camera.id, at=at, before_s=before_s, after_s=after_s, now=now()
    )
    for snapshot_id in snapshots.snapshots_sweep(now=now()):
        cutting.snapshot_cut(snapshot_id, now=now)
    snapshot.refresh_from_db()
    assert snapshot.status == "done"
    return snapshot


def clip_url(server: WebServer, person: Person, snapshot: Snapshot) -> str:
    snapshot = Snapshot.objects.select_related("camera__node").get(id=snapshot.id)
    opened = viewing.view_open_snapshot(
        actor=actor_of(person), snapshot=snapshot, address="127.0.0.1", now=now()
    )  # fmt: skip
    return server.url + opened.url


def dates(url: str) -> list[datetime]:
    """When each segment of a playlist begins."""
    lines = web.get(url).text.splitlines()
    tags = [line for line in lines if line.startswith("#EXT-X-PROGRAM-DATE-TIME:")]
    return [datetime.fromisoformat(line.partition(":")[2]) for line in tags]


class TestAKeptMoment:
    """One minute before and five seconds after ``at``; its poster is taken within two seconds before ``at``."""

    @pytest.fixture
    def at(self, camera: Camera) -> datetime:
        at = minutes_ago(10) + 30 * SECOND
        recorder = Recorder(camera, slice_seconds=20)
        recorder.past(at - 90 * SECOND, 180)
        recorder.close()
        return at

    @pytest.mark.parametrize(
        ("first", "last", "clip", "poster"),
        [(-15, -14, True, 200), (-1, 0, True, 200), (0, 1, True, 404), (-5, 5, False, 404)],
        ids=["another_time", "the_minute_before", "the_moments_minute", "all_of_it"],
    )
    def test_private_hours_given_later_hide_its_pictures(
        self, live_cast: Cast, camera: Camera, server: WebServer, at: datetime,
        first: int, last: int, clip: bool, poster: int,
    ) -> None:  # fmt: skip
        snapshot = kept(live_cast.an, camera, at, 60, 5)
        minute = at - 30 * SECOND
        begin, end = minute + first * MINUTE, minute + last * MINUTE
        Camera.objects.filter(id=camera.id).update(private_hours=daily(begin, end))
        if not clip:
            with pytest.raises(Conflict, check=lambda refusal: refusal.code == "private_hours"):
                clip_url(server, live_cast.an, snapshot)
            return
        url = clip_url(server, live_cast.an, snapshot)
        shown = dates(url)
        assert shown
        assert not [date for date in shown if begin <= date < end]
        assert web.get(url.replace("clip.m3u8", "poster.jpg")).status_code == poster

    def test_other_masks_hide_it(self, live_cast: Cast, camera: Camera, server: WebServer, at: datetime) -> None:
        snapshot = kept(live_cast.an, camera, at, 10, 5)
        before = clip_url(server, live_cast.an, snapshot)
        listed = names(before)
        assert listed and web.get(before.replace("clip.m3u8", "poster.jpg")).status_code == 200
        Camera.objects.filter(id=camera.id).update(mask_version=1)
        url = clip_url(server, live_cast.an, snapshot)
        base = url.rpartition("/")[0]
        assert uris(web.get(url).text) == []
        assert {web.get(f"{base}/{name}").status_code for name in [*listed, "poster.jpg"]} == {404}

    def test_its_poster_is_watched_in_the_minute_it_was_taken(
        self, live_cast: Cast, camera: Camera, server: WebServer, at: datetime
    ) -> None:
        snapshot = kept(live_cast.an, camera, at, 60, 5)
        url = clip_url(server, live_cast.an, snapshot).replace("clip.m3u8", "poster.jpg")
        assert web.get(url).status_code == 200
        written = "".join(path.read_text() for path in settings.CONFIG.view_journal_dir.glob("*.log"))
        assert f'"minute_us":{to_us(at - 30 * SECOND)},' in written


def test_footage_under_other_masks_is_neither_listed_nor_served(
    live_cast: Cast, camera: Camera, server: WebServer
) -> None:
    start = ago(120)
    before = Recorder(camera)
    before.past(start, 60)
    before.close()
    unmasked = names(replay_url(server, live_cast.an, camera, start, ago(1)))
    camera.mask_version = 1
    camera.save()
    after = Recorder(camera)
    after.past(start + 60 * SECOND, 30)
    after.close()
    url = replay_url(server, live_cast.an, camera, start, ago(1))
    shown = names(url)
    assert unmasked and len(shown) == 15 and not set(shown) & set(unmasked)
    base = url.rpartition("/")[0]
    assert {web.get(f"{base}/{name}").status_code for name in unmasked} == {404}
    assert {web.get(f"{base}/{name}").status_code for name in shown} == {200}
    assert web.get(frame_url(server, live_cast.an, camera, start + 50 * SECOND)).json()["code"] == "no_picture"
    assert web.get(frame_url(server, live_cast.an, camera, start + 80 * SECOND)).status_code == 200


class TestAHouseholdThatLeft:
    @pytest.fixture
    def camera(self, live_cast: Cast) -> Camera:
        return make_camera(
            live_cast, owner_household=live_cast.an.household, ownership=Camera.Ownership.HOUSEHOLD
        )  # fmt: skip

    @pytest.fixture
    def neighbour(self, live_cast: Cast) -> Person:
        return make_resident(live_cast.place, 13, "Hộ ông Ba", "Nguyễn Văn Ba")

    def leave(self, cast: Cast) -> None:
        assert cast.an.household
        households.household_leave(actor=actor_of(cast.binh), household_id=cast.an.household.id, now=now())

    def test_its_camera_is_opened_by_nobody_any_more(
        self, live_cast: Cast, camera: Camera, recorder: Recorder, neighbour: Person, server: WebServer
    ) -> None:
        poster_of(camera, now())
        poster = poster_url(server, neighbour, camera)
        assert web.get(poster).status_code == 200
        self.leave(live_cast)
        ways: list[Callable[[], str]] = [
            lambda: live_url(server, neighbour, camera),
            lambda: replay_url(server, neighbour, camera, ago(30), now()),
            lambda: frame_url(server, neighbour, camera, None),
            lambda: live_url(server, live_cast.binh, camera, purpose="incident"),
        ]
        for way in ways:
            with pytest.raises(Absent):
                way()
        assert web.get(poster).status_code == 404

    @pytest.mark.parametrize("mode", ["live", "replay"])
    def test_a_neighbours_view_of_it_ends_within_two_seconds(
        self, live_cast: Cast, camera: Camera, recorder: Recorder, neighbour: Person, server: WebServer, mode: str
    ) -> None:
        live = mode == "live"
        url = live_url(server, neighbour, camera) if live else replay_url(server, neighbour, camera, ago(50), ago(5))
        assert web.get(url).status_code == 200
        self.leave(live_cast)
        until = time.monotonic() + allowed(2)
        while (answer := web.get(url)).status_code == 200 and time.monotonic() < until:
            time.sleep(0.05)
        assert (answer.status_code, answer.json()["code"]) == (403, "revoked")

    def test_a_view_that_was_opened_just_before_and_first_used_after_shows_nothing(
        self, live_cast: Cast, camera: Camera, recorder: Recorder, neighbour: Person, server: WebServer
    ) -> None:
        url = live_url(server, neighbour, camera)
        self.leave(live_cast)
        assert web.get(url).status_code == 403


class TestHoursOfACode:
    """A guest whose code begins ``OPEN`` minutes ago, and a camera recorded from ten minutes before that."""

    OPEN = 6

    @pytest.fixture
    def begins(self) -> datetime:
        return minutes_ago(self.OPEN)

    @pytest.fixture
    def footage(self, camera: Camera, begins: datetime) -> None:
        recorder = Recorder(camera, slice_seconds=60)
        recorder.past(begins - 10 * MINUTE + SECOND, 15 * 60)  # an odd second: a segment lies across the boundary
        recorder.close()

    @pytest.fixture
    def guest(self, live_cast: Cast, begins: datetime) -> Person:
        assert live_cast.an.household
        issued = codes.code_issue(
            actor=actor_of(live_cast.binh), household_id=live_cast.an.household.id, now=now(),
            kind=AccessCode.Kind.GUEST, hours_scope=daily(begins, begins + timedelta(hours=2)),
        )  # fmt: skip
        made = sessions.session_redeem(code=issued.typed, device_name="Khách", source="127.0.0.1", now=now())
        return Person(made.device, made.token)

    def test_a_replay_shows_what_lies_inside_them(
        self, live_cast: Cast, camera: Camera, footage: None, guest: Person, server: WebServer, begins: datetime
    ) -> None:
        span = (begins - 5 * MINUTE, begins + 4 * MINUTE)
        household, mine = (replay_url(server, person, camera, *span) for person in (live_cast.an, guest))
        everything, shown = names(household), names(mine)
        when = dict(zip(everything, dates(household), strict=True))
        inside = [name for name in everything if when[name] >= begins]
        assert shown == inside and 118 <= len(shown) <= 121
        base = mine.rpartition("/")[0]
        hidden = [name for name in everything if name not in shown]
        assert {web.get(f"{base}/{name}").status_code for name in hidden} == {404}
        assert web.get(f"{base}/{shown[0]}").status_code == 200

    def test_a_replay_wholly_outside_them_shows_nothing(
        self, camera: Camera, footage: None, guest: Person, server: WebServer, begins: datetime
    ) -> None:
        with pytest.raises(Conflict, check=lambda refusal: refusal.code == "no_footage"):
            replay_url(server, guest, camera, begins - 8 * MINUTE, begins - 2 * MINUTE)

    def test_live_begins_with_them(self, live_cast: Cast, camera: Camera, server: WebServer) -> None:
        recorder = Recorder(camera)
        recorder.past(ago(81), 80)
        recorder.close()
        past = replay_url(server, live_cast.an, camera, ago(81), now())
        when = dict(zip(names(past), dates(past), strict=True))
        begins = minutes_ago(0)
        an_hour = daily(begins, begins + timedelta(hours=1))
        AccessCode.objects.filter(devices=live_cast.an.device).update(hours_scope=an_hour)
        url = live_url(server, live_cast.an, camera)
        base = url.rpartition("/")[0]
        served = {name: web.get(f"{base}/{name}").status_code for name in when}
        assert served == {name: 200 if date >= begins else 404 for name, date in when.items()}
        assert 404 in served.values()

    def test_a_frame_outside_them_is_none(
        self, camera: Camera, footage: None, guest: Person, server: WebServer, begins: datetime
    ) -> None:
        assert web.get(frame_url(server, guest, camera, begins + 30 * SECOND)).status_code == 200
        for seconds in (-30, -1):
            with pytest.raises(Conflict, check=lambda refusal: refusal.code == "outside_hours"):
                frame_url(server, guest, camera, begins + seconds * SECOND)

    def test_a_poster_taken_outside_them_is_none(
        self, live_cast: Cast, camera: Camera, guest: Person, server: WebServer, begins: datetime
    ) -> None:
        """The camera is down: its newest picture is older than the guest's hours."""
        household, mine = (poster_url(server, person, camera) for person in (live_cast.an, guest))
        poster_of(camera, begins - SECOND)
        assert [web.get(url).status_code for url in (household, mine)] == [200, 404]
        poster_of(camera, begins + SECOND)
        assert [web.get(url).status_code for url in (household, mine)] == [200, 200]

    def test_a_kept_moment_shows_what_lies_inside_them(
        self, camera: Camera, footage: None, guest: Person, server: WebServer, begins: datetime
    ) -> None:
        inside = clip_url(server, guest, kept(guest, camera, begins + 10 * SECOND, 60, 5))
        assert dates(inside) and min(dates(inside)) >= begins
        assert web.get(inside.replace("clip.m3u8", "poster.jpg")).status_code == 200
        with pytest.raises(Conflict, check=lambda refusal: refusal.code == "outside_hours"):
            clip_url(server, guest, kept(guest, camera, begins - 60 * SECOND, 10, 10))


def test_a_private_poster_is_none_though_the_file_is_there(
    live_cast: Cast, camera: Camera, server: WebServer
) -> None:  # fmt: skip
    over = minutes_ago(1)
    url = poster_url(server, live_cast.an, camera)
    poster_of(camera, over - SECOND)
    assert web.get(url).status_code == 200
    Camera.objects.filter(id=camera.id).update(private_hours=daily(over - timedelta(hours=1), over))
    assert web.get(url).status_code == 404
