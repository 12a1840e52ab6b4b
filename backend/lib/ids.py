"""Public identifiers: UUIDv7 (RFC 9562, section 5.7), so that a primary key sorts by time of birth."""

import uuid

from uuid6 import uuid7 as _uuid7


def new_id() -> uuid.UUID:
    """A fresh UUIDv7, as the standard library's ``uuid.UUID``."""
    return uuid.UUID(int=_uuid7().int)
