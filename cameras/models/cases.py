"""The register of extractions (sổ trích xuất): which case asked footage of which camera, and what came of it.

A case has its number and a named officer; an extraction has a reason from a closed list. "Investigation" is none: it is
what people write when they do not want to say why.
"""

from django.db import models
from django.db.models import F, Q

from backend.lib.clock import now
from backend.lib.ids import new_id
from cameras.models.registry import Camera
from neighborhoods.models import Account, Ward


class Case(models.Model):
    """A case (vụ việc) of a ward's police."""

    class Kind(models.TextChoices):
        THEFT = "theft"
        TRAFFIC = "traffic"
        ASSAULT = "assault"
        FIRE = "fire"
        MISSING_PERSON = "missing_person"
        PUBLIC_ORDER = "public_order"
        FRAUD = "fraud"
        OTHER = "other"

    class Outcome(models.TextChoices):
        CLARIFIED = "clarified"
        NOT_CLARIFIED = "not_clarified"
        DROPPED = "dropped"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="+")
    case_number = models.CharField(max_length=40)
    """As the police number it; once in the ward that numbered it."""
    series = models.CharField(max_length=5, default="")
    """That ward's code. Where wards are merged the case goes with them, and two may then have one number."""
    kind = models.CharField(max_length=16, choices=Kind)
    opened_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(default=now)
    outcome = models.CharField(max_length=16, choices=Outcome, null=True, blank=True)
    outcome_at = models.DateTimeField(null=True, blank=True)
    offence_found = models.BooleanField(default=False)
    """Whether an offence was established: a case may be clarified without one."""

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["series", "case_number"], name="case_number_once"),
            models.CheckConstraint(
                condition=Q(outcome__isnull=True, outcome_at__isnull=True, offence_found=False)
                | Q(outcome__isnull=False, outcome_at__isnull=False),
                name="case_outcome_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["ward", "opened_at"], name="case_by_ward"),
            models.Index(fields=["outcome_at"], name="case_by_outcome"),
        ]


class Extraction(models.Model):
    """Footage of one camera looked through for one case. The footage itself is the requests' (``FootageRequest``)."""

    class Reason(models.TextChoices):
        VEHICLE = "vehicle"  # which vehicle, where it went
        PERSON = "person"  # who was there, where they went
        SEQUENCE = "sequence"  # what happened, in which order
        TIME_PLACE = "time_place"  # when and where it was
        STATEMENT = "statement"  # whether a statement holds
        SEARCH = "search"  # somebody or something that is missing

    class Outcome(models.TextChoices):
        USED = "used"
        NOT_USED = "not_used"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="extractions")
    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=12, choices=Reason)
    what_helped = models.JSONField(default=list, blank=True)
    """Codes of ``cases.HELPS``, in that order; empty until the outcome says it was used."""
    taken_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(default=now)
    outcome = models.CharField(max_length=8, choices=Outcome, null=True, blank=True)
    outcome_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="extraction_ends_after_start"),
            models.CheckConstraint(
                condition=Q(outcome__isnull=True, outcome_at__isnull=True)
                | Q(outcome__isnull=False, outcome_at__isnull=False),
                name="extraction_outcome_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["camera", "taken_at"], name="extraction_by_camera"),
            models.Index(fields=["taken_at"], name="extraction_by_time"),
        ]
