"""Files of kept moments that no row speaks of any more: what a kill left between a row and its folder."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction

from backend.lib.clock import EPOCH
from cameras import snapshots
from cameras.models import Snapshot
from neighborhoods import audit
from neighborhoods.access import Actor
from neighborhoods.models import AuditEntry

log = logging.getLogger(__name__)

DRAFT_DEAD_AFTER = timedelta(hours=1)
"""A cut takes seconds, and a worker that stands still for six has lost its claim."""
_GIVEN_UP = ("snapshot.deleted", "snapshot.expired")


def leftovers_sweep(*, actor: Actor, now: datetime) -> int:
    """Remove clips whose moment was given up and drafts of dead workers; gives how many folders went.

    That a row is missing does not prove that somebody gave its moment up: the database may be restored from an older
    copy, or be the wrong one. The audit proves it; without that word a clip stays for the month it may be kept.
    """
    gone: list[UUID] = []
    drafts = 0
    for folder, snapshot_id in _clips():
        if not Snapshot.objects.filter(id=snapshot_id).exists() and (
            _was_given_up(snapshot_id) or _age(folder, now) > snapshots.KEPT_FOR
        ):
            gone += [snapshot_id] * _removed(folder)
    for draft in snapshots.root().glob(".*.*"):
        if draft.is_dir() and _age(draft, now) > DRAFT_DEAD_AFTER:
            drafts += _removed(draft)
    if gone or drafts:
        with transaction.atomic():
            audit.record(
                actor=actor, action="snapshot.swept", subject=("snapshots", "leftovers"), ward_id=None,
                neighborhood_id=None, data={"clips": gone, "drafts": drafts}, now=now,
            )  # fmt: skip
    return len(gone) + drafts


def clip_forget(snapshot_id: UUID) -> None:
    """Remove the clip that a worker finished after its moment had been given up."""
    if not Snapshot.objects.filter(id=snapshot_id).exists():
        shutil.rmtree(snapshots.root() / str(snapshot_id), ignore_errors=True)


def _clips() -> Iterator[tuple[Path, UUID]]:
    """Finished folders. Rows are asked afterwards: a row is born long before its folder."""
    for folder in sorted(snapshots.root().glob("*-*-*-*-*")):
        with suppress(ValueError):
            yield folder, UUID(folder.name)


def _was_given_up(snapshot_id: UUID) -> bool:
    return AuditEntry.objects.filter(action__in=_GIVEN_UP, subject=f"snapshot:{snapshot_id}").exists()


def _age(path: Path, now: datetime) -> timedelta:
    with suppress(FileNotFoundError):
        return now - (EPOCH + timedelta(seconds=path.stat().st_mtime))
    return timedelta()


def _removed(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        log.error("%s cannot be removed", folder)
    return not folder.exists()
