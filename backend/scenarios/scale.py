"""The one rule by which a story is told smaller. Pure.

A total of ``n`` becomes ``n × scale``, rounded half up, and never none where there were some. Parts of a total share
out the smaller total in their old proportion, by largest remainder, so that they always add up to it; a part may
become none.
"""

from collections.abc import Hashable, Mapping
from fractions import Fraction
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def scaled(count: int, scale: Fraction) -> int:
    """``count`` at ``scale`` (0 < scale ≤ 1)."""
    if not 0 < scale <= 1:
        raise ValueError(f"a scale lies above 0 and at most at 1, not at {scale}")
    return max(1, int(count * scale + Fraction(1, 2))) if count else 0


def shares(whole: int, parts: Mapping[Key, int]) -> dict[Key, int]:
    """``whole`` shared out in the proportion of ``parts``, in their order; equal remainders favour the earlier part."""
    of = sum(parts.values())
    exact = {key: Fraction(whole * part, of) for key, part in parts.items()}
    found = {key: int(share) for key, share in exact.items()}
    left = whole - sum(found.values())
    for key in sorted(parts, key=lambda each: found[each] - exact[each])[:left]:
        found[key] += 1
    return found
