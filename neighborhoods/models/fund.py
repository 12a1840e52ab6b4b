"""The fund's plan: a campaign per purpose, the resolution behind it, what households pledge, who is excused.

Amounts are whole đồng. What moved is in ``money.py``.
"""

from django.db import models
from django.db.models import Q

from backend.lib.clock import now
from backend.lib.ids import new_id
from neighborhoods.fund.arithmetic import two_thirds
from neighborhoods.models.accounts import Account
from neighborhoods.models.papers import Paper
from neighborhoods.models.people import Household
from neighborhoods.models.places import Neighborhood

MOST_DONG = 10**12
"""No neighborhood moves more at once; a number above it is a slip of the finger or of a parser."""


def amount_check(name: str, *, field: str = "amount", least: int = 1) -> models.CheckConstraint:
    """The database's own limit of an amount in đồng; nothing (NULL) passes where the column allows it."""
    return models.CheckConstraint(condition=Q(**{f"{field}__gte": least, f"{field}__lte": MOST_DONG}), name=name)


class Campaign(models.Model):
    """Đợt vận động: one fund, one purpose. Money never goes from one to another."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    neighborhood = models.ForeignKey(Neighborhood, on_delete=models.PROTECT, related_name="campaigns")
    code = models.CharField(max_length=6)
    """2 to 6 of A-Z and 0-9: stands in transfers (``HG7 CAM H086``) and on receipts (``0012/CAM``)."""
    purpose = models.CharField(max_length=120)
    description = models.TextField(max_length=2000, blank=True)
    target = models.BigIntegerField()
    suggestion = models.BigIntegerField(null=True, blank=True)
    """Per household; due only behind a resolution that passed, in a voluntary collection a hint."""
    starts_on = models.DateField()
    ends_on = models.DateField()
    approval_above = models.BigIntegerField()
    """An expense of more waits for a second person; 0 means every expense."""
    opened_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=now)
    closed_at = models.DateTimeField(null=True, blank=True)
    closing_note = models.CharField(max_length=500, blank=True)
    """What becomes of the money that is left. It is public."""

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["neighborhood", "code"], name="campaign_code_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="campaign_ends_after_start"),
            models.CheckConstraint(condition=Q(code__regex=r"^[A-Z0-9]{2,6}$"), name="campaign_code_form"),
            amount_check("campaign_target", field="target"),
            amount_check("campaign_suggestion", field="suggestion"),
            amount_check("campaign_approval_above", field="approval_above", least=0),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.purpose}"

    @property
    def resolution(self) -> "Resolution | None":
        """The one in force. Prefetched resolutions are used where they are there."""
        return next((one for one in self.resolutions.all() if one.superseded_at is None), None)

    @property
    def is_voluntary(self) -> bool:
        """No resolution, or under two thirds of all households: nobody owes anything (Grassroots Democracy Law
        10/2022, Art. 21)."""
        found = self.resolution
        return found is None or not found.passed


class Resolution(models.Model):
    """Nghị quyết of the households, as it was taken at a meeting or by ballot. No vote happens here: it is recorded.

    A correction is a new row; the old one is superseded and stays.
    """

    class Form(models.TextChoices):
        MEETING = "meeting"
        PAPER = "paper"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="resolutions")
    held_on = models.DateField()
    households_total = models.PositiveIntegerField()
    households_present = models.PositiveIntegerField()
    households_absent = models.PositiveIntegerField()
    in_favour = models.PositiveIntegerField()
    form = models.CharField(max_length=8, choices=Form)
    content = models.TextField(max_length=4000)
    signatories = models.JSONField(default=list)
    """``[{"role": …, "name": …}]``; roles are ``leader``, ``front``, ``household``, ``secretary``, ``other``. The law
    asks for the leader, the Front's head and two households (Grassroots Democracy Law 10/2022)."""
    scan = models.ForeignKey(Paper, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    recorded_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(superseded_at__isnull=True), name="resolution_in_force_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    households_total__gt=0,
                    households_total=models.F("households_present") + models.F("households_absent"),
                    in_favour__lte=models.F("households_present"),
                ),
                name="resolution_adds_up",
            ),
        ]

    @property
    def needed(self) -> int:
        """In favour, so that it passes: two thirds of *all* households, present or not."""
        return two_thirds(self.households_total)

    @property
    def passed(self) -> bool:
        return self.in_favour >= self.needed


class Pledge(models.Model):
    """What a household promises. Another amount is another row; the one before is superseded. 0 takes it back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="pledges")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="pledges")
    amount = models.BigIntegerField()
    pledged_by = models.CharField(max_length=80)
    """The actor's pseudonym: the household's phone, or the treasurer who wrote it down for them."""
    pledged_at = models.DateTimeField(default=now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "household"], condition=Q(superseded_at__isnull=True), name="pledge_in_force_once"
            ),
            amount_check("pledge_amount", least=0),
        ]


class Waiver(models.Model):
    """A household is excused. Seen by treasurer and leader, and by the household itself; never public."""

    class Reason(models.TextChoices):
        POOR = "poor"
        NEAR_POOR = "near_poor"
        POLICY = "policy"  # families of martyrs, invalids, people of merit
        ELDERLY = "elderly"  # old and alone
        ILLNESS = "illness"
        DISASTER = "disaster"
        AWAY = "away"
        OTHER = "other"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="waivers")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="waivers")
    reason = models.CharField(max_length=12, choices=Reason)
    words = models.CharField(max_length=300, blank=True)
    granted_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(default=now)
    ended_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "household"], condition=Q(ended_at__isnull=True), name="waiver_in_force_once"
            ),
        ]
