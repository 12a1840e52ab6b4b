"""A moment kept apart from retention: a frozen HLS clip and its poster."""

from django.db import models

from backend.lib.clock import now
from backend.lib.ids import new_id
from cameras.models.registry import Camera
from neighborhoods.models import Device


class Snapshot(models.Model):
    """The job row is the truth: claimed by conditional UPDATE, kept alive by heartbeat, rescued by a sweeper."""

    class Status(models.TextChoices):
        WAITING = "waiting"  # its end is still to come
        READY_TO_CUT = "due"
        CUTTING = "cutting"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="snapshots")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="+")
    """Whose it is; null for the moment of an alert, which is the neighborhood's."""
    at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    purpose = models.CharField(max_length=40, blank=True)
    """Why staff keep a moment of a private camera (``viewing.Purpose``); its clip is watched under it."""
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    failure = models.CharField(max_length=60, blank=True)
    worker = models.CharField(max_length=80, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    path = models.CharField(max_length=200, blank=True)
    """Folder of the finished clip, relative to the snapshots' root."""
    bytes = models.PositiveBigIntegerField(default=0)
    """Of the finished clip's footage: what it takes of its holder's room (``cameras.room``)."""
    covers_from = models.DateTimeField(null=True, blank=True)
    covers_to = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
