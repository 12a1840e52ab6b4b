"""Watching is an act: the session that allows it, and the minutes that were watched.

Sessions are deleted some weeks after their end (``viewsessions.py``); minutes stay.
"""

from django.db import models

from backend.lib.clock import now
from backend.lib.ids import new_id
from cameras.models.registry import Camera
from neighborhoods.models import Device


class ViewSession(models.Model):
    class Mode(models.TextChoices):
        LIVE = "live"
        PLAYBACK = "playback"
        FRAME = "frame"
        GRID = "grid"
        SNAPSHOT = "snapshot"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """Null only for ``grid``, whose cameras are checked at each request."""
    mode = models.CharField(max_length=8, choices=Mode)
    rendition = models.CharField(max_length=4, default="main")
    purpose = models.CharField(max_length=40, blank=True)
    windows = models.JSONField(default=list)
    """``[[from_us, to_us], …]``: what may be served, private hours already cut out; empty for live and grid."""
    target_duration_s = models.PositiveSmallIntegerField(default=2)
    mask_version = models.PositiveIntegerField(default=0)
    subjects = models.JSONField(default=dict)
    """The six subjects whose revocation ends it: ``{"device": id, "household": id, …}``; absent ones left out."""
    revocation_floor = models.BigIntegerField(default=0)
    """The last revocation's id at birth: only later ones concern this session."""
    client_addresses = models.JSONField(default=list)
    """At most two; a third is refused."""
    data = models.JSONField(default=dict)
    """Mode's own facts: a frame's instant and width, a snapshot's id."""
    created_at = models.DateTimeField(default=now)
    last_used_at = models.DateTimeField(default=now)
    ends_at = models.DateTimeField()
    """Four hours after birth at the most, or the next boundary of the camera's or the code's hours."""
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
        indexes = [
            models.Index(fields=["device", "mode"], name="view_by_device"),
            # Who watches now is asked every few seconds by every leader's page, among all views there ever were.
            models.Index(fields=["last_used_at"], condition=models.Q(ended_at__isnull=True), name="view_in_use"),
            models.Index(fields=["ends_at"], name="view_by_end"),  # for deleting the oldest
        ]


class ViewMinute(models.Model):
    """One minute of footage that one session was served. Rows are chained hourly into the audit."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session_id = models.UUIDField()
    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="+")
    household_id = models.UUIDField(null=True)
    account_id = models.UUIDField(null=True)
    role = models.CharField(max_length=20)
    mode = models.CharField(max_length=8)
    purpose = models.CharField(max_length=40, blank=True)
    minute = models.DateTimeField()
    """Of the footage (for live, the same as of the watching), cut to the whole minute."""
    watched_at = models.DateTimeField()
    chained_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["watched_at"]
        constraints = [models.UniqueConstraint(fields=["session_id", "camera", "minute"], name="view_minute_once")]
        indexes = [
            models.Index(fields=["camera", "minute"], name="view_minute_camera"),
            models.Index(fields=["watched_at"], name="view_minute_watched"),  # figures: of a month, over all cameras
        ]
