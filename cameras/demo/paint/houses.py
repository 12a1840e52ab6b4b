"""Buildings: tube houses as they stand in every Vietnamese street, and the few others our cameras see.

A building is a ``Front``: its picture and what of it shines at night.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cameras.demo.paint.kit import Colour, Picture, Sprite, Stencil, blank, mix, polygon, rect, shade, write

BRICK = 42
"""Pixels per metre in which fronts are drawn."""
WALLS: Sequence[Colour] = (
    (240, 222, 178), (236, 206, 120), (196, 218, 196), (186, 212, 226), (232, 190, 166), (242, 238, 226),
    (222, 196, 206), (206, 200, 226), (224, 170, 132), (246, 228, 200),
)  # fmt: skip
SIGNS: Sequence[tuple[str, Colour, Colour]] = (
    ("PHỞ BÒ", (178, 36, 30), (255, 236, 150)), ("TẠP HOÁ", (24, 92, 156), (255, 255, 255)),
    ("CÀ PHÊ", (84, 52, 34), (250, 224, 170)), ("NHÀ THUỐC", (20, 128, 74), (255, 255, 255)),
    ("CẮT TÓC", (40, 46, 80), (255, 214, 90)), ("SỬA XE MÁY", (214, 120, 24), (40, 30, 20)),
    ("BÁNH MÌ", (236, 180, 40), (150, 30, 20)), ("VẢI LANH", (122, 44, 92), (255, 226, 240)),
    ("CHÈ – TRÀ ĐÁ", (36, 130, 130), (255, 255, 255)), ("PHOTO IN ẤN", (236, 236, 240), (190, 30, 40)),
)  # fmt: skip
LAMPLIGHT: Colour = (255, 206, 120)
FLAG: Colour = (206, 28, 32)
STAR: Colour = (252, 214, 46)


@dataclass(slots=True)
class Front:
    sprite: Sprite
    shine: Picture
    """What shines at night, the size of the sprite: lit windows, signs and lamps on black."""


def star(picture: Picture | Stencil, x: float, y: float, radius: float, colour: Colour) -> None:
    angles = np.arange(10) * np.pi / 5 - np.pi / 2
    radii = np.where(np.arange(10) % 2 == 0, radius, radius * 0.4)
    points = [(x + r * np.cos(a), y + r * np.sin(a)) for a, r in zip(angles, radii, strict=True)]
    if isinstance(picture, Stencil):
        picture.polygon(points, colour)
    else:
        polygon(picture, points, colour)


def window(it: Stencil, shine: Picture, x: float, y: float, w: float, h: float, frame: Colour, lit: bool) -> None:
    it.rect(x - 3, y - 3, w + 6, h + 6, shade(frame, 0.35))
    it.rect(x, y, w, h, (96, 122, 138))
    it.polygon([(x, y), (x + w * 0.7, y), (x + w * 0.15, y + h), (x, y + h)], (128, 154, 168))
    it.line((x + w / 2, y), (x + w / 2, y + h), frame, 2)
    it.line((x, y + h * 0.35), (x + w, y + h * 0.35), frame, 2)
    it.rect(x - 5, y + h + 3, w + 10, 4, shade(frame, 0.5))
    if lit:
        rect(shine, x, y, w, h, LAMPLIGHT)
        rect(shine, x + w / 2 - 1, y, 2, h, (120, 90, 50))


def _balcony(it: Stencil, rng: np.random.Generator, width: int, y: float, wall: Colour) -> None:
    it.rect(4, y, width - 8, 6, shade(wall, 0.45))
    it.rect(4, y + 6, width - 8, 3, shade(wall, -0.3))
    rail = (70, 74, 80) if rng.random() < 0.6 else shade(wall, 0.55)
    for bar in range(8, width - 6, 7):
        it.line((bar, y - 22), (bar, y), rail, 1.6)
    it.rect(6, y - 24, width - 12, 3, rail)
    for _ in range(rng.integers(0, 5)):
        x = rng.uniform(16, width - 16)
        it.rect(x - 6, y - 8, 12, 8, (176, 96, 64))
        for _ in range(5):
            it.ellipse(
                x + rng.normal(0, 5), y - 14 + rng.normal(0, 4), 6, 5, shade((76, 138, 66), rng.uniform(-0.2, 0.2))
            )


def _shop(it: Stencil, shine: Picture, rng: np.random.Generator, w: int, h: int, ground: float) -> None:
    top = h - ground
    shutter = bool(rng.random() < 0.35)
    it.rect(10, top + 28, w - 20, ground - 28, (120, 128, 134) if shutter else (58, 54, 52))
    if shutter:
        for y in np.arange(top + 30, h - 2, 5):
            it.line((10, float(y)), (w - 10, float(y)), (98, 106, 112), 1.2)
        return
    it.rect(16, top + 34, w - 32, ground - 34, (96, 84, 72))
    for shelf in range(3):
        y = top + 46 + shelf * 22
        it.rect(18, y + 14, w - 36, 3, (70, 60, 52))
        x = 20.0
        while x < w - 30:
            wide, tall = rng.uniform(6, 13), rng.uniform(7, 14)
            it.rect(x, y + 14 - tall, wide, tall, WALLS[int(rng.integers(len(WALLS)))] if rng.random() < 0.5 else
                    ((190, 60, 50), (50, 110, 160), (220, 170, 50), (70, 140, 80))[int(rng.integers(4))])  # fmt: skip
            x += wide + 2
    rect(shine, 16, top + 34, w - 32, ground - 34, (124, 94, 52))


def _awning(it: Stencil, rng: np.random.Generator, w: int, y: float) -> None:
    a, b = ((190, 60, 52), (240, 234, 220)) if rng.random() < 0.5 else ((46, 116, 88), (238, 236, 220))
    stripes = 8
    for n in range(stripes):
        x0, x1 = 4 + (w - 8) * n / stripes, 4 + (w - 8) * (n + 1) / stripes
        out = 7
        it.polygon(
            [(x0, y), (x1, y), (x1 + (x1 - w / 2) / w * out, y + 20), (x0 + (x0 - w / 2) / w * out, y + 20)],
            a if n % 2 else b,
        )


def tube_house(
    rng: np.random.Generator, *, width_m: float = 4.4, floors: int = 3, sign: int = -1, flag: bool = False
) -> Front:
    """A narrow house: a shop below, balconies above, a tiled gable or a flat roof with a water tank."""
    w, ground, storey, roof = round(width_m * BRICK), 3.3 * BRICK, 3.0 * BRICK, 1.7 * BRICK
    h = round(ground + (floors - 1) * storey + roof)
    it, shine = Stencil(w, h), blank(w, h)
    wall = WALLS[int(rng.integers(len(WALLS)))]
    frame: Colour = ((92, 62, 44), (54, 96, 84), (84, 86, 92), (150, 110, 70))[int(rng.integers(4))]
    _roof(it, rng, w, roof, wall)
    it.rect(0, roof, w, h - roof, wall)
    it.rect(w - 5, roof, 5, h - roof, shade(wall, -0.2))
    it.rect(0, roof, 5, h - roof, shade(wall, 0.25))
    for floor in range(floors - 1):
        y = roof + floor * storey
        it.rect(5, y + 6, w - 10, 5, shade(wall, -0.1))
        lit = bool(rng.random() < 0.62)
        door_left = bool(rng.random() < 0.5)
        a, b = (w * 0.14, w * 0.58) if door_left else (w * 0.56, w * 0.12)
        window(it, shine, a, y + 30, w * 0.28, storey - 42, frame, lit)
        window(it, shine, b, y + 34, w * 0.3, storey * 0.42, frame, lit and bool(rng.random() < 0.7))
        if rng.random() < 0.6:
            x = w * rng.uniform(0.42, 0.5)
            it.rect(x - 11, y + 18, 26, 14, (226, 228, 228))
            it.ellipse(x + 2, y + 25, 5, 5, (120, 124, 126))
        _balcony(it, rng, w, y + storey, wall)
    _shop(it, shine, rng, w, h, ground)
    _awning(it, rng, w, h - ground + 26)
    if flag:
        it.line((w * 0.82, h - ground - 4), (w * 0.98, h - ground - 84), (150, 120, 80), 3)
        it.polygon(
            [
                (w * 0.98, h - ground - 84),
                (w * 0.62, h - ground - 74),
                (w * 0.60, h - ground - 40),
                (w * 0.92, h - ground - 48),
            ],
            FLAG,
        )
        star(it, w * 0.78, h - ground - 61, 10, STAR)
    front = Front(it.sprite(), shine)
    _sign(front, rng, sign, w, h - ground)
    return front


def _roof(it: Stencil, rng: np.random.Generator, w: int, roof: float, wall: Colour) -> None:
    if rng.random() < 0.45:
        tile: Colour = ((176, 78, 56), (150, 66, 58), (86, 104, 132))[int(rng.integers(3))]
        it.polygon([(-2, roof), (w / 2, roof * 0.25), (w + 2, roof)], tile)
        for n in range(1, 6):
            y = roof * 0.25 + (roof * 0.75) * n / 6
            it.line((w / 2 - w / 2 * n / 6, y), (w / 2 + w / 2 * n / 6, y), shade(tile, -0.18), 2)
        return
    it.rect(0, roof - 20, w, 22, shade(wall, -0.05))
    it.rect(0, roof - 22, w, 5, shade(wall, 0.5))
    x = w * rng.uniform(0.25, 0.6)
    it.rect(x - 2, roof - 34, 4, 14, (90, 90, 94))
    it.rect(x + 26, roof - 34, 4, 14, (90, 90, 94))
    it.rect(x - 6, roof - 56, 42, 24, (196, 202, 208))  # the steel water tank on every roof
    it.rect(x - 6, roof - 50, 42, 4, (232, 236, 240))
    it.ellipse(x - 6, roof - 44, 4, 12, (170, 176, 184))
    it.ellipse(x + 36, roof - 44, 4, 12, (214, 220, 226))


def _sign(front: Front, rng: np.random.Generator, sign: int, w: int, y: float) -> None:
    if sign < 0:
        return
    text, paper, ink = SIGNS[sign % len(SIGNS)]
    rect(front.sprite.picture, 8, y - 8, w - 16, 32, shade(paper, -0.3))
    rect(front.sprite.picture, 10, y - 6, w - 20, 28, paper)
    size = 22 if len(text) < 9 else 18
    write(front.sprite.picture, text, w / 2, y + (0 if size > 20 else 2), size, ink, weight=800, centred=True)
    if rng.random() < 0.8:
        rect(front.shine, 10, y - 6, w - 20, 28, mix(paper, (20, 20, 20), 0.35))
        write(front.shine, text, w / 2, y + (0 if size > 20 else 2), size, ink, weight=800, centred=True)


def terrace(
    rng: np.random.Generator, count: int, *, floors: tuple[int, int] = (2, 4), flags: bool = True, signs: bool = True
) -> Front:
    """Houses wall to wall, as one front."""
    first = int(rng.integers(len(SIGNS)))
    houses = [
        tube_house(
            rng, width_m=rng.uniform(3.8, 5.2), floors=int(rng.integers(floors[0], floors[1] + 1)),
            sign=first + n if signs and rng.random() < 0.75 else -1, flag=flags and n % 3 == 1,
        )
        for n in range(count)
    ]  # fmt: skip
    return side_by_side(houses)


def side_by_side(fronts: Sequence[Front]) -> Front:
    width = sum(front.sprite.size[0] for front in fronts)
    height = max(front.sprite.size[1] for front in fronts)
    picture, shine = blank(width, height), blank(width, height)
    alpha = np.zeros((height, width, 1), np.float32)
    x = 0
    for front in fronts:
        w, h = front.sprite.size
        place = np.s_[height - h :, x : x + w]
        picture[place], shine[place], alpha[place] = front.sprite.picture, front.shine, front.sprite.alpha
        x += w
    return Front(Sprite(picture, alpha), shine)
