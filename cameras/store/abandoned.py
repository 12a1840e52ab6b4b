"""Slices that stand open though nobody writes them: their recorder died, and no other took the camera over.

The next recorder of a camera brings its last slices to rest (``ingest.aftermath``). A camera that was retired has no
next one, and what has no end never comes of age.
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction

from cameras.models import Slice
from cameras.store.catalog import row_of
from cameras.store.journal import Journal, JournalDamaged
from cameras.store.layout import Pair, alone, pair_of
from cameras.store.recover import name_draft, recover
from neighborhoods import audit
from neighborhoods.access import Actor

log = logging.getLogger(__name__)

DEAD_AFTER = timedelta(hours=1)
"""A slice is about a minute long. So much later no news of it is on its way any more."""
MOST = 500
"""Slices per run."""


def slices_settle(*, actor: Actor, root: Path, node_id: UUID, now: datetime) -> int:
    """Close what was left open on this node, files and rows; gives how many. One audit entry where there were any."""
    left = Slice.objects.filter(node_id=node_id, state=Slice.State.OPEN, starts_at__lt=now - DEAD_AFTER)
    ended = list(_ended(root, left.order_by("starts_at")[:MOST]))
    with transaction.atomic():
        settled = sum(
            left.filter(id=row.id).update(state=row.state, ends_at=row.ends_at, bytes=row.bytes, root=row.root)
            for row in ended
        )
        if settled:
            audit.record(
                actor=actor, action="store.settled", subject=("node", node_id), ward_id=None, neighborhood_id=None,
                data={"slices": settled}, now=now,
            )  # fmt: skip
    return settled


def _ended(root: Path, rows: Iterable[Slice]) -> Iterator[Slice]:
    """The rows as they should be, of slices that are at rest now."""
    for row in rows:
        pair = pair_of(root, root / row.path)
        if pair is None:
            continue
        try:
            name_draft(pair)
            if not _is_written(pair):
                yield _at_rest(pair, row)
        except OSError as error:
            log.error("slice %s was left open and cannot be closed: %s", row.id, error.strerror)


def _is_written(pair: Pair) -> bool:
    journal = pair.index if pair.index.exists() else pair.draft
    with alone(journal) as mine:
        return not mine and journal.exists()


def _at_rest(pair: Pair, row: Slice) -> Slice:
    try:
        recover(pair)
        journal = Journal.open(pair.index)
        if journal.header.slice_id != row.id:
            raise JournalDamaged(pair.index, "header and name differ")
        return row_of(pair, journal, node_id=row.node_id)
    except (JournalDamaged, FileNotFoundError):
        # Nobody can show it, and nobody knows its end: late enough that a hold on any of it counts, and it has one.
        row.state, row.ends_at = Slice.State.RECOVERED, row.starts_at + DEAD_AFTER
        row.bytes = pair.media.stat().st_size if pair.media.exists() else 0
        return row
