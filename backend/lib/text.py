"""Text that a person typed and others will read: names of people, households, places, cameras, phones.

Any Vietnamese is allowed, normalised to NFC (Unicode Standard Annex 15), so that one name has one spelling in bytes.
Refused is what cannot be seen or turns the direction of what stands beside it: control characters, format characters
(zero-width ones, byte order mark, the direction overrides and isolates of Unicode Standard Annex 9), line separators,
lone surrogates, private-use and unassigned code points, and letters and marks that draw nothing: else two names that
differ look the same.
"""

import re
import unicodedata

from django.utils.translation import gettext as _

from backend.lib.errors import BadInput

INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""General categories that have no place in a name."""

BLANKS = frozenset(
    "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f"
    + "".join(map(chr, [*range(0xFE00, 0xFE0E), *range(0xE0100, 0xE01F0)]))
)
"""What draws nothing: Hangul fillers, the empty braille cell, the grapheme joiner, Khmer vowels, and the selectors that
choose between forms of the sign before them."""

ID_NUMBER = re.compile(r"(?:\d[\s.\-]*){9,}")
"""Nine digits (old identity cards), twelve (new ones), and anything like them: no name and no note has that."""
EMOJI_FORM = re.compile("[\ufe0e\ufe0f]")
"""Keyboards put them behind emoji; they are left out rather than refused."""

MOST_MARKS = 4
"""Marks in a row that are left after NFC. Vietnamese leaves none; stacks of them cover the lines around."""


def clean_name(text: str, *, field: str = "name", longest: int = 120) -> str:
    """``text`` in NFC, spaces trimmed and collapsed, at least one and at most ``longest`` characters.

    Raises ``BadInput`` with code ``bad_name`` and ``field`` in its fields.
    """
    normal = unicodedata.normalize("NFC", EMOJI_FORM.sub("", text))
    for sign in normal:
        if unicodedata.category(sign) in INVISIBLE or sign in BLANKS:
            seen = {"sign": f"U+{ord(sign):04X}"}
            raise _refuse(field, _("The character %(sign)s cannot be seen or turns the text: leave it out.") % seen)
    plain = re.sub(r"\s+", " ", normal).strip()
    if not plain:
        raise _refuse(field, _("Write a name."))
    if len(plain) > longest:
        raise _refuse(field, _("At most %(most)d characters, not %(n)d.") % {"most": longest, "n": len(plain)})
    run = 0
    for sign in plain:
        run = run + 1 if unicodedata.category(sign).startswith("M") else 0
        if run > MOST_MARKS:
            raise _refuse(field, _("Too many marks on one letter."))
    return plain


def clean_words(text: str, *, field: str, longest: int = 300) -> str:
    """Free words under the same rules, with their lines kept; empty where nothing is said."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    words = "\n".join(clean_name(line, field=field, longest=longest) if line else "" for line in lines).strip("\n")
    if len(words) > longest:
        raise _refuse(field, _("At most %(most)d characters, not %(n)d.") % {"most": longest, "n": len(words)})
    return re.sub(r"\n{3,}", "\n\n", words)


def folded(text: str) -> str:
    """``text`` as it is searched and compared: without diacritics, lower case, single spaces; ``đ`` becomes ``d``.

    "Nguyễn  Huệ" and "nguyen hue" fold to the same. The twin column of a searched name holds it, so that SQLite and
    PostgreSQL find the same rows without an extension.
    """
    plain = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.sub(r"\s+", " ", bare).strip()


def _refuse(field: str, reason: str) -> BadInput:
    return BadInput(reason, code="bad_name", fields={field: [reason]})
