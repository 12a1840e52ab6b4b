"""Keeping what was asked for intact until it is decided (Criminal Procedure Code, Art. 107), within quotas.

A hold beats retention and a full disk, so one officer could fill a neighborhood's disk with what is only asked for:
both what an officer holds and what is held of a neighborhood have an end, and beyond it a request is refused aloud.
"""

import shutil
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext as _

from backend.lib.errors import Conflict
from cameras.footage.inforce import POLICY
from cameras.models import Camera, FootageAsk, FootageRequest, Hold, Slice
from cameras.store.retention import hold_over
from neighborhoods import locks

REASON = "footage_request"


def cameras_lock(camera_ids: Iterable[UUID]) -> None:
    """Hold these cameras' rows: retention does before it asks for holds, so that none slips in between."""
    rows = Camera.objects.select_for_update(of=("self",)).filter(id__in=list(camera_ids))
    list(rows.order_by("id").values_list("id"))


def hold_make(camera: Camera, starts_at: datetime, ends_at: datetime, *, until: datetime, now: datetime) -> Hold:
    """Hold footage until ``until``. The caller has locked the camera and asks ``quotas_require`` after the last one."""
    return Hold.objects.create(
        camera=camera, starts_at=starts_at, ends_at=ends_at, reason=REASON, created_at=now, expires_at=until
    )


def quotas_require(account_id: UUID, neighborhood_ids: Collection[UUID], *, now: datetime) -> None:
    """Inside the transaction that made the holds. Raises ``Conflict``: ``officer_quota``, ``hold_quota``.

    One after the other, for each officer and each neighborhood: two requests at once must not both find room.
    """
    locks.hold([f"footage:{account_id}", *(f"footage:{neighborhood_id}" for neighborhood_id in neighborhood_ids)])
    asks = FootageAsk.objects.exclude(state=FootageAsk.State.RELEASED)  # a no counts on, or the quota would tell it
    waiting = asks.filter(
        request__asked_by_id=account_id, request__deadline_at__gt=now, hold__released_at=None
    ).exclude(request__state=FootageRequest.State.WITHDRAWN)
    held = sum((end - start for start, end in waiting.values_list("starts_at", "ends_at")), timedelta())
    if held > timedelta(hours=POLICY.officer_hours):
        facts = {"held": round(held / timedelta(hours=1)), "most": POLICY.officer_hours}
        told = _(
            "You would hold %(held)d hours of footage at once; %(most)d are the most. Wait for answers, or withdraw."
        )
        raise Conflict(told % facts, code="officer_quota")
    room = disk_bytes()
    for neighborhood_id in sorted(set(neighborhood_ids)):
        taken = held_bytes(neighborhood_id, now=now)
        if taken > room * POLICY.neighborhood_share:
            raise Conflict(
                _("So much of this neighborhood's footage is held already that its cameras could record no more. "
                  "Ask for less time, or fewer cameras."),
                code="hold_quota",
            )  # fmt: skip


def held_bytes(neighborhood_id: UUID, *, now: datetime) -> int:
    """Bytes of a neighborhood's footage that no limit may delete at ``now``."""
    held = Slice.objects.filter(hold_over(now), camera__neighborhood_id=neighborhood_id)
    return held.aggregate(total=Sum("bytes"))["total"] or 0


def disk_bytes() -> int:
    """What all footage may take: the setting, or the whole disk the store lies on."""
    limit = int(settings.CONFIG.STORE_MAX_BYTES or 0)
    return limit or shutil.disk_usage(_existing(settings.CONFIG.store_dir)).total


def holds_extend(request: FootageRequest, *, until: datetime) -> None:
    """What is still held of a request is held until ``until``, if that is later."""
    held = Hold.objects.filter(ask__request=request, released_at=None)
    held.filter(expires_at__lt=until).update(expires_at=until)


def holds_release(request: FootageRequest, *, now: datetime) -> int:
    """Nothing of a request is held any more; returns how many holds ended."""
    return Hold.objects.filter(ask__request=request, released_at=None).update(released_at=now)


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path
