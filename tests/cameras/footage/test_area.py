"""Areas on the map, and how little of a camera's place they tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.footage import area

SQUARE = ((10.0, 106.0), (10.0, 106.01), (10.01, 106.01), (10.01, 106.0))
DEGREES = st.floats(min_value=-60, max_value=60, allow_nan=False)


@given(st.floats(0.0001, 0.9999), st.floats(0.0001, 0.9999))
def test_what_lies_in_a_square_is_found_whichever_corner_it_is_drawn_from(north: float, east: float) -> None:
    point = (10 + north / 100, 106 + east / 100)
    for turned in range(4):
        drawn = SQUARE[turned:] + SQUARE[:turned]
        assert area.holds(drawn, point) and area.holds(drawn[::-1], point)
        assert not area.holds(drawn, (point[0] + 0.01, point[1])) and not area.holds(drawn, (point[0], point[1] - 0.01))


def test_a_square_kilometre_is_one() -> None:
    assert area.extent_km2(SQUARE) == pytest.approx(1.22, abs=0.02)


def test_a_bow_tie_has_the_extent_of_what_it_spans() -> None:
    """Its two halves cancel out where areas are summed with their sign: a province could be drawn so."""
    tied = (SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3])
    assert area.extent_km2(tied) == area.extent_km2(SQUARE)


@given(st.lists(st.tuples(DEGREES, DEGREES), max_size=30))
def test_every_camera_is_counted_in_one_cell(points: list[tuple[float, float]]) -> None:
    counted = area.cells(points)
    assert sum(count for _at, count in counted) == len(points)
    assert len({at for at, _count in counted}) == len(counted)


@given(DEGREES, DEGREES)
def test_a_camera_is_met_on_the_grid_alone(latitude: float, longitude: float) -> None:
    shown = area.rounded((latitude, longitude))
    assert area.rounded(shown) == shown
    assert abs(shown[0] - latitude) <= 0.0005001 and abs(shown[1] - longitude) <= 0.0005001
