"""What ``check_store`` takes out of the store: rows without files, files that nobody can show.

It happens at the end of a walk and only where it is little, because a much larger cause looks the same from near: a
disk that is not mounted, a folder that was moved, a database restored from an older copy. Then a person has to say so
(``force``). Never taken is what a hold covers, and a row's root, the evidence that its journal was not changed, goes to
the audit before the row goes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from uuid import UUID

from django.db import transaction

from cameras.models import Camera, Slice
from cameras.store.layout import quarantine
from cameras.store.retention import hold_over
from neighborhoods import audit
from neighborhoods.access import Actor

FEW = 20
"""So many slices may always go: a third of an hour of one camera."""
SHARE = 0.1
"""Above ``FEW``, this part of all slices."""
BATCH = 200
"""Slices per transaction and audit entry."""


@dataclass(frozen=True, slots=True)
class Parting:
    """One slice that should leave the store."""

    kind: str
    """The finding's."""
    path: str
    detail: str
    slice_id: UUID
    files: tuple[Path, ...] = ()
    """To quarantine, where they exist."""


def is_mass(partings: Sequence[Parting], *, slices: int, rows: int) -> bool:
    """Whether so much would go that somebody should look first: of ``slices`` that were compared, or every one of the
    ``rows``."""
    missing = sum(not parting.files for parting in partings)
    return len(partings) > max(FEW, SHARE * slices) or (missing > 0 and missing == rows)


def slices_part(*, actor: Actor, root: Path, partings: Sequence[Parting], now: datetime) -> set[UUID]:
    """Delete the rows with an audit entry, then quarantine the files; gives the slices that stay because they are held.

    A kill between the two leaves files without a row, which the next walk finds again.
    """
    stays: set[UUID] = set()
    for start in range(0, len(partings), BATCH):
        batch = partings[start : start + BATCH]
        with transaction.atomic():
            held = _drop_rows(actor, batch, now)
        for parting in batch:
            if parting.slice_id not in held:
                for path in parting.files:
                    if path.exists():
                        quarantine(root, path)
        stays |= held
    return stays


def _drop_rows(actor: Actor, batch: Sequence[Parting], now: datetime) -> set[UUID]:
    rows = Slice.objects.filter(id__in=[parting.slice_id for parting in batch])
    # As in retention: a hold locks its camera's row, so none slips in between the question and the deletion.
    cameras = Camera.objects.filter(id__in=rows.values("camera_id"))
    list(cameras.select_for_update().order_by("id").values_list("id"))
    held = set(rows.filter(hold_over(now)).values_list("id", flat=True))
    gone = list(rows.exclude(id__in=held).select_related("camera__neighborhood"))
    rows.filter(id__in=[row.id for row in gone]).delete()
    acts = list(_acts(gone))
    if acts:
        audit.record_all(actor=actor, acts=acts, now=now)
    return held


def _acts(gone: Iterable[Slice]) -> Iterable[audit.Act]:
    """One entry per neighborhood."""
    for neighborhood_id, group in groupby(sorted(gone, key=_place), key=_place):
        rows = list(group)
        yield audit.Act(
            action="footage.lost", subject=("neighborhood", neighborhood_id),
            ward_id=rows[0].camera.neighborhood.ward_id, neighborhood_id=neighborhood_id,
            data={
                "slices": len(rows), "cameras": sorted({row.camera_id for row in rows}),
                "from": min(row.starts_at for row in rows), "to": max(row.ends_at or row.starts_at for row in rows),
                "roots": {str(row.id): row.root for row in rows},
            },
        )  # fmt: skip


def _place(row: Slice) -> UUID:
    return row.camera.neighborhood_id
