"""Hours and weather: what a scene drawn in noon light looks like at dusk, at night, in the rain."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from cameras.demo.paint.kit import HEIGHT, WIDTH, Colour, Floats, Picture, bgr, blank, ellipse, floats, polygon


@dataclass(frozen=True, slots=True)
class Look:
    """``ambient`` multiplies the scene (255 leaves it); ``lamps`` is how strongly lamps and windows shine (0 to 1)."""

    sky: Sequence[Colour]
    haze: Colour
    ambient: Colour = (255, 255, 255)
    lamps: float = 0.0
    rain: bool = False


MORNING = Look([(150, 190, 222), (206, 224, 232), (246, 232, 208)], (214, 220, 218), (255, 250, 240))
NOON = Look([(96, 160, 218), (150, 196, 232), (214, 232, 240)], (196, 214, 226))
RAIN = Look([(112, 122, 132), (140, 150, 158), (172, 180, 184)], (160, 170, 176), (176, 188, 202), 0.35, rain=True)
DUSK = Look([(74, 76, 130), (196, 116, 116), (250, 184, 112)], (206, 140, 116), (236, 176, 142), 0.6)
NIGHT = Look([(10, 14, 34), (18, 24, 50), (34, 40, 66)], (26, 32, 54), (64, 76, 116), 1.0)


def soft(picture: Picture, sigma: float) -> Picture:
    """A Gaussian blur; a wide one is made on a small copy, which looks the same and costs a hundredth."""
    if sigma < 6:
        return cv2.GaussianBlur(picture, (0, 0), sigma).astype(np.uint8)
    small = cv2.resize(picture, (picture.shape[1] // 8, picture.shape[0] // 8), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), sigma / 8)
    return cv2.resize(blurred, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_CUBIC).astype(np.uint8)


class Lighting:
    """The light of a scene that stands still: a map to multiply with and one to add."""

    def __init__(self, look: Look, shine: Picture) -> None:
        self._plain = look.ambient == (255, 255, 255)
        self._map: Floats = floats(np.full((HEIGHT, WIDTH, 3), bgr(look.ambient), np.float32))
        self._strength = look.lamps
        halo = soft(shine, 16)
        self._glow: Picture = cv2.addWeighted(shine, 0.6 * look.lamps, halo, 0.45 * look.lamps, 0).astype(np.uint8)

    def pool(
        self, x: float, y: float, rx: float, ry: float, colour: Colour, *, top: tuple[float, float] | None = None
    ) -> None:
        """A lamp's light on the ground around ``x, y``; with ``top`` also the cone of lit air below the lamp."""
        spot = blank(WIDTH, HEIGHT)
        ellipse(spot, x, y, rx, ry, colour)
        spot = soft(spot, max(rx, ry) * 0.42)
        self._map += floats(spot) * self._strength
        self._plain = False
        if top is None:
            return
        cone = blank(WIDTH, HEIGHT)
        polygon(cone, [(top[0] - 4, top[1]), (top[0] + 4, top[1]), (x + rx * 0.6, y), (x - rx * 0.6, y)], colour)
        lamp = blank(WIDTH, HEIGHT)
        ellipse(lamp, top[0], top[1], max(3, rx * 0.06), max(2, rx * 0.03), (255, 244, 214))
        air, bright, halo = soft(cone, 9 + rx * 0.05), soft(lamp, 3), soft(lamp, 18)
        for layer, share in ((air, 0.16), (bright, 1.2), (halo, 2.2), (lamp, 1.0)):
            self._glow = cv2.addWeighted(self._glow, 1.0, layer, share * self._strength, 0).astype(np.uint8)

    def finish(self) -> None:
        """To be called once, after the last ``pool``."""
        self._map = floats(np.clip(self._map, 0, 255))
        self._byte_map = self._map.astype(np.uint8)

    def on(self, picture: Picture) -> None:
        """Light a picture, in place."""
        if not self._plain:
            cv2.multiply(picture, self._byte_map, dst=picture, scale=1 / 255)
        if self._strength:
            cv2.add(picture, self._glow, dst=picture)


class Rain:
    """Streaks that fall without a break at the joint of the loop."""

    def __init__(self, rng: np.random.Generator, *, rounds: int = 24) -> None:
        tile = blank(WIDTH, HEIGHT)
        for _ in range(420):
            x, y, size = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(14, 34)
            grey = int(rng.uniform(26, 62))
            for wrap in (-HEIGHT, 0, HEIGHT):
                start, end = (round(x), round(y + wrap)), (round(x - size * 0.14), round(y + wrap + size))
                cv2.line(tile, start, end, (grey + 6, grey + 2, grey), 1, cv2.LINE_AA)
        self._tall = np.concatenate([tile, tile])
        self._rounds = rounds

    def on(self, picture: Picture, share: float) -> None:
        top = HEIGHT - 1 - int(share * self._rounds * HEIGHT) % HEIGHT
        cv2.add(picture, self._tall[top : top + HEIGHT], dst=picture)


def wet(picture: Picture, horizon: float, strength: float = 0.3) -> None:
    """The street mirrors what stands on it: the upper part upside down, blurred, below the horizon."""
    start = int(horizon) + 34
    rows = HEIGHT - start
    above = picture[max(0, start - rows) : start][::-1]
    mirror = cv2.GaussianBlur(cv2.resize(np.ascontiguousarray(above), (WIDTH, rows)), (0, 0), 9, sigmaY=22)
    below = picture[start:]
    fade = np.linspace(strength, strength * 0.35, rows, dtype=np.float32)[:, None, None]
    below[:] = (below * (1 - fade) + mirror * fade).astype(np.uint8)
