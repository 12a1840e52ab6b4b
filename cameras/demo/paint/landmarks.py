"""What a street has once: the arch, the school wall, the hall, stalls, lamps and poles."""

from collections.abc import Sequence

import numpy as np

from cameras.demo.paint.houses import BRICK, FLAG, LAMPLIGHT, STAR, Front, star, window
from cameras.demo.paint.kit import Colour, Picture, Point, Sprite, Stencil, blank, line, rect, shade, write


def gate(text: str, small: str) -> Front:
    """The arch over the street at which a neighborhood begins: 12 m wide, 7 m high."""
    w, h = 12 * BRICK, round(7.4 * BRICK)
    it, shine = Stencil(w, h), blank(w, h)
    stone: Colour = (236, 200, 120)
    for x in (6, w - 40):
        it.rect(x, 96, 34, h - 96, stone)
        it.rect(x, 96, 8, h - 96, shade(stone, 0.35))
        it.rect(x + 26, 96, 8, h - 96, shade(stone, -0.2))
        it.rect(x - 5, h - 34, 44, 34, shade(stone, -0.15))
        it.rect(x - 4, 92, 42, 10, shade(stone, 0.2))
    it.rect(2, 44, w - 4, 66, (168, 34, 30))
    it.rect(2, 40, w - 4, 6, STAR)
    it.rect(2, 108, w - 4, 6, STAR)
    it.polygon([(-2, 42), (34, 16), (w - 34, 16), (w + 2, 42)], (150, 66, 52))
    for x in range(30, w - 20, 18):
        it.line((x, 18), (x + (x - w / 2) / w * 22, 41), (122, 50, 42), 2)
    it.polygon([(w / 2 - 70, 18), (w / 2 - 46, 0), (w / 2 + 46, 0), (w / 2 + 70, 18)], (160, 74, 58))
    lanterns = (w * 0.2, w * 0.8)
    for middle in lanterns:
        it.line((middle, 118), (middle, 132), (60, 50, 40), 2)
        it.ellipse(middle, 144, 13, 15, (206, 40, 34))
    front = Front(it.sprite(), shine)
    for target in (front.sprite.picture, front.shine):
        write(target, text, w / 2, 52, 30, STAR, weight=900, centred=True)
        write(target, small, w / 2, 86, 17, (255, 240, 210), weight=600, centred=True)
    for middle in lanterns:
        rect(front.shine, middle - 9, 134, 18, 20, (230, 90, 60))
    return front


def hall(
    title: str, below: str, *, width_m: float = 17, roof: Colour = (166, 74, 56), wall: Colour = (244, 226, 176)
) -> Front:
    """A public building on one floor: columns, a wide roof, its name over the door, a flag on top."""
    w, h = round(width_m * BRICK), round(7.2 * BRICK)
    it, shine = Stencil(w, h), blank(w, h)
    eave, floor = 118.0, float(h - 26)
    it.polygon([(0, eave), (64, 46), (w - 64, 46), (w, eave)], roof)
    for n in range(1, 7):
        y = 46 + (eave - 46) * n / 7
        it.line((64 - 64 * n / 7, y), (w - 64 + 64 * n / 7, y), shade(roof, -0.18), 2)
    it.rect(26, eave, w - 52, floor - eave, wall)
    it.rect(14, eave - 2, w - 28, 10, shade(wall, 0.4))
    it.rect(26, eave + 8, w - 52, 16, shade(wall, -0.16))
    bays = max(5, round(width_m / 2.6))
    for n in range(bays):
        x = 40 + (w - 80) * (n + 0.5) / bays
        if n == bays // 2:
            it.rect(x - 40, eave + 52, 80, floor - eave - 52, (112, 70, 44))
            it.rect(x - 2, eave + 52, 4, floor - eave - 52, (70, 44, 30))
            rect(shine, x - 38, eave + 54, 76, floor - eave - 54, LAMPLIGHT)
        else:
            window(it, shine, x - 22, eave + 58, 44, 62, (60, 98, 84), n % 3 != 0)
    for n in range(bays + 1):
        x = 40 + (w - 80) * n / bays
        it.rect(x - 7, eave + 8, 14, floor - eave - 8, shade(wall, 0.5))
        it.rect(x + 3, eave + 8, 4, floor - eave - 8, shade(wall, -0.12))
    it.rect(8, floor, w - 16, 12, (196, 190, 180))
    it.rect(0, floor + 12, w, 14, (172, 166, 156))
    it.line((w / 2, 48), (w / 2, 0), (120, 110, 100), 3)
    it.polygon([(w / 2, 2), (w / 2 + 52, 8), (w / 2 + 50, 38), (w / 2, 34)], FLAG)
    star(it, w / 2 + 26, 20, 9, STAR)
    front = Front(it.sprite(), shine)
    board = min(w - 120, 24 * len(title) + 60)
    rect(front.sprite.picture, w / 2 - board / 2, eave + 10, board, 40, (168, 34, 30))
    for target in (front.sprite.picture, front.shine):
        write(target, title, w / 2, eave + 14, 22, STAR, weight=900, centred=True)
        write(target, below, w / 2, eave + 37, 11, (255, 240, 210), weight=600, centred=True)
    return front


def wall_with_gate(width_m: float, title: str, *, paint: Colour = (240, 214, 140)) -> Front:
    """A yard wall with a barred gate in the middle and a name over it."""
    w, h = round(width_m * BRICK), round(4.4 * BRICK)
    it, shine = Stencil(w, h), blank(w, h)
    top, mid, half = h - 2.0 * BRICK, w / 2, 3.0 * BRICK
    for x0, x1 in ((0.0, mid - half), (mid + half, float(w))):
        it.rect(x0, top, x1 - x0, h - top, paint)
        it.rect(x0, top - 5, x1 - x0, 9, shade(paint, 0.45))
        it.rect(x0, h - 20, x1 - x0, 20, (176, 96, 72))
        for x in np.arange(x0 + 20, x1 - 30, 58):
            it.rect(float(x), top + 16, 36, 30, shade(paint, -0.14))
            for bar in range(4):
                it.line((float(x) + 5 + bar * 9, top + 16), (float(x) + 5 + bar * 9, top + 46), (70, 112, 96), 2)
    for x in (mid - half - 16, mid + half - 10):
        it.rect(x, 44, 26, h - 44, shade(paint, -0.08))
        it.rect(x - 4, 40, 34, 9, shade(paint, 0.4))
    for x in np.arange(mid - half + 16, mid + half - 12, 9):
        it.line((float(x), top - 14), (float(x), h - 4), (42, 92, 126), 2.4)
    for y in (top - 8, top + 30, h - 14):
        it.line((mid - half + 12, y), (mid + half - 12, y), (42, 92, 126), 4)
    it.rect(mid - half - 20, 8, half * 2 + 40, 38, (28, 84, 140))
    it.rect(mid - half - 20, 5, half * 2 + 40, 4, STAR)
    front = Front(it.sprite(), shine)
    for target in (front.sprite.picture, front.shine):
        write(target, title, mid, 15, 20, (255, 255, 255), weight=800, centred=True)
    return front


def stall(rng: np.random.Generator, cloth: tuple[Colour, Colour]) -> Sprite:
    """A market stall under a striped umbrella, METRE pixels per metre, its seller behind it."""
    it = Stencil(300, 300)
    it.line((150, 40), (150, 240), (140, 110, 80), 5)
    it.ellipse(198, 160, 12, 14, (222, 178, 142))
    it.polygon([(172, 152), (198, 132), (224, 152)], (226, 200, 140))
    it.polygon(
        [(180, 174), (216, 174), (224, 226), (172, 226)],
        ((150, 60, 90), (60, 90, 140), (90, 130, 90))[int(rng.integers(3))],
    )
    it.polygon([(20, 214), (280, 214), (292, 244), (8, 244)], (150, 112, 72))
    it.rect(16, 244, 268, 42, (112, 84, 56))
    it.rect(26, 286, 10, 12, (84, 64, 44))
    it.rect(264, 286, 10, 12, (84, 64, 44))
    wares: Sequence[Colour] = (
        (214, 60, 40),
        (240, 160, 40),
        (96, 160, 60),
        (250, 210, 70),
        (130, 60, 130),
        (60, 120, 60),
    )
    for heap in range(6):
        colour = wares[(heap + int(rng.integers(6))) % 6]
        for _ in range(22):
            it.ellipse(
                42 + heap * 43 + rng.normal(0, 11),
                226 - abs(rng.normal(0, 9)),
                6,
                6,
                shade(colour, rng.uniform(-0.15, 0.2)),
            )
    for n in range(10):
        x0, x1 = -6 + 312 * n / 10, -6 + 312 * (n + 1) / 10
        bulge0, bulge1 = 108 - 16 * np.sin(np.pi * n / 10), 108 - 16 * np.sin(np.pi * (n + 1) / 10)
        it.polygon([(150, 22), (x1, bulge1), (x1 - 8, bulge1 + 9), (x0 + 8, bulge0 + 9), (x0, bulge0)], cloth[n % 2])
    return it.sprite()


def lamp_post(*, arm: float = 1.0) -> Sprite:
    """A street lamp 6.5 m high, METRE pixels per metre; ``arm`` -1 reaches to the left."""
    it = Stencil(240, 600)
    it.line((120, 598), (120, 40), (112, 116, 122), 8)
    it.rect(108, 560, 24, 40, (92, 96, 102))
    it.line((120, 42), (120 + 86 * arm, 16), (112, 116, 122), 6)
    it.ellipse(120 + 96 * arm, 18, 24, 8, (150, 154, 160))
    it.ellipse(120 + 96 * arm, 24, 19, 5, (250, 246, 226))
    return it.sprite()


def power_pole(rng: np.random.Generator) -> Sprite:
    """A concrete pole with meters and a tangle of cable, as at every corner."""
    it = Stencil(220, 720)
    it.polygon([(98, 719), (103, 10), (119, 10), (126, 719)], (168, 166, 160))
    it.polygon([(114, 719), (113, 10), (119, 10), (126, 719)], (138, 136, 130))
    for y in (44, 92):
        it.rect(40, y, 140, 8, (120, 100, 80))
        for x in (48, 84, 136, 170):
            it.rect(x - 4, y - 12, 8, 12, (96, 60, 50))
    for _ in range(14):
        it.ellipse(
            111 + rng.normal(0, 8), 120 + rng.normal(0, 8), rng.uniform(18, 30), rng.uniform(8, 16), (44, 44, 48)
        )
    for _ in range(5):
        it.ellipse(111 + rng.normal(0, 5), 120, 15, 8, (168, 166, 160))
    for n in range(3):
        it.rect(84, 196 + n * 46, 54, 40, (186, 190, 190))
        it.rect(92, 204 + n * 46, 16, 16, (90, 110, 120))
    return it.sprite()


def umbrella_table() -> Sprite:
    """A tea seller's low table with red stools."""
    it = Stencil(230, 90)
    it.rect(78, 38, 74, 6, (90, 120, 170))
    it.rect(84, 44, 5, 42, (70, 90, 130))
    it.rect(140, 44, 5, 42, (70, 90, 130))
    for x in (96, 112, 130):
        it.rect(x, 26, 8, 12, (230, 220, 170))
    for x in (28, 186):
        it.polygon([(x - 18, 52), (x + 18, 52), (x + 22, 88), (x - 22, 88)], (206, 52, 44))
        it.rect(x - 12, 64, 24, 20, (160, 36, 32))
    return it.sprite()


def rail(picture: Picture, a: Point, b: Point) -> None:
    """One bar of an iron railing."""
    line(picture, a, b, (98, 110, 112), 3)
    line(picture, (a[0], a[1] - 1), (b[0], b[1] - 1), (142, 152, 154), 1)
