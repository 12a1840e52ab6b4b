"""Sky, limestone mountains, trees and water."""

import math

import cv2
import numpy as np

from cameras.demo.paint.kit import (
    HEIGHT,
    WIDTH,
    Colour,
    Picture,
    Sprite,
    Stencil,
    bgr,
    ellipse,
    gradient,
    mix,
    polygon,
    shade,
)


def sky(stops: list[Colour], horizon: float) -> Picture:
    """A picture-sized sky that ends at the horizon; below it the last colour goes on."""
    picture = gradient(WIDTH, HEIGHT, [stops[-1]])
    rows = int(horizon) + 20
    picture[:rows] = gradient(WIDTH, rows, stops)
    return picture


def clouds(picture: Picture, rng: np.random.Generator, colour: Colour, count: int, horizon: float) -> None:
    layer = picture.copy()
    for _ in range(count):
        x, y = rng.uniform(-60, WIDTH), rng.uniform(10, horizon * 0.55)
        size = rng.uniform(30, 62)
        for _ in range(9):
            ellipse(
                layer, x + rng.normal(0, size * 1.5), y + rng.normal(0, size * 0.16), size * 0.9, size * 0.3, colour
            )
    soft = cv2.GaussianBlur(layer, (0, 0), 7)
    picture[:] = cv2.addWeighted(picture, 0.35, soft, 0.65, 0)


def mountains(picture: Picture, rng: np.random.Generator, near: Colour, haze: Colour, horizon: float) -> None:
    """Rows of karst, paler the further away, with the steep round tops of Hà Giang."""
    rows = 4
    for row in range(rows):
        far = 1 - row / rows
        colour = mix(near, haze, 0.25 + 0.62 * far)
        base = horizon + 30
        line = np.zeros(WIDTH + 1)
        xs = np.arange(WIDTH + 1)
        x = rng.uniform(-120, 0)
        while x < WIDTH + 150:
            width, height = rng.uniform(70, 150), rng.uniform(60, 150) * (0.55 + 0.6 * far)
            bump = height * np.clip(1 - np.abs((xs - x) / width) ** rng.uniform(1.7, 2.8), 0, 1)
            line = np.maximum(line, bump)
            x += rng.uniform(70, 150)
        line += np.convolve(rng.normal(0, 5, WIDTH + 61), np.hanning(61) / 12, "valid")
        points = [(float(i), base - float(line[i])) for i in range(0, WIDTH + 1, 4)]
        polygon(picture, [(0.0, base + 60), *points, (float(WIDTH), base + 60)], colour)
        lit = shade(colour, 0.10)
        for i in range(0, WIDTH, 26):  # a lighter flank to the left of each top
            if line[i] > 24 and line[min(i + 26, WIDTH)] > line[i]:
                top = base - float(line[i])
                polygon(
                    picture, [(i, top + 4), (i + 26, base - float(line[min(i + 26, WIDTH)]) + 4), (i + 6, base)], lit
                )
    rows_of_mist = np.r_[np.linspace(0, 0.45, 60), np.full(40, 0.45)][:, None, None]
    band = picture[int(horizon) - 60 : int(horizon) + 40]
    band[:] = (band * (1 - rows_of_mist) + np.array(bgr(haze)) * rows_of_mist).astype(np.uint8)


def tree(
    rng: np.random.Generator, leaf: Colour, *, tall: int = 460, wide: int = 380, blossom: Colour | None = None
) -> Sprite:
    """A street tree (bàng, phượng): trunk, boughs, and foliage from shadow to light. METRE pixels a metre."""
    it = Stencil(wide, tall)
    mid, crown = wide / 2, tall * 0.40
    bark: Colour = (104, 84, 66)
    it.polygon([(mid - 13, tall - 2), (mid - 9, crown), (mid + 9, crown), (mid + 15, tall - 2)], bark)
    it.polygon([(mid + 3, tall - 2), (mid + 2, crown), (mid + 9, crown), (mid + 15, tall - 2)], shade(bark, -0.25))
    for angle in (-0.9, -0.4, 0.35, 0.85):
        it.line((mid, crown + 30), (mid + math.sin(angle) * wide * 0.3, crown - 50), shade(bark, -0.1), 9)
    for tone, drop, count in ((-0.42, 22, 26), (-0.2, 6, 30), (0.0, -8, 26), (0.16, -22, 16)):
        for _ in range(count):
            angle, reach = rng.uniform(0, 2 * math.pi), rng.uniform(0, 1) ** 0.6
            x = mid + math.cos(angle) * reach * wide * 0.38
            y = crown - 14 + math.sin(angle) * reach * tall * 0.25 + drop
            it.ellipse(x, y, rng.uniform(20, 36), rng.uniform(15, 25), shade(leaf, tone))
    if blossom:
        for _ in range(70):
            x, y = mid + rng.normal(0, wide * 0.18), crown - 26 + rng.normal(0, tall * 0.1)
            it.ellipse(x, y, rng.uniform(4, 9), rng.uniform(3, 6), shade(blossom, rng.uniform(-0.15, 0.2)))
    return it.sprite()


def banana(rng: np.random.Generator) -> Sprite:
    """A clump of banana leaves for the corner of a yard."""
    it = Stencil(260, 280)
    for lean in (-0.2, 0.15, 0.0):
        it.polygon(
            [(122 + lean * 60, 278), (126 + lean * 120, 120), (138 + lean * 120, 120), (142 + lean * 60, 278)],
            (140, 150, 86),
        )
    for n in range(9):
        angle = -math.pi * (0.08 + 0.84 * n / 8)
        tip = (130 + math.cos(angle) * 122, 128 + math.sin(angle) * 96 + 34 * abs(math.cos(angle)))
        mid = (130 + math.cos(angle) * 66, 118 + math.sin(angle) * 86)
        side = (math.sin(angle) * 18, -math.cos(angle) * 18)
        colour = shade((84, 142, 58), rng.uniform(-0.2, 0.15))
        it.polygon(
            [(130, 132), (mid[0] + side[0], mid[1] + side[1]), tip, (mid[0] - side[0], mid[1] - side[1])], colour
        )
        it.line((130, 132), tip, shade(colour, 0.3), 2)
    return it.sprite()


def bush(
    rng: np.random.Generator, leaf: Colour, *, wide: int = 160, tall: int = 80, blossom: Colour | None = None
) -> Sprite:
    it = Stencil(wide, tall)
    for tone, rise in ((-0.3, 0.66), (-0.08, 0.58), (0.12, 0.48)):
        for _ in range(14):
            x = rng.uniform(0.14, 0.86) * wide
            it.ellipse(x, tall * rise + rng.normal(0, 4), wide * 0.12, tall * 0.24, shade(leaf, tone))
    if blossom:
        for _ in range(24):
            it.ellipse(rng.uniform(0.1, 0.9) * wide, rng.uniform(0.3, 0.7) * tall, 4, 4, blossom)
    return it.sprite()
