"""Who listens: one phone or page on one socket, and what it was allowed to hear when it signed in."""

import sys
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

MOST_CLAIMS, CLAIMS_S = 500, 60.0
"""So many alerts a minute may a phone say it has: more than any street tells, and no load worth sending."""

Subject = str
"""Kind and id, as in a ``Revocation``: text, whose hash is reckoned once, and shared, because many have the same."""


def subject_of(kind: str, subject_id: UUID) -> Subject:
    return sys.intern(f"{kind}:{subject_id.hex}")


class Wire(Protocol):
    """The transport's side of a socket (``backend.sockets.Socket``). All of it is called on the event loop."""

    listener: "Listener | None"

    def is_full(self) -> bool:
        """Whether the transport holds more than it should: nothing more is written until ``Listener.drained``."""
        ...

    def write_frame(self, frame: bytes) -> bool:
        """Write a ready frame; False where the socket is closed or closing. Never waits."""
        ...

    def end(self, code: int) -> None:
        """Close with ``code``; where the close would not fit, cut."""
        ...

    def cut(self) -> None:
        """End now, whatever was not sent yet."""
        ...

    async def drained(self) -> None:
        """Return when the transport takes more, or is gone."""
        ...


@dataclass(frozen=True, slots=True)
class StreamRef:
    """A stream and the ``seq`` of its newest event when it was read."""

    id: UUID
    kind: str
    head: int


@dataclass(frozen=True, slots=True)
class Signed:
    """What one sign-in found, all of it read after ``floor``."""

    device_id: UUID
    streams: tuple[StreamRef, ...]
    newest: int
    """The newest event's id when the streams' heads were read, in the same snapshot."""
    subjects: tuple[Subject, ...]
    floor: int
    """The newest revocation before the rows were read; only later ones concern this sign-in."""
    ends_at: float
    """Unix seconds."""


class Channel:
    """A stream that somebody here listens to."""

    __slots__ = ("head", "id", "kind", "listeners", "text")

    def __init__(self, stream_id: UUID, kind: str, head: int) -> None:
        self.id, self.kind, self.head = stream_id, kind, head
        self.text = str(stream_id)
        self.listeners: set[Listener] = set()


class Room(Protocol):
    """What a listener needs of the hub."""

    written_id: int
    """The last event that has been written to everybody it concerns."""

    def monotonic(self) -> float: ...

    def advance(self, listener: "Listener") -> None:
        """Write what the listener has not been given yet, as far as its transport takes it."""
        ...


class Listener:
    """A joined socket. ``last_id`` is the last event it was given or needed none of; it never goes back."""

    __slots__ = (
        "behind", "channels", "claims", "claims_since", "greeted", "hub", "last_id", "live", "signed", "slot",
        "stuck_since", "wire",
    )  # fmt: skip

    def __init__(self, hub: Room, wire: Wire, signed: Signed) -> None:
        self.hub, self.wire, self.signed = hub, wire, signed
        self.channels: tuple[Channel, ...] = ()
        self.last_id = 0
        self.live = False
        """Whether broadcasts count on it; before that it is still being replayed to from rows."""
        self.behind = True
        """Whether it has to be caught up from memory before broadcasts reach it again."""
        self.greeted = False
        self.slot = -1
        self.stuck_since = 0.0
        """Monotonic time since when its transport has been too full; 0 where it is not."""
        self.claims, self.claims_since = 0, float("-inf")
        """How many alerts it has said it has since that monotonic time."""

    def believed(self, count: int) -> int:
        """How many of ``count`` more alerts that it says it has are listened to; the rest of a minute's is ignored."""
        clock_now = self.hub.monotonic()
        if clock_now - self.claims_since >= CLAIMS_S:
            self.claims, self.claims_since = 0, clock_now
        allowed = min(count, MOST_CLAIMS - self.claims)
        self.claims += allowed
        return allowed

    def stuck(self) -> None:
        """The transport is too full. What it holds already counts as given."""
        self.stuck_since = self.hub.monotonic()
        if self.live and not self.behind:
            self.behind = True
            self.last_id = max(self.last_id, self.hub.written_id)

    def drained(self) -> None:
        self.stuck_since = 0.0
        if self.live:
            self.hub.advance(self)
