"""Deleting footage: by age, by bytes per camera, and by bytes in all with headroom kept free. A hold beats them all.

By bytes in all, cameras above their fair share pay first; within that, and within each camera, the oldest goes first.

Order, chosen so that a kill at any point leaves nothing dangling:

1. journal: from here on no playlist lists the slice and no media URL passes the check against the journal;
2. media;
3. ``fsync`` of the folder, else a power cut could bring back files whose row is gone;
4. row and audit entry, in one transaction that has held the cameras' rows since before the holds were asked.

After a kill between 1 and 4 the row is still there and still due, so the next run goes on with it; files that are
already gone are no error. (Rows first would leave footage that nobody deletes; media first would leave playlists that
list what is gone.)
"""

import logging
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from cameras.models import Camera, Hold, Rendition, Slice
from cameras.store.abandoned import slices_settle
from cameras.store.layout import INDEX, alone, fsync_path, prune
from cameras.store.marker import store_present
from neighborhoods import audit
from neighborhoods.access import Actor

log = logging.getLogger(__name__)

BATCH = 500
"""Slices per transaction: on SQLite nobody else writes meanwhile."""

_PRUNE_AFTER = timedelta(days=2)
"""A day's folder is removed when no recorder can be about to write there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    max_bytes: int = 0
    """All footage of this node; 0 is no limit."""
    headroom_bytes: int = 0
    """To keep free on the disk."""


@dataclass(slots=True)
class Removed:
    slices: int = 0
    bytes: int = 0
    by_reason: dict[str, int] = field(default_factory=dict)
    """``age``, ``camera_bytes``, ``store_bytes`` → slices."""
    short_bytes: int = 0
    """What is still missing to the limits, because the rest is held or being written."""
    room_bytes: int = 0
    """What was left within the limits before anything was deleted for want of room."""


def hold_over(now: datetime) -> Exists:
    """For filtering slices: a hold in force at ``now`` that overlaps the slice. A slice without an end may reach to
    the present."""
    ends_at = Coalesce(OuterRef("ends_at"), Value(now, DateTimeField()))
    return Exists(
        Hold.objects.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=now), released_at__isnull=True,
            camera_id=OuterRef("camera_id"), starts_at__lt=ends_at, ends_at__gt=OuterRef("starts_at"),
        )
    )  # fmt: skip


def held(camera_id: UUID, starts_at: datetime, ends_at: datetime, *, now: datetime) -> bool:
    """Whether a hold in force covers any of ``[starts_at, ends_at)`` of a camera."""
    in_force = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    return Hold.objects.filter(
        in_force, camera_id=camera_id, released_at__isnull=True, starts_at__lt=ends_at, ends_at__gt=starts_at
    ).exists()  # fmt: skip


def free_bytes(root: Path) -> int:
    return shutil.disk_usage(root).free


def retention_run(
    *, actor: Actor, root: Path, node_id: UUID, limits: Limits, now: datetime,
    free: Callable[[Path], int] = free_bytes,
) -> Removed:  # fmt: skip
    """Delete what is due on this node, oldest first; gives what was removed. Open slices are never touched, once
    those are closed that a dead recorder left open.

    Raises ``NotThisStore`` where the store is not there: rows would go, and their footage come back with the disk.
    """
    store_present(root, node_id)
    slices_settle(actor=actor, root=root, node_id=node_id, now=now)
    run = _Run(actor, root, node_id, now)
    cameras = Camera.objects.select_related("neighborhood__legal_record")
    for camera in cameras.filter(Exists(Slice.objects.filter(camera_id=OuterRef("pk"), node_id=node_id))):
        run.by_age(camera)
        run.by_camera_bytes(camera)
    run.by_store_bytes(limits, free(root))
    return run.removed


def above_share(sizes: Mapping[UUID, int], room: int) -> dict[UUID, int]:
    """What each camera has above its fair share of ``room``, an equal part for each that has footage here.

    While anybody is above, those below lose nothing: a camera that records at twenty times the others' rate shortens
    its own past and not theirs.
    """
    share = max(0, room) // max(1, len(sizes))
    return {camera_id: size - share for camera_id, size in sizes.items() if size > share}


class _Run:
    def __init__(self, actor: Actor, root: Path, node_id: UUID, now: datetime) -> None:
        self.actor, self.root, self.node_id, self.now = actor, root, node_id, now
        self.removed = Removed()
        self.finished = Slice.objects.filter(node_id=node_id).exclude(state=Slice.State.OPEN)

    def by_age(self, camera: Camera) -> None:
        until = self.now - timedelta(hours=camera.kept_hours)
        # What has ended by then has begun by then: naming both, and the renditions, lets the index find the few due.
        due = self.finished.filter(
            camera=camera, rendition__in=Rendition.Name.values, starts_at__lte=until, ends_at__lte=until
        ).exclude(hold_over(self.now))  # fmt: skip
        self._delete(due.order_by("starts_at").values_list("id", flat=True), "age")

    def by_camera_bytes(self, camera: Camera) -> None:
        if camera.retention_bytes is not None:
            own = self.finished.filter(camera=camera)
            self._free(own, _bytes_of(own) - camera.retention_bytes, "camera_bytes")

    def by_store_bytes(self, limits: Limits, free: int) -> None:
        sizes = dict(self.finished.values_list("camera_id").annotate(Sum("bytes")).order_by())
        total = sum(sizes.values())
        missing = limits.headroom_bytes - free
        if limits.max_bytes:
            missing = max(missing, total - limits.max_bytes)
        self.removed.room_bytes = max(0, -missing)
        above = above_share(sizes, total - missing)
        freed = self._free(self.finished.filter(camera__in=above), missing, "store_bytes", above)
        freed += self._free(self.finished, missing - freed, "store_bytes")
        self.removed.short_bytes = max(0, missing - freed)
        if self.removed.short_bytes:
            log.error("store is %d bytes over its limits and the rest is held", self.removed.short_bytes)

    def _free(
        self, slices: "QuerySet[Slice]", wanted: int, reason: str, above: Mapping[UUID, int] | None = None
    ) -> int:  # fmt: skip
        """Delete the oldest that nobody holds until ``wanted`` bytes are free; gives how many were. ``above``: of each
        camera only until so many bytes of it are gone."""
        if wanted <= 0:
            return 0
        left = dict(above) if above is not None else None
        chosen: list[UUID] = []
        found = 0
        unheld = slices.exclude(hold_over(self.now)).order_by("starts_at").values_list("id", "camera_id", "bytes")
        for slice_id, camera_id, size in unheld.iterator():
            if found >= wanted:
                break
            if left is not None:
                if left[camera_id] <= 0:
                    continue
                left[camera_id] -= size
            chosen.append(slice_id)
            found += size
        before = self.removed.bytes
        self._delete(chosen, reason)
        return self.removed.bytes - before

    def _delete(self, slice_ids: Iterable[UUID], reason: str) -> None:
        chosen = list(slice_ids)
        for start in range(0, len(chosen), BATCH):
            with transaction.atomic():
                self._delete_batch(chosen[start : start + BATCH], reason)

    def _delete_batch(self, chosen: list[UUID], reason: str) -> None:
        # A hold locks its camera's row before it is inserted, and so do we before we ask: none can slip in between.
        cameras = Slice.objects.filter(id__in=chosen).values("camera_id")
        list(Camera.objects.select_for_update().filter(id__in=cameras).order_by("id").values_list("id"))
        due = Slice.objects.filter(id__in=chosen).exclude(hold_over(self.now)).select_related("camera__neighborhood")
        gone = [row for row in due if self._unlink(self.root / row.path)]
        folders = {(self.root / row.path).parent for row in gone}
        for folder in folders:
            if folder.exists():
                fsync_path(folder)
        Slice.objects.filter(id__in=[row.id for row in gone]).delete()
        self._count(gone, reason)
        self._record(gone, reason)
        keep_from = (self.now - _PRUNE_AFTER).strftime("%Y%m%d")
        for folder in folders:
            if folder.name < keep_from:
                prune(self.root, folder)

    def _unlink(self, media: Path) -> bool:
        """Journal, then media. A row says that it is closed, and its journal's lock that nobody writes: both count."""
        index = media.with_suffix(INDEX)
        with alone(index) as mine:
            if not mine and index.exists():
                return False
            index.unlink(missing_ok=True)
            media.unlink(missing_ok=True)
        return True

    def _count(self, gone: list[Slice], reason: str) -> None:
        self.removed.slices += len(gone)
        self.removed.bytes += sum(row.bytes for row in gone)
        if gone:
            self.removed.by_reason[reason] = self.removed.by_reason.get(reason, 0) + len(gone)

    def _record(self, gone: list[Slice], reason: str) -> None:
        """One entry per neighborhood and batch: what was deleted, why, and over which time."""
        acts = []
        for neighborhood_id, group in groupby(sorted(gone, key=_place), key=_place):
            rows = list(group)
            acts.append(
                audit.Act(
                    action="footage.deleted", subject=("neighborhood", neighborhood_id),
                    ward_id=rows[0].camera.neighborhood.ward_id, neighborhood_id=neighborhood_id,
                    data={
                        "reason": reason, "slices": len(rows), "bytes": sum(row.bytes for row in rows),
                        "cameras": sorted({row.camera_id for row in rows}),
                        "from": min(row.starts_at for row in rows),
                        "to": max(row.ends_at or row.starts_at for row in rows),
                    },
                )
            )  # fmt: skip
        if acts:
            audit.record_all(actor=self.actor, acts=acts, now=self.now)


def _place(row: Slice) -> UUID:
    return row.camera.neighborhood_id


def _bytes_of(slices: "QuerySet[Slice]") -> int:
    return slices.aggregate(total=Sum("bytes"))["total"] or 0
