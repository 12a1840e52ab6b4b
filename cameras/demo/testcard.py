"""A plain moving picture, quickly made: for tests and benchmarks that need a camera but nothing to look at."""

from collections.abc import Iterator
from functools import cache

import numpy as np

from cameras.demo import film, loop
from cameras.demo.paint.kit import Picture, blank, write


def pictures(count: int, size: tuple[int, int], *, noise: float = 0.0, seed: int = 7) -> Iterator[Picture]:
    """Colour bars that move round once in ``count`` pictures, a counter, and ``noise`` (0 to 255) to cost bits."""
    width, height = size
    rng = np.random.default_rng(seed)
    bars = blank(width, height)
    for n, colour in enumerate([(231, 200, 120), (92, 160, 170), (180, 80, 70), (60, 90, 140), (230, 230, 220)]):
        bars[:, n * width // 5 : (n + 1) * width // 5] = colour
    for number in range(count):
        picture = np.roll(bars, number * width // count, axis=1)
        if noise:
            # coarse and fine grain together, so that the encoder can neither predict nor blur it away
            picture = np.clip(picture + rng.normal(0, noise, (height, width, 1)), 0, 255).astype(np.uint8)
        write(picture, f"{number:04d}", width * 0.05, height * 0.05, max(12, height // 12), (255, 255, 255), outline=2)
        yield picture


@cache
def card(
    *, size: tuple[int, int] = (320, 180), seconds: int = 4, fps: int = 15, gop: int = 30, bits_per_s: int = 0,
    noise: float = 0.0,
) -> loop.Loop:  # fmt: skip
    """A loop for ``CameraServer.add``. One server at a time: its buffers are patched in place."""
    drawn = pictures(seconds * fps, size, noise=noise)
    return loop.cut(film.encode(drawn, fps=fps, gop=gop, size=size, bits_per_s=bits_per_s), fps)
