"""Invitations: how somebody comes to an account and a role. The link's secret is kept only as a hash."""

from django.db import models

from backend.lib.clock import now
from backend.lib.ids import new_id
from neighborhoods.models.accounts import Account, RoleGrant
from neighborhoods.models.people import Household
from neighborhoods.models.places import Neighborhood, Ward


class Invitation(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token_hash = models.BinaryField(max_length=32, unique=True)
    role = models.CharField(max_length=20)
    """A value of ``neighborhoods.access.Role``."""
    neighborhood = models.ForeignKey(Neighborhood, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    unit = models.CharField(max_length=120, blank=True)
    """An officer's, such as "Công an phường Hà Giang 2"."""
    name = models.CharField(max_length=120)
    """Whom it is for, as the inviting person calls them. It becomes the new account's name."""
    replaces = models.ForeignKey(RoleGrant, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """A handover: this role ends in the moment the invitation is accepted."""
    renews = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """Whoever lost password or telephone: the link lets this account choose a new password, and gives no role."""
    invited_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(used_at__isnull=True) | models.Q(revoked_at__isnull=True),
                name="invitation_used_or_revoked",
            ),
            models.CheckConstraint(
                condition=models.Q(neighborhood__isnull=True) | models.Q(ward__isnull=True),
                name="invitation_has_one_place",
            ),
            models.CheckConstraint(
                condition=models.Q(household__isnull=True) | models.Q(neighborhood__isnull=True, ward__isnull=True),
                name="invitation_to_a_household_alone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.role}"
