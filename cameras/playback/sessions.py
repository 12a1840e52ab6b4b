"""The view sessions this process is serving, in memory. Lives on the event loop's thread only.

A request never asks the database: it finds its session here. What the database has to say (revocations, ended sessions)
comes from the watcher's thread as ``News`` and is applied here; ``fresh()`` says whether that is recent enough to go on
serving. The clocks are injected.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from backend.lib.clock import Monotonic, Now
from backend.lib.errors import Forbidden

STALE_S = 1.5
"""Older confirmation than this stops all serving: only the database says who may still watch."""
IDLE_S = 600.0
"""A session lives ten minutes past its last use ..."""
LONGEST = timedelta(hours=4)
"""... and four hours at the most."""
MAX_ADDRESSES = 2
REMEMBER_S = 900.0
"""Ended sessions stay in memory this long, so that a player that goes on asking does not reach the database."""
REMEMBER_REVOCATIONS = 20_000
_RESET = struct.pack("ii", 1, 0)

Subject = tuple[str, UUID]
Micros = tuple[int, int]


class State(StrEnum):
    OPEN = "open"
    REVOKED = "revoked"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who watches, as the view minutes will say it."""

    household_id: UUID | None
    account_id: UUID | None
    role: str
    purpose: str


@dataclass(slots=True, eq=False, kw_only=True)
class Watched:
    """One view session. ``windows`` and ``away`` are half-open spans of footage time in µs since the epoch."""

    id: UUID
    device_id: UUID
    mode: str
    camera_id: UUID | None
    rendition: str
    windows: tuple[Micros, ...]
    away: tuple[Micros, ...]
    """Private hours, and all outside the hours of the viewer's code: a segment that touches one is not served, though
    it may also touch a window."""
    target_s: int
    mask_version: int
    subjects: frozenset[Subject]
    floor: int
    """The last revocation at its birth; only later ones concern it."""
    ends_at: datetime
    addresses: list[str]
    viewer: Viewer
    counts_as: str
    """The view minutes' mode: of a kept moment whether it is an alert's clip."""
    data: dict[str, Any]
    moment_us: int | None = None
    """The instant that a kept moment is about."""
    used_at: float = 0.0
    saved_use_at: float = 0.0
    closed_at: float = 0.0
    saved_end: bool = False
    clients: set[str] = field(default_factory=set)
    """Client addresses as the transport spells them that have been checked against ``addresses``."""
    state: State = State.OPEN
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    transfers: set[asyncio.Transport] = field(default_factory=set)
    memo: dict[str, Any] = field(default_factory=dict)
    """What answering has found out once: the slices of a replay, a decoded frame."""

    def allows(self, start_us: int, end_us: int) -> bool:
        """Whether footage of that span may be served: it overlaps a window and touches nothing of ``away``."""
        return any(start_us < b and end_us > a for a, b in self.windows) and not any(
            start_us < b and end_us > a for a, b in self.away
        )

    def require_open(self) -> None:
        if self.state is State.REVOKED:
            raise Forbidden(_("Access has been taken back."), code="revoked")
        if self.state is State.ENDED:
            raise Forbidden(_("This viewing has ended. Open the camera again."), code="session_ended")


@dataclass(frozen=True, slots=True)
class News:
    """What one poll found. ``began`` is the monotonic time before its query was sent."""

    began: float
    revocations: list[tuple[int, str, UUID]]
    ended: list[UUID]


def cut(transport: asyncio.Transport) -> None:
    """End a connection now. Lingering is switched off first, so that the kernel drops what it has not sent yet."""
    sock: socket.socket | None = transport.get_extra_info("socket")
    if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6) and not transport.is_closing():
        with contextlib.suppress(OSError):  # the peer has gone already
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()


class Sessions:
    def __init__(self, *, now: Now, monotonic: Monotonic) -> None:
        self._now, self._monotonic = now, monotonic
        self._by_id: dict[UUID, Watched] = {}
        self._revoked_to: dict[Subject, int] = {}
        self._confirmed_at = float("-inf")

    def fresh(self) -> bool:
        """Whether the database confirmed within the last 1.5 s what we believe."""
        return self._monotonic() - self._confirmed_at <= STALE_S

    def age_s(self) -> float:
        return self._monotonic() - self._confirmed_at

    def get(self, session_id: UUID) -> Watched | None:
        return self._by_id.get(session_id)

    def open_ids(self) -> list[UUID]:
        return [watched.id for watched in self._by_id.values() if watched.state is State.OPEN]

    def all(self) -> Iterable[Watched]:
        return self._by_id.values()

    def add(self, watched: Watched) -> Watched:
        """Take in a loaded session. A revocation that came in while it was being loaded still counts."""
        known = self._by_id.get(watched.id)
        if known is not None and known.state is State.OPEN:
            return known
        self._by_id[watched.id] = watched
        watched.used_at = watched.saved_use_at = self._monotonic()
        if any(self._revoked_to.get(subject, 0) > watched.floor for subject in watched.subjects):
            self._close(watched, State.REVOKED)
        return watched

    def touch(self, watched: Watched) -> None:
        watched.used_at = self._monotonic()

    def take(self, news: News) -> None:
        """Apply what a poll found; the confirmation counts from before its query."""
        for number, kind, subject_id in news.revocations:
            self._revoked_to.pop((kind, subject_id), None)  # re-inserted last, so that the oldest is dropped first
            self._revoked_to[(kind, subject_id)] = number
        while len(self._revoked_to) > REMEMBER_REVOCATIONS:
            del self._revoked_to[next(iter(self._revoked_to))]
        if news.revocations:
            self._revoke({(kind, subject_id): number for number, kind, subject_id in news.revocations})
        for session_id in news.ended:
            watched = self._by_id.get(session_id)
            if watched is not None:
                self._close(watched, State.ENDED)
        self._confirmed_at = max(self._confirmed_at, news.began)

    def _revoke(self, numbers: dict[Subject, int]) -> None:
        for watched in self._by_id.values():
            if any(numbers.get(subject, 0) > watched.floor for subject in watched.subjects):
                self._close(watched, State.REVOKED)

    def tick(self) -> None:
        """Every 250 ms: end what is over, cut every transfer where the database has fallen silent, forget the old."""
        now, clock = self._now(), self._monotonic()
        for watched in list(self._by_id.values()):
            if watched.state is State.OPEN and now >= watched.ends_at:
                self._close(watched, State.ENDED)
            over = watched.state is not State.OPEN and clock - watched.closed_at > REMEMBER_S
            # An idle one is only forgotten: another process may serve it, and its row knows when it was last used.
            if over or clock - watched.used_at > IDLE_S:
                del self._by_id[watched.id]
        if not self.fresh():
            for watched in self._by_id.values():
                self._cut_transfers(watched)

    def _close(self, watched: Watched, state: State) -> None:
        if watched.state is State.OPEN or (watched.state is State.ENDED and state is State.REVOKED):
            watched.state = state
            watched.closed_at = self._monotonic()
            watched.memo.clear()
        watched.gone.set()
        self._cut_transfers(watched)

    def _cut_transfers(self, watched: Watched) -> None:
        while watched.transfers:
            cut(watched.transfers.pop())
