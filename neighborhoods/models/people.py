"""Household (hộ) and member. One household lives at an address, even when several registrations share it."""

from django.db import models

from backend.lib.clock import now
from backend.lib.derived import DerivedField, Derives
from backend.lib.ids import new_id
from neighborhoods.addresses import address_key
from neighborhoods.models.places import Neighborhood


class Household(Derives):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    neighborhood = models.ForeignKey(Neighborhood, on_delete=models.PROTECT, related_name="households")
    number = models.PositiveIntegerField()
    """Running number inside the neighborhood: ``H086`` on paper."""
    name = models.CharField(max_length=120)
    """What the neighborhood calls it, such as "Hộ bà Hoa". It is laid over what the household watches."""
    address = models.CharField(max_length=200)
    address_key = DerivedField(sources=["address"], by=address_key)
    """Two spellings of one address have one key (``addresses``)."""
    address_twin = models.PositiveSmallIntegerField(default=0)
    """0 for the one household of an address. Those that come with a merge of neighborhoods to an address that is taken
    are 1, 2 …, until the leader has said which is right."""
    created_at = models.DateTimeField(default=now)
    left_at = models.DateTimeField(null=True, blank=True)
    folded = DerivedField(sources=["name", "address", "number"], max_length=400)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["neighborhood", "number"], name="household_number_once"),
            models.UniqueConstraint(
                fields=["neighborhood", "address_key", "address_twin"],
                condition=models.Q(left_at__isnull=True),  # who moved away leaves the address to the next
                name="household_address_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class HouseholdRegistration(models.Model):
    """One of the registrations that share a household's address: the family's, lodgers', a shop's.

    ``reference`` is what the leader writes to recognise it by. Numbers of identity cards are refused
    (``registrations``): they are sensitive, and nothing here needs them (Law 91/2025).
    """

    class Kind(models.TextChoices):
        PERMANENT = "permanent"  # thường trú
        TEMPORARY = "temporary"  # tạm trú
        BUSINESS = "business"  # hộ kinh doanh
        OTHER = "other"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="registrations")
    kind = models.CharField(max_length=10, choices=Kind)
    reference = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]


class Member(Derives):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="members")
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(default=now)
    left_at = models.DateTimeField(null=True, blank=True)
    folded = DerivedField(sources=["name"], max_length=200)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.name
