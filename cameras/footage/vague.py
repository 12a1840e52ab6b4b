"""Words of a request that say nothing of what is looked for."""

import re

from backend.lib.text import folded

VAGUE = frozenset({
    "dieu", "tra", "phuc", "vu", "cong", "tac", "xac", "minh", "viec", "an", "theo", "yeu", "cau", "de", "cua",
    "can", "trich", "xuat", "camera", "hinh", "anh", "du", "lieu", "lam", "ro", "nghiep", "investigation",
    "investigate", "police", "work", "case", "for", "the", "of", "a", "to", "footage", "video", "please", "request",
})  # fmt: skip
"""Words that say nothing of what is looked for, as ``folded`` writes them."""
FEWEST_LETTERS = 8


def says_something(words: str) -> bool:
    """Whether more is said than that there is an investigation."""
    telling = [word for word in re.findall(r"\w+", folded(words)) if word not in VAGUE]
    return sum(map(len, telling)) >= FEWEST_LETTERS
