"""Taking back: one row per act, in commit order. Every process that serves bytes or sockets polls them."""

from django.db import models

from backend.lib.clock import now


class Revocation(models.Model):
    """``id`` rises in commit order, because the insert happens under a lock held to commit (``revocations.revoke``)."""

    class Kind(models.TextChoices):
        DEVICE = "device"
        HOUSEHOLD = "household"
        ROLE = "role"
        CODE = "code"
        CAMERA = "camera"
        NEIGHBORHOOD = "neighborhood"

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(default=now)
    kind = models.CharField(max_length=12, choices=Kind)
    subject_id = models.UUIDField()

    class Meta:
        ordering = ["id"]
