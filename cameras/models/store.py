"""What is recorded: slices, who may write them (leases), and what must not be deleted (holds)."""

from django.db import models

from backend.lib.clock import now
from backend.lib.ids import new_id
from cameras.models.registry import Camera, MediaNode, Rendition


class RecorderLease(models.Model):
    """The right to record one rendition. Taken by conditional UPDATE; ``generation`` rises with every taking."""

    rendition = models.OneToOneField(Rendition, on_delete=models.CASCADE, primary_key=True, related_name="lease")
    holder = models.CharField(max_length=80, blank=True)
    generation = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(default=now)


class SliceBatch(models.Model):
    """Slices whose roots one audit entry stands for (``store/roots.py``). Kept while one of them is."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    """The entry's subject."""
    leaves = models.BinaryField()
    """Of each slice, in the tree's order: its id, 16 bytes, and its root, 32 bytes."""
    made_at = models.DateTimeField(default=now)


class Slice(models.Model):
    """About a minute of one rendition: one append-only fMP4 file and its index journal (``.idx``).

    Inserted when the file is opened (``state=open``), completed when it is closed and synced to disk.
    """

    class State(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"
        RECOVERED = "recovered"  # closed by check_store or the recorder after a kill

    id = models.UUIDField(primary_key=True, editable=False)
    """Public and lasting; the same id stands in the journal's header and the file's name."""
    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="slices")
    rendition = models.CharField(max_length=4, choices=Rendition.Name)
    node = models.ForeignKey(MediaNode, on_delete=models.PROTECT, related_name="+")
    generation = models.PositiveIntegerField()
    path = models.CharField(max_length=200, unique=True)
    """Of the media file, relative to the store's root."""
    init_hash = models.CharField(max_length=64)
    mask_version = models.PositiveIntegerField(default=0)
    media_sequence = models.PositiveBigIntegerField()
    discontinuity_sequence = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    bytes = models.PositiveBigIntegerField(default=0)
    root = models.CharField(max_length=64, blank=True)
    """SHA-256 over the journal's header and records, hex; empty while open."""
    batch = models.ForeignKey(SliceBatch, on_delete=models.PROTECT, null=True, blank=True, related_name="slices")
    """In which its root was written into the audit; null until then."""

    class Meta:
        ordering = ["starts_at"]
        indexes = [
            models.Index(fields=["camera", "rendition", "starts_at"], name="slice_by_time"),
            models.Index(fields=["camera"], condition=models.Q(state="open"), name="slice_open"),
            models.Index(fields=["node"], condition=models.Q(batch__isnull=True), name="slice_unrooted"),
        ]


class Hold(models.Model):
    """Footage that must be kept intact (Criminal Procedure Code, Art. 107): retention asks here first."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="holds")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=60)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="hold_has_length"),
        ]
