"""Papers: photographed receipts, scanned resolutions. The bytes lie under ``<DATA_DIR>/papers/`` (``papers.py``)."""

from django.db import models

from backend.lib.clock import now
from backend.lib.ids import new_id
from neighborhoods.models.accounts import Account
from neighborhoods.models.places import Neighborhood, Ward


class Paper(models.Model):
    """One kept file. It is never changed: a better photograph is another paper."""

    class Kind(models.TextChoices):
        RESOLUTION = "resolution"
        RECEIPT = "receipt"
        LEGAL = "legal"
        DEMAND = "demand"  # of a ward: a legal demand for footage

    class MediaType(models.TextChoices):
        JPEG = "image/jpeg"
        PDF = "application/pdf"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    neighborhood = models.ForeignKey(
        Neighborhood, on_delete=models.PROTECT, null=True, blank=True, related_name="papers"
    )
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, null=True, blank=True, related_name="papers")
    """One of the two: whose paper it is."""
    kind = models.CharField(max_length=12, choices=Kind)
    media_type = models.CharField(max_length=20, choices=MediaType)
    name = models.CharField(max_length=120)
    """What the sender's file was called, to be recognised by whoever sent it."""
    size = models.PositiveIntegerField()
    """Bytes on disk."""
    sha256 = models.CharField(max_length=64)
    """Of the bytes as kept, so that a changed scan shows."""
    kept_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    kept_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(neighborhood__isnull=True) ^ models.Q(ward__isnull=True), name="paper_has_one_place"
            )
        ]
