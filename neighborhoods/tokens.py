"""The one kind of token: opaque, per device, 256 random bits, stored only as SHA-256.

No salt and no stretching: what is hashed is already uniformly random, so that a stolen table cannot be searched
(OWASP ASVS 5, 6.5: 112 bits and more need no password hash).
"""

import hashlib
import secrets

PREFIX = "mp_"


def mint() -> str:
    """A fresh token: ``mp_`` and 43 URL-safe characters."""
    return PREFIX + secrets.token_urlsafe(32)


def hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
