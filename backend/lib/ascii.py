"""Text for machines that know no Vietnamese: QR fields of banks, words of a transfer. Pure."""

import unicodedata

STROKES = str.maketrans({"đ": "d", "Đ": "D"})
"""The one Vietnamese letter whose mark is no combining character: Unicode does not decompose it."""


def ascii_text(text: str) -> str:
    """``text`` in printable ASCII, letters as they were but without marks ("Đợt vận động" → "Dot van dong").

    What has no ASCII form becomes a space; spaces are collapsed. Full-width letters and digits come out as ASCII.
    """
    plain = unicodedata.normalize("NFKD", text.translate(STROKES))
    bare = (sign if " " <= sign <= "~" else " " for sign in plain if not unicodedata.combining(sign))
    return " ".join("".join(bare).split())
