"""What a person asks about the data kept of them, and by when the law wants an answer (Decree 356/2025)."""

from django.db import models
from django.db.models import F, Q

from backend.lib.clock import now
from backend.lib.ids import new_id
from neighborhoods.models.accounts import Account
from neighborhoods.models.people import Household, Member
from neighborhoods.models.places import Neighborhood


class DataRequest(models.Model):
    """One request at the desk. Its days are computed once, by ``datadesk``, and stored: a rule that changes later
    changes no day that somebody was told."""

    class Kind(models.TextChoices):
        SEE = "see"
        CORRECT = "correct"
        EXPORT = "export"
        DELETE = "delete"
        RESTRICT = "restrict"
        OBJECT = "object"
        WITHDRAW = "withdraw"  # consent that was given
        VIEW = "view"  # a camera looks at my door or yard

    class State(models.TextChoices):
        RECEIVED = "received"
        ANSWERED = "answered"  # the asker was told what happens now
        DONE = "done"
        REFUSED = "refused"

    class Ground(models.TextChoices):
        """Why a request may be refused: a closed list, so that "not today" is none."""

        LAW_KEEPS = "law_keeps"  # the law says that it is kept: the fund's books, evidence under a hold
        NOT_THEIRS = "not_theirs"  # it is about somebody else, or nobody could show that it is about them
        OTHERS_RIGHTS = "others_rights"
        ORDER = "order"  # public order and safety, Law 91/2025, Article 32
        NOTHING_KEPT = "nothing_kept"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    neighborhood = models.ForeignKey(Neighborhood, on_delete=models.PROTECT, related_name="data_requests")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """None for a passer-by who came to the leader's door."""
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    asker_name = models.CharField(max_length=120, blank=True)
    """Of somebody at the door. A member's name stands in their own row."""
    asker_contact = models.CharField(max_length=120, blank=True)
    words = models.CharField(max_length=1000, blank=True)
    camera_id = models.UUIDField(null=True, blank=True)
    """Whose view is complained of. Cameras stand above this app and are named by their id."""
    other_party = models.BooleanField(default=False)
    """Whether somebody else must act too, such as the owner of a camera: 20 days instead of 15."""
    received_at = models.DateTimeField(default=now)
    answer_due = models.DateField()
    finish_due = models.DateField()
    """The last day, in Vietnam; the day itself still counts."""
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=1000, blank=True)
    extended_at = models.DateTimeField(null=True, blank=True)
    extension_reason = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=1000, blank=True)
    ground = models.CharField(max_length=16, choices=Ground, blank=True)
    entered_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["finish_due", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(finish_due__gte=F("answer_due")), name="data_request_days_in_order"),
            models.CheckConstraint(
                condition=Q(state__in=["received", "answered"], closed_at__isnull=True)
                | Q(state__in=["done", "refused"], closed_at__isnull=False),
                name="data_request_closed_has_a_day",
            ),
            models.CheckConstraint(
                condition=(Q(state="refused") & ~Q(ground="")) | (~Q(state="refused") & Q(ground="")),
                name="data_request_refused_has_a_ground",
            ),
        ]
        indexes = [
            models.Index(fields=["neighborhood", "finish_due"], condition=Q(closed_at=None), name="data_request_open")
        ]
