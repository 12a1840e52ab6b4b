"""Whether something moves, told from a few pictures of one camera. Pure: numbers in, numbers out.

Differences of pictures, not recognition: it knows that something large enough is elsewhere than before, never what or
who it is. (OpenCV 4, ``imgproc``; the thresholds were tried on drawn pictures and the demonstration's scenes.)
"""

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
"""Rows by columns, 0 black to 255 white."""

WIDTH = 160
"""Pixels across at which pictures are compared: a person is still some ten pixels high, and noise averages out."""
STEP = 20.0
"""Levels of grey that a pixel must change by, after the blur: noise at night stays below."""
ENOUGH = 0.003
"""Share of the picture that has changed where something moves: a person in the street is thrice that."""
TOO_MUCH = 0.5
"""A change of more than half the picture is light, a camera that turns, or a hand before the lens."""
_BLUR, _KERNEL = (5, 5), np.ones((3, 3), np.uint8)

cv2.setNumThreads(1)
"""Pictures this small gain nothing by threads, and OpenCV's do not survive the fork of a worker."""


def moved(before: Grey, after: Grey) -> float:
    """The share of the picture (0 to 1) that changed; 0 where it is light that changed, or the pictures' size.

    What all pixels have in common is light (dawn, exposure), so their median change is taken away first: of a mean, a
    large thing that moves would take its part.
    """
    if before.shape != after.shape or before.ndim != 2 or not before.size:
        return 0.0
    change = _smooth(after) - _smooth(before)
    change -= np.float32(np.median(change))
    changed = cv2.morphologyEx((np.abs(change) > STEP).astype(np.uint8), cv2.MORPH_OPEN, _KERNEL)
    share = float(changed.mean())
    return 0.0 if share > TOO_MUCH else share


def moving(pictures: Sequence[Grey]) -> bool:
    """Whether something moves all through ``pictures`` (three or more, in order of time).

    Each differs from the one before, so a lamp that goes on is none (it changes one pair); and the last differs from
    the first, so a flash is none (it comes and goes).
    """
    if len(pictures) < 3:
        return False
    pairs = [*pairwise(pictures), (pictures[0], pictures[-1])]
    return all(moved(before, after) >= ENOUGH for before, after in pairs)


def _smooth(picture: Grey) -> NDArray[np.float32]:
    height, width = picture.shape
    if width != WIDTH:
        size = (WIDTH, max(1, round(height * WIDTH / width)))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return np.asarray(cv2.GaussianBlur(picture, _BLUR, 0), dtype=np.float32)
