"""One household per address, however the address is spelled: the key by which two spellings are the same.

"Số 12A, ngõ 3, đường Nguyễn Huệ", "12 a ngo 3 duong nguyen hue" and "SN 12a - ng. 3 - đ. Nguyễn Huệ" have one key. What
tells houses apart stays: every number, letter and stroke of it. The key is never shown.
"""

import re

from backend.lib.text import folded

SHORT = (
    (r"\bngh(?:\.|\b(?=\s*\d))", "ngach "),
    (r"\bng(?:\.|\b(?=\s*\d))", "ngo "),
    (r"\bd\.", "duong "),
    (r"\bp\.", "phuong "),
    (r"\bkp\.", "khu pho "),
    (r"\btdp\b\.?", "to dan pho "),
)
"""What is shortened on lists, with its dot; folded."""
NUMBER_WORDS = re.compile(r"\b(?:so nha|nha so|sn|so|nha)\b[ .:]*(?=\d)|\b(?:so|sn)(?=\d)")
STROKE = re.compile(r"\s*([/\\])\s*")
SIGNS = re.compile(r"(?:[^\w/]|_)+")
LETTER_APART = re.compile(r"(?<![a-z])(\d+) ([a-z])(?![a-z])")
ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


def address_key(address: str) -> str:
    """The key of ``address``: folded letters, digits, strokes and single spaces."""
    plain = folded(address)
    for short, long in SHORT:
        plain = re.sub(short, long, plain)
    plain = NUMBER_WORDS.sub("", plain)
    plain = STROKE.sub("/", plain)
    plain = SIGNS.sub(" ", plain).strip()
    plain = ZEROS.sub("", LETTER_APART.sub(r"\1\2", plain))
    return plain or folded(address)
