"""An alert (cảnh báo): what somebody saw, where, and what became of it."""

from django.db import models

from backend.lib.clock import now
from backend.lib.ids import new_id
from cameras.models import Camera, Snapshot
from neighborhoods.models import Account, Device, Household, Neighborhood, Ward


class AlertEndpoint(models.Model):
    """Another system that may raise alerts by a signed webhook (a fire panel, a school's gate)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    neighborhood = models.ForeignKey(Neighborhood, on_delete=models.PROTECT, related_name="alert_endpoints")
    name = models.CharField(max_length=80)
    secret = models.BinaryField()
    """Encrypted; the plain secret is shown once."""
    categories = models.JSONField(default=list)
    """What it may raise."""
    created_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]


class Alert(models.Model):
    class State(models.TextChoices):
        RAISED = "raised"
        ACKNOWLEDGED = "acknowledged"
        RESOLVED = "resolved"
        WITHDRAWN = "withdrawn"
        EXPIRED = "expired"  # nobody said how it ended while it lived

    class Verdict(models.TextChoices):
        USED = "used"
        NOT_USED = "not_used"
        FALSE = "false"
        DUPLICATE = "duplicate"

    class Source(models.TextChoices):
        RESIDENT = "resident"
        LEADER = "leader"  # and deputies
        OFFICER = "officer"  # and the ward's operators
        STREET_WORKER = "street_worker"
        CAMERA = "camera"
        SYSTEM = "system"  # a signed webhook

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="+")
    neighborhood = models.ForeignKey(Neighborhood, on_delete=models.PROTECT, null=True, related_name="alerts")
    """Null for a broadcast to the whole ward."""
    category = models.CharField(max_length=20)
    """A code of ``categories.CATEGORIES``."""
    state = models.CharField(max_length=12, choices=State, default=State.RAISED)
    version = models.PositiveIntegerField(default=1)
    """Rises with every change; whoever has a higher one keeps it."""
    source = models.CharField(max_length=16, choices=Source)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="+")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    endpoint = models.ForeignKey(AlertEndpoint, on_delete=models.PROTECT, null=True, related_name="alerts")
    endpoint_event = models.CharField(max_length=80, blank=True)
    """The other system's own id of the event: the same one twice is one alert."""
    text = models.CharField(max_length=500, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    place = models.CharField(max_length=120, blank=True)
    """Where, in words: the nearest camera's name."""
    cameras = models.ManyToManyField(Camera, related_name="alerts", blank=True)
    occurred_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    """When it stops being news, by its category."""
    reports = models.PositiveIntegerField(default=1)
    """Households (and others) that say the same."""
    text_released_at = models.DateTimeField(null=True, blank=True)
    clip_released_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    escalation = models.PositiveSmallIntegerField(default=0)
    """0 the leader's, 1 the deputies', 2 the ward's duty officer's."""
    escalate_at = models.DateTimeField(null=True, blank=True)
    """When it goes on to the next, unless somebody has acknowledged it; null where it does not."""

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "endpoint_event"],
                condition=models.Q(endpoint__isnull=False),
                name="alert_webhook_once",
            ),
        ]
        indexes = [
            models.Index(fields=["neighborhood", "-raised_at"], name="alert_by_place"),
            models.Index(
                fields=["escalate_at"], condition=models.Q(escalate_at__isnull=False), name="alert_to_escalate"
            ),
            # Whole, not partial: SQLite cannot tell that a state given as a parameter is one of the condition's.
            models.Index(fields=["state", "expires_at"], name="alert_to_expire"),
        ]


class AlertReport(models.Model):
    """Somebody who says the same as an alert that stands already. Their words are as private as the first one's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="joined")
    source = models.CharField(max_length=16, choices=Alert.Source)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="+")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    endpoint = models.ForeignKey(AlertEndpoint, on_delete=models.PROTECT, null=True, related_name="+")
    endpoint_event = models.CharField(max_length=80, blank=True)
    text = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "endpoint_event"],
                condition=models.Q(endpoint__isnull=False),
                name="alert_report_webhook_once",
            ),
        ]


class AlertClip(models.Model):
    """The moment on record: an HLS snapshot of one camera, kept apart from retention."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="clips")
    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="+")
    snapshot = models.OneToOneField(Snapshot, on_delete=models.SET_NULL, null=True, related_name="alert_clip")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["alert", "camera"], name="alert_clip_once")]
