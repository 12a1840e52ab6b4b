"""The cameras that a ward's operations room has before its eyes (phòng trực)."""

from django.db import models

from cameras.models.registry import Camera
from neighborhoods.models import Ward


class RoomCamera(models.Model):
    """One chosen camera. It hangs in one room: that of the ward it stands in."""

    camera = models.OneToOneField(Camera, on_delete=models.CASCADE, primary_key=True, related_name="room")
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    """From 0, as they were chosen. Two rooms that were merged have each position twice."""

    class Meta:
        ordering = ["position", "camera_id"]
