"""Where a reader stands, as opaque text. Pure.

``Event.id`` rises in commit order over all streams, so one number stands for all of a reader's streams. The time beside
it tells a cursor that is older than the feed, whatever became of the events since.

Form: base64url without padding of 17 bytes, big-endian: version 1 (u8), event id (u64), Unix seconds (u64).
"""

import base64
import binascii
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_FORM = struct.Struct(">BQQ")
_VERSION = 1
_LENGTH = 23
HIGHEST_ID = 2**63 - 1
"""What both databases hold in a big integer."""
LATEST, EPOCH = datetime(9999, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cursor:
    event_id: int
    """The last event the reader has; 0 for none."""
    at: datetime
    """When it was handed out, or when the event it stands in was written; whole seconds."""


def pack(event_id: int, at: datetime) -> str:
    """Raises ``ValueError`` where either is out of bounds."""
    seconds = _seconds(at)
    if not 0 <= event_id <= HIGHEST_ID or not 0 <= seconds <= _seconds(LATEST):
        raise ValueError(f"no cursor stands for event {event_id} at {at.isoformat()}")
    return base64.urlsafe_b64encode(_FORM.pack(_VERSION, event_id, seconds)).rstrip(b"=").decode()


def unpack(text: str) -> Cursor:
    """The inverse of ``pack``. Raises ``ValueError`` for anything that ``pack`` does not give."""
    if len(text) != _LENGTH or not text.isascii():
        raise ValueError("not a cursor of ours")
    try:
        version, event_id, seconds = _FORM.unpack(base64.b64decode(text + "=", altchars=b"-_", validate=True))
    except (binascii.Error, struct.error) as error:
        raise ValueError("not a cursor of ours") from error
    if version != _VERSION or event_id > HIGHEST_ID or seconds > _seconds(LATEST):
        raise ValueError("not a cursor of ours")
    cursor = Cursor(event_id, datetime.fromtimestamp(seconds, UTC))
    if pack(cursor.event_id, cursor.at) != text:  # spare bits of the last letter, "+" for "-"
        raise ValueError("not a cursor of ours")
    return cursor


def _seconds(at: datetime) -> int:
    """Whole seconds since 1970. As a float (``timestamp()``) the last microsecond of a second may be the next one."""
    return (at - EPOCH) // timedelta(seconds=1)
