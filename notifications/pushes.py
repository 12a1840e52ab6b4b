"""What is pushed to phones asleep, and to which: rows, which ``sending`` sends.

With its events an alert leaves one piece of news (``push.plan``). Who is meant is looked up in the dispatcher's next
turns, ``AT_ONCE`` phones a turn: a ward's three thousand would hold the feed's lock, and everybody's sockets, for most
of a second. What is told meanwhile comes in between.

A message passes a foreign service (encrypted) and may lie on a locked screen, so it says what the open view says and no
more: never words that are not released, never a person's name.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from backend.lib.clock import VIETNAM
from neighborhoods import outbox
from neighborhoods.access import Actor, Role
from neighborhoods.devices import actor_for
from neighborhoods.models import RoleGrant
from notifications import preferences, quiet, rules, streams, telling
from notifications.carriers import WEBPUSH, push_on
from notifications.categories import CATEGORIES, TEXT, Category, Severity
from notifications.models import Alert, Event, Preferences, PushSend, PushSubscription, Stream

PLAN = "push.plan"
"""Topic of the news that something is to be pushed."""
AT_ONCE = 200
RAISED, RELEASED, ESCALATED = "alert.raised", "alert.released", "alert.escalated"

URGENCY = {Severity.EMERGENCY: "high", Severity.URGENT: "normal", Severity.NOTICE: "low"}
"""RFC 8030, 5.3. With ``normal`` and ``low`` a phone that saves its battery may be told a little later."""

LONGEST_LIFE = timedelta(days=28)
"""The services keep a message no longer."""
LONGEST_TEXT = 200
OPEN = frozenset({Alert.State.RAISED, Alert.State.ACKNOWLEDGED})


def pushes_plan(events: Sequence[Event], *, now: datetime) -> bool:
    """Leave news that ``events``, all made of one piece of news, are to be pushed; in the transaction that writes them.
    False where nobody asleep is to hear of them. Costs nothing while push is off."""
    alert = events[0].alert if events else None
    if alert is None or not push_on(settings.CONFIG):
        return False
    kind, category = events[0].kind, CATEGORIES.get(alert.category)
    if category is None or not _rings(kind, alert, category, now):
        return False
    told = [[event.stream.kind, str(event.stream.subject_id)] for event in events]
    _leave(alert, {"alert": str(alert.id), "kind": kind, "level": alert.escalation, "streams": told, "after": ""}, now)
    return True


def pushes_write(plan: Mapping[str, Any], *, now: datetime) -> int:
    """Write the messages of the next ``AT_ONCE`` phones that could be meant, and leave news of the rest. Returns how
    many were wanted; one that is there already stays as it is."""
    alert = Alert.objects.filter(id=UUID(plan["alert"])).first()
    category = CATEGORIES.get(alert.category) if alert else None
    if alert is None or category is None or not _rings(plan["kind"], alert, category, now):
        return 0
    found = _subscribed(alert, now)
    if plan["after"]:
        found = found.filter(id__gt=UUID(plan["after"]))
    phones = list(found[:AT_ONCE])
    told = {(Stream.Kind(kind), UUID(subject_id)) for kind, subject_id in plan["streams"]}
    draft = Draft(plan["kind"], plan["level"], alert, category, told, now)
    rows = [row for phone in phones if (row := draft.row_for(phone)) is not None]
    PushSend.objects.bulk_create(rows, ignore_conflicts=True)
    if len(phones) == AT_ONCE:
        _leave(alert, {**plan, "after": str(phones[-1].id)}, now)
    return len(rows)


def _leave(alert: Alert, plan: dict[str, object], now: datetime) -> None:
    outbox.add(topic=PLAN, neighborhood_id=alert.neighborhood_id, payload=plan, now=now)


@dataclass(frozen=True, slots=True)
class Draft:
    """One alert's message, before it is known whose."""

    kind: str
    level: int
    """``Alert.escalation`` when it was told."""
    alert: Alert
    category: Category
    told: set[streams.Reads]
    now: datetime

    def row_for(self, subscription: PushSubscription) -> PushSend | None:
        """Its message; None where its holder reads none of the streams, is not meant, or wants quiet."""
        actor = actor_for(subscription.device, now=self.now)
        if actor is None or not self.told.intersection(streams.streams_of(actor)) or not self._is_meant(actor):
            return None
        wishes = preferences_of(subscription)
        local = self.now.astimezone(VIETNAM).time()
        if not quiet.may_ring(self.category, preferences.wishes_of(wishes), local):
            return None
        level = f":{self.level}" if self.kind == ESCALATED else ""
        return PushSend(
            device_id=subscription.device_id,
            carrier=WEBPUSH,
            alert=self.alert,
            key=f"{self.kind}{level}:{self.alert.id}",
            payload=payload_of(self.alert, self.category, wishes),
            topic=topic_of(self.alert.id),
            urgency=URGENCY[self.category.severity],
            due_at=self.now,
            expires_at=min(self.alert.expires_at, self.now + LONGEST_LIFE),
            created_at=self.now,
        )

    def _is_meant(self, actor: Actor) -> bool:
        """Whoever raised it knows. What nobody answered goes to the next in line and to nobody else."""
        if self.kind != ESCALATED:
            return actor.device_id != self.alert.device_id
        officer = self.level >= rules.ESCALATED_TO_OFFICER
        return any(
            grant.role == (Role.OFFICER if officer else Role.DEPUTY)
            and (
                grant.ward_id == self.alert.ward_id if officer else grant.neighborhood_id == self.alert.neighborhood_id
            )
            for grant in actor.grants
        )


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
        "device__household__neighborhood", "device__member", "device__account", "device__code", "device__neighborhood",
        "device__preferences",
    )  # fmt: skip
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
        walls = Q(device__neighborhood__ward_id=alert.ward_id)
        posts = Q(ward_id=alert.ward_id) | Q(neighborhood__ward_id=alert.ward_id)
    else:
        homes = Q(device__household__neighborhood_id=alert.neighborhood_id)
        walls = Q(device__neighborhood_id=alert.neighborhood_id)
        posts = Q(ward_id=alert.ward_id) | Q(neighborhood_id=alert.neighborhood_id)
    staff = RoleGrant.objects.filter(posts, ended_at=None).values("account_id")
    return subscribed(now).filter(homes | walls | Q(device__account_id__in=staff))


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
