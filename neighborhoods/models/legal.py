"""Who controls and who processes what the cameras record: written down and signed before the first recording."""

from django.db import models

from backend.lib.clock import now
from backend.lib.ids import new_id


class LegalRecord(models.Model):
    """One signed record. Rows are never changed: a new one takes its place, and ``Neighborhood.legal_record`` names the
    one in force."""

    class Controller(models.TextChoices):
        """Who decides what is recorded and why (Law 91/2025, "bên kiểm soát dữ liệu")."""

        BOARD = "board"  # the neighborhood's self-management board
        WARD = "ward"
        HOUSEHOLD = "household"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    neighborhood = models.ForeignKey(
        "neighborhoods.Neighborhood", on_delete=models.PROTECT, related_name="legal_records"
    )
    controller = models.CharField(max_length=10, choices=Controller)
    controller_name = models.CharField(max_length=200)
    processor_name = models.CharField(max_length=200)
    """Who runs the server, under the controller's instructions; may be the controller itself."""
    purposes = models.JSONField(default=list)
    """Codes of ``legal.PURPOSES``."""
    retention_days = models.PositiveSmallIntegerField()
    contact = models.CharField(max_length=200)
    """Where a person turns to with a question or complaint; it stands on the sign."""
    sign_version = models.PositiveSmallIntegerField()
    """Which wording of the street sign (``legal.SIGNS``) goes with it."""
    document = models.ForeignKey(
        "neighborhoods.Paper", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """The scanned paper with its signatures, where one was kept."""
    signed_name = models.CharField(max_length=120)
    signed_by = models.ForeignKey(
        "neighborhoods.Account", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    signed_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["-signed_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(retention_days__gte=1), name="legal_record_keeps_for_days"),
        ]
