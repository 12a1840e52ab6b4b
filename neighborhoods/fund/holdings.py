"""What the fund keeps of a household, for the household itself (``owndata``)."""

from backend.lib.clock import iso
from neighborhoods.models import Payment, Pledge, Refund, Waiver
from neighborhoods.owndata import MOST_ROWS, Holding, Rows, Subject


def pledges(subject: Subject) -> Rows:
    rows = Pledge.objects.filter(household_id=subject.household_id).select_related("campaign").order_by("-id")
    return [
        {
            "campaign": row.campaign.code, "amount": row.amount, "at": iso(row.pledged_at),
            "in_force": row.superseded_at is None,
        }
        for row in rows[:MOST_ROWS]
    ]  # fmt: skip


def payments(subject: Subject) -> Rows:
    rows = Payment.objects.filter(household_id=subject.household_id).select_related("campaign").order_by("-id")
    return [
        {
            "campaign": row.campaign.code, "amount": row.amount, "method": row.method, "on": row.paid_on.isoformat(),
            "receipt": row.receipt_number, "reversed": row.reversed_at is not None,
        }
        for row in rows[:MOST_ROWS]
    ]  # fmt: skip


def refunds(subject: Subject) -> Rows:
    rows = Refund.objects.filter(household_id=subject.household_id).select_related("campaign").order_by("-id")
    return [
        {"campaign": row.campaign.code, "amount": row.amount, "reversed": row.reversed_at is not None}
        for row in rows[:MOST_ROWS]
    ]


def waivers(subject: Subject) -> Rows:
    rows = Waiver.objects.filter(household_id=subject.household_id).select_related("campaign").order_by("-id")
    return [{"campaign": row.campaign.code, "reason": row.reason} for row in rows[:MOST_ROWS]]


HOLDINGS = [
    Holding("pledges", pledges),
    Holding("payments", payments),
    Holding("refunds", refunds),
    Holding("waivers", waivers),
]
