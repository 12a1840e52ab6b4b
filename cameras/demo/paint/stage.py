"""A street in metres, seen by a camera on a pole: everything is placed on the ground and projected (a pinhole)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from cameras.demo.paint.kit import HEIGHT, WIDTH, Colour, Floats, Picture, Point, Sprite, bgr, floats, polygon

METRE = 90
"""Pixels per metre in which figures and vehicles are drawn, before they are scaled to their distance."""


@dataclass(frozen=True, slots=True)
class Eye:
    """The camera. ``x`` metres to the right, ``z`` away from it, heights above the ground."""

    centre: float = WIDTH / 2
    horizon: float = 250.0
    focal: float = 900.0
    height: float = 4.2

    def at(self, x: float, z: float, up: float = 0.0) -> Point:
        return self.centre + self.focal * x / z, self.horizon + self.focal * (self.height - up) / z

    def scale(self, z: float) -> float:
        """Pixels per metre at distance ``z``."""
        return self.focal / z

    def ground(self, picture: Picture, points: Sequence[Point], colour: Colour) -> None:
        """A flat shape on the ground, its corners as (x, z)."""
        polygon(picture, [self.at(x, z) for x, z in points], colour)

    def stand(self, picture: Picture, sprite: Sprite, x: float, z: float, *, pixels_per_metre: float = METRE) -> None:
        """A sprite upright on the ground, its feet at (x, z)."""
        fitted = sprite.scaled(self.scale(z) / pixels_per_metre)
        foot_x, foot_y = self.at(x, z)
        fitted.over(picture, foot_x - fitted.size[0] / 2, foot_y - fitted.size[1])

    def wall(self, sprite: Sprite, x: float, z0: float, z1: float, top: float) -> Sprite:
        """A sprite as a wall along the street at ``x``, from ``z0`` to ``z1``, ``top`` metres high: picture-sized."""
        w, h = sprite.size
        source = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32)
        target = [self.at(x, z0, top), self.at(x, z1, top), self.at(x, z1), self.at(x, z0)]
        matrix = cv2.getPerspectiveTransform(source, np.array(target, np.float32))
        size = (WIDTH, HEIGHT)
        picture = cv2.warpPerspective(sprite.picture, matrix, size, flags=cv2.INTER_AREA).astype(np.uint8)
        alpha = floats(cv2.warpPerspective(sprite.alpha, matrix, size, flags=cv2.INTER_LINEAR))
        return Sprite(picture, alpha.reshape(HEIGHT, WIDTH, 1))


Path = Callable[[float], tuple[float, float] | None]
"""Share of the loop (0 to 1) to (x, z) in metres; None while out of sight."""


@dataclass(slots=True)
class Mover:
    """Something that goes its way once (or a whole number of times) in a loop."""

    phases: Sequence[Sprite]
    path: Path
    steps: int = 1
    """How often ``phases`` are gone through in a loop."""
    beam: Sprite | None = None
    """Light it throws at night, added with its middle on the figure's."""
    beam_shift: Point = (0.0, 0.4)
    """Metres right and up from the feet."""
    _fitted: dict[tuple[int, int], Sprite] = field(default_factory=dict)

    def draw(self, picture: Picture, eye: Eye, share: float) -> None:
        place = self.path(share % 1.0)
        if place is None:
            return
        x, z = place
        number = int(share * self.steps * len(self.phases)) % len(self.phases)
        fitted = self._fit(self.phases[number], number, eye.scale(z) / METRE)
        foot_x, foot_y = eye.at(x, z)
        fitted.over(picture, foot_x - fitted.size[0] / 2, foot_y - fitted.size[1] + 1)

    def shine(self, picture: Picture, eye: Eye, share: float) -> None:
        place = self.path(share % 1.0)
        if place is None or self.beam is None:
            return
        x, z = place
        fitted = self._fit(self.beam, -1, eye.scale(z) / METRE)
        at_x, at_y = eye.at(x + self.beam_shift[0], z, self.beam_shift[1])
        add(picture, fitted.picture, at_x - fitted.size[0] / 2, at_y - fitted.size[1] / 2)

    def _fit(self, sprite: Sprite, number: int, factor: float) -> Sprite:
        step = max(1, round(factor * 60))
        key = (number, step)
        if key not in self._fitted:
            self._fitted[key] = sprite.scaled(step / 60)
        return self._fitted[key]


def add(picture: Picture, light: Picture, x: float, y: float) -> None:
    """Add light, in place, with its upper left corner at ``x, y``."""
    left, top = round(x), round(y)
    h, w = light.shape[:2]
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + w, picture.shape[1]), min(top + h, picture.shape[0])
    if x0 < x1 and y0 < y1:
        part = picture[y0:y1, x0:x1]
        part[:] = cv2.add(part, light[y0 - top : y1 - top, x0 - left : x1 - left])


def across(z: float, *, to_right: bool, begin: float = 0.0, crossings: float = 1.0, reach: float = 1.15) -> Path:
    """From one side of the picture to the other at distance ``z``, beginning at share ``begin`` of the loop.

    ``crossings`` above 1 is faster: out of sight for the rest. ``reach`` is how far beyond the edge it starts, in
    half-widths of the picture.
    """

    def path(share: float) -> tuple[float, float] | None:
        done = ((share - begin) % 1.0) * crossings
        if done >= 1.0:
            return None
        half = 640.0 / 900.0 * z * reach + 3.0
        x = -half + 2 * half * done
        return (x if to_right else -x), z

    return path


def along(x: float, z0: float, z1: float, *, begin: float = 0.0, crossings: float = 1.0, sway: float = 0.0) -> Path:
    """Along the street at ``x`` from distance ``z0`` to ``z1``; ``sway`` metres to and fro, as people walk."""

    def path(share: float) -> tuple[float, float] | None:
        done = ((share - begin) % 1.0) * crossings
        if done >= 1.0:
            return None
        return x + sway * float(np.sin(done * 9.0)), z0 + (z1 - z0) * done

    return path


def still(x: float, z: float) -> Path:
    return lambda share: (x, z)


def glow(width: int, height: int, colour: Colour, *, strength: float = 1.0) -> Sprite:
    """A soft round light as a sprite for ``Mover.beam``."""
    ys, xs = np.mgrid[-1 : 1 : complex(height), -1 : 1 : complex(width)]
    fall: Floats = floats(np.clip(1 - np.sqrt(xs**2 + ys**2), 0, 1) ** 2 * strength)[..., None]
    picture = (np.array(bgr(colour), np.float32) * fall).clip(0, 255).astype(np.uint8)
    return Sprite(picture, np.ones_like(fall))
