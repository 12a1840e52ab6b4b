"""People who sign in with a password: leaders, deputies, treasurers, officers, operators, administrators.

Residents never do: they redeem a code and hold a device token.
"""

from django.contrib.auth.models import AbstractUser
from django.db import models

from backend.lib.clock import now
from backend.lib.ids import new_id
from neighborhoods.models.people import Household
from neighborhoods.models.places import Neighborhood, Ward


class Account(AbstractUser):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    display_name = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return self.display_name or self.username


class RoleGrant(models.Model):
    """A role somebody holds in a place until a day. Every grant has an end (a leader's is five years)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20)
    """A value of ``neighborhoods.access.Role``."""
    neighborhood = models.ForeignKey(Neighborhood, on_delete=models.PROTECT, null=True, blank=True)
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, null=True, blank=True)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """The registered address that a school's staff serve."""
    unit = models.CharField(max_length=120, blank=True)
    """An officer's, such as "Công an phường Hà Giang 2"."""
    starts_at = models.DateTimeField(default=now)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="role_has_an_end"),
            models.CheckConstraint(
                condition=models.Q(household__isnull=True) | models.Q(neighborhood__isnull=True, ward__isnull=True),
                name="role_of_a_household_alone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.role}"


class SetupLink(models.Model):
    """The one-time link by which the first administrator of an empty installation signs up."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
