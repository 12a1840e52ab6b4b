"""What of a granted window is not in a package, and why. Pure: arithmetic in microseconds."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from cameras.store.copy import Window

Away = tuple[int, int, str]
"""From and to in µs, and why nothing of it is given: a code."""
LEAST_US = 1_000_000
"""Silences up to a second are no gap: two frames of a slow camera, or a slice that was handed over."""
NOT_RECORDED = "not_recorded"


def gaps_of(window: Window, shown: Iterable[Window], away: Sequence[Away] = ()) -> list[Away]:
    """The parts of ``window`` that ``shown`` leaves open, in order, each with the code of the ``away`` that it lies in.

    Where two of ``away`` meet, the first given says why; what lies in none was not recorded.
    """
    out: list[Away] = []
    for start, end in _open(window, shown):
        edges = sorted({start, end, *(edge for one in away for edge in one[:2] if start < edge < end)})
        for begins, ends in pairwise(edges):
            why = next((code for a, b, code in away if a <= begins and ends <= b), NOT_RECORDED)
            if out and out[-1][1:] == (begins, why):
                out[-1] = (out[-1][0], ends, why)
            else:
                out.append((begins, ends, why))
    return out


def _open(window: Window, shown: Iterable[Window]) -> list[Window]:
    """What no span of ``shown`` covers, where it is longer than ``LEAST_US``."""
    found, at = [], window[0]
    for start, end in [*sorted(shown), (window[1], window[1])]:
        until = min(start, window[1])
        if until - at > LEAST_US:
            found.append((at, until))
        at = max(at, end)
    return found
