"""Short-lived secrets at rest: encrypted under a key made from the secrets file, one key for each purpose.

Whoever steals the database or the data folder's files without ``secrets.json`` reads nothing.
"""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def seal(purpose: str, plain: bytes) -> bytes:
    """``plain`` encrypted and authenticated (Fernet) under the key of ``purpose``."""
    return _key(purpose).encrypt(plain)


def unseal(purpose: str, sealed: bytes | memoryview) -> bytes:
    """What was sealed. Raises ``ValueError`` where the key of ``purpose`` does not open it."""
    try:
        return _key(purpose).decrypt(bytes(sealed))
    except InvalidToken:
        raise ValueError(f"what was sealed for {purpose} does not open under the key in secrets.json") from None


@cache
def _key(purpose: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=f"matpho:{purpose}".encode())
    return Fernet(base64.urlsafe_b64encode(derived.derive(settings.SECRETS.django_key.encode())))
