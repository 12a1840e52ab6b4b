"""Province (tỉnh), ward (phường, xã, đặc khu) and neighborhood (tổ dân phố, thôn). There is no district level since
2025-07-01.

Ids never change. A rename, merge or split changes names and belongings, and what was is a row of ``PlaceHistory``. A
place that was merged into another stays as a closed row: its code is never given again, and old paper that names it
still leads somewhere.
"""

from django.db import models
from django.db.models import Q

from backend.lib.clock import now
from backend.lib.derived import DerivedField, Derives
from backend.lib.ids import new_id


class Province(Derives):
    """One of 34 since 2025-07-01. The code is official, two digits, zero-padded text."""

    class Kind(models.TextChoices):
        PROVINCE = "province"  # tỉnh
        CITY = "city"  # thành phố trực thuộc trung ương

    code = models.CharField(primary_key=True, max_length=2)
    name = models.CharField(max_length=120)
    """Without its kind: Tuyên Quang."""
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PROVINCE)
    folded = DerivedField(sources=["name"])

    class Meta:
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{2}$"), name="province_code_form")]

    def __str__(self) -> str:
        return self.name


class Ward(Derives):
    """One of 3,321 communes. Official codes are zero-padded text and never reused."""

    class Kind(models.TextChoices):
        WARD = "ward"  # phường
        COMMUNE = "commune"  # xã
        ZONE = "zone"  # đặc khu

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=5, unique=True)
    name = models.CharField(max_length=120)
    """With its kind, as people write it: Phường Hà Giang 2."""
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.WARD)
    province_code = models.CharField(max_length=2)
    """Of a ``Province``; it and the name stand here too, for nearly everything that shows a ward shows them."""
    province_name = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=now)
    closed_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_from")
    folded = DerivedField(sources=["name", "province_name", "code"])

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, merged_into__isnull=True)
                | Q(closed_at__isnull=False, merged_into__isnull=False),
                name="ward_closed_leads_on",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.province_name}"


class Neighborhood(Derives):
    """A tổ dân phố. Its code is ours, minted under the ward's; its selector stands in front of every access code."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="neighborhoods")
    code = models.CharField(max_length=16, unique=True)
    selector = models.CharField(max_length=12, unique=True)
    """Public prefix of typed codes, such as ``HG7``: upper-case letters and digits, as many as it needs."""
    legal_record = models.ForeignKey(
        "neighborhoods.LegalRecord", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """The signed record in force (``legal``). Without one no camera here is recorded."""
    name = models.CharField(max_length=120)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    """Its middle, in degrees (WGS 84), as those who lead it say: both or neither. Never reckoned from cameras, for who
    asks for footage sees it before anything is released."""
    created_at = models.DateTimeField(default=now)
    closed_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_from")
    folded = DerivedField(sources=["name", "code", "selector"])

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, merged_into__isnull=True)
                | Q(closed_at__isnull=False, merged_into__isnull=False),
                name="neighborhood_closed_leads_on",
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="neighborhood_middle_on_the_map",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.ward}"
