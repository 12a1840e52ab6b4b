"""``python -m cameras.stills.burnt``: a viewing copy of a footage file, with the time and its reader's name burnt in.

A child of its own, as everything that decodes what a camera sent: no Django, memory limited, no core dumps. Reads one
JSON object from standard input: ``source``, ``target``, ``begins_us`` (of the first picture, µs since 1970) and
``mark``. It is a copy to look at and no evidence, and says so in every picture.
"""

import json
import logging
import resource
import sys
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import as_file, files

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

NOTICE = "Bản để xem, không phải bản gốc"
LARGEST = (1280, 720)
MEMORY = 2 << 30
VIETNAM = timedelta(hours=7)
CRF = "26"
ALPHA = 70
"""Of the mark, out of 255: it can be read, and what is beneath it seen."""


Bytes = NDArray[np.uint8]
Sprite = tuple[Bytes, Bytes]
"""As wide as the picture: what is laid over it, and how much of it is still seen there, of 255."""


def burn(source: str, target: str, begins_us: int, mark: str) -> int:
    """Write the copy; gives how many pictures it has. Raises ``FFmpegError``."""
    count = 0
    with av.open(source) as found, av.open(target, "w", format="mp4", options={"movflags": "faststart"}) as made:
        stream = found.streams.video[0]
        stream.codec_context.thread_count = 1
        width, height = _size(stream.codec_context.width, stream.codec_context.height)
        out = made.add_stream("libx264", rate=15)
        base = stream.time_base
        if base is None:
            raise ValueError("no time base")
        out.width, out.height, out.pix_fmt, out.codec_context.time_base = width, height, "yuv420p", base
        out.options = {"preset": "veryfast", "crf": CRF, "threads": "1"}
        for frame in found.decode(stream):
            if frame.pts is None or frame.time is None:
                continue
            picture: Bytes = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()  # type: ignore[assignment]
            _over(picture, _marked(width, height, mark))
            _over(picture, _clock(width, (begins_us + round(frame.time * 1e6)) // 1_000_000))
            fresh = av.VideoFrame.from_ndarray(picture, format="rgb24")
            fresh.pts, fresh.time_base = frame.pts, frame.time_base
            made.mux(out.encode(fresh))
            count += 1
        made.mux(out.encode(None))
    return count


def _size(width: int, height: int) -> tuple[int, int]:
    share = min(1.0, LARGEST[0] / width, LARGEST[1] / height)
    return max(2, round(width * share) & ~1), max(2, round(height * share) & ~1)


def _over(picture: Bytes, sprite: Sprite) -> None:
    """Lay a sprite over the upper rows of the picture; each picture of a film, so in whole numbers."""
    colour, seen = sprite
    part = picture[: colour.shape[0]]
    cv2.multiply(part, seen[: len(part)], dst=part, scale=1 / 255)
    cv2.add(part, colour[: len(part)], dst=part)


@lru_cache(maxsize=2)
def _marked(width: int, height: int, mark: str) -> Sprite:
    """The reader's name across the picture, again and again, so that no part of it can be cut out without it."""
    face = _face(max(12, height // 22))
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    tile = Image.new("RGBA", (width * 2, height * 2), (0, 0, 0, 0))
    draw = ImageDraw.Draw(tile)
    step, wide = height // 4, int(draw.textlength(f"{mark}     ", font=face)) or 1
    for row, top in enumerate(range(0, height * 2, step)):
        for left in range(-(row % 2) * wide // 2, width * 2, wide):
            draw.text((left, top), mark, font=face, fill=(255, 255, 255, ALPHA), stroke_width=1,
                      stroke_fill=(0, 0, 0, ALPHA))  # fmt: skip
    turned = tile.rotate(20, resample=Image.Resampling.BILINEAR)
    image.paste(turned, (-width // 2, -height // 2))
    return _sprite(image)


@lru_cache(maxsize=2)
def _clock(width: int, second: int) -> Sprite:
    """The moment on Vietnam's clock, and what this is."""
    face = _face(max(12, width // 42))
    at = datetime.fromtimestamp(second, UTC) + VIETNAM
    lines = f"{at:%d/%m/%Y %H:%M:%S} (+07:00)\n{NOTICE}"
    image = Image.new("RGBA", (width, round(face.size * 2.8)), (0, 0, 0, 150))
    ImageDraw.Draw(image).multiline_text((8, 4), lines, font=face, fill=(255, 255, 255, 255))
    return _sprite(image)


def _sprite(image: Image.Image) -> Sprite:
    pixels = np.asarray(image).astype(np.uint16)
    alpha = pixels[..., 3:].repeat(3, axis=2)
    return (pixels[..., :3] * alpha // 255).astype(np.uint8), (255 - alpha).astype(np.uint8)


@lru_cache(maxsize=4)
def _face(size: int) -> ImageFont.FreeTypeFont:
    with as_file(files("fontpkg_roboto") / "files" / "Roboto[wdth,wght].ttf") as path:
        face = ImageFont.truetype(str(path), size)
    face.set_variation_by_axes([600, 100])
    return face


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable()
    av.logging.set_level(None)
    wanted = json.load(sys.stdin)
    try:
        print(burn(wanted["source"], wanted["target"], wanted["begins_us"], wanted["mark"]))
    except (av.error.FFmpegError, ValueError, IndexError, MemoryError) as error:
        print(type(error).__name__, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
