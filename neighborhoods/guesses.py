"""Failed redemptions, counted per source and per neighborhood.

A try is charged *before* it is made and given back when it succeeds, so that parallel guesses cannot slip under a cap
together. A refused try is not charged: waiting always helps. Addresses are kept only as a keyed hash.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from backend.lib.errors import TooMany
from neighborhoods import counters, limits
from neighborhoods.models import GuessCounter

REMEMBERED = timedelta(days=2)
KNOWN_FOR = timedelta(days=180)
"""How long an address counts as one where a device of the neighborhood was redeemed."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What one try was charged to."""

    rows: tuple[tuple[str, datetime], ...]
    tell_leader: bool


def charge(*, address: str, neighborhood_id: UUID | None, typed: bool, now: datetime) -> Charge:
    """Count one try against its source and, for a typed code, its neighborhood, in a transaction of its own.

    Raises ``TooMany`` with ``retry_after_s``; then nothing was counted.
    """
    source = _keyed(limits.source_of(address))
    bucket = f"source:{source}"
    if neighborhood_id and _is_known(source, neighborhood_id, now):
        bucket = f"near:{neighborhood_id.hex}:{source}"
    wanted = [(bucket, limits.SOURCE_RULE)]
    if neighborhood_id and typed:
        wanted.append((f"place:{neighborhood_id.hex}", limits.NEIGHBORHOOD_RULE))
    with transaction.atomic(durable=True):
        verdicts = [_count(name, rule, now) for name, rule in wanted]
    return Charge(
        rows=tuple((name, rule.window_start(now)) for name, rule in wanted),
        tell_leader=any(verdict.tell_leader for verdict in verdicts),
    )


def give_back(charged: Charge) -> None:
    """The try succeeded: it was no guess. Call it in the transaction of the success."""
    for bucket, start in charged.rows:
        GuessCounter.objects.filter(bucket=bucket, window_start=start, failures__gt=0).update(
            failures=F("failures") - 1
        )


def remember_place(*, address: str, neighborhood_id: UUID, now: datetime) -> None:
    """A device of the neighborhood was redeemed at ``address``."""
    bucket = _known_bucket(_keyed(limits.source_of(address)), neighborhood_id)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    GuessCounter.objects.bulk_create([GuessCounter(bucket=bucket, window_start=today)], ignore_conflicts=True)


def expire(*, now: datetime) -> None:
    """Forget what is too old to count, views opened included. By itself: a redemption need not wait for it, nor for
    another one's locks."""
    GuessCounter.objects.filter(window_start__lt=now - REMEMBERED).exclude(bucket__startswith="known:").delete()
    GuessCounter.objects.filter(window_start__lt=now - KNOWN_FOR).delete()


def first_telling(neighborhood_id: UUID, *, now: datetime) -> bool:
    """True once in 24 hours per neighborhood: whether its leader is to be told of guessing now."""
    bucket = f"told:{neighborhood_id.hex}"
    if GuessCounter.objects.filter(bucket=bucket, window_start__gt=now - limits.NEIGHBORHOOD_RULE.span).exists():
        return False
    _row, made = GuessCounter.objects.get_or_create(
        bucket=bucket, window_start=limits.NEIGHBORHOOD_RULE.window_start(now)
    )
    return made


def _count(bucket: str, rule: limits.Rule, now: datetime) -> limits.Verdict:
    verdict = counters.count(bucket, rule, now=now)
    if not verdict.allowed:
        raise TooMany(
            _("Too many wrong codes from here. Wait a while, scan the QR on your sheet, or ask your leader."),
            retry_after_s=verdict.retry_after_s,
        )
    return verdict


def _is_known(source: str, neighborhood_id: UUID, now: datetime) -> bool:
    bucket = _known_bucket(source, neighborhood_id)
    return GuessCounter.objects.filter(bucket=bucket, window_start__gt=now - KNOWN_FOR).exists()


def _known_bucket(source: str, neighborhood_id: UUID) -> str:
    return f"known:{neighborhood_id.hex}:{source}"


def _keyed(source: str) -> str:
    """An address as 32 hex characters that only this installation can recompute."""
    return hmac.new(settings.SECRETS.pepper, f"source:{source}".encode(), hashlib.sha256).hexdigest()[:32]
