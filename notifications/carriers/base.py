"""What every carrier of messages to phones outside our sockets is: Web Push now; SMS, Zalo ZNS or FCM could be others.

A carrier is told one message and says what became of it. It keeps no state of ours, opens no transaction, and does not
raise: what it cannot foresee is the caller's to log.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class Result(StrEnum):
    SENT = "sent"  # the service has it
    GONE = "gone"  # there is nobody at that address any more: forget it
    REFUSED = "refused"  # permanent: the same message will never go through
    LATER = "later"  # passing: try again


@dataclass(frozen=True, slots=True)
class Outcome:
    result: Result
    reason: str = ""
    """Stable and short, such as ``http_429`` or ``timeout``; never an address."""
    retry_after_s: float | None = None
    """What the service asked for, with ``LATER``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    id: UUID
    address: Mapping[str, str]
    """The carrier's own: Web Push has ``endpoint``, ``p256dh`` and ``auth``, an SMS would have a number."""
    payload: Mapping[str, object]
    """What the phone shows: ``title``, ``body``, ``tag``, ``url``, ``severity``, ``alert``, ``vibrate``, ``silent``."""
    topic: str = ""
    """A newer message of the same topic takes the place of one that still waits. At most 32 URL-safe characters."""
    urgency: str = "normal"
    """``high``, ``normal`` or ``low``."""
    ttl_s: int
    """Seconds after which it is no news any more."""


class Carrier(Protocol):
    def send(self, message: Message) -> Outcome:
        """Hand ``message`` over. Blocks for at most some seconds."""
