"""Whether two tell of the same thing, and which cameras look at a place: what must hold of any of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications import facing, joining
from notifications.facing import Eye, Place
from notifications.joining import Telling

NOON = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
HERE = Place(22.8234, 104.9836)
STREET = settings(max_examples=60, deadline=None, database=None)

places = st.builds(Place, st.floats(22.82, 22.83), st.floats(104.98, 104.99))
ids = st.integers(1, 4).map(lambda n: UUID(int=n))
tellings = st.builds(
    Telling,
    category=st.sampled_from(["fire", "theft"]),
    neighborhood_id=st.integers(1, 2).map(lambda n: UUID(int=n)),
    occurred_at=st.integers(0, 1500).map(lambda s: NOON + timedelta(seconds=s)),
    open=st.booleans(),
    place=st.none() | places,
    cameras=st.frozensets(ids, max_size=2),
)


def north(place: Place, metres: float) -> Place:
    return Place(place.lat + metres / 111_195, place.lon)


FIRE = Telling(category="fire", neighborhood_id=UUID(int=1), occurred_at=NOON, place=HERE)


@STREET
@given(tellings, tellings)
def test_it_is_the_same_from_both_sides_and_never_across_category_place_or_end(a: Telling, b: Telling) -> None:
    assert joining.same(a, b) == joining.same(b, a)
    if joining.same(a, b):
        assert a.open and b.open
        assert (a.category, a.neighborhood_id) == (b.category, b.neighborhood_id)
        assert abs(a.occurred_at - b.occurred_at) <= timedelta(minutes=10)


@STREET
@given(tellings)
def test_whoever_says_the_same_words_twice_says_the_same(a: Telling) -> None:
    assert joining.same(a, a) == a.open


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (replace(FIRE, place=north(HERE, 149)), True),
        (replace(FIRE, place=north(HERE, 151)), False),
        (replace(FIRE, occurred_at=NOON + timedelta(minutes=10)), True),
        (replace(FIRE, occurred_at=NOON + timedelta(minutes=10, seconds=1)), False),
        (replace(FIRE, place=None), False),
        (replace(FIRE, neighborhood_id=UUID(int=2)), False),
        (replace(FIRE, open=False), False),
    ],
)
def test_near_and_soon(other: Telling, same: bool) -> None:
    assert joining.same(FIRE, other) is same


def test_one_camera_joins_them_however_far_apart_the_phones_were() -> None:
    cameras = frozenset([UUID(int=9)])
    assert joining.same(replace(FIRE, cameras=cameras), replace(FIRE, place=north(HERE, 900), cameras=cameras))


def test_without_any_place_the_neighborhood_is_the_place() -> None:
    nowhere = replace(FIRE, place=None)
    assert joining.same(nowhere, nowhere)
    assert not joining.same(nowhere, replace(nowhere, cameras=frozenset([UUID(int=9)])))


eyes = st.lists(
    st.builds(Eye, st.uuids(), places, st.none() | st.floats(0, 359)), max_size=8, unique_by=lambda eye: eye.id
)


@STREET
@given(places, eyes)
def test_the_nearest_two_that_face_it_are_chosen(place: Place, street: list[Eye]) -> None:
    chosen = facing.choose(place, street)
    far = [facing.metres(eye.at, place) for eye in chosen]
    assert len(chosen) <= 2 and far == sorted(far)
    assert all(
        eye in street and facing.faces(eye, place) and metres <= 120 for eye, metres in zip(chosen, far, strict=True)
    )
    left = [eye for eye in street if eye not in chosen and facing.faces(eye, place)]
    nearer = [eye for eye in left if facing.metres(eye.at, place) < (far[-1] if len(far) == 2 else 120)]
    assert nearer == []


@STREET
@given(places, places)
def test_distance_is_the_same_both_ways_and_a_bearing_leads_there(a: Place, b: Place) -> None:
    assert facing.metres(a, b) == pytest.approx(facing.metres(b, a))
    assert 0 <= facing.bearing(a, b) < 360


@pytest.mark.parametrize(
    ("bearing", "chosen"), [(0, True), (59, True), (301, True), (61, False), (180, False), (None, True)]
)
def test_a_camera_sees_sixty_degrees_to_each_side(bearing: float | None, chosen: bool) -> None:
    eye = Eye(UUID(int=1), HERE, bearing)
    assert bool(facing.choose(north(HERE, 50), [eye])) is chosen


def test_right_under_it_no_direction_counts_and_beyond_its_sight_none_helps() -> None:
    eye = Eye(UUID(int=1), HERE, 180)
    assert facing.choose(north(HERE, 5), [eye]) == [eye]
    assert facing.choose(north(HERE, 121), [Eye(UUID(int=1), HERE, 0)]) == []
