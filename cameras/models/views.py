"""Watching is an act: the session that allows it, the minutes that were watched, and what was odd about it.

Sessions are deleted some weeks after their end (``viewsessions.py``), noticed uses after a year (``odduses.py``);
minutes stay.
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

    class Mode(models.TextChoices):
        """What was done with the footage: the modes of a session, and what is done without one."""

        LIVE = "live"
        PLAYBACK = "playback"
        FRAME = "frame"
        GRID = "grid"  # posters, by the hour
        SNAPSHOT = "snapshot"  # a kept moment, watched
        ALERT = "alert"  # an alert's clip, watched
        KEPT = "kept"  # a moment, asked to be kept
        EXPORT = "export"  # taken along for a case

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session_id = models.UUIDField()
    """A view session's id; of ``kept`` the snapshot's, of ``export`` the package's. All are UUIDv7, so they stand in
    the order in which the views began."""
    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="+")
    household_id = models.UUIDField(null=True)
    account_id = models.UUIDField(null=True)
    role = models.CharField(max_length=20)
    mode = models.CharField(max_length=8, choices=Mode)
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
            models.Index(fields=["camera", "session_id"], name="view_minute_view"),  # who watched, newest view first
            models.Index(fields=["watched_at"], name="view_minute_watched"),  # figures: of a month, over all cameras
        ]


class OddUse(models.Model):
    """Watching that somebody should look at (``oddity``): noticed once, told to the cameras' owners and the auditor."""

    class Rule(models.TextChoices):
        MANY_CAMERAS = "many_cameras"
        AT_NIGHT = "at_night"
        AGAIN = "again"
        ENDLESS = "endless"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    cameras = models.ManyToManyField(Camera, related_name="+")
    rule = models.CharField(max_length=12, choices=Rule)
    household_id = models.UUIDField(null=True)
    account_id = models.UUIDField(null=True)
    """Who watched: a household, or one of staff."""
    role = models.CharField(max_length=20)
    count = models.PositiveIntegerField()
    """Of what the rule counts: cameras, minutes, days."""
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    """Of the watching, not of the footage."""
    noticed_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["ends_at"], name="odd_use_end"),
            models.Index(fields=["noticed_at"], name="odd_use_noticed"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(household_id__isnull=False, account_id=None)
                | models.Q(household_id=None, account_id__isnull=False),
                name="odd_use_has_one_viewer",
            ),
        ]
