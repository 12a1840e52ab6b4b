"""Receipts of payments: who may have one, and what stands on it."""

from uuid import UUID

from backend.lib.clock import vietnam_day
from backend.lib.errors import Absent
from neighborhoods.access import Action, Actor, Place
from neighborhoods.fund.receipt_paper import Receipt
from neighborhoods.models import Payment


def receipt_for(actor: Actor, payment_id: UUID) -> Payment:
    """The payment behind a receipt: for the household that gave, for treasurer and leader. Raises ``Absent``."""
    payment = (
        Payment.objects.select_related("campaign__neighborhood__ward", "household", "recorded_by")
        .prefetch_related("campaign__resolutions")
        .filter(id=payment_id)
        .first()
    )
    if payment is None:
        raise Absent()
    neighborhood = payment.campaign.neighborhood
    home = Place(neighborhood.ward_id, neighborhood.id, owner_household_id=payment.household_id)
    if not (actor.role_at(home, Action.SEE_OWN_DUES) or actor.role_at(home, Action.SEE_DUES)):
        raise Absent()
    return payment


def receipt_of(payment: Payment) -> Receipt:
    """What stands on it: as it was paid, and that it was taken back where it was."""
    campaign, household = payment.campaign, payment.household
    ward = campaign.neighborhood.ward
    return Receipt(
        place=campaign.neighborhood.name,
        ward=f"{ward.name}, {ward.province_name}",
        number=payment.receipt_number,
        campaign_code=campaign.code,
        purpose=campaign.purpose,
        household=f"H{household.number:03d} · {household.name}",
        address=household.address,
        amount=payment.amount,
        method=payment.method,
        paid_on=payment.paid_on,
        received_by=str(payment.recorded_by) if payment.recorded_by else "",
        voluntary=campaign.is_voluntary,
        reversed_on=vietnam_day(payment.reversed_at) if payment.reversed_at else None,
    )
