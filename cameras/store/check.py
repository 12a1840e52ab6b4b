"""Proof that rows = files = journals, and repair of what a kill or a power cut left.

Never touches a slice that a recorder writes now: its journal is locked (``layout.alone``), and what is younger than
``SETTLE_S`` is left for the next run, because its news may still be on the way to the database.

Nothing that holds footage is deleted here. What belongs to nobody goes to ``quarantine/``; only retention deletes. What
leaves the store leaves it together at the end (``parting.py``): over a wrong or empty folder nothing does.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction

from cameras.models import Camera, Slice
from cameras.store import recover
from cameras.store.catalog import row_of
from cameras.store.journal import Journal, JournalDamaged
from cameras.store.layout import Pair, alone, camera_ids, pairs, quarantine, strangers
from cameras.store.marker import store_claim
from cameras.store.parting import Parting, is_mass, slices_part
from neighborhoods import audit
from neighborhoods.access import Actor

SETTLE_S = 30.0


@dataclass(frozen=True, slots=True)
class Finding:
    kind: str
    """A stable word, such as ``recovered`` or ``row_without_files``; ``docs/design/store.md`` lists them."""
    subject: str
    """The slice's path, relative to the store."""
    detail: str
    repaired: bool


@dataclass(slots=True)
class Report:
    findings: list[Finding] = field(default_factory=list)
    slices: int = 0
    """Slices whose files, journal and row were compared."""
    writing: int = 0
    """Left alone: a recorder writes there, or they are too young."""
    withheld: int = 0
    """Slices that would have left the store, had they not been so many."""

    @property
    def unrepaired(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.repaired]


def store_check(
    *, actor: Actor, root: Path, node_id: UUID, now: datetime, repair: bool = True, hashes: bool = False,
    force: bool = False, settle_s: float = SETTLE_S, wall: Callable[[], float] = time.time,
) -> Report:  # fmt: skip
    """Compare everything on this node; repair unless told not to. ``hashes`` reads every byte of footage as well.

    ``force`` is a person's word that this is the store, and that what is missing in it is gone. Without it
    ``NotThisStore`` is raised over a wrong folder, and slices that would leave in a mass stay. A run that repaired
    something leaves one audit entry with the counts by kind.
    """
    store_claim(root, node_id, force=force, write=repair)
    check = _Check(root, node_id, repair, hashes, wall() - settle_s)
    check.run()
    check.part(actor, force=force, now=now)
    if any(finding.repaired for finding in check.report.findings):
        counts = Counter(finding.kind for finding in check.report.findings)
        with transaction.atomic():
            audit.record(
                actor=actor, action="store.checked", subject=("node", node_id), ward_id=None, neighborhood_id=None,
                data={**counts, "unrepaired": len(check.report.unrepaired)}, now=now,
            )  # fmt: skip
    return check.report


class _Check:
    def __init__(self, root: Path, node_id: UUID, repair: bool, hashes: bool, settled: float) -> None:
        self.root, self.node_id = root, node_id
        self.repair, self.hashes, self.settled = repair, hashes, settled
        self.report = Report()
        self.rows: dict[UUID, Slice] = {}
        """Of the camera in hand: a city's node has millions."""
        self.known = False
        """Whether the camera in hand has a row."""
        self.partings: list[Parting] = []
        self.slices = self.settled_rows = 0  # of all cameras, for judging what is much

    def part(self, actor: Actor, *, force: bool, now: datetime) -> None:
        """Let what was found to leave the store leave it, unless it is too much."""
        mass = is_mass(self.partings, slices=self.slices, rows=self.settled_rows) and not force
        goes = self.repair and not mass
        self.report.withheld = len(self.partings) if self.repair and mass else 0
        held = slices_part(actor=actor, root=self.root, partings=self.partings, now=now) if goes else set()
        for one in self.partings:
            detail = f"{one.detail}, held" if one.slice_id in held else one.detail
            self._note(one.kind, one.path, detail, goes and one.slice_id not in held)

    def run(self) -> None:
        rows = Slice.objects.filter(node_id=self.node_id).order_by().values_list("camera_id", flat=True)
        for camera_id in sorted({*camera_ids(self.root), *rows.distinct()}):
            self._camera(camera_id)
        for path in strangers(self.root):
            if path.stat().st_mtime < self.settled:
                self._note("stranger", path.relative_to(self.root).as_posix(), "no file of the store", self._away(path))

    def _camera(self, camera_id: UUID) -> None:
        # Files are listed before rows are read: a row is born after its files and dies after them, so a file that
        # has no row now had none when it was listed either, unless it is young.
        files = pairs(self.root, camera_id)
        self.known = Camera.objects.filter(id=camera_id).exists()
        self.rows = {row.id: row for row in Slice.objects.filter(node_id=self.node_id, camera_id=camera_id)}
        for pair in files:
            self._pair(pair)
        seen = {pair.slice_id for pair in files}
        self.slices += len(seen | self.rows.keys())
        self.settled_rows += sum(row.starts_at.timestamp() < self.settled for row in self.rows.values())
        self._rows_without_files(row for row in self.rows.values() if row.id not in seen)

    def _pair(self, pair: Pair) -> None:
        if not self._is_settled(pair):
            self.report.writing += 1
        elif not self.known:
            self._part("unknown_camera", pair, str(pair.camera_id))
        elif self._is_whole(pair):
            self._journal(pair)

    def _is_settled(self, pair: Pair) -> bool:
        """Nobody writes there, and nobody did just now."""
        try:
            newest = max(path.stat().st_mtime for path in (pair.media, pair.index, pair.draft) if path.exists())
        except (FileNotFoundError, ValueError):
            return False  # retention was faster
        if newest >= self.settled:
            return False
        journal = pair.index if pair.index.exists() else pair.draft
        if not journal.exists():
            return True
        with alone(journal) as mine:
            return mine

    def _is_whole(self, pair: Pair) -> bool:
        """Media and journal are both there. A draft of a journal is one that was never renamed."""
        if self.repair:
            recover.name_draft(pair)
        if pair.media.exists() and pair.index.exists():
            return True
        if pair.media.exists() and pair.slice_id in self.rows:
            # What retention leaves when it is killed: journal first, then media, then row. Its next run goes on. If it
            # was not retention, then this is footage, and perhaps held: a person has to look.
            self._note("journal_missing", pair.path, "row and media stand without their journal", False)
        elif pair.media.exists():
            self._part("orphan_media", pair, "media without journal and row")
        else:
            self._part("orphan_index", pair, "journal without media")
        return False

    def _journal(self, pair: Pair) -> None:
        try:
            journal = Journal.open(pair.index)
            header = journal.header
            named = (pair.camera_id, pair.rendition, pair.generation, pair.slice_id)
            if named != (header.camera_id, header.rendition, header.generation, header.slice_id):
                raise JournalDamaged(pair.index, "header and name differ")
        except JournalDamaged as error:
            self._part("journal_damaged", pair, error.why)
            return
        self.report.slices += 1
        if journal.close is None:
            recovered = self._recover(pair)
            if recovered is None:
                return
            journal = recovered
        else:
            self._closed(pair, journal)
        if not journal.fragments:
            self._part("empty", pair, "no whole fragment")
            return
        self._init(pair, journal)
        self._row(pair, journal)

    def _recover(self, pair: Pair) -> Journal | None:
        if not self.repair:
            self._note("left_open", pair.path, "no close record and no writer", False)
            return None
        result = recover.recover(pair)
        if result is None:
            return None
        detail = f"cut {result.cut_bytes} bytes, lost {len(result.lost)} fragments, late {len(result.late)}"
        self._note("recovered", pair.path, detail, True)
        for record in result.damaged:
            self._note("hash_mismatch", pair.path, f"fragment at {record.offset}", False)
        return result.journal

    def _closed(self, pair: Pair, journal: Journal) -> None:
        close = journal.close
        size = pair.media.stat().st_size
        if close is None or (close.length, close.root) != (journal.media_length, journal.root()):
            self._note("root_mismatch", pair.path, "close record and journal differ", False)
        elif size != close.length:
            self._note("size_mismatch", pair.path, f"media of {size} bytes instead of {close.length}", False)
        if self.hashes:
            for record in recover.mismatches(journal, pair.media):
                self._note("hash_mismatch", pair.path, f"fragment at {record.offset}", False)

    def _init(self, pair: Pair, journal: Journal) -> None:
        try:
            if self.repair and recover.keep_init(self.root, journal, pair.media):
                self._note("init_missing", pair.path, journal.header.init_hash, True)
        except ValueError as error:
            self._note("init_damaged", pair.path, str(error), False)

    def _row(self, pair: Pair, journal: Journal) -> None:
        wanted = row_of(pair, journal, node_id=self.node_id)
        row = self.rows.get(pair.slice_id)
        if row is None:
            if self.repair:
                # The recorder's parent may insert the same row at this moment: whoever is first wins.
                Slice.objects.bulk_create([wanted], ignore_conflicts=True)
            self._note("file_without_row", pair.path, "row written from the journal", self.repair)
            return
        differing = [name for name in _COMPARED if getattr(row, name) != getattr(wanted, name)]
        if not differing:
            return
        if row.root and row.root != wanted.root:  # a root in a row is evidence: the journal was changed after it
            self._note("row_root_differs", pair.path, f"row {row.root}, journal {wanted.root}", False)
            return
        if self.repair:
            Slice.objects.filter(id=row.id).update(**{name: getattr(wanted, name) for name in differing})
        self._note("row_completed", pair.path, ", ".join(differing), self.repair)

    def _rows_without_files(self, rows: Iterable[Slice]) -> None:
        for row in rows:
            if row.starts_at.timestamp() >= self.settled or (self.root / row.path).exists():
                continue
            self.partings.append(Parting("row_without_files", row.path, row.starts_at.isoformat(), row.id))

    def _part(self, kind: str, pair: Pair, detail: str) -> None:
        files = (pair.media, pair.index, pair.draft)
        self.partings.append(Parting(kind, pair.path, detail, pair.slice_id, files))

    def _away(self, path: Path) -> bool:
        if self.repair:
            quarantine(self.root, path)
        return self.repair

    def _note(self, kind: str, subject: str, detail: str, repaired: bool) -> None:
        self.report.findings.append(Finding(kind, subject, detail, repaired))


_COMPARED = (
    "camera_id", "rendition", "node_id", "generation", "path", "init_hash", "mask_version", "media_sequence",
    "discontinuity_sequence", "state", "starts_at", "ends_at", "bytes", "root",
)  # fmt: skip
