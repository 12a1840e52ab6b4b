"""The opaque id in a media path: 16 bytes of session id and 10 bytes of MAC, base64url, 35 characters.

The MAC (HMAC-SHA256 cut to 80 bits, RFC 2104 section 5) is what keeps guesses away from the database; whether a
session may still be watched is not its business.
"""

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

LENGTH = 35
_MAC_BYTES = 10


def token_mint(session_id: UUID, key: bytes) -> str:
    """The path segment that stands for ``session_id``."""
    raw = session_id.bytes
    return urlsafe_b64encode(raw + hmac.digest(key, raw, "sha256")[:_MAC_BYTES]).rstrip(b"=").decode()


def token_parse(token: str, key: bytes) -> UUID | None:
    """The session id of a token we minted; None for anything else, other spellings of the same bytes included."""
    if len(token) != LENGTH or not token.isascii():
        return None
    try:
        raw = urlsafe_b64decode(token + "=")
    except binascii.Error:
        return None
    session_id = UUID(bytes=raw[:16])
    return session_id if hmac.compare_digest(token_mint(session_id, key), token) else None
