"""News travelling up as rows. ``audit.record`` writes them; the dispatcher of ``notifications`` tells them, each once.

A row is told in one transaction with what it becomes, and claimed there by a conditional UPDATE: a dispatcher that dies
leaves it as it was. What fails is put off, so that it holds up nobody else.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from neighborhoods import nudges
from neighborhoods.models import OutboxRow

CHANNEL = "matpho:outbox"
KEPT = timedelta(days=7)
FIRST_WAIT_S = 1
LONGEST_WAIT = timedelta(minutes=10)
MOST_ATTEMPTS_COUNTED = 30_000
"""The column holds no more; at ten minutes each that is half a year."""


def add(*, topic: str, neighborhood_id: UUID | None, payload: dict[str, object], now: datetime) -> OutboxRow:
    """One piece of news, in the transaction of the act it tells of. ``payload`` holds ids, never names or secrets.

    On commit the dispatcher is woken, best effort: it looks every second besides.
    """
    row = OutboxRow.objects.create(topic=topic, neighborhood_id=neighborhood_id, payload=payload, at=now)
    nudges.on_commit(CHANNEL, topic)
    return row


def rows_due(*, topics: Collection[str], now: datetime, limit: int) -> list[OutboxRow]:
    """Rows of these topics that are to be told now, oldest first."""
    return list(_due(now).filter(topic__in=topics).order_by("id")[:limit])


def _due(now: datetime) -> QuerySet[OutboxRow]:
    """A row that never failed is due whatever its clock said, and one that did waits ten minutes at the most: a clock
    that is set back, or another machine's that goes wrong, silences nobody."""
    when = Q(attempts=0) | Q(due_at__lte=now) | Q(due_at__gt=now + LONGEST_WAIT)
    return OutboxRow.objects.filter(when, done_at=None)


def rows_ignore(*, heard: Collection[str], now: datetime) -> int:
    """Mark what nobody hears of as done; returns how many."""
    unheard = OutboxRow.objects.filter(done_at=None).exclude(topic__in=heard)
    return unheard.update(done_at=now) if unheard.exists() else 0  # SQLite's one writer is left alone


def row_claim(row_id: UUID, *, now: datetime) -> bool:
    """Take a row, in the transaction that tells it; False where somebody has told it."""
    return bool(OutboxRow.objects.filter(id=row_id, done_at=None).update(done_at=now))


def row_postpone(row: OutboxRow, *, now: datetime) -> datetime:
    """Telling it failed: try again after 1, 2, 4 … seconds, ten minutes at the most. Returns when."""
    wait = min(timedelta(seconds=FIRST_WAIT_S * 2 ** min(row.attempts, 20)), LONGEST_WAIT)
    OutboxRow.objects.filter(id=row.id, done_at=None, attempts=row.attempts).update(
        attempts=min(row.attempts + 1, MOST_ATTEMPTS_COUNTED), due_at=now + wait
    )
    return now + wait


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is not told yet, failing rows included."""

    rows: int
    oldest: datetime | None


def waiting() -> Waiting:
    found = OutboxRow.objects.filter(done_at=None).aggregate(rows=Count("id"), oldest=Min("at"))
    return Waiting(rows=found["rows"], oldest=found["oldest"])


def outbox_expire(*, now: datetime) -> int:
    """Delete rows told more than seven days ago; the audit keeps the acts. Returns how many."""
    return OutboxRow.objects.filter(done_at__lt=now - KEPT).delete()[0]
