"""How an access code looks and how it is kept: two forms of one code. Written and read here, and nowhere else.

*Typed*: the neighborhood's public selector and 8 letters of RFC 8628's alphabet, such as ``HG7-BCDF-GHJK``, read
tolerantly. *QR*: 128 random bits as ``mpq_`` and 22 URL-safe characters. Both are kept only as HMAC-SHA256 under the
pepper.
"""

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass

from django.conf import settings

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
LETTERS = 8
QR_PREFIX = "mpq_"

TELEX = str.maketrans({"đ": "dd", "Đ": "DD", "ư": "w", "Ư": "W"})
"""What a Vietnamese phone keyboard (Telex) makes of letters of the alphabet."""


@dataclass(frozen=True, slots=True)
class Read:
    """What somebody typed or scanned, ready to be looked up. ``selector`` is empty for the QR form."""

    selector: str
    digest: bytes
    typed: bool


def read(text: str) -> Read:
    """Read either form: lower case, spaces, missing or odd dashes and Telex letters are all right.

    Anything unreadable becomes a digest that nothing matches, so that it takes the same path as a wrong code.
    """
    text = text.strip()
    if text.startswith(QR_PREFIX):
        return Read("", digest("qr", text), typed=False)
    plain = unicodedata.normalize("NFKC", text.translate(TELEX)).upper()
    signs = "".join(sign for sign in plain if sign.isascii() and sign.isalnum())[:64]
    selector, letters = signs[:-LETTERS], signs[-LETTERS:]
    return Read(selector, digest("typed", f"{selector}-{letters}"), typed=True)


def digest(form: str, text: str) -> bytes:
    """HMAC-SHA256 under the pepper. The form is part of it, so that one is never taken for the other."""
    return hmac.new(settings.SECRETS.pepper, f"{form}:{text}".encode(), hashlib.sha256).digest()


def fresh(selector: str) -> tuple[str, str]:
    """New random forms of one code: typed, and QR."""
    letters = "".join(secrets.choice(ALPHABET) for _n in range(LETTERS))
    return f"{selector}-{letters[:4]}-{letters[4:]}", QR_PREFIX + secrets.token_urlsafe(16)
