"""Packages of footage that leave (gói hình), and the links by which they are fetched (``footage/packages``)."""

from django.db import models
from django.db.models import Q

from backend.lib.clock import now
from backend.lib.ids import new_id
from cameras.models.footage import FootageRequest
from cameras.models.registry import MediaNode
from neighborhoods.models import Account, Device, Job


class EvidencePackage(models.Model):
    """What was released of one request up to a moment, as one package. Its files lie under ``<DATA_DIR>/evidence``.

    Each camera's release stands in one package at most (``FootageAsk.package``). While ``made_at`` is null a job is
    at it, or has failed and can be begun again; what it makes is the same package.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(FootageRequest, on_delete=models.PROTECT, related_name="packages")
    number = models.PositiveSmallIntegerField()
    """Of the request's packages, from 1."""
    node = models.ForeignKey(MediaNode, on_delete=models.PROTECT, related_name="+")
    """Which machine holds the bytes, makes the package and hands it out."""
    ordered_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField(default=now)
    viewing_copies = models.BooleanField(default=False)
    """Whether a copy to look at, with time and reader burnt in, lies beside each file of footage."""
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    """The newest that was to make it; gone a day after it ended."""
    annex = models.BinaryField()
    """Who supplied what, sealed (``footage/annex``); the same bytes as in the package."""
    made_at = models.DateTimeField(null=True, blank=True)
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    bytes = models.PositiveBigIntegerField(default=0)
    """Of its ZIP."""
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    """An owner took their yes back before it was fetched: nobody fetches it any more."""
    taken_at = models.DateTimeField(null=True, blank=True)
    """Its first byte was handed out: from now on nobody takes a yes back."""
    handed_at = models.DateTimeField(null=True, blank=True)
    """It was handed out whole."""
    removed_at = models.DateTimeField(null=True, blank=True)
    """Its files are deleted here."""
    fetches = models.PositiveSmallIntegerField(default=1)
    """How often it may be fetched whole. Each beyond the first was signed for by a superior."""

    class Meta:
        ordering = ["request", "number"]
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="evidence_package_number_once"),
            models.CheckConstraint(
                condition=Q(made_at__isnull=True, manifest_sha256="", taken_at__isnull=True)
                | Q(made_at__isnull=False) & ~Q(manifest_sha256=""),
                name="evidence_package_taken_once_made",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(taken_at__isnull=True),
                name="evidence_package_withdrawn_or_taken",
            ),
        ]


class AnnexOpening(models.Model):
    """Somebody in charge had to know who supplied a package's footage, and said why."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    package = models.ForeignKey(EvidencePackage, on_delete=models.PROTECT, related_name="annex_openings")
    opened_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=now)
    words = models.CharField(max_length=400)


class EvidenceLink(models.Model):
    """The right to fetch a package once, in the session that asked for it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    package = models.ForeignKey(EvidencePackage, on_delete=models.PROTECT, related_name="links")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """The session it is bound to; null where it was copied to a stick at the machine itself."""
    made_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    """The last byte was handed out."""

    class Meta:
        ordering = ["made_at"]
