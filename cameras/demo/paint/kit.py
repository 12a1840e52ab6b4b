"""Brushes: gradients, shapes, sprites and Vietnamese text. Colours are RGB as people write them, pictures BGR."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1280, 720
Picture = NDArray[np.uint8]
"""Height × width × 3, BGR."""
Floats = NDArray[np.float32]
Colour = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""
Point = tuple[float, float]

_SHIFT = 4  # OpenCV draws on a grid of 1/16 pixel, so that edges and slow movement are smooth


def floats(array: NDArray[Any]) -> Floats:
    return array.astype(np.float32, copy=False)


def bgr(colour: Colour) -> tuple[int, int, int]:
    return colour[2], colour[1], colour[0]


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """``a`` with ``share`` (0 to 1) of ``b``."""
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )


def shade(colour: Colour, share: float) -> Colour:
    """Darker for a negative share, lighter for a positive one."""
    return mix(colour, (0, 0, 0), -share) if share < 0 else mix(colour, (255, 255, 255), share)


def blank(width: int, height: int, colour: Colour = (0, 0, 0)) -> Picture:
    picture = np.zeros((height, width, 3), np.uint8)
    if any(colour):
        cv2.rectangle(picture, (0, 0), (width, height), bgr(colour), -1)
    return picture


def gradient(width: int, height: int, stops: Sequence[Colour]) -> Picture:
    """From top to bottom through ``stops``."""
    at = np.linspace(0, len(stops) - 1, height)
    rows = np.stack([np.interp(at, range(len(stops)), [bgr(c)[i] for c in stops]) for i in range(3)], axis=1)
    return np.repeat(rows[:, None, :], width, axis=1).astype(np.uint8)


def polygon(picture: Picture, points: Sequence[Point], colour: Colour) -> None:
    grid = np.round(np.array(points) * (1 << _SHIFT)).astype(np.int32)
    cv2.fillPoly(picture, [grid], bgr(colour), cv2.LINE_AA, _SHIFT)


def rect(picture: Picture, x: float, y: float, w: float, h: float, colour: Colour) -> None:
    polygon(picture, [(x, y), (x + w, y), (x + w, y + h), (x, y + h)], colour)


def ellipse(picture: Picture, x: float, y: float, rx: float, ry: float, colour: Colour, angle: float = 0.0) -> None:
    scale = 1 << _SHIFT
    centre, axes = (round(x * scale), round(y * scale)), (round(rx * scale), round(ry * scale))
    cv2.ellipse(picture, centre, axes, angle, 0, 360, bgr(colour), -1, cv2.LINE_AA, _SHIFT)


def line(picture: Picture, a: Point, b: Point, colour: Colour, width: float = 1.0) -> None:
    scale = 1 << _SHIFT
    start, end = (round(a[0] * scale), round(a[1] * scale)), (round(b[0] * scale), round(b[1] * scale))
    cv2.line(picture, start, end, bgr(colour), max(1, round(width)), cv2.LINE_AA, _SHIFT)


def curve(picture: Picture, points: Sequence[Point], colour: Colour, width: int = 1) -> None:
    grid = np.round(np.array(points) * (1 << _SHIFT)).astype(np.int32)
    cv2.polylines(picture, [grid], False, bgr(colour), width, cv2.LINE_AA, _SHIFT)


def grain(picture: Picture, rng: np.random.Generator, amount: float, *, cell: int = 1) -> None:
    """Uneven brightness, in place, so that walls and asphalt do not look like plastic."""
    h, w = picture.shape[:2]
    noise: Floats = rng.normal(0, amount, (h // cell + 1, w // cell + 1)).astype(np.float32)
    if cell > 1:
        noise = floats(cv2.resize(noise, (w + cell, h + cell), interpolation=cv2.INTER_CUBIC))
    picture[:] = np.clip(picture + noise[:h, :w, None], 0, 255).astype(np.uint8)


# --- sprites --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Sprite:
    """A small picture with its opacity, laid over others."""

    picture: Picture
    alpha: Floats
    """Height × width × 1, 0 to 1."""

    @property
    def size(self) -> tuple[int, int]:
        return self.picture.shape[1], self.picture.shape[0]

    def mirrored(self) -> "Sprite":
        return Sprite(np.ascontiguousarray(self.picture[:, ::-1]), np.ascontiguousarray(self.alpha[:, ::-1]))

    def scaled(self, factor: float) -> "Sprite":
        w, h = self.size
        size = max(1, round(w * factor)), max(1, round(h * factor))
        way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
        alpha = floats(cv2.resize(self.alpha, size, interpolation=way))
        return Sprite(cv2.resize(self.picture, size, interpolation=way).astype(np.uint8), alpha[..., None])

    def over(self, picture: Picture, x: float, y: float) -> None:
        """Lay it with its upper left corner at ``x, y``; what falls outside is left out."""
        left, top = round(x), round(y)
        w, h = self.size
        x0, y0 = max(left, 0), max(top, 0)
        x1, y1 = min(left + w, picture.shape[1]), min(top + h, picture.shape[0])
        if x0 >= x1 or y0 >= y1:
            return
        cut = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
        under = picture[y0:y1, x0:x1]
        alpha = self.alpha[cut]
        under[:] = (under + (self.picture[cut].astype(np.float32) - under) * alpha).astype(np.uint8)


_KEY: Colour = (255, 0, 254)
FINE = 3
"""Sprites are drawn this much larger and scaled down, which smooths their edges."""


class Stencil:
    """A canvas for a sprite: whatever is not painted is transparent."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.ink: Picture = np.zeros((height * FINE, width * FINE, 3), np.uint8)
        self.mask: Picture = np.zeros((height * FINE, width * FINE), np.uint8)

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        big = [(x * FINE, y * FINE) for x, y in points]
        polygon(self.ink, big, colour)
        polygon(self.mask, big, (255, 255, 255))

    def rect(self, x: float, y: float, w: float, h: float, colour: Colour) -> None:
        self.polygon([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], colour)

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour, angle: float = 0.0) -> None:
        for canvas, ink in ((self.ink, colour), (self.mask, (255, 255, 255))):
            ellipse(canvas, x * FINE, y * FINE, rx * FINE, ry * FINE, ink, angle)

    def line(self, a: Point, b: Point, colour: Colour, width: float) -> None:
        for canvas, ink in ((self.ink, colour), (self.mask, (255, 255, 255))):
            line(canvas, (a[0] * FINE, a[1] * FINE), (b[0] * FINE, b[1] * FINE), ink, width * FINE)

    def soften(self, strength: float) -> None:
        """Turn everything painted into a faint shadow of ``strength`` (0 to 1)."""
        self.mask[:] = (cv2.GaussianBlur(self.mask, (0, 0), 4 * FINE) * strength).astype(np.uint8)

    def sprite(self) -> Sprite:
        size = (self.width, self.height)
        painted = (self.mask > 0).astype(np.uint8)
        ink = cv2.resize(cv2.bitwise_and(self.ink, self.ink, mask=painted), size, interpolation=cv2.INTER_AREA)
        share = floats(cv2.resize(painted * np.uint8(255), size, interpolation=cv2.INTER_AREA))[..., None] / 255
        colour = ink / np.maximum(share, 1e-3)  # edges keep their colour, not the paper's
        alpha = floats(cv2.resize(self.mask, size, interpolation=cv2.INTER_AREA))[..., None] / np.float32(255)
        return Sprite(np.clip(colour, 0, 255).astype(np.uint8), alpha)


# --- text -----------------------------------------------------------------------------------------------------------


@cache
def font(size: int, weight: int = 500) -> ImageFont.FreeTypeFont:
    """Roboto, which has every Vietnamese letter; it comes with the ``fontpkg-roboto`` package."""
    with as_file(files("fontpkg_roboto") / "files" / "Roboto[wdth,wght].ttf") as path:
        face = ImageFont.truetype(str(path), size)
    face.set_variation_by_axes([weight, 100])
    return face


@cache
def lettering(text: str, size: int, colour: Colour, *, weight: int = 500, outline: int = 0) -> Sprite:
    """A line of text as a sprite; ``outline`` pixels of dark around it keep it readable on anything."""
    face = font(size, weight)
    left, top, right, bottom = face.getbbox(text, stroke_width=outline)
    image = Image.new("RGBA", (int(right - left) + 2, int(bottom - top) + 2), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.text(
        (1 - left, 1 - top), text, font=face, fill=(*colour, 255), stroke_width=outline, stroke_fill=(0, 0, 0, 200)
    )
    pixels = np.asarray(image)
    return Sprite(np.ascontiguousarray(pixels[..., 2::-1]), floats(pixels[..., 3:]) / np.float32(255))


def write(
    picture: Picture, text: str, x: float, y: float, size: int, colour: Colour, *,
    weight: int = 500, outline: int = 0, centred: bool = False,
) -> None:  # fmt: skip
    """Text with its upper left corner (or the middle of its upper edge) at ``x, y``."""
    sprite = lettering(text, size, colour, weight=weight, outline=outline)
    sprite.over(picture, x - sprite.size[0] / 2 if centred else x, y)
