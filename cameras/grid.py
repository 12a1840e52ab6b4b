"""Where other people's cameras are said to stand: on a grid's corners, so that nobody finds a gate by them. Pure."""

import math

GRID = 1000
"""Steps per degree: 111 m north to south, 93 to 103 m east to west in Vietnam."""


def on_grid(degrees: float) -> float:
    """A degree as everybody may know it of somebody else's camera."""
    return math.floor(degrees * GRID + 0.5) / GRID
