"""What is odd about watching: each rule at its limit and just below, and what holds of all of them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from backend.lib.clock import VIETNAM
from cameras import oddity
from cameras.oddity import DAY, MINUTE, Finding, Look, Rule, night_of, noticed

AN, CUC, LEADER = (UUID(int=n) for n in (1, 2, 3))
DOOR, GATE = UUID(int=100), UUID(int=101)
NOON = datetime(2026, 11, 30, 5, tzinfo=UTC)
"""There. Midnight is twelve hours on."""
HOUR = timedelta(hours=1)


def look(at: datetime, *, viewer: UUID = CUC, camera: UUID = DOOR, home: UUID | None = AN, ago: int = 0) -> Look:
    """A minute of An's door, watched as it happened, or ``ago`` minutes later."""
    return Look(viewer, camera, home, (at - ago * MINUTE).replace(second=0, microsecond=0), at)


def live(start: datetime, minutes: int, **facts: object) -> list[Look]:
    return [look(start + n * MINUTE, **facts) for n in range(minutes)]


def rules(looks: Iterable[Look]) -> list[Rule]:
    return [finding.rule for finding in noticed(looks)]


def through(count: int, every: timedelta, start: datetime = NOON) -> list[Look]:
    """One camera after another of the street's."""
    return [look(start + n * every, camera=UUID(int=200 + n), home=None) for n in range(count)]


class TestManyCameras:
    def test_twelve_within_ten_minutes(self) -> None:
        [found] = noticed(through(12, timedelta(seconds=50)))
        assert (found.rule, found.viewer, found.count) == (Rule.MANY_CAMERAS, CUC, 12)
        assert (found.starts_at, found.ends_at) == (NOON, NOON + 11 * timedelta(seconds=50))

    def test_eleven_are_a_street_looked_through(self) -> None:
        assert noticed(through(11, timedelta(seconds=1))) == []

    def test_twelve_in_the_course_of_an_evening_are_none(self) -> None:
        assert noticed(through(12, MINUTE)) == []  # the first is ten minutes old when the twelfth comes

    def test_one_camera_opened_twelve_times_is_one(self) -> None:
        assert noticed([look(NOON + n * timedelta(seconds=9), home=None) for n in range(12)]) == []

    def test_twelve_viewers_with_one_each_are_none(self) -> None:
        assert noticed([look(NOON, viewer=UUID(int=n), camera=UUID(int=200 + n)) for n in range(12, 24)]) == []

    def test_whatever_comes_on_in_that_pace_belongs_to_it(self) -> None:
        [found] = noticed(through(20, timedelta(seconds=50)))
        assert (found.count, len(set(found.cameras))) == (20, 20)

    def test_ones_own_cameras_are_not_counted(self) -> None:
        own = [look(NOON, viewer=AN, camera=UUID(int=300 + n)) for n in range(5)]
        others = [look(NOON, viewer=AN, camera=UUID(int=200 + n), home=None) for n in range(11)]
        assert noticed(own + others) == []


class TestAtNight:
    MIDNIGHT = NOON + 12 * HOUR

    def test_fifteen_minutes_of_one_home(self) -> None:
        [found] = noticed(live(self.MIDNIGHT, 15))
        assert (found.rule, found.cameras, found.count) == (Rule.AT_NIGHT, (DOOR,), 15)

    def test_fourteen_are_the_dog_that_barked(self) -> None:
        assert noticed(live(self.MIDNIGHT, 14)) == []

    def test_by_day_and_of_the_street_it_is_nothing(self) -> None:
        assert noticed(live(NOON, 60)) == []
        assert noticed(live(self.MIDNIGHT, 60, home=None)) == []

    def test_two_looks_of_one_night_add_up_and_two_nights_do_not(self) -> None:
        assert rules(live(self.MIDNIGHT, 8) + live(self.MIDNIGHT + 4 * HOUR, 8)) == [Rule.AT_NIGHT]
        assert rules(live(self.MIDNIGHT, 8) + live(self.MIDNIGHT + 23 * HOUR, 8)) == []

    def test_each_night_is_told(self) -> None:
        found = noticed(live(self.MIDNIGHT, 15) + live(self.MIDNIGHT + DAY, 15))
        assert [one.starts_at for one in found] == [self.MIDNIGHT, self.MIDNIGHT + DAY]

    def test_two_phones_before_one_picture_count_once(self) -> None:
        assert noticed(live(self.MIDNIGHT, 14) + live(self.MIDNIGHT + timedelta(seconds=9), 14)) == []

    def test_an_hour_of_footage_carried_away_in_a_minute_is_an_hour(self) -> None:
        at_once = [look(self.MIDNIGHT + n * timedelta(milliseconds=9), ago=n) for n in range(60)]
        assert [one.count for one in noticed(at_once)] == [60]

    @pytest.mark.parametrize(
        ("hour", "minute", "night"), [(22, 59, None), (23, 0, 30), (0, 0, 29), (4, 59, 29), (5, 0, None)]
    )
    def test_night_is_from_eleven_to_five_there(self, hour: int, minute: int, night: int | None) -> None:
        local = datetime(2026, 11, 30, hour, minute, tzinfo=VIETNAM)
        found = night_of(local.astimezone(UTC))
        assert (found.day if found else None) == night


class TestAgain:
    def habit(self, days: Iterable[int], sittings: int = 2, **facts: object) -> list[Look]:
        return [look(NOON + day * DAY + n * HOUR, **facts) for day in days for n in range(sittings)]

    @pytest.mark.parametrize("days", [(0, 1, 2, 3, 4), (0, 1, 3, 5, 6)])
    def test_twice_a_day_on_five_of_seven_days(self, days: tuple[int, ...]) -> None:
        [found] = noticed(self.habit(days))
        assert (found.rule, found.count, found.starts_at) == (Rule.AGAIN, 5, NOON)

    def test_below_each_of_its_numbers_it_is_a_neighbours_look(self) -> None:
        assert noticed(self.habit(range(4), sittings=5)) == []
        assert noticed(self.habit(range(7), sittings=1)) == []
        assert noticed(self.habit((0, 1, 2, 3, 7))) == []
        assert noticed(self.habit(range(7), home=None)) == []

    def test_a_player_that_comes_back_is_the_same_sitting(self) -> None:
        assert noticed([look(NOON + day * DAY + n * 29 * MINUTE) for day in range(7) for n in range(5)]) == []

    def test_it_is_told_once_a_week(self) -> None:
        found = noticed(self.habit(range(28)))
        assert len(found) in (2, 3)
        assert all(later.starts_at - one.ends_at > 7 * DAY for one, later in pairwise(found))


class TestEndless:
    def test_eight_hours_of_one_camera_whosever_it_is(self) -> None:
        for home in (AN, None):
            [found] = noticed(live(NOON - 6 * HOUR, 480, home=home, viewer=LEADER))
            assert (found.rule, found.count) == (Rule.ENDLESS, 480)
        assert noticed(live(NOON - 6 * HOUR, 479)) == []

    def test_it_is_noticed_while_it_still_goes_on(self) -> None:
        """No view ends, and none has to: what was watched so far is enough."""
        so_far = live(NOON, 3 * 24 * 60, home=None)
        assert [one.rule for one in noticed(so_far[:481])] == [Rule.ENDLESS]
        found = noticed(so_far)
        assert len(found) == 2 and found[1].starts_at - found[0].ends_at > DAY

    def test_eight_hours_in_three_days_are_none(self) -> None:
        assert noticed([one for day in range(3) for one in live(NOON + day * DAY, 239)]) == []

    def test_a_day_of_footage_carried_away_at_once(self) -> None:
        at_once = [look(NOON + n * timedelta(milliseconds=9), home=None, ago=n) for n in range(1440)]
        assert [(one.rule, one.count) for one in noticed(at_once)] == [(Rule.ENDLESS, 1440)]

    def test_ones_own_door_may_be_watched_all_day(self) -> None:
        assert noticed(live(NOON, 24 * 60, viewer=AN)) == []


VIEWERS, CAMERAS = (AN, CUC, LEADER), tuple(UUID(int=100 + n) for n in range(14))


@st.composite
def weeks(draw: st.DrawFn) -> list[Look]:
    """Stretches of watching, by several, of several cameras, in ten days; dense enough that rules hold."""
    out: list[Look] = []
    for _ in range(draw(st.integers(1, 6))):
        viewer, start = draw(st.sampled_from(VIEWERS)), NOON + draw(st.integers(0, 10 * 24 * 60)) * MINUTE
        if draw(st.booleans()):
            out += [look(start + n * timedelta(seconds=40), viewer=viewer, camera=CAMERAS[n], home=_home(CAMERAS[n]))
                    for n in range(draw(st.integers(9, 14)))]  # fmt: skip
        else:
            camera = draw(st.sampled_from(CAMERAS))
            minutes, days = draw(st.sampled_from([(1, 5), (1, 7), (13, 1), (16, 2), (490, 1)]))
            for sitting in range(2 * days):
                begun = start + sitting // 2 * DAY + sitting % 2 * HOUR
                out += live(begun, minutes, viewer=viewer, camera=camera, home=_home(camera))
    return out


def _home(camera: UUID) -> UUID | None:
    return AN if camera.int % 2 else None


@examples(max_examples=40)
@given(looks=weeks(), random=st.randoms(use_true_random=False))
def test_the_order_in_which_rows_come_means_nothing(looks: list[Look], random: object) -> None:
    shuffled = list(looks)
    random.shuffle(shuffled)
    assert _facts(noticed(shuffled)) == _facts(noticed(looks))


def _facts(found: Iterable[Finding]) -> list[tuple[object, ...]]:
    """Cameras first seen in one instant have no order."""
    return [(one.rule, one.viewer, set(one.cameras), one.count, one.starts_at, one.ends_at) for one in found]


@examples(max_examples=40)
@given(looks=weeks())
def test_what_was_told_is_not_told_again(looks: list[Look]) -> None:
    assert noticed(looks, told=noticed(looks)) == []


@examples(max_examples=40)
@given(looks=weeks(), cut=st.integers(0, 10 * 24 * 60))
def test_told_in_parts_as_time_goes_on_nothing_is_told_twice_within_its_quiet(looks: list[Look], cut: int) -> None:
    before = noticed([one for one in looks if one.at < NOON + cut * MINUTE])
    everything = before + noticed(looks, told=before)
    for one in everything:
        for other in everything:
            assert one is other or one.key != other.key or not one.near(other.starts_at, other.ends_at)


@examples(max_examples=15)
@given(looks=weeks())
def test_nothing_escapes_because_it_was_seen_in_parts(looks: list[Look]) -> None:
    """Whoever is found in the whole is found by somebody who looks again and again."""
    told: list[Finding] = []
    for hour in range(0, 18 * 24 + 1, 9):
        told += noticed([one for one in looks if one.at < NOON + hour * HOUR], told=told)
    assert {one.key for one in noticed(looks)} <= {one.key for one in told}


@examples(max_examples=40)
@given(looks=weeks())
def test_viewers_are_judged_apart_and_staff_as_residents(looks: list[Look]) -> None:
    each = [finding for viewer in VIEWERS for finding in noticed(one for one in looks if one.viewer == viewer)]
    assert sorted(map(repr, each)) == sorted(map(repr, noticed(looks)))
    other = {AN: AN, CUC: LEADER, LEADER: CUC}
    renamed = [Look(other[one.viewer], one.camera, one.home, one.minute, one.at) for one in looks]
    assert sorted((other[one.viewer].int, one.rule, one.starts_at) for one in noticed(looks)) == sorted(
        (one.viewer.int, one.rule, one.starts_at) for one in noticed(renamed)
    )


@examples(max_examples=40)
@given(looks=weeks())
def test_a_finding_stands_on_looks_of_its_own_viewer_cameras_and_time(looks: list[Look]) -> None:
    for found in noticed(looks):
        its = [one for one in looks if one.viewer == found.viewer and one.camera in found.cameras
               and found.starts_at <= one.at <= found.ends_at]  # fmt: skip
        assert {one.camera for one in its} == set(found.cameras)
        assert all(one.home != found.viewer for one in its)
        if found.rule is Rule.MANY_CAMERAS:
            assert found.count == len(found.cameras) >= oddity.MANY
        else:
            assert len(its) >= found.count >= (oddity.DAYS if found.rule is Rule.AGAIN else oddity.NIGHT_MINUTES)
