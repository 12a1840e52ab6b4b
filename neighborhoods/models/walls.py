"""Pairing of a shared screen (màn hình chính) by RFC 8628. The screen itself is a ``Device`` of kind ``wall``."""

from django.db import models
from django.db.models import Q

from backend.lib.clock import now
from backend.lib.ids import new_id
from neighborhoods.models.accounts import Account
from neighborhoods.models.codes import Device
from neighborhoods.models.places import Neighborhood


class WallPairing(models.Model):
    """One try of a screen to be let in, ten minutes long. Neither code is stored: one hashed, one keyed."""

    class State(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        DENIED = "denied"
        TAKEN = "taken"  # the token was handed out, once

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    device_hash = models.BinaryField(max_length=32, unique=True)
    """SHA-256 of the device code, which holds 256 random bits and so needs neither salt nor stretching."""
    user_hmac = models.BinaryField(max_length=32, unique=True)
    """HMAC of the eight letters under the pepper: short enough to be searched, were they only hashed."""
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    source = models.CharField(max_length=32)
    """Keyed hash of the screen's address, so that the leader is told whether it asks from the same network."""
    interval_s = models.PositiveIntegerField(default=5)
    polled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    neighborhood = models.ForeignKey(Neighborhood, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    device = models.ForeignKey(Device, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "denied"]) | Q(neighborhood__isnull=False),
                name="wall_approved_has_a_place",
            )
        ]
