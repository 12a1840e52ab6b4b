"""After losing the database: the recordings' rows from the files alone.

Cameras, people and the audit come from their own backup; footage of cameras that are not in it is quarantined, because
nobody could say who may see it.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from cameras.models import RecorderLease, Rendition, Slice
from cameras.store.check import SETTLE_S, Report, store_check
from neighborhoods import audit
from neighborhoods.access import Actor


@dataclass(frozen=True, slots=True)
class Rebuilt:
    report: Report
    rows: int
    """Rows written."""
    leases: int
    """Leases whose generation was raised."""


def index_rebuild(
    *, actor: Actor, root: Path, node_id: UUID, now: datetime, force: bool = False, settle_s: float = SETTLE_S
) -> Rebuilt:  # fmt: skip
    """Write the row of every slice on this node that has none, and raise each lease to the highest generation on disk:
    a recorder that started again at 1 would lose to its own past in every playlist. May run beside recorders.

    ``force`` and ``NotThisStore`` as in ``store_check``."""
    report = store_check(actor=actor, root=root, node_id=node_id, now=now, force=force, settle_s=settle_s)
    rows = sum(finding.kind == "file_without_row" for finding in report.findings)
    with transaction.atomic():
        leases = _raise_generations()
        audit.record(
            actor=actor, action="store.rebuilt", subject=("node", node_id), ward_id=None, neighborhood_id=None,
            data={"rows": rows, "leases": leases}, now=now,
        )  # fmt: skip
    return Rebuilt(report, rows, leases)


def _raise_generations() -> int:
    raised = 0
    for found in Slice.objects.values("camera_id", "rendition").annotate(top=Max("generation")).order_by():
        for rendition in Rendition.objects.filter(camera_id=found["camera_id"], name=found["rendition"]):
            lease, _ = RecorderLease.objects.get_or_create(rendition=rendition)
            raised += RecorderLease.objects.filter(pk=lease.pk, generation__lt=found["top"]).update(
                generation=found["top"]
            )  # fmt: skip
    return raised
