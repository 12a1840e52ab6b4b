"""What is to be written about sockets, in batches and by a thread of its own: who was sent what, has it, is here.

Kept in memory until it is written, so that a database that pauses or a busy writer holds up no broadcast; bounded, so
that one that stays away costs no more than ``MOST`` notes. Written to the end before the process goes.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection

from backend.lib.clock import Now
from cameras.playback.rows import keeping_connection
from notifications import deliveries
from notifications.deliveries import Note, What
from notifications.hub import rows

log = logging.getLogger(__name__)

T = TypeVar("T")

EVERY_S = 0.25
MOST = 1_000_000
"""Alerts times devices that wait to be written: 8 MB."""
AT_ONCE = 2_000
"""So many are merged and written in one turn: a broadcast that begins meanwhile shares the processor with no more."""
MOST_TRIES = 3
"""Of claims, while the database answers. They are what phones say: whatever is wrong with them holds up nobody."""
LONGEST_COURTESY_S = 2.0
REMEMBERED_ALERTS = 1_000


@dataclass(frozen=True, slots=True)
class Claim:
    """What a phone says it has. It counts where the alert was told on a stream the phone reads."""

    what: What
    alert_ids: Sequence[UUID]
    device_id: UUID
    stream_ids: Collection[UUID]
    at: datetime


class Notes:
    """``busy`` says that a broadcast is on its way, which goes before."""

    def __init__(self, *, now: Now, busy: Callable[[], bool]) -> None:
        self._now, self._busy = now, busy
        self._notes: deque[Note] = deque()
        self._claims: deque[Claim] = deque()
        self._seen: set[UUID] = set()
        self._taken = self._written = 0  # each counted by one thread
        self._streams_of: dict[UUID, frozenset[UUID]] = {}
        self._stopping = threading.Event()
        self._failing = self._full = False
        self._failed_claims = 0
        self._thread = threading.Thread(target=self._run, name="hub-notes", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 3.0) -> None:
        """Write what is there, if the database lets us."""
        self._stopping.set()
        self._thread.join(timeout_s)

    def sent(self, alert_id: UUID, device_ids: Sequence[UUID], at: datetime) -> None:
        self._keep(self._notes, Note("sent", alert_id, device_ids, at), len(device_ids))

    def claimed(self, claim: Claim) -> None:
        if claim.alert_ids:  # an empty one would cost memory that nothing counts
            self._keep(self._claims, claim, len(claim.alert_ids))

    def seen(self, device_ids: Collection[UUID]) -> None:
        """These devices signed in: their ``last_seen_at`` is due. From any thread."""
        self._seen.update(device_ids)

    def _keep(self, kept: deque[T], what: T, count: int) -> None:
        waiting = self._taken - self._written
        if waiting + count > MOST:
            if not self._full:
                log.error("%d notes of deliveries wait; further ones are lost", waiting)
            self._full = True
            return
        self._taken += count
        kept.append(what)

    def _run(self) -> None:
        while not self._stopping.wait(EVERY_S):
            self._let_pass()
            while self.run_once() and not self._stopping.is_set():
                self._let_pass()
        while self.run_once():
            pass
        connection.close()

    def _let_pass(self) -> None:
        until = time.monotonic() + LONGEST_COURTESY_S
        while self._busy() and time.monotonic() < until and not self._stopping.is_set():
            self._stopping.wait(0.02)

    def run_once(self) -> bool:
        """Write the oldest; True where there is more. What the database refuses stays for the next turn.

        What we know ourselves goes first and apart from what phones say. What comes meanwhile waits for the next batch.
        """
        notes, claims, seen = self._oldest(), self._oldest_claims(), set(islice(self._seen.copy(), AT_ONCE))
        more = len(self._claims) > len(claims) or len(self._seen) > len(seen)
        wrote = self._write_sent(notes, seen) and self._write_claims(claims)
        return wrote and (more or bool(self._notes))

    def _write_sent(self, notes: list[Note], seen: set[UUID]) -> bool:
        try:
            if notes:
                keeping_connection(lambda: deliveries.deliveries_note(notes))
            if seen:
                keeping_connection(lambda: rows.touch(seen, self._now()))
        except (DatabaseError, InterfaceError, OSError) as error:
            self._wait(error)
            return False
        self._drop(self._notes, len(notes), sum(len(note.device_ids) for note in notes))
        self._seen -= seen
        return True

    def _write_claims(self, claims: list[Claim]) -> bool:
        count = sum(len(claim.alert_ids) for claim in claims)
        try:
            if claims:
                keeping_connection(lambda: deliveries.deliveries_note(self._believed(claims)))
        except (DatabaseError, InterfaceError, OSError) as error:
            if not self._is_the_claims_fault():
                self._wait(error)
                return False
            log.warning("%d notes of what phones have are lost: %s", count, type(error).__name__)
        self._drop(self._claims, len(claims), count)
        self._failing = self._full = False
        self._failed_claims = 0
        return True

    def _is_the_claims_fault(self) -> bool:
        """Whether the same claims failed for the third time, the database having answered after each."""
        try:
            keeping_connection(rows.answers)
        except (DatabaseError, InterfaceError, OSError):
            return False
        self._failed_claims += 1
        return self._failed_claims >= MOST_TRIES

    def _wait(self, error: Exception) -> None:
        if not self._failing:
            log.warning("deliveries wait: %s", type(error).__name__)
        self._failing = True

    def _drop(self, kept: "deque[Note] | deque[Claim]", items: int, count: int) -> None:
        for _ in range(items):
            kept.popleft()
        self._written += count

    def _oldest(self) -> list[Note]:
        notes, count = [], 0
        for note in list(self._notes):
            notes.append(note)
            count += len(note.device_ids)
            if count >= AT_ONCE:
                break
        return notes

    def _oldest_claims(self) -> list[Claim]:
        claims, count = [], 0
        for claim in list(islice(self._claims, AT_ONCE)):  # none is empty
            claims.append(claim)
            count += len(claim.alert_ids)
            if count >= AT_ONCE:
                break
        return claims

    def _believed(self, claims: list[Claim]) -> list[Note]:
        self._look_up(claims)
        return [
            Note(claim.what, alert_id, (claim.device_id,), claim.at)
            for claim in claims
            for alert_id in claim.alert_ids
            if self._was_told(alert_id, claim)
        ]

    def _was_told(self, alert_id: UUID, claim: Claim) -> bool:
        return not self._streams_of.get(alert_id, frozenset()).isdisjoint(claim.stream_ids)

    def _look_up(self, claims: list[Claim]) -> None:
        """Ask on which streams alerts were told, where what we know does not cover a claim."""
        wanted = {each for claim in claims for each in claim.alert_ids if not self._was_told(each, claim)}
        if not wanted:
            return
        if len(self._streams_of) > REMEMBERED_ALERTS:
            self._streams_of.clear()
        self._streams_of |= rows.streams_told(wanted)
