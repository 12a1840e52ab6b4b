"""The recorder's dealings with the database, in a thread of their own: leases, roster, rows.

A database that is slow or away holds up this thread and nothing else: workers go on recording while their deadlines
last. ``run`` survives, ``run_once`` fails. What it decides it hands to ``decide`` (thread-safe) as one of the
dataclasses below; what workers say comes in by ``note``.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from backend.lib import clock
from cameras.ingest import rows
from cameras.ingest.holder import Holder
from cameras.ingest.leases import RENEW_S, VALID_S, leases_inherit, leases_release, leases_renew, leases_take
from cameras.ingest.pipe import Message
from cameras.ingest.roster import Job, roster
from cameras.store.journal import Journal

log = logging.getLogger(__name__)

LOOK_S, LOOK_NUDGED_S = 1.5, 4.0
"""Between two looks at the roster, without and with nudges over Redis, which bring the next one forward. A look costs
what recording three cameras does; a nudge that is lost must still be made good within five seconds."""


@dataclass(frozen=True, slots=True)
class Begin:
    """Record this, under this generation, till this deadline (monotonic) unless it is renewed."""

    job: Job
    generation: int
    deadline: float


@dataclass(frozen=True, slots=True)
class Cease:
    """Stop recording; ``Ceased`` is expected back."""

    key: str


@dataclass(frozen=True, slots=True)
class Renewed:
    deadlines: dict[str, float]


Decision = Begin | Cease | Renewed


@dataclass(frozen=True, slots=True)
class Ceased:
    """No worker records this any more."""

    key: str


@dataclass(frozen=True, slots=True)
class Settled:
    """A dead worker's slices have been closed on disk."""

    journals: list[Journal]


Note = Message | Ceased | Settled


class Bookkeeper:
    """``start``, ``note``, ``look`` (now), ``stop`` (writes what is left and gives the leases back)."""

    def __init__(
        self, *, holder: Holder, store: Path, node_id: Callable[[], UUID], decide: Callable[[Decision], None],
        now: clock.Now = clock.now, monotonic: clock.Monotonic = time.monotonic,
    ) -> None:  # fmt: skip
        self._lock, self._holder, self._store = holder, holder.name, store
        self._find_node = node_id
        self._decide = decide
        self._now, self._monotonic = now, monotonic
        self._notes: queue.SimpleQueue[Note] = queue.SimpleQueue()
        self._settled: list[Journal] = []
        self._jobs: dict[str, Job] = {}  # those whose lease is ours
        self._ceasing: set[str] = set()
        self._rows: rows.Rows | None = None
        self._renewed_at = float("-inf")
        self._looked_at = float("-inf")
        self._stopping = threading.Event()
        self._wanted = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bookkeeper", daemon=True)
        self._nudged = False
        self.worked_at = monotonic()
        """When the database last took everything."""

    def start(self) -> None:
        self._thread.start()

    def note(self, note: Note) -> None:
        self._notes.put(note)

    def look(self) -> None:
        """Something changed: look at the roster now."""
        self._looked_at = float("-inf")
        self._wanted.set()

    def listening(self, nudged: bool) -> None:
        """Whether nudges come: looks can then be rarer."""
        self._nudged = nudged

    def stop(self, timeout_s: float) -> bool:
        """True where the leases have been given back in time."""
        self._stopping.set()
        self._wanted.set()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                self._gather(0.5 if not failures else 1.0)
                self.run_once()
                failures = 0
            except (DatabaseError, InterfaceError, OSError) as error:
                failures += 1
                log.warning("the database does not take it (%s): %s", type(error).__name__, str(error).split("\n")[0])
                close_old_connections()
            except Exception:
                failures += 1
                log.exception("bookkeeping failed")
                close_old_connections()
        self._finish()

    def run_once(self) -> None:
        """One round. Raises what the database raises; everything is then still to do."""
        if self._rows is None:
            self._node = self._find_node()
            self._rows = rows.Rows(self._node)
        now = self._monotonic()
        if now - self._renewed_at >= RENEW_S:
            self._renew()
        if self._settled:
            rows.settled(self._settled, self._store, self._node)
            self._settled.clear()
        self._rows.write(self._now())
        if self._inherit() or now - self._looked_at >= (LOOK_NUDGED_S if self._nudged else LOOK_S):
            self._looked_at = now
            self._compare(roster(self._node))
        self.worked_at = self._monotonic()

    def _gather(self, seconds: float) -> None:
        """Wait ``seconds``, or until somebody asks for a look, and take the notes that have come meanwhile."""
        self._wanted.wait(seconds)
        self._wanted.clear()
        with suppress(queue.Empty):
            while True:
                self._take(self._notes.get_nowait())

    def _take(self, note: Note) -> None:
        if isinstance(note, Ceased):
            self._ceased(note.key)
        elif isinstance(note, Settled):
            self._settled += note.journals
        elif self._rows is not None:
            self._rows.take(note, self._now())

    def _ceased(self, key: str) -> None:
        """A worker has let go; the lease goes back, and the roster says whether it is taken anew."""
        self._ceasing.discard(key)
        if self._jobs.pop(key, None) is not None:
            if self._rows is not None:
                self._rows.left(key)
            self._looked_at = float("-inf")
            leases_release(holder=self._holder, keys=[key], now=self._now())

    def _renew(self) -> None:
        asked_at = self._monotonic()
        held = leases_renew(holder=self._holder, now=self._now())
        self._renewed_at = asked_at
        strays = held.keys() - self._jobs.keys()  # given up while the database was away
        if strays:
            leases_release(holder=self._holder, keys=strays, now=self._now())
        self._decide(Renewed({key: asked_at + VALID_S for key in held}))
        for key in self._jobs.keys() - held.keys():
            log.warning("the lease of rendition %s has passed to another recorder", key)
            self._cease(key)

    def _inherit(self) -> bool:
        """Another recorder of this machine was killed: its leases need not run out."""
        gone = self._lock.gone()
        for name in gone:
            log.warning("recorder %s is gone; its cameras are taken over", name)
            leases_inherit(holder=name, now=self._now())
            self._lock.forget(name)
        return bool(gone)

    def _cease(self, key: str) -> None:
        if key not in self._ceasing:
            self._ceasing.add(key)
            self._decide(Cease(key))

    def _compare(self, wanted: dict[str, Job]) -> None:
        for key, job in self._jobs.items():
            if wanted.get(key) != job:
                self._cease(key)
        free = [key for key in wanted if key not in self._jobs]
        asked_at = self._monotonic()
        for key, generation in leases_take(holder=self._holder, keys=free, now=self._now()).items():
            self._jobs[key] = wanted[key]
            self._decide(Begin(wanted[key], generation, asked_at + VALID_S))

    def _finish(self) -> None:
        """The last news of the workers, then the leases: nobody has to wait ten seconds for a recorder that ended."""
        try:
            with suppress(queue.Empty):
                while True:
                    self._take(self._notes.get_nowait())
            if self._rows is not None:
                self._rows.write(self._now())
            leases_release(holder=self._holder, keys=list(self._jobs), now=self._now())
        except (DatabaseError, InterfaceError) as error:
            log.warning("not everything could be written at the end: %s", type(error).__name__)
        finally:
            connection.close()
