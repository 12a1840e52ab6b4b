"""Ward (phường, xã, đặc khu) and neighborhood (tổ dân phố, thôn). There is no district level since 2025-07-01."""

from django.db import models

from backend.lib.clock import now
from backend.lib.ids import new_id


class Ward(models.Model):
    """One of 3,321 communes. Official codes are zero-padded text and never reused."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=5, unique=True)
    name = models.CharField(max_length=120)
    province_code = models.CharField(max_length=2)
    province_name = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.name}, {self.province_name}"


class Neighborhood(models.Model):
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
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.name}, {self.ward}"
