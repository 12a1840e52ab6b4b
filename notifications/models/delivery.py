"""Who was reached, how each phone wants to be told, and Web Push."""

from django.db import models

from backend.lib.clock import now
from backend.lib.ids import new_id
from neighborhoods.models import Device
from notifications.models.alerts import Alert


class Delivery(models.Model):
    """One alert on one device: the first time it was sent, shown as received, and looked at."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="+")
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "device"], name="delivery_once")]


class Preferences(models.Model):
    """How one device wants to be told; a device without a row has the defaults. The feed itself is never cut."""

    device = models.OneToOneField(Device, on_delete=models.CASCADE, related_name="preferences")
    quiet_from = models.TimeField(null=True, blank=True)
    """Local time. Inside quiet hours nothing rings but fire, flood and violence (``quiet.may_ring``)."""
    quiet_to = models.TimeField(null=True, blank=True)
    muted = models.JSONField(default=list)
    """Categories that never ring on this device."""
    sound = models.BooleanField(default=True)
    vibration = models.BooleanField(default=True)
    digest = models.BooleanField(default=False)
    """Only one summary each evening, and what breaks quiet hours."""
    changed_at = models.DateTimeField(default=now)


class PushSubscription(models.Model):
    """A browser's Web Push subscription (RFC 8030, RFC 8291). Keys are the browser's public ones."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    device = models.OneToOneField(Device, on_delete=models.CASCADE, related_name="push_subscription")
    endpoint = models.CharField(max_length=1000)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=now)
    failed_since = models.DateTimeField(null=True, blank=True)


class PushSend(models.Model):
    """One message on its way to one device by a carrier outside. The row is the truth; Celery only carries its id."""

    class Status(models.TextChoices):
        DUE = "due"
        SENDING = "sending"
        SENT = "sent"
        GONE = "gone"  # the subscription is no more, or the message grew too old
        FAILED = "failed"  # the service will never take it

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="+")
    carrier = models.CharField(max_length=12, default="webpush")
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, null=True, related_name="+")
    key = models.CharField(max_length=60)
    """What it is about: one message per device and key."""
    payload = models.JSONField()
    topic = models.CharField(max_length=32, blank=True)
    urgency = models.CharField(max_length=8, default="normal")
    status = models.CharField(max_length=8, choices=Status, default=Status.DUE)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=80, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "carrier", "key"], name="push_send_once")]
        # Whole, not partial: SQLite cannot see that a bound parameter fits a partial index's condition.
        indexes = [models.Index(fields=["status", "due_at"], name="push_waiting")]
