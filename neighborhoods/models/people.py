"""Household (hộ) and member. One household lives at an address, even when several registrations share it."""

from django.db import models

from backend.lib.clock import now
from backend.lib.ids import new_id
from neighborhoods.models.places import Neighborhood


class Household(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    neighborhood = models.ForeignKey(Neighborhood, on_delete=models.PROTECT, related_name="households")
    number = models.PositiveIntegerField()
    """Running number inside the neighborhood: ``H086`` on paper."""
    name = models.CharField(max_length=120)
    """What the neighborhood calls it, such as "Hộ bà Hoa". It is laid over what the household watches."""
    address = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=now)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["neighborhood", "number"], name="household_number_once"),
            models.UniqueConstraint(
                fields=["neighborhood", "address"],
                condition=models.Q(left_at__isnull=True),  # who moved away leaves the address to the next
                name="household_address_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="members")
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(default=now)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.name
