"""The voice's tables. Verbs that change them live in the noun modules beside this package."""

from notifications.models.alerts import Alert, AlertClip, AlertEndpoint, AlertReport
from notifications.models.delivery import Delivery, Preferences, PushSend, PushSubscription
from notifications.models.feed import Event, Stream

__all__ = [
    "Alert", "AlertClip", "AlertEndpoint", "AlertReport", "Delivery", "Event", "Preferences", "PushSend",
    "PushSubscription", "Stream",
]  # fmt: skip
