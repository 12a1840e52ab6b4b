"""Where footage is asked of: an area drawn on a map, or whole neighborhoods. Pure: arithmetic alone.

Cameras are met where a neighbour sees them, rounded to a grid of some hundred metres: whoever draws ever smaller areas
finds the same corner of the grid and never a household's gate.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from cameras.grid import on_grid

Point = tuple[float, float]
"""Latitude and longitude in degrees (WGS 84)."""

KM_PER_DEGREE = 111.2
CELL = 0.005
"""Degrees of one side of what is counted together: about half a kilometre."""
MOST_CORNERS = 40


@dataclass(frozen=True, slots=True)
class Area:
    """Either ``polygon`` or ``places``; the other is empty."""

    polygon: tuple[Point, ...] = ()
    places: tuple[UUID, ...] = ()

    def plain(self) -> dict[str, object]:
        """As the row keeps it."""
        if self.polygon:
            return {"polygon": [list(point) for point in self.polygon]}
        return {"places": [str(place) for place in self.places]}


def rounded(point: Point) -> Point:
    """The corner of the grid a camera is shown at."""
    return on_grid(point[0]), on_grid(point[1])


def extent_km2(polygon: Sequence[Point]) -> float:
    """Of the upright rectangle around it: the area between its lines would be nought where they cross, however much of
    a city lies beneath."""
    latitudes, longitudes = [point[0] for point in polygon], [point[1] for point in polygon]
    north = (max(latitudes) - min(latitudes)) * KM_PER_DEGREE
    wide = math.cos(math.radians((max(latitudes) + min(latitudes)) / 2))
    east = (max(longitudes) - min(longitudes)) * KM_PER_DEGREE * wide
    return north * east


def holds(polygon: Sequence[Point], point: Point) -> bool:
    """Whether ``point`` lies inside (even-odd rule; a point on a line may fall to either side)."""
    inside = False
    latitude, longitude = point
    for (lat_a, lon_a), (lat_b, lon_b) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if (lat_a > latitude) != (lat_b > latitude):
            crossing = lon_a + (latitude - lat_a) / (lat_b - lat_a) * (lon_b - lon_a)
            inside ^= longitude < crossing
    return inside


def cells(points: Iterable[Point]) -> list[tuple[Point, int]]:
    """How many lie in each cell, by the cell's middle, from south-west to north-east."""
    counted = Counter((math.floor(latitude / CELL), math.floor(longitude / CELL)) for latitude, longitude in points)
    return [
        ((round((row + 0.5) * CELL, 4), round((column + 0.5) * CELL, 4)), count)
        for (row, column), count in sorted(counted.items())
    ]
