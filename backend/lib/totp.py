"""Six-digit codes that change every half minute: TOTP (RFC 6238) over HOTP (RFC 4226) with SHA-1, as every app has it.

No Django: what starts the product prints the demonstration's codes of the moment. Sign-ins are checked by allauth.mfa.
"""

import base64
import hmac
import secrets
import struct

PERIOD_S = 30
DIGITS = 6


def fresh_key() -> str:
    """A random key of 160 bits, base32 without padding, as apps take it typed."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(key: str, unix_s: float) -> str:
    """The code that ``key`` (base32) shows at a moment, in seconds since the Unix epoch."""
    return code_of(key, int(unix_s) // PERIOD_S)


def code_of(key: str, counter: int) -> str:
    """The code of one half minute; ``counter`` counts them since the Unix epoch (RFC 4226, section 5.3)."""
    digest = hmac.digest(base64.b32decode(key, casefold=True), struct.pack(">Q", counter), "sha1")
    start = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def seconds_left(unix_s: float) -> int:
    """How long the code of that moment is still shown."""
    return PERIOD_S - int(unix_s) % PERIOD_S
