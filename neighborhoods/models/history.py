"""What a place was called, under which code, until when, and by which decision. Rows are only added."""

from django.db import models
from django.db.models import Q

from backend.lib.derived import DerivedField, Derives
from backend.lib.ids import new_id
from neighborhoods.models.people import Household
from neighborhoods.models.places import Neighborhood, Ward


class PlaceHistory(Derives):
    """One change of one ward, neighborhood or household, with what was before it.

    A household's row tells numbers and belonging only, never its name.
    """

    class Change(models.TextChoices):
        RENAMED = "renamed"
        MERGED = "merged"  # it was closed, and what hung on it went to ``into_id``
        SPLIT = "split"  # it was made out of ``former_place_id``
        MOVED = "moved"  # it belongs to another place than before
        RENUMBERED = "renumbered"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, null=True, related_name="history")
    neighborhood = models.ForeignKey(Neighborhood, on_delete=models.PROTECT, null=True, related_name="history")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="history")
    change = models.CharField(max_length=10, choices=Change)
    name = models.CharField(max_length=120, blank=True)
    code = models.CharField(max_length=16)
    """The code it had; of a household its number, ``H086``."""
    former_place_id = models.UUIDField(null=True)
    """The ward (of a neighborhood) or neighborhood (of a household) it belonged to before."""
    into_id = models.UUIDField(null=True)
    until = models.DateField()
    """The day from which the new holds, as the decision says; local."""
    decision = models.CharField(max_length=120, blank=True)
    """Number of the decision, such as 1684/NQ-UBTVQH15."""
    recorded_at = models.DateTimeField()
    folded = DerivedField(sources=["name", "code"])

    class Meta:
        ordering = ["recorded_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ward__isnull=False, neighborhood__isnull=True, household__isnull=True)
                | Q(ward__isnull=True, neighborhood__isnull=False, household__isnull=True)
                | Q(ward__isnull=True, neighborhood__isnull=True, household__isnull=False),
                name="history_of_one_place",
            )
        ]
