"""Watch hours: what moves in recorded footage is told once, and nothing is looked at that is not to be seen."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.lib.clock import now, to_us
from cameras import frames, registration, watching
from cameras.models import Camera
from neighborhoods.models import OutboxRow
from tests.cameras.playback.conftest import actor_of, make_camera
from tests.cameras.playback.footage import GOP, Recorder, ago
from tests.cameras.playback.test_viewing import daily
from tests.cast import Cast

pytestmark = pytest.mark.django_db
ALWAYS = {"days": list(range(7)), "from": "00:00", "to": "00:00"}


@pytest.fixture(autouse=True)
def _nothing_decoded() -> None:
    watching._decoded.clear()


@pytest.fixture
def camera(cast: Cast) -> Camera:
    return make_camera(cast, watch_hours=[ALWAYS])


@pytest.fixture
def recorder(camera: Camera) -> Iterator[Recorder]:
    made = Recorder(camera)
    yield made
    made.close()


def still(recorder: Recorder, *gops: int) -> None:
    """From now on these groups of pictures only, over and over: the key frames are theirs."""
    units, recorder._count = recorder.units, 0
    recorder.units = [unit for gop in gops for unit in units[gop * GOP : (gop + 1) * GOP]]


def told() -> list[dict[str, Any]]:
    return [row.payload for row in OutboxRow.objects.filter(topic=watching.TOPIC).order_by("id")]


@pytest.mark.both_databases
def test_what_moves_is_told_once_in_five_minutes(camera: Camera, recorder: Recorder) -> None:
    start = ago(14)
    recorder.past(start, 12)
    at = now()
    assert [watching.motion_tick(now=at), watching.motion_tick(now=at)] == [1, 0]
    (news,) = told()
    assert news.keys() == {"camera", "at"} and news["camera"] == str(camera.id)
    began = datetime.fromisoformat(news["at"])
    assert start <= began <= start + timedelta(seconds=8)  # the first of the three pictures
    recorder.past(at, 290)
    assert watching.motion_tick(now=at + timedelta(seconds=290)) == 0
    recorder.past(at + timedelta(seconds=290), 20)
    assert watching.motion_tick(now=at + timedelta(seconds=309)) == 1
    Camera.objects.update(motion_told_at=at + timedelta(days=1))  # the clock was set back
    assert watching.motion_tick(now=at + timedelta(seconds=309)) == 1
    assert len(told()) == 3


def test_two_workers_tell_it_once(camera: Camera, recorder: Recorder) -> None:
    recorder.past(ago(14), 12)
    key = frames.key_frame(camera.id, "main", to_us(now()), mask_version=0)
    assert key is not None
    assert [watching._tell(camera, key.wall_us, now()) for _ in range(2)] == [1, 0]
    assert len(told()) == 1


def test_its_owner_is_named_in_the_news(cast: Cast, camera: Camera, recorder: Recorder) -> None:
    camera.owner_household, camera.ownership = cast.an.household, "household"
    camera.save()
    recorder.past(ago(14), 12)
    assert watching.motion_tick(now=now()) == 1
    assert told()[0]["household"] == str(cast.an.household.id)


def test_the_phones_of_a_schools_address_are_not_told(cast: Cast, camera: Camera, recorder: Recorder) -> None:
    camera.owner_household, camera.ownership = cast.an.household, "school"
    camera.save()
    recorder.past(ago(14), 12)
    assert watching.motion_tick(now=now()) == 1
    assert "household" not in told()[0]


@pytest.mark.parametrize("gops", [(0,), (0, 0, 0, 1, 0), (0, 0, 0, 0, 1)])
def test_what_stands_still_or_comes_and_goes_is_not_told(
    camera: Camera, recorder: Recorder, gops: tuple[int, ...]
) -> None:
    still(recorder, *gops)
    recorder.past(ago(13), 10.1)  # the fifth group is whole
    assert watching.motion_tick(now=now()) == 0
    assert len(watching._decoded) == 3  # looked at, it was


def test_what_was_decoded_is_not_decoded_again_and_goes_with_the_hours(
    camera: Camera, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = []
    decode = frames.still_of

    def counting(key: frames.KeyFrame, **how: int) -> frames.Still | None:
        decoded.append(key.wall_us)
        return decode(key, **how)

    monkeypatch.setattr(frames, "still_of", counting)
    still(recorder, 0)
    begin = ago(14)
    recorder.past(begin, 10)
    watching.motion_tick(now=now())
    watching.motion_tick(now=now())
    assert len(decoded) == 3
    recorder.past(begin + timedelta(seconds=10), 2)
    watching.motion_tick(now=now())
    assert len(decoded) == len(set(decoded)) == 4
    Camera.objects.update(private_hours=[ALWAYS])
    watching.motion_tick(now=now())
    assert not watching._decoded


OFF: list[dict[str, Any]] = [
    {"watch_hours": []},
    {"private_hours": [ALWAYS]},
    {"mask_version": 1},
    {"state": "retired"},
]


@pytest.mark.parametrize("facts", OFF)
def test_what_is_not_to_be_seen_is_not_looked_at(camera: Camera, recorder: Recorder, facts: dict[str, Any]) -> None:
    recorder.past(ago(14), 12)
    Camera.objects.update(**facts)
    assert watching.motion_tick(now=now()) == 0
    assert not watching._decoded and told() == []


def test_footage_of_private_hours_and_from_before_the_watch_is_not_compared(camera: Camera, recorder: Recorder) -> None:
    minute = now().replace(second=0, microsecond=0)
    recorder.past(minute - timedelta(seconds=10), 16)
    for facts in (
        {"private_hours": daily(minute - timedelta(minutes=5), minute)},
        {"private_hours": [], "watch_hours": daily(minute, minute + timedelta(minutes=5))},
    ):
        Camera.objects.update(**facts)
        assert watching.motion_tick(now=minute + timedelta(seconds=3)) == 0
        assert len(watching._decoded) == 2  # those of the minute's first three seconds
    Camera.objects.update(watch_hours=[ALWAYS])
    assert watching.motion_tick(now=minute + timedelta(seconds=3)) == 1


def test_the_camera_of_a_household_that_left_is_not_looked_at(cast: Cast, camera: Camera, recorder: Recorder) -> None:
    recorder.past(ago(14), 12)
    household = cast.an.household
    assert household is not None
    household.left_at = now()
    household.save()
    Camera.objects.update(owner_household=household)
    assert watching.motion_tick(now=now()) == 0 and not watching._decoded


def test_a_camera_that_fell_silent_and_a_hole_in_the_recording_tell_nothing(camera: Camera, recorder: Recorder) -> None:
    recorder.past(ago(60), 12)
    assert watching.motion_tick(now=now()) == 0
    recorder.past(ago(6), 5)  # two new key frames, and the one before them is 40 seconds older
    assert watching.motion_tick(now=now()) == 0


@pytest.mark.parametrize("change", [{"private_hours": [ALWAYS]}, {"watch_hours": []}])
def test_rules_that_change_meanwhile_hold(
    change: dict[str, object], cast: Cast, camera: Camera, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder.past(ago(14), 12)
    decode = frames.still_of

    def slowly(key: frames.KeyFrame, **how: int) -> frames.Still | None:
        registration.camera_edit(actor=actor_of(cast.binh), camera_id=camera.id, changes=change, now=now())
        return decode(key, **how)

    monkeypatch.setattr(frames, "still_of", slowly)
    assert watching.motion_tick(now=now()) == 0
    camera.refresh_from_db()
    assert (told(), camera.motion_told_at) == ([], None)


def test_one_cameras_damage_leaves_the_others_watched(
    cast: Cast, camera: Camera, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder.past(ago(14), 12)
    broken = make_camera(cast, watch_hours=[ALWAYS])
    look = watching._keys

    def failing(one: Camera, at: datetime) -> list[frames.KeyFrame]:
        if one.id == broken.id:
            raise OSError("the disk")
        return look(one, at)

    monkeypatch.setattr(watching, "_keys", failing)
    assert watching.motion_tick(now=now()) == 1


@pytest.mark.both_databases
def test_without_watch_hours_it_is_one_question(cast: Cast, django_assert_num_queries: Any) -> None:
    make_camera(cast)
    with django_assert_num_queries(1):
        assert watching.motion_tick(now=now()) == 0


def test_a_tick_whose_time_is_over_leaves_the_rest_to_the_next(
    cast: Cast, camera: Camera, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_camera(cast, watch_hours=[ALWAYS])
    beside = Recorder(other)
    start = ago(14)
    for one in (recorder, beside):
        one.past(start, 12)
    beside.close()
    monkeypatch.setattr(watching, "BUDGET_S", 0.0)
    assert [watching.motion_tick(now=now()) for _ in range(3)] == [1, 1, 0]
    assert {news["camera"] for news in told()} == {str(camera.id), str(other.id)}
