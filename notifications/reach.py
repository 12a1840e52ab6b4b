"""Who was reached by an alert, for those who decide about it: "delivered to 81 of 86 households in 4 s"."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from backend.lib.errors import Absent
from neighborhoods.access import Action, Actor
from neighborhoods.models import AccessCode, Device
from notifications import readers
from notifications.categories import CATEGORIES, Audience
from notifications.models import Alert, Delivery, PushSend


@dataclass(frozen=True, slots=True)
class Reached:
    households: int
    """Of the alert's audience, with a phone that counts now. Guests' phones are nobody's household."""
    devices: int
    """Those phones."""
    delivered: int
    """Households with a phone that said it has the alert."""
    seen: int
    """Households with a phone on whose screen it was opened."""
    seconds: float | None
    """From the alert until the last of them had it; null where none has."""
    pushed: int
    """Phones, of households or not, for which a push service took a message."""


def reach_for(actor: Actor, alert_id: UUID, *, now: datetime) -> Reached:
    """The same for whoever decides about the alert. Raises ``Absent``."""
    alert = readers.alert_for(actor, alert_id)
    if not actor.may(Action.STEWARD_ALERTS) or not readers.is_steward(actor, alert):
        raise Absent()
    return reach_of(alert, now=now)


def reach_of(alert: Alert, *, now: datetime) -> Reached:
    """Three statements, however many phones."""
    phones = dict(_phones(alert, now).values_list("id", "household_id"))
    delivered: dict[UUID, datetime] = {}
    seen: set[UUID] = set()
    notes = Delivery.objects.filter(alert=alert).values_list("device_id", "delivered_at", "seen_at")
    for device_id, delivered_at, seen_at in notes:
        household_id = phones.get(device_id)
        if household_id is None:
            continue
        if delivered_at is not None:
            delivered[household_id] = min(delivered_at, delivered.get(household_id, delivered_at))
        if seen_at is not None:
            seen.add(household_id)
    last = max(delivered.values(), default=None)
    return Reached(
        households=len(set(phones.values())),
        devices=len(phones),
        delivered=len(delivered),
        seen=len(seen),
        seconds=max(round((last - alert.raised_at).total_seconds(), 1), 0.0) if last else None,
        pushed=PushSend.objects.filter(alert=alert, status=PushSend.Status.SENT).values("device_id").distinct().count(),
    )


def _phones(alert: Alert, now: datetime) -> QuerySet[Device]:
    """Living phones of the households that are told: the rules of ``devices.signed_in``, as one WHERE."""
    category = CATEGORIES.get(alert.category)
    if category is None or category.audience != Audience.EVERYONE:
        return Device.objects.none()
    if alert.neighborhood_id is None:
        here = Q(household__neighborhood__ward_id=alert.ward_id)
    else:
        here = Q(household__neighborhood_id=alert.neighborhood_id)
    guest = Q(code__kind=AccessCode.Kind.GUEST)
    left = Q(member__left_at__isnull=False) | Q(code__revoked_at__isnull=False)
    living = Device.objects.filter(here, household__left_at=None, revoked_at=None, expires_at__gt=now)
    return living.exclude(guest).exclude(left)
