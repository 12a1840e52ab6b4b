"""Escalation: what nobody has taken goes on to the deputies, and as long again later to the ward's duty officer."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from neighborhoods import audit
from neighborhoods.access import system
from notifications.categories import CATEGORIES
from notifications.models import Alert

NEXT = {0: "deputy", 1: "officer"}
"""Who hears of it after whom; the officer is the last."""
BATCH = 200


def alerts_escalate(*, now: datetime) -> int:
    """Move on what is due; returns how many. Run every few seconds: the usual time it is one SELECT by an index."""
    due = Alert.objects.filter(state=Alert.State.RAISED, escalate_at__lte=now).order_by("escalate_at")
    return sum(_escalate(alert, now) for alert in due[:BATCH])


def _escalate(alert: Alert, now: datetime) -> bool:
    """One step; False where somebody took it meanwhile, or another worker moved it."""
    to = NEXT.get(alert.escalation)
    again = CATEGORIES[alert.category].escalates_after if to == "deputy" and alert.category in CATEGORIES else None
    with transaction.atomic():
        same = Alert.objects.filter(
            id=alert.id, state=Alert.State.RAISED, escalation=alert.escalation, escalate_at=alert.escalate_at
        )
        if to is None:
            same.update(escalate_at=None)
            return False
        moved = same.update(
            escalation=F("escalation") + 1, escalate_at=now + again if again else None, version=F("version") + 1
        )
        if moved:
            audit.record(
                actor=system("escalation"),
                action="alert.escalated",
                subject=("alert", alert.id),
                ward_id=alert.ward_id,
                neighborhood_id=alert.neighborhood_id,
                data={"alert": alert.id, "to": to},
                now=now,
            )
    return bool(moved)
