"""The end of what is kept of a view session: its row says which device watched, and from which addresses.

It is kept while an owner may still ask who watched (``/viewers/`` reaches back 31 days), so that a complaint can be
traced to a phone; then it goes. Who watched which minutes stays in the view minutes, by household, and in the audit
that a view was opened.
"""

from datetime import datetime, timedelta

from django.db import transaction

from cameras.models import ViewSession
from neighborhoods import audit
from neighborhoods.access import system

BATCH = 2_000
"""Rows per transaction: on SQLite nobody else writes meanwhile."""


def view_sessions_expire(*, keep: timedelta, now: datetime) -> int:
    """Delete the sessions that ended more than ``keep`` ago; gives how many. One that still lives is never touched."""
    before = min(now - keep, now)
    gone = 0
    while count := _expire_batch(before, now):
        gone += count
    return gone


def _expire_batch(before: datetime, now: datetime) -> int:
    """Every session has an end from its birth on, four hours later at most; one that was closed sooner waits for it."""
    with transaction.atomic():
        due = ViewSession.objects.filter(ends_at__lt=before).order_by("ends_at").values("id")[:BATCH]
        count = ViewSession.objects.filter(id__in=due).delete()[0]
        if count:
            audit.record(
                actor=system("retention"),
                action="views.deleted",
                subject=("platform", "view_sessions"),
                ward_id=None,
                neighborhood_id=None,
                data={"sessions": count, "before": before},
                now=now,
            )
    return count
