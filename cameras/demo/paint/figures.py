"""People and vehicles, in metres times ``METRE`` pixels, seen from the side (going right) or from front and back."""

import math
from functools import cache

from cameras.demo.paint.kit import Colour, Sprite, Stencil, shade

SKIN: Colour = (222, 178, 142)
HAIR: Colour = (38, 30, 28)
STRAW: Colour = (226, 200, 140)
TYRE: Colour = (34, 34, 38)
CHROME: Colour = (170, 174, 180)
GLASS: Colour = (70, 92, 108)
WALK = 8
"""Pictures in one step cycle."""


def _shadow(width: int, height: int, x: float, y: float, rx: float, ry: float) -> Sprite:
    stencil = Stencil(width, height)
    stencil.ellipse(x, y, rx, ry, (0, 0, 0))
    stencil.soften(0.5)
    return stencil.sprite()


def _merged(under: Sprite, over: Sprite) -> Sprite:
    alpha = over.alpha + under.alpha * (1 - over.alpha)
    base = under.picture * under.alpha * (1 - over.alpha) + over.picture * over.alpha
    return Sprite((base / alpha.clip(1e-3)).clip(0, 255).astype("uint8"), alpha)


@cache
def walker(
    shirt: Colour, trousers: Colour, *, hat: bool = False, tall: float = 1.0, bag: Colour | None = None,
    poncho: bool = False, pole: bool = False,
) -> tuple[Sprite, ...]:  # fmt: skip
    """A step cycle, going right. ``hat``: nón lá; ``pole``: two baskets on a carrying pole; ``poncho``: rain cape."""
    return tuple(_walker(n / WALK, shirt, trousers, hat, tall, bag, poncho, pole) for n in range(WALK))


def _walker(
    phase: float, shirt: Colour, trousers: Colour, hat: bool, tall: float, bag: Colour | None, poncho: bool, pole: bool
) -> Sprite:
    w, h = (200, 165) if pole else (100, 165)
    it, mid = Stencil(w, h), w / 2
    swing = math.sin(phase * 2 * math.pi)
    lift = abs(math.cos(phase * 2 * math.pi)) * 2
    foot, head = 160.0, 160 - 148 * tall - lift
    hip, shoulder = foot - 72 * tall, foot - 122 * tall - lift
    for side, tone in ((-1, -0.25), (1, 0.0)):
        knee = mid + side * swing * 11 + 3
        ankle = mid + side * swing * 21
        it.line((mid, hip), (knee, hip + 36 * tall), shade(trousers, tone), 12)
        it.line((knee, hip + 36 * tall), (ankle, foot - 5), shade(trousers, tone), 10)
        it.ellipse(ankle + 4, foot - 3, 8, 4, (48, 44, 44))
    it.line((mid, shoulder + 8), (mid - swing * 17, hip - 2), shade(shirt, -0.3), 8)
    if bag:
        it.ellipse(mid - 15, shoulder + 24, 10, 17, bag)
    it.polygon([(mid - 13, shoulder + 2), (mid + 13, shoulder + 2), (mid + 12, hip + 6), (mid - 12, hip + 6)], shirt)
    it.ellipse(mid, shoulder + 5, 13, 8, shirt)
    if poncho:
        it.polygon(
            [(mid - 6, shoulder - 4), (mid + 8, shoulder - 4), (mid + 25, hip + 30), (mid - 24, hip + 30)], shirt
        )
    it.line((mid, shoulder + 8), (mid + swing * 17 + 3, hip - 4), shade(shirt, 0.12), 8)
    it.ellipse(mid + swing * 17 + 3, hip - 2, 4.5, 4.5, SKIN)
    it.ellipse(mid + 2, head + 12, 10, 12, SKIN)
    if hat:
        it.polygon([(mid - 24, head + 10), (mid + 2, head - 12), (mid + 28, head + 10)], STRAW)
        it.polygon([(mid - 24, head + 10), (mid + 2, head - 12), (mid - 2, head + 10)], shade(STRAW, -0.15))
    else:
        it.ellipse(mid - 1, head + 7, 11, 10, HAIR)
    if pole:
        bounce = lift * 1.4
        it.line((12, shoulder + 2 + bounce), (188, shoulder + 2 + bounce), (120, 88, 52), 4)
        for x in (20, 180):
            it.line((x, shoulder + 2 + bounce), (x - 15, hip + 22 + bounce), (150, 120, 80), 1)
            it.line((x, shoulder + 2 + bounce), (x + 15, hip + 22 + bounce), (150, 120, 80), 1)
            it.ellipse(x, hip + 20 + bounce, 17, 9, (96, 150, 74) if x > 99 else (214, 120, 60))
            it.ellipse(x, hip + 28 + bounce, 18, 10, (168, 132, 84))
    return _merged(_shadow(w, h, mid, 159, 24, 4), it.sprite())


@cache
def rider(
    bike: Colour, shirt: Colour, helmet: Colour, *, passenger: Colour | None = None, poncho: Colour | None = None
) -> tuple[Sprite, ...]:
    """A motorbike with rider, going right."""
    w, h = 220, 170
    it = Stencil(w, h)
    for x in (48, 168):
        it.ellipse(x, 138, 27, 27, TYRE)
        it.ellipse(x, 138, 17, 17, CHROME)
        it.ellipse(x, 138, 13, 13, (70, 72, 78))
    it.polygon([(40, 118), (66, 98), (118, 98), (132, 122), (150, 132), (112, 142), (72, 138)], bike)
    it.polygon([(134, 128), (152, 74), (164, 76), (160, 126)], shade(bike, -0.15))
    it.polygon([(146, 72), (172, 84), (170, 96), (148, 92)], shade(bike, 0.2))
    it.line((158, 80), (168, 138), CHROME, 6)
    it.polygon([(40, 96), (112, 92), (116, 102), (44, 106)], (40, 38, 40))
    it.line((146, 68), (136, 60), (40, 40, 44), 4)
    it.line((60, 142), (18, 146), CHROME, 6)
    it.ellipse(174, 90, 5, 6, (255, 244, 200))
    it.ellipse(35, 108, 5, 5, (200, 40, 36))
    if passenger:
        it.line((66, 92), (84, 122), (60, 62, 84), 13)
        it.polygon([(52, 44), (74, 46), (80, 94), (54, 94)], passenger)
        it.ellipse(64, 30, 11, 13, SKIN)
        it.ellipse(62, 25, 13, 12, shade(helmet, 0.4))
    it.line((96, 94), (126, 106), (52, 56, 78), 14)
    it.line((126, 106), (124, 134), (52, 56, 78), 11)
    it.ellipse(129, 137, 9, 5, (44, 40, 40))
    it.polygon([(84, 42), (106, 40), (112, 94), (82, 96)], shirt)
    it.line((102, 50), (122, 72), shirt, 10)
    it.line((122, 72), (138, 64), SKIN, 7)
    if poncho:
        it.polygon([(88, 38), (108, 38), (150, 84), (140, 104), (112, 100), (58, 112), (46, 98)], poncho)
        it.polygon([(88, 38), (96, 38), (76, 106), (58, 112), (46, 98)], shade(poncho, -0.12))
    it.ellipse(100, 26, 11, 13, SKIN)
    it.ellipse(98, 20, 14, 12, helmet)
    it.rect(98, 22, 17, 3, shade(helmet, -0.4))
    return (_merged(_shadow(w, h, 108, 162, 84, 6), it.sprite()),)


@cache
def cyclist(frame: Colour, shirt: Colour) -> tuple[Sprite, ...]:
    """A pupil on a bicycle with a red scarf and a school bag; the legs go round."""
    out = []
    for n in range(WALK):
        it, turn = Stencil(190, 165), n / WALK * 2 * math.pi
        for x in (42, 142):
            it.ellipse(x, 128, 30, 30, TYRE)
            it.ellipse(x, 128, 27, 27, (150, 154, 158))
            it.ellipse(x, 128, 4, 4, TYRE)
        for a, b in (((42, 128), (84, 128)), ((84, 128), (72, 84)), ((42, 128), (76, 92)), ((84, 128), (126, 84))):
            it.line(a, b, frame, 5)
        it.line((76, 92), (126, 84), frame, 5)
        it.line((124, 70), (142, 128), frame, 5)
        it.line((124, 70), (114, 66), (50, 50, 50), 5)
        foot = (84 + 14 * math.cos(turn), 128 + 14 * math.sin(turn))
        it.line((78, 82), (100, 102 + 6 * math.sin(turn)), (36, 48, 92), 12)
        it.line((100, 102 + 6 * math.sin(turn)), foot, (36, 48, 92), 10)
        it.ellipse(foot[0] + 4, foot[1], 8, 4, (240, 240, 240))
        it.ellipse(62, 58, 12, 18, (220, 80, 90))
        it.polygon([(70, 38), (92, 40), (90, 86), (66, 86)], shirt)
        it.line((88, 46), (114, 66), shirt, 9)
        it.polygon([(84, 40), (96, 42), (92, 56)], (206, 30, 36))
        it.ellipse(88, 24, 11, 13, SKIN)
        it.ellipse(85, 20, 12, 11, HAIR)
        out.append(_merged(_shadow(190, 165, 92, 159, 62, 4), it.sprite()))
    return tuple(out)


@cache
def car(body: Colour, *, taxi: bool = False) -> tuple[Sprite, ...]:
    """A car going right."""
    w, h = 400, 160
    it = Stencil(w, h)
    it.polygon([(96, 66), (138, 22), (258, 22), (312, 66)], shade(body, -0.08))
    it.polygon([(114, 64), (146, 31), (196, 31), (196, 64)], GLASS)
    it.polygon([(204, 64), (204, 31), (252, 31), (292, 64)], shade(GLASS, 0.12))
    it.polygon([(22, 122), (18, 84), (34, 68), (100, 62), (312, 62), (368, 76), (384, 92), (384, 122)], body)
    it.polygon([(22, 122), (20, 104), (384, 104), (384, 122)], shade(body, -0.22))
    it.line((200, 64), (200, 116), shade(body, -0.3), 2)
    for x in (162, 262):
        it.rect(x, 80, 20, 4, shade(body, -0.35))
    it.ellipse(374, 92, 9, 7, (255, 246, 214))
    it.ellipse(25, 90, 6, 10, (196, 36, 34))
    if taxi:
        it.rect(176, 10, 44, 13, (250, 214, 70))
        it.rect(60, 90, 270, 8, (30, 120, 70))
    for x in (92, 308):
        it.ellipse(x, 122, 33, 33, (22, 22, 24))
        it.ellipse(x, 122, 28, 28, TYRE)
        it.ellipse(x, 122, 17, 17, CHROME)
        it.ellipse(x, 122, 6, 6, (90, 92, 96))
    return (_merged(_shadow(w, h, 200, 150, 176, 8), it.sprite()),)


@cache
def truck(cab: Colour, load: Colour) -> tuple[Sprite, ...]:
    """A small delivery lorry going right."""
    w, h = 480, 250
    it = Stencil(w, h)
    it.rect(20, 30, 310, 160, load)
    for x in range(40, 330, 36):
        it.line((x, 34), (x, 186), shade(load, -0.12), 2)
    it.rect(20, 30, 310, 10, shade(load, 0.25))
    it.polygon([(338, 190), (338, 70), (352, 58), (416, 58), (446, 122), (452, 190)], cab)
    it.polygon([(362, 72), (408, 72), (430, 120), (362, 120)], GLASS)
    it.rect(20, 186, 436, 16, (60, 62, 66))
    it.ellipse(446, 170, 8, 9, (255, 246, 214))
    for x in (96, 388):
        it.ellipse(x, 206, 36, 36, TYRE)
        it.ellipse(x, 206, 18, 18, CHROME)
    return (_merged(_shadow(w, h, 236, 240, 216, 9), it.sprite()),)


@cache
def rider_facing(bike: Colour, shirt: Colour, helmet: Colour, *, away: bool) -> tuple[Sprite, ...]:
    """The motorbike from the front, or (``away``) from behind."""
    it = Stencil(110, 170)
    it.ellipse(55, 138, 8, 26, TYRE)
    it.polygon([(44, 132), (40, 92), (70, 92), (66, 132)], bike)
    it.line((26, 78), (84, 78), (46, 46, 50), 5)
    for x in (24, 86):
        it.ellipse(x, 68, 7, 5, CHROME)
    for x in (40, 70):
        it.line((x, 98), (x + (x - 55) * 0.4, 130), (52, 56, 78), 13)
        it.ellipse(x + (x - 55) * 0.4, 134, 7, 5, (44, 40, 40))
    it.polygon([(35, 46), (75, 46), (72, 98), (38, 98)], shirt)
    for x, hand in ((38, 28), (72, 82)):
        it.line((x, 54), (hand, 76), shade(shirt, -0.1), 9)
    it.ellipse(55, 27, 12, 14, HAIR if away else SKIN)
    it.ellipse(55, 20, 15, 12, helmet)
    if away:
        it.rect(43, 100, 24, 8, (210, 40, 36))
        it.rect(45, 112, 20, 10, (240, 240, 236))
    else:
        it.rect(41, 21, 28, 4, shade(helmet, -0.4))
        it.ellipse(55, 88, 10, 8, (255, 246, 214))
    return (_merged(_shadow(110, 170, 55, 162, 34, 5), it.sprite()),)


@cache
def car_facing(body: Colour, *, away: bool) -> tuple[Sprite, ...]:
    """The car from the front, or (``away``) from behind."""
    it = Stencil(210, 165)
    for x in (34, 176):
        it.ellipse(x, 136, 15, 24, TYRE)
    it.polygon([(44, 70), (60, 24), (150, 24), (166, 70)], shade(body, -0.08))
    it.polygon([(54, 68), (67, 32), (143, 32), (156, 68)], GLASS)
    it.polygon([(16, 132), (14, 88), (30, 68), (180, 68), (196, 88), (194, 132), (180, 142), (30, 142)], body)
    it.rect(30, 112, 150, 26, shade(body, -0.3))
    it.rect(76, 118, 58, 14, (240, 240, 236))
    light: Colour = (206, 38, 34) if away else (255, 246, 214)
    for x in (38, 172):
        it.ellipse(x, 96, 17, 9, light)
    if not away:
        it.rect(66, 90, 78, 12, shade(body, -0.55))
    return (_merged(_shadow(210, 165, 105, 154, 92, 7), it.sprite()),)


@cache
def dog(coat: Colour) -> tuple[Sprite, ...]:
    """A yellow street dog trotting right."""
    out = []
    for n in range(WALK):
        it, swing = Stencil(90, 62), math.sin(n / WALK * 2 * math.pi) * 7
        for x, side in ((26, 1), (31, -1), (58, -1), (63, 1)):
            it.line((x, 36), (x + side * swing, 57), shade(coat, -0.12 * (side < 0)), 5)
        it.ellipse(44, 32, 24, 10, coat)
        it.line((62, 28), (72, 17), coat, 10)
        it.ellipse(75, 15, 10, 7, coat)
        it.polygon([(68, 10), (72, 0), (76, 9)], shade(coat, -0.3))
        it.line((22, 28), (10, 14 + swing / 3), coat, 4)
        out.append(_merged(_shadow(90, 62, 44, 58, 28, 3), it.sprite()))
    return tuple(out)


def mirrored(phases: tuple[Sprite, ...]) -> tuple[Sprite, ...]:
    """The same, going left."""
    return tuple(sprite.mirrored() for sprite in phases)
