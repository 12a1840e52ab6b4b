"""Who comes by: people and vehicles with their paths, drawn by lot but always the same for a scene."""

from collections.abc import Sequence

import numpy as np

from cameras.demo.paint import figures
from cameras.demo.paint.figures import mirrored
from cameras.demo.paint.kit import Colour, Sprite
from cameras.demo.paint.scene import HEADLIGHT
from cameras.demo.paint.stage import Mover, Path, across, along

SHIRTS: Sequence[Colour] = (
    (196, 62, 58), (58, 104, 168), (240, 236, 226), (88, 146, 96), (232, 172, 64), (142, 84, 150), (60, 66, 80),
    (230, 140, 150), (64, 150, 158),
)  # fmt: skip
TROUSERS: Sequence[Colour] = ((52, 58, 84), (60, 56, 54), (98, 88, 74), (36, 38, 46))
BIKES: Sequence[Colour] = ((186, 36, 40), (40, 78, 150), (236, 236, 234), (46, 48, 52), (60, 130, 110))
HELMETS: Sequence[Colour] = ((240, 240, 238), (204, 44, 40), (40, 70, 140), (60, 60, 64), (240, 150, 170))
CARS: Sequence[Colour] = ((236, 238, 240), (60, 64, 72), (168, 34, 38), (176, 182, 190), (46, 84, 130))


class Cast:
    """Draws lots for who comes by, always the same for a scene. One keeps right: the near lane goes right."""

    def __init__(self, rng: np.random.Generator, *, rain: bool = False, lights: bool = False) -> None:
        self._rng, self._rain, self._lights = rng, rain, lights

    def one(self, of: Sequence[Colour]) -> Colour:
        return of[int(self._rng.integers(len(of)))]

    def walker(self, **kind: bool) -> tuple[Sprite, ...]:
        hat = kind.get("hat", bool(self._rng.random() < 0.3))
        bag = self.one(SHIRTS) if self._rng.random() < 0.4 else None
        poncho = self._rain and bool(self._rng.random() < 0.7)
        tall = float(self._rng.choice([0.9, 0.96, 1.0, 0.74]))
        pole = kind.get("pole", False)
        return figures.walker(
            self.one(SHIRTS), self.one(TROUSERS), hat=hat, bag=bag, poncho=poncho, tall=tall, pole=pole
        )

    def walk(self, z: float, begin: float, *, right: bool, crossings: float = 1.0, **kind: bool) -> Mover:
        phases = self.walker(**kind)
        path = across(z, to_right=right, begin=begin, crossings=crossings)
        return Mover(phases if right else mirrored(phases), path, steps=round(17 * crossings))

    def ride(self, z: float, begin: float, *, right: bool, crossings: float = 3.2) -> Mover:
        passenger = self.one(SHIRTS) if self._rng.random() < 0.35 else None
        poncho = self.one(((230, 200, 60), (90, 140, 200), (210, 110, 150))) if self._rain else None
        phases = figures.rider(self.one(BIKES), self.one(SHIRTS), self.one(HELMETS), passenger=passenger, poncho=poncho)
        return self._vehicle(phases, across(z, to_right=right, begin=begin, crossings=crossings), right, (0.9, 0.8))

    def drive(self, z: float, begin: float, *, right: bool, crossings: float = 2.6, taxi: bool = False) -> Mover:
        phases = figures.car((236, 238, 236) if taxi else self.one(CARS), taxi=taxi)
        return self._vehicle(phases, across(z, to_right=right, begin=begin, crossings=crossings), right, (2.0, 0.65))

    def lorry(self, z: float, begin: float, *, right: bool, crossings: float = 2.2) -> Mover:
        phases = figures.truck((60, 110, 170), (196, 200, 196))
        return self._vehicle(phases, across(z, to_right=right, begin=begin, crossings=crossings), right, (2.4, 0.8))

    def _vehicle(self, phases: tuple[Sprite, ...], path: Path, right: bool, lamp: tuple[float, float]) -> Mover:
        shift = (lamp[0] if right else -lamp[0], lamp[1])
        return Mover(
            phases if right else mirrored(phases), path,
            beam=HEADLIGHT if self._lights else None, beam_shift=shift,
        )  # fmt: skip

    def bike_along(self, x: float, z0: float, z1: float, begin: float, *, crossings: float = 3.0) -> Mover:
        away = z1 > z0
        phases = figures.rider_facing(self.one(BIKES), self.one(SHIRTS), self.one(HELMETS), away=away)
        beam = HEADLIGHT if self._lights and not away else None
        return Mover(phases, along(x, z0, z1, begin=begin, crossings=crossings), beam=beam, beam_shift=(0, 0.8))

    def car_along(self, x: float, z0: float, z1: float, begin: float, *, crossings: float = 2.4) -> Mover:
        away = z1 > z0
        beam = HEADLIGHT if self._lights and not away else None
        path = along(x, z0, z1, begin=begin, crossings=crossings)
        return Mover(figures.car_facing(self.one(CARS), away=away), path, beam=beam, beam_shift=(0, 0.65))

    def walk_along(self, x: float, z0: float, z1: float, begin: float, **kind: bool) -> Mover:
        phases = self.walker(**kind)
        path = along(x, z0, z1, begin=begin, crossings=1.0, sway=0.12)
        return Mover(phases if x < 0 else mirrored(phases), path, steps=22)
