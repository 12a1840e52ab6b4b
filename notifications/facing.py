"""Which cameras look at a place. Pure: degrees and metres in, cameras out.

Distances are great circles on a sphere (haversine), bearings clockwise from north (Ed Williams, *Aviation Formulary*):
over a street's length both are right to a millimetre and a thousandth of a degree.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

EARTH_M = 6_371_008.8
"""Mean radius (IUGG)."""
WITHIN_M = 120.0
"""A street camera of 4 mm shows a person at 30 m and that something happens at four times that."""
HALF_ANGLE_DEG = 60.0
"""Half of the widest field of view that is common (120 degrees)."""
AT_THE_SPOT_M = 10.0
"""Nearer than phones know where they are: there a direction means nothing."""
MOST = 2


@dataclass(frozen=True, slots=True)
class Place:
    """WGS 84, degrees."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Eye:
    """A camera that stands still somewhere. ``bearing_deg`` is None where it is not known, or turns."""

    id: UUID
    at: Place
    bearing_deg: float | None = None


def choose(place: Place, eyes: Iterable[Eye], *, most: int = MOST) -> list[Eye]:
    """The nearest cameras within ``WITHIN_M`` that face ``place``, nearest first, ``most`` at the most."""
    found = [(metres(eye.at, place), eye) for eye in eyes]
    near = [(far, eye) for far, eye in found if far <= WITHIN_M and faces(eye, place)]
    return [eye for _far, eye in sorted(near, key=lambda each: (each[0], each[1].id))][:most]


def faces(eye: Eye, place: Place) -> bool:
    """Whether ``place`` lies within 60 degrees of where the camera looks; so it does where nobody knows."""
    if eye.bearing_deg is None or metres(eye.at, place) <= AT_THE_SPOT_M:
        return True
    return abs(_turn(bearing(eye.at, place) - eye.bearing_deg)) <= HALF_ANGLE_DEG


def metres(a: Place, b: Place) -> float:
    """The distance."""
    half = (
        math.sin(math.radians(b.lat - a.lat) / 2) ** 2
        + math.sin(math.radians(b.lon - a.lon) / 2) ** 2 * math.cos(math.radians(a.lat)) * math.cos(math.radians(b.lat))
    )  # fmt: skip
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def bearing(a: Place, b: Place) -> float:
    """The direction from ``a`` to ``b``, 0 to 360 degrees clockwise from north."""
    east = math.radians(b.lon - a.lon)
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    y = math.sin(east) * math.cos(lat_b)
    x = math.cos(lat_a) * math.sin(lat_b) - math.sin(lat_a) * math.cos(lat_b) * math.cos(east)
    return math.degrees(math.atan2(y, x)) % 360


def _turn(degrees: float) -> float:
    """The same turn the short way round, -180 to 180."""
    return (degrees + 180) % 360 - 180
