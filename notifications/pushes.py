"""What is pushed to phones asleep, and to which: rows, written with the events they tell of. ``sending`` sends them.

A message passes a foreign service (encrypted) and may lie on a locked screen, so it says what the open view says and no
more: never words that are not released, never a person's name.
"""

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from backend.lib.clock import VIETNAM
from neighborhoods.access import Actor, Role
from neighborhoods.devices import actor_for
from neighborhoods.models import RoleGrant
from notifications import preferences, quiet, rules, streams, telling
from notifications.carriers import WEBPUSH, push_on
from notifications.categories import CATEGORIES, TEXT, Category, Severity
from notifications.models import Alert, Event, Preferences, PushSend, PushSubscription, Stream

RAISED, RELEASED, ESCALATED = "alert.raised", "alert.released", "alert.escalated"

URGENCY = {Severity.EMERGENCY: "high", Severity.URGENT: "normal", Severity.NOTICE: "low"}
"""RFC 8030, 5.3. With ``normal`` and ``low`` a phone that saves its battery may be told a little later."""

LONGEST_LIFE = timedelta(days=28)
"""The services keep a message no longer."""
LONGEST_TEXT = 200
OPEN = frozenset({Alert.State.RAISED, Alert.State.ACKNOWLEDGED})


def pushes_plan(events: Sequence[Event], *, now: datetime) -> int:
    """Write what is to be pushed of ``events``, all made of one piece of news, in the transaction that writes them.
    Returns how many rows were wanted; one that is there already stays as it is. Costs nothing while push is off."""
    alert = events[0].alert if events else None
    if alert is None or not push_on(settings.CONFIG):
        return 0
    kind, category = events[0].kind, CATEGORIES.get(alert.category)
    if category is None or not _rings(kind, alert, category, now):
        return 0
    told = {(Stream.Kind(event.stream.kind), event.stream.subject_id) for event in events}
    local = now.astimezone(VIETNAM).time()
    rows = []
    for subscription in _subscribed(alert, now):
        actor = actor_for(subscription.device, now=now)
        if actor is None or not told.intersection(streams.streams_of(actor)) or not _meant(kind, alert, actor):
            continue
        wishes = preferences_of(subscription)
        if quiet.may_ring(category, preferences.wishes_of(wishes), local):
            rows.append(_row(kind, alert, category, subscription.device_id, wishes, now))
    PushSend.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def preferences_of(subscription: PushSubscription) -> Preferences | None:
    """Its device's, joined beforehand."""
    try:
        return subscription.device.preferences
    except Preferences.DoesNotExist:
        return None


def subscribed(now: datetime) -> QuerySet[PushSubscription]:
    """Subscriptions of devices that have not ended, with all that says whose they are and how they want to be told: one
    statement. Whether the holder still counts is ``actor_for``'s to say."""
    joined = PushSubscription.objects.select_related(
        "device__household__neighborhood", "device__member", "device__account", "device__code", "device__preferences"
    )
    return joined.filter(device__revoked_at=None, device__expires_at__gt=now).order_by("id")


def _rings(kind: str, alert: Alert, category: Category, now: datetime) -> bool:
    """Whether this is news for phones asleep at all."""
    if alert.state not in OPEN or alert.expires_at <= now:
        return False
    if kind == ESCALATED:
        return alert.state == Alert.State.RAISED  # somebody has it already
    if kind == RELEASED:  # the words are new; a clip alone wakes nobody
        return telling.text_is_out(alert) and bool(alert.text) and TEXT not in category.released
    return kind == RAISED


def _subscribed(alert: Alert, now: datetime) -> QuerySet[PushSubscription]:
    """Those who could be meant: of the neighborhood, or of the ward for a broadcast, and whoever has a role there.
    Who really reads what is decided by ``streams_of``, as for sockets."""
    if alert.neighborhood_id is None:
        homes = Q(device__household__neighborhood__ward_id=alert.ward_id)
        posts = Q(ward_id=alert.ward_id) | Q(neighborhood__ward_id=alert.ward_id)
    else:
        homes = Q(device__household__neighborhood_id=alert.neighborhood_id)
        posts = Q(ward_id=alert.ward_id) | Q(neighborhood_id=alert.neighborhood_id)
    staff = RoleGrant.objects.filter(posts, ended_at=None).values("account_id")
    return subscribed(now).filter(homes | Q(device__account_id__in=staff))


def _meant(kind: str, alert: Alert, actor: Actor) -> bool:
    """Whoever raised it knows. What nobody answered goes to the next in line and to nobody else."""
    if kind == ESCALATED:
        officer = alert.escalation >= rules.ESCALATED_TO_OFFICER
        return any(
            grant.role == (Role.OFFICER if officer else Role.DEPUTY)
            and (grant.ward_id == alert.ward_id if officer else grant.neighborhood_id == alert.neighborhood_id)
            for grant in actor.grants
        )
    return actor.device_id != alert.device_id


def _row(
    kind: str, alert: Alert, category: Category, device_id: UUID, wishes: Preferences | None, now: datetime
) -> PushSend:
    level = f":{alert.escalation}" if kind == ESCALATED else ""
    return PushSend(
        device_id=device_id,
        carrier=WEBPUSH,
        alert=alert,
        key=f"{kind}{level}:{alert.id}",
        payload=payload_of(alert, category, wishes),
        topic=topic_of(alert.id),
        urgency=URGENCY[category.severity],
        due_at=now,
        expires_at=min(alert.expires_at, now + LONGEST_LIFE),
        created_at=now,
    )


def topic_of(alert_id: UUID) -> str:
    """22 URL-safe characters: what is told later of an alert takes the place of what still waits (RFC 8030, 5.4)."""
    return base64.urlsafe_b64encode(alert_id.bytes).rstrip(b"=").decode()


def payload_of(alert: Alert, category: Category, wishes: Preferences | None) -> dict[str, Any]:
    """What the service worker shows. A device tells us no language, so it is Vietnamese."""
    with translation.override("vi"):
        words = [alert.place, _shortened(alert.text) if telling.text_is_out(alert) else ""]
        title, body = _(category.name), " · ".join(filter(None, words)) or _("Open to see more.")
    sound = wishes is None or wishes.sound
    vibration = wishes is None or wishes.vibration
    return {
        "title": title,
        "body": body,
        "tag": str(alert.id),
        "url": f"/alerts/#{alert.id}",
        "severity": category.severity.value,
        "alert": str(alert.id),
        # A browser refuses a silent notification that vibrates (Notifications API, "create a notification").
        "vibrate": sound and vibration and category.severity != Severity.NOTICE,
        "silent": not sound,
    }


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1].rstrip() + "…"
