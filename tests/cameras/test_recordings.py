"""Ranges, gaps, day summary: exact, honest, and no further back than the asker reaches."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from backend.lib.clock import VIETNAM, now
from backend.lib.ids import new_id
from cameras import recordings
from cameras.models import Camera, Slice
from cameras.store.catalog import node_here
from neighborhoods.models import AccessCode
from tests.cameras.api.conftest import Api
from tests.cameras.playback.conftest import actor_of, make_camera
from tests.cameras.playback.footage import Recorder, ago
from tests.cameras.playback.test_viewing import daily
from tests.cast import Cast, Person

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
SECOND = timedelta(seconds=1)


@pytest.fixture
def camera(cast: Cast) -> Camera:
    return make_camera(cast)


@pytest.fixture
def recorder(camera: Camera) -> Iterator[Recorder]:
    made = Recorder(camera, slice_seconds=20)
    yield made
    made.close()


def found(person: Person, camera: Camera, starts_at: datetime, ends_at: datetime) -> recordings.Recordings:
    return recordings.recordings_between(actor_of(person), camera, starts_at, ends_at, now=now())


def a_slice(camera: Camera, starts_at: datetime, seconds: float) -> None:
    """A closed slice's row alone: ranges are made from rows."""
    number = Slice.objects.count()
    Slice.objects.create(
        id=new_id(), camera=camera, rendition="main", node=node_here(), generation=1,
        path=f"{camera.id}/{number}", init_hash="0" * 64, media_sequence=number, discontinuity_sequence=number,
        state="closed", starts_at=starts_at, ends_at=starts_at + timedelta(seconds=seconds),
    )  # fmt: skip


def test_ranges_and_gaps_cover_the_window_exactly(cast: Cast, camera: Camera) -> None:
    start = ago(3600)
    a_slice(camera, start, 60)
    a_slice(camera, start + 60.5 * SECOND, 60)  # handed over: no gap
    a_slice(camera, start + 300 * SECOND, 60)
    window = (start - 10 * SECOND, start + 400 * SECOND)
    got = found(cast.an, camera, *window)
    assert got.ranges == [(start, start + 120.5 * SECOND), (start + 300 * SECOND, start + 360 * SECOND)]
    assert [(gap.starts_at, gap.ends_at, gap.reason) for gap in got.gaps] == [
        (window[0], start, "no_footage"),
        (start + 120.5 * SECOND, start + 300 * SECOND, "no_footage"),
        (start + 360 * SECOND, window[1], "no_footage"),
    ]


def test_the_open_slice_counts_as_far_as_it_is_written(cast: Cast, camera: Camera, recorder: Recorder) -> None:
    start = ago(50)
    recorder.past(start, 30)
    got = found(cast.an, camera, start, start + 40 * SECOND)
    assert Slice.objects.filter(ends_at=None).exists()
    assert len(got.ranges) == 1
    assert 28 * SECOND <= got.ranges[0][1] - got.ranges[0][0] <= 30 * SECOND


def test_private_hours_are_gaps_with_their_reason(cast: Cast, camera: Camera) -> None:
    midnight = (now() - timedelta(days=1)).astimezone(VIETNAM).replace(hour=23, minute=0, second=0, microsecond=0)
    start = midnight.astimezone(UTC) if now() - midnight < timedelta(hours=23) else ago(3600 * 20)
    local = start.astimezone(VIETNAM)
    span = [(local + timedelta(minutes=30)).strftime("%H:%M"), (local + timedelta(minutes=45)).strftime("%H:%M")]
    camera.private_hours = [{"days": list(range(7)), "from": span[0], "to": span[1]}]
    a_slice(camera, start, 3600)
    got = found(cast.an, camera, start, start + 3600 * SECOND)
    assert [gap.reason for gap in got.gaps] == ["private_hours"]
    assert got.gaps[0].ends_at - got.gaps[0].starts_at == timedelta(minutes=15)
    assert sum(((end - begin) for begin, end in got.ranges), timedelta()) == timedelta(minutes=45)


def test_a_codes_hours_are_gaps_on_either_side(cast: Cast, camera: Camera) -> None:
    begins = now().replace(second=0, microsecond=0) - timedelta(minutes=40)
    ends = begins + timedelta(minutes=90)
    AccessCode.objects.filter(devices=cast.an.device).update(hours_scope=daily(begins, ends))
    start = begins - timedelta(minutes=10)
    a_slice(camera, start, 1800)
    got = found(cast.an, camera, start - SECOND, start + 1800 * SECOND)
    assert got.ranges == [(begins, start + 1800 * SECOND)]
    assert [(gap.starts_at, gap.ends_at, gap.reason) for gap in got.gaps] == [
        (start - SECOND, begins, "outside_hours")
    ]  # fmt: skip
    private = (begins - timedelta(minutes=5), begins + timedelta(minutes=5))
    camera.private_hours = daily(*private)
    got = found(cast.an, camera, start, start + 1800 * SECOND)
    assert got.ranges == [(private[1], start + 1800 * SECOND)]
    assert [(gap.starts_at, gap.ends_at, gap.reason) for gap in got.gaps] == [
        (start, private[0], "outside_hours"),
        (*private, "private_hours"),
    ]
    assert sum(recordings.summary(actor_of(cast.an), camera, VIETNAM, now=now()).values()) == 900


def test_what_was_recorded_under_other_masks_cannot_be_replayed(cast: Cast, camera: Camera) -> None:
    start = ago(600)
    a_slice(camera, start, 60)
    a_slice(camera, start + 60 * SECOND, 60)
    Slice.objects.filter(media_sequence=1).update(mask_version=1)
    camera.mask_version = 1
    window = (start, start + 120 * SECOND)
    assert found(cast.an, camera, *window).ranges == [(start + 60 * SECOND, window[1])]


@pytest.mark.parametrize(("starts", "ends"), [(60, 120), (60, 61), (-60, -30), (200_000, 100_000), (-9e8, -9e8 - 1)])
def test_a_window_that_makes_no_sense_is_empty(cast: Cast, camera: Camera, starts: float, ends: float) -> None:
    a_slice(camera, ago(300), 300)
    got = found(cast.an, camera, ago(starts), ago(ends))
    assert (got.ranges, got.gaps) == ([], [])


def test_neighbours_reach_a_day_back_and_leaders_further(cast: Cast, camera: Camera) -> None:
    a_slice(camera, now() - timedelta(hours=30), 60)
    week = (now() - timedelta(days=7), now())
    assert found(cast.an, camera, *week).ranges == []
    assert len(found(cast.binh, camera, *week).ranges) == 1


def test_seconds_a_day_follow_the_local_midnight(cast: Cast, camera: Camera) -> None:
    midnight = now().astimezone(VIETNAM).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    a_slice(camera, (midnight - timedelta(seconds=40)).astimezone(UTC), 100)
    got = recordings.summary(actor_of(cast.binh), camera, VIETNAM, now=now())
    before, after = (midnight - timedelta(days=1)).date().isoformat(), midnight.date().isoformat()
    assert got == {before: 40, after: 60}
    assert sum(recordings.summary(actor_of(cast.binh), camera, ZoneInfo("UTC"), now=now()).values()) == 100


def test_a_day_of_twenty_five_hours_has_them() -> None:
    zone = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 10, 24, 22, tzinfo=UTC)  # 25 October begins, summer time ends that night
    days = dict(recordings._by_day(start, start + timedelta(hours=26), zone))
    assert days == {"2026-10-25": 25 * 3600.0, "2026-10-26": 3600.0}


def test_how_far_the_recorder_has_come(cast: Cast, camera: Camera, recorder: Recorder) -> None:
    assert recordings.recorded_until_us(camera.id, "main", now=now()) == 0
    recorder.past(ago(30), 20)
    until = recordings.recorded_until_us(camera.id, "main", now=now())
    assert 9 <= now().timestamp() - until / 1e6 <= 14


def test_the_api_says_it_in_the_contracts_words(cast: Cast, camera: Camera) -> None:
    start = ago(600).replace(microsecond=0)
    a_slice(camera, start, 60)
    window = {"from": start.isoformat(), "to": (start + 90 * SECOND).isoformat()}
    status, answer = Api(cast.an).get(f"/cameras/{camera.id}/recordings/", **window)
    stamp = [(start + seconds * SECOND).strftime("%Y-%m-%dT%H:%M:%S.000Z") for seconds in (0, 60, 90)]
    assert (status, answer) == (
        200,
        {
            "ranges": [{"from": stamp[0], "to": stamp[1]}],
            "gaps": [{"from": stamp[1], "to": stamp[2], "reason": "no_footage"}],
        },
    )
    status, answer = Api(cast.an).get(f"/cameras/{camera.id}/recordings/summary/", tz="Asia/Ho_Chi_Minh")
    assert status == 200 and sum(answer.values()) == 60


BAD: list[tuple[str, dict[str, Any]]] = [
    ("recordings/", {"from": "yesterday"}), ("recordings/", {"from": "2026-01-01T00:00:00"}),
    ("recordings/", {"to": "0001-01-01T00:00:00Z"}), ("recordings/", {"to": "9999-12-31T23:59:59-23:59"}),
    ("recordings/summary/", {"tz": "Mars/Olympus"}), ("recordings/summary/", {"tz": "../../etc/passwd"}),
    ("recordings/summary/", {"tz": "/etc/passwd"}), ("recordings/summary/", {"tz": "Asia"}),
    ("recordings/summary/", {"tz": "\x00"}), ("recordings/summary/", {"tz": "x" * 100}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "query"), BAD)
def test_bad_questions_are_400(cast: Cast, camera: Camera, path: str, query: dict[str, Any]) -> None:
    status, answer = Api(cast.an).get(f"/cameras/{camera.id}/{path}", **query)
    assert (status, answer["code"]) == (400, "bad_input")


def test_outsiders_find_nothing(cast: Cast, camera: Camera) -> None:
    for path in ("recordings/", "recordings/summary/"):
        assert Api(cast.cuc).get(f"/cameras/{camera.id}/{path}")[0] == 404
        assert Api(cast.hoa).get(f"/cameras/{camera.id}/{path}")[0] == 404
        assert Api(None).get(f"/cameras/{camera.id}/{path}")[0] == 401
