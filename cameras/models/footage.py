"""Requests for footage (yêu cầu trích xuất hình ảnh): who asks what for which case, and what each camera's owner says.

Two kinds, never mixed: a voluntary request, which an owner may refuse, and a legal demand, which is served and answered
(Criminal Procedure Code, Art. 88). Nothing here holds a picture.
"""

from django.db import models
from django.db.models import F, Q

from backend.lib.clock import now
from backend.lib.ids import new_id
from cameras.models.cases import Case, Extraction
from cameras.models.registry import Camera
from cameras.models.store import Hold
from neighborhoods.models import Account, Paper


class FootageRequest(models.Model):
    class Kind(models.TextChoices):
        VOLUNTARY = "voluntary"
        DEMAND = "demand"

    class Basis(models.TextChoices):
        CRIMINAL = "criminal"
        ADMINISTRATIVE = "administrative"
        TRAFFIC = "traffic"
        MISSING_PERSON = "missing_person"
        DISASTER = "disaster"

    class Delivery(models.TextChoices):
        VIEW = "view"  # looked at where it lies
        COPY = "copy"  # taken away as a package

    class State(models.TextChoices):
        UNSIGNED = "unsigned"  # held already; nobody is asked before a superior has signed
        OPEN = "open"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="footage_requests")
    kind = models.CharField(max_length=10, choices=Kind)
    document_number = models.CharField(max_length=60)
    """Of the incoming document (số công văn đến)."""
    basis = models.CharField(max_length=16, choices=Basis)
    reason = models.CharField(max_length=12, choices=Extraction.Reason)
    words = models.CharField(max_length=400)
    """What is looked for, to be read by who decides."""
    area = models.JSONField()
    """``{"polygon": [[latitude, longitude], …]}`` or ``{"places": [neighborhood id, …]}``."""
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    urgent = models.BooleanField(default=False)
    """Life in danger: a superior's signature releases, and the owners are told at once."""
    delivery = models.CharField(max_length=4, choices=Delivery, default=Delivery.COPY)
    signatory = models.CharField(max_length=120, blank=True)
    """Of a legal demand: who signed it."""
    scan = models.ForeignKey(Paper, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """Of a legal demand. Without it nobody can confirm its service."""
    over_limits = models.JSONField(default=list)
    """Codes of ``footage.policy`` above which a superior must sign; empty where none was passed."""
    state = models.CharField(max_length=10, choices=State)
    asked_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=now)
    signed_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField()
    """Until then the footage is held and owners may answer."""
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    review_justified = models.BooleanField(null=True, blank=True)
    review_words = models.CharField(max_length=400, blank=True)
    concluded_at = models.DateTimeField(null=True, blank=True)
    """Its asker has said which footage helped and that copies are deleted; nothing is held any more."""

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="footage_request_has_length"),
            models.CheckConstraint(
                condition=Q(kind="voluntary", signatory="", scan__isnull=True) | (Q(kind="demand") & ~Q(signatory="")),
                name="footage_demand_has_a_signatory",
            ),
            models.CheckConstraint(condition=~Q(signed_by=F("asked_by")), name="footage_request_signed_by_another"),
            models.CheckConstraint(condition=~Q(reviewed_by=F("signed_by")), name="footage_request_seen_by_a_third"),
        ]
        indexes = [
            models.Index(fields=["case", "state"], name="footage_request_by_case"),
            models.Index(fields=["asked_by", "deadline_at"], name="footage_request_by_officer"),
        ]


class FootageAsk(models.Model):
    """One camera of a request, and what became of it. ``number`` is all its asker sees of it before release."""

    class State(models.TextChoices):
        PENDING = "pending"
        RELEASED = "released"
        DENIED = "denied"

    class How(models.TextChoices):
        """By what a camera's footage was released."""

        APPROVED = "approved"
        NARROWED = "narrowed"
        SERVED = "served"  # a legal demand whose service was confirmed
        URGENT = "urgent"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(FootageRequest, on_delete=models.PROTECT, related_name="asks")
    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="footage_asks")
    number = models.PositiveSmallIntegerField()
    """Its pseudonym in what leaves: K1, K2, … (the supplier's identity is confidential)."""
    hold = models.OneToOneField(Hold, on_delete=models.PROTECT, related_name="ask")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    how = models.CharField(max_length=10, choices=How, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    """What is asked, and after release what was granted."""
    decided_role = models.CharField(max_length=20, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    objection = models.CharField(max_length=400, blank=True)
    """To a legal demand. It is recorded and delays nothing."""
    question = models.CharField(max_length=400, blank=True)
    asked_back_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=400, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    package = models.ForeignKey(
        "cameras.EvidencePackage", on_delete=models.PROTECT, null=True, blank=True, related_name="asks"
    )
    """In which it leaves: one at most."""
    extraction = models.OneToOneField(Extraction, on_delete=models.PROTECT, null=True, blank=True, related_name="ask")
    """Its line in the register, once it was handed out or looked at."""

    class Meta:
        ordering = ["request", "number"]
        constraints = [
            models.UniqueConstraint(fields=["request", "camera"], name="footage_ask_once"),
            models.UniqueConstraint(fields=["request", "number"], name="footage_ask_number_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="footage_ask_has_length"),
            models.CheckConstraint(
                condition=Q(state="released", decided_at__isnull=False) & ~Q(how="")
                | Q(state="denied", how="", decided_at__isnull=False)
                | Q(state="pending", how="", decided_at__isnull=True),
                name="footage_ask_says_how",
            ),
        ]
        indexes = [models.Index(fields=["camera", "state"], name="footage_ask_by_camera")]
