"""The right to record a rendition: taken, renewed and given back by conditional UPDATE on ``RecorderLease``.

Two recorders on one database never record the same camera at once: a lease is taken over only ``TAKEOVER_S`` after it
was last renewed (or at once where its holder is proven dead: ``cameras.ingest.holder``), and a worker stops writing
``VALID_S`` after the renewal was *asked for*, by a clock that never steps.
The difference is what clocks of two machines may differ by. Every taking raises the generation, which stands in row and
file name, so even footage written in doubt could be told apart.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from cameras.models import RecorderLease

TAKEOVER_S = 10.0
VALID_S = 8.0
RENEW_S = 2.0


def leases_take(*, holder: str, keys: Collection[str], now: datetime) -> dict[str, int]:
    """Take the leases among ``keys`` (rendition ids) that are free, run out or ours; gives their new generations."""
    if not keys:
        return {}
    with transaction.atomic():
        known = set(map(str, RecorderLease.objects.filter(pk__in=_ids(keys)).values_list("pk", flat=True)))
        RecorderLease.objects.bulk_create(
            [RecorderLease(rendition_id=key, expires_at=now) for key in keys if key not in known],
            ignore_conflicts=True,
        )
        free = Q(expires_at__lte=now) | Q(holder="") | Q(holder=holder)
        RecorderLease.objects.filter(free, pk__in=_ids(keys)).update(
            holder=holder, generation=F("generation") + 1, expires_at=now + timedelta(seconds=TAKEOVER_S)
        )
        taken = RecorderLease.objects.filter(pk__in=_ids(keys), holder=holder).values_list("pk", "generation")
        return {str(key): generation for key, generation in taken}


def leases_renew(*, holder: str, now: datetime) -> dict[str, int]:
    """Renew all that are still ours; gives them with their generations. What is missing has passed to another."""
    ours = RecorderLease.objects.filter(holder=holder)
    with transaction.atomic():
        if not ours.update(expires_at=now + timedelta(seconds=TAKEOVER_S)):
            return {}
        return {str(key): generation for key, generation in ours.values_list("pk", "generation")}


def leases_release(*, holder: str, keys: Collection[str], now: datetime) -> None:
    """Give back, so that another recorder need not wait."""
    RecorderLease.objects.filter(pk__in=_ids(keys), holder=holder).update(holder="", expires_at=now)


def leases_inherit(*, holder: str, now: datetime) -> None:
    """Free all that a recorder held of which no process is left (``cameras.ingest.holder``)."""
    RecorderLease.objects.filter(holder=holder).update(holder="", expires_at=now)


def _ids(keys: Collection[str]) -> list[UUID]:
    return [UUID(key) for key in keys]
