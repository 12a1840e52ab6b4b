"""What alerts keep of a person's phones: shown to that person, and forgotten with them (``owndata``, ``erasure``)."""

from uuid import UUID

from backend.lib.clock import iso
from neighborhoods.owndata import MOST_ROWS, Holding, Rows, Subject
from notifications.models import Alert, Delivery, Preferences, PushSubscription


def alerts(subject: Subject) -> Rows:
    rows = Alert.objects.filter(device_id__in=subject.device_ids).order_by("-raised_at")
    return [
        {"category": row.category, "state": row.state, "raised": iso(row.raised_at), "verdict": row.verdict}
        for row in rows[:MOST_ROWS]
    ]


def alert_phones(subject: Subject) -> Rows:
    """How each of the person's phones wants to be told, and whether a push service knows it."""
    pushed = set(PushSubscription.objects.filter(device_id__in=subject.device_ids).values_list("device_id", flat=True))
    rows = Preferences.objects.filter(device_id__in=subject.device_ids).select_related("device")
    return [
        {
            "phone": row.device.name, "muted": row.muted, "sound": row.sound, "vibration": row.vibration,
            "evening_summary": row.digest, "push": row.device_id in pushed,
        }
        for row in rows
    ]  # fmt: skip


HOLDINGS = [Holding("alerts", alerts), Holding("alert_phones", alert_phones)]


def erase(device_ids: list[UUID]) -> None:
    """Nothing is pushed to these phones any more, and what reached them and how they rang is forgotten. Alerts stay:
    they are the street's."""
    PushSubscription.objects.filter(device_id__in=device_ids).delete()
    Preferences.objects.filter(device_id__in=device_ids).delete()
    Delivery.objects.filter(device_id__in=device_ids).delete()
