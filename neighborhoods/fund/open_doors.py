"""Which funds stand open to everybody, by the codes that are printed on the notice board. No sign-in is asked."""

from uuid import UUID

from django.db.models import QuerySet

from backend.lib.errors import Absent
from neighborhoods.models import Campaign, Expense, LedgerEntry, Neighborhood, PlaceHistory


def open_place(code: str) -> Neighborhood:
    """The neighborhood of that code, however its letters are written; what hangs on old notice boards leads there too.

    A code it had before it moved to another ward, and that of one that was merged into it. Raises ``Absent``.
    """
    code = code.upper()
    rows = Neighborhood.objects.select_related("ward")
    found = rows.filter(code=code).first()
    if found is None:
        past = PlaceHistory.objects.filter(neighborhood__isnull=False, code=code).order_by("-recorded_at")
        found = rows.filter(id=past.values("neighborhood_id")[:1]).first()
    while found is not None and found.merged_into_id is not None:  # a closed one leads on, never back
        found = rows.get(id=found.merged_into_id)
    if found is None:
        raise Absent()
    return found


def open_campaigns(place: Neighborhood) -> QuerySet[Campaign]:
    """Its campaigns, the newest first; those that are over stay."""
    return _campaigns().filter(neighborhood=place).order_by("-starts_on", "-id")


def open_campaign(place_code: str, campaign_code: str) -> Campaign:
    """One campaign with its place and resolutions. Raises ``Absent``."""
    found = _campaigns().filter(neighborhood=open_place(place_code), code=campaign_code.upper()).first()
    if found is None:
        raise Absent()
    return found


def open_receipt(campaign: Campaign, expense_id: UUID) -> Expense:
    """An expense that has been booked, with its receipt. What waits or was refused is nobody's news: ``Absent``."""
    booked = LedgerEntry.objects.filter(campaign=campaign, expense_id=expense_id)
    found = Expense.objects.select_related("receipt").filter(id=expense_id, receipt__isnull=False).first()
    if found is None or not booked.exists():
        raise Absent()
    return found


def _campaigns() -> QuerySet[Campaign]:
    return Campaign.objects.select_related("neighborhood__ward").prefetch_related("resolutions")
