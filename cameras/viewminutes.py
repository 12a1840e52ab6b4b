"""View minutes: stored as they come from the media processes, and chained hourly into the ward's audit.

What is done with footage without a view session (a moment kept, a package taken along) is counted here too, so that one
list tells an owner everything (``viewers``).
"""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from cameras.models import Camera, Snapshot, ViewMinute
from neighborhoods import audit
from neighborhoods.access import Actor, Role, system
from neighborhoods.models import AuditEntry

log = logging.getLogger(__name__)

ACTION = "view_minutes.chained"
MINUTE = timedelta(minutes=1)
_BATCH = 500
_SAID = ("session_id", "camera_id", "household_id", "account_id", "role", "mode", "purpose")


def view_minutes_store(found: Sequence[ViewMinute]) -> None:
    """Insert rows as they came from a journal. The same minute of the same session counts once, however often sent."""
    try:
        with transaction.atomic():
            ViewMinute.objects.bulk_create(found, batch_size=_BATCH, ignore_conflicts=True)
    except IntegrityError:
        # A camera that is gone altogether (a restored older database): its lines must not hold up the others.
        known = set(Camera.objects.filter(id__in={row.camera_id for row in found}).values_list("id", flat=True))
        lost = [row for row in found if row.camera_id not in known]
        log.error("%d view minutes name cameras that do not exist: %s", len(lost), {str(row.camera_id) for row in lost})
        kept = [row for row in found if row.camera_id in known]
        with transaction.atomic():
            ViewMinute.objects.bulk_create(kept, batch_size=_BATCH, ignore_conflicts=True)


def view_minutes_keep(*, actor: Actor, snapshot: Snapshot, role: Role, now: datetime) -> None:
    """Count a moment that ``actor`` asks to be kept; whether or not there turns out to be footage, for what somebody
    wanted is the owner's business. Part of that verb, in its transaction, whose audit entry tells it.
    """
    _count(
        ViewMinute(
            session_id=snapshot.id, camera_id=snapshot.camera_id, household_id=actor.household_id,
            account_id=actor.account_id, role=role, mode=ViewMinute.Mode.KEPT, purpose=snapshot.purpose,
        ),
        snapshot.starts_at, snapshot.ends_at, now,
    )  # fmt: skip


def view_minutes_export(
    *, package_id: UUID, camera: Camera, account_id: UUID, role: Role, purpose: str, starts_at: datetime,
    ends_at: datetime, now: datetime,
) -> None:  # fmt: skip
    """Count footage of ``[starts_at, ends_at)`` that one of staff takes along for a case, once per package and camera.

    Part of the verb that hands it out, in its transaction, whose audit entry tells it. ``package_id`` is a UUIDv7
    (``backend.lib.ids``); ``purpose`` a value of ``Extraction.Reason``.
    """
    _count(
        ViewMinute(
            session_id=package_id, camera_id=camera.id, account_id=account_id, role=role, mode=ViewMinute.Mode.EXPORT,
            purpose=purpose,
        ),
        starts_at, ends_at, now,
    )  # fmt: skip


def _count(who: ViewMinute, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """A row like ``who`` for each minute that ``[starts_at, ends_at)`` touches."""
    first = starts_at.replace(second=0, microsecond=0)
    touched = -((first - ends_at) // MINUTE)
    said = {name: getattr(who, name) for name in _SAID}
    rows = [ViewMinute(**said, minute=first + n * MINUTE, watched_at=now) for n in range(touched)]
    ViewMinute.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)


def view_minutes_chain(*, now: datetime) -> int:
    """Put every minute watched before the current hour into its ward's audit chain; gives how many.

    One entry per ward holds their count and root (SHA-256 over the rows in order of id). A row that comes late, after
    an outage, goes into the next run's entry.
    """
    until = now.replace(minute=0, second=0, microsecond=0)
    with transaction.atomic():
        waiting = (
            ViewMinute.objects.select_for_update(of=("self",))
            .filter(chained_at=None, watched_at__lt=until)
            .select_related("camera__neighborhood")
            .order_by("camera__neighborhood__ward_id", "id")
        )
        acts: list[audit.Act] = []
        count = 0
        for ward_id, group in groupby(waiting, key=lambda row: row.camera.neighborhood.ward_id):
            rows = list(group)
            ViewMinute.objects.filter(id__in=[row.id for row in rows]).update(chained_at=now)
            acts.append(_act(ward_id, rows, now))
            count += len(rows)
        if acts:
            audit.record_all(actor=system("viewminutes"), acts=acts, now=now)
    return count


def view_minutes_verify() -> list[str]:
    """What of the chained minutes no longer fits its audit entry, a sentence each; an empty list is good.

    Rows are read once, in the order in which they were chained: there are millions after a year.
    """
    entries, found = _chained()
    unnamed: dict[tuple[datetime, UUID], int] = {}
    rows = ViewMinute.objects.exclude(chained_at=None).annotate(ward_id=F("camera__neighborhood__ward_id"))
    ordered = rows.order_by("chained_at", "ward_id", "id").iterator(chunk_size=2000)
    for (chained_at, ward_id), group in groupby(ordered, key=lambda row: (row.chained_at, row.ward_id)):
        entry, listed = entries.pop((chained_at, ward_id), None), list(group)
        if entry is None:
            unnamed[chained_at, ward_id] = len(listed)
        elif len(listed) != entry.data["count"] or root_of(listed) != entry.data["root"]:
            found.append(f"{entry.chain} #{entry.seq}: {len(listed)} view minutes do not match the chained root")
    for chained_at, ward_id in unnamed.keys() - _chained()[0].keys():  # some may have been chained while we read
        count = unnamed[chained_at, ward_id]
        found.append(f"ward:{ward_id}: {count} view minutes say {chained_at}, when none was chained")
    return found + [f"{entry.chain} #{entry.seq}: all its view minutes are missing" for entry in entries.values()]


def _chained() -> tuple[dict[tuple[datetime, UUID | None], AuditEntry], list[str]]:
    """The entries by instant and ward; and those that were spoilt, which the chain's own verification names too."""
    entries, spoilt = {}, []
    for entry in AuditEntry.objects.filter(action=ACTION).order_by("chain", "seq"):
        try:
            entries[datetime.fromisoformat(entry.data["chained_at"]), entry.ward_id] = entry
        except (KeyError, TypeError, ValueError):
            spoilt.append(f"{entry.chain} #{entry.seq}: does not say which view minutes it is about")
    return entries, spoilt


def root_of(rows: Iterable[ViewMinute]) -> str:
    """SHA-256 in hex over the canonical JSON of each row, in the order given."""
    digest = hashlib.sha256()
    for row in rows:
        fields = {
            "id": row.id,
            "session": row.session_id,
            "camera": row.camera_id,
            "household": row.household_id,
            "account": row.account_id,
            "role": row.role,
            "mode": row.mode,
            "purpose": row.purpose,
            "minute": row.minute,
            "watched_at": row.watched_at,
        }
        digest.update(audit.canonical(audit.plain(fields)))
    return digest.hexdigest()


def _act(ward_id: UUID, rows: Sequence[ViewMinute], now: datetime) -> audit.Act:
    return audit.Act(
        action=ACTION,
        subject=("ward", ward_id),
        ward_id=ward_id,
        data={"count": len(rows), "root": root_of(rows), "chained_at": now},
    )
