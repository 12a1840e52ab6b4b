"""The evening's summary, for those who want calm: one message at half past six, and what the page shows of a day.

A day of the summary is the 24 hours that end at 18:30 in Việt Nam, so that what happens at night is in the next one and
nothing in none. It acts once a day and device because its row can be there only once.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from backend.lib.clock import VIETNAM
from neighborhoods.access import Actor
from neighborhoods.devices import actor_for
from notifications import pushes, readers, telling
from notifications.carriers import WEBPUSH, push_on
from notifications.categories import CATEGORIES, Severity
from notifications.models import Alert, Preferences, PushSend

AT = time(18, 30)
UNTIL = time(21, 0)
"""A server that was down at half past six sends it until nine; then the day goes without."""
DAY = timedelta(days=1)
LIVES = timedelta(hours=12)
"""So long a summary waits for a phone that is off; by the morning it is old."""
MOST = 200


def span_of(day: date) -> tuple[datetime, datetime]:
    """The 24 hours of ``day``'s summary, from and to, to excluded."""
    end = datetime.combine(day, AT, tzinfo=VIETNAM)
    return end - DAY, end


@dataclass(frozen=True, slots=True)
class Counts:
    raised: int
    handled: int


def digests_plan(*, now: datetime) -> int:
    """Between 18:30 and 21:00: one message for each subscribed device that asked for it, of what its holder may see;
    none where nothing happened. Returns how many were written. Run every minute, it acts once a day and device."""
    local = now.astimezone(VIETNAM)
    if not AT <= local.time() < UNTIL or not push_on(settings.CONFIG):
        return 0
    day = local.date()
    starts_at, ends_at = span_of(day)
    wards = set(Alert.objects.filter(raised_at__gte=starts_at, raised_at__lt=ends_at).values_list("ward_id", flat=True))
    if not wards:
        return 0
    key = f"digest:{day.isoformat()}"
    told = PushSend.objects.filter(device_id=OuterRef("device_id"), carrier=WEBPUSH, key=key)
    wanting = pushes.subscribed(now).filter(~Exists(told), device__preferences__digest=True)
    rows, known = [], dict[frozenset[object], Counts]()
    for subscription in wanting:
        actor = actor_for(subscription.device, now=now)
        if actor is None:
            continue
        audience = frozenset(grant for grant in actor.grants if grant.household_id is None)
        if audience not in known:  # neighbours read the same
            known[audience] = _count(actor, starts_at, ends_at)
        if known[audience].raised:
            rows.append(_row(subscription.device_id, key, known[audience], subscription.device.preferences, now))
    PushSend.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def digest_of(actor: Actor, day: date) -> dict[str, Any]:
    """A day as the page shows it: ``{day, from, to, raised, handled, categories: [{category, severity, raised, handled,
    alerts: [open view…]}]}``, the gravest categories first. At most ``MOST`` alerts, the newest; counts are of all."""
    starts_at, ends_at = span_of(day)
    counts = _count(actor, starts_at, ends_at)
    ordered = {code: place for place, code in enumerate(CATEGORIES)}
    groups: dict[str, list[Alert]] = {}
    for alert in _told(actor, starts_at, ends_at)[:MOST]:
        groups.setdefault(alert.category, []).append(alert)
    return {
        "day": day,
        "from": starts_at,
        "to": ends_at,
        "raised": counts.raised,
        "handled": counts.handled,
        "categories": [
            _group(code, groups[code]) for code in sorted(groups, key=lambda code: ordered.get(code, len(ordered)))
        ],
    }


def _group(code: str, found: list[Alert]) -> dict[str, Any]:
    category = CATEGORIES.get(code)
    return {
        "category": code,
        "severity": category.severity if category else Severity.NOTICE,
        "raised": len(found),
        "handled": sum(alert.state == Alert.State.RESOLVED for alert in found),
        "alerts": [telling.open_view(alert) for alert in found],
    }


def _told(actor: Actor, starts_at: datetime, ends_at: datetime) -> QuerySet[Alert]:
    """What ``actor`` may read of these hours. What was taken back is not counted."""
    found = readers.alerts_for(actor).filter(raised_at__gte=starts_at, raised_at__lt=ends_at)
    return found.exclude(state=Alert.State.WITHDRAWN)


def _count(actor: Actor, starts_at: datetime, ends_at: datetime) -> Counts:
    counted = _told(actor, starts_at, ends_at).aggregate(
        raised=Count("id"), handled=Count("id", filter=Q(state=Alert.State.RESOLVED))
    )
    return Counts(**counted)


def _row(device_id: UUID, key: str, counts: Counts, wishes: Preferences, now: datetime) -> PushSend:
    return PushSend(
        device_id=device_id,
        carrier=WEBPUSH,
        key=key,
        payload=payload_of(counts, wishes),
        topic="digest",
        urgency="low",
        due_at=now,
        expires_at=now + LIVES,
        created_at=now,
    )


def payload_of(counts: Counts, wishes: Preferences) -> dict[str, Any]:
    """The same form as an alert's (``pushes.payload_of``); it names none."""
    with translation.override("vi"):
        title = _("Today in the neighborhood")
        body = _("Today: %(raised)d alerts, %(handled)d dealt with") % {
            "raised": counts.raised, "handled": counts.handled
        }  # fmt: skip
    return {
        "title": title,
        "body": body,
        "tag": "digest",
        "url": "/alerts/",
        "severity": Severity.NOTICE.value,
        "alert": "",
        "vibrate": False,
        "silent": not wishes.sound,
    }
