"""From a decision to a camera: resolution → what households promised and gave → receipt → purchase → camera.

One visible chain for each camera that a fund bought or repaired. Totals only: no household stands in it.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Sum

from backend.lib.errors import Absent
from neighborhoods.access import Action, Actor
from neighborhoods.fund.campaigns import campaigns_for
from neighborhoods.fund.pledges import promised
from neighborhoods.models import Campaign, Expense, Paper, Payment, Refund, Resolution


@dataclass(frozen=True, slots=True)
class Link:
    """One expense for the camera, and the campaign that paid it."""

    campaign: Campaign
    resolution: Resolution | None
    """None, or one that did not pass: the money was given voluntarily."""
    pledged: int
    pledging_households: int
    received: int
    """Contributions less refunds, đồng."""
    giving_households: int
    expense: Expense
    receipt: Paper | None

    @property
    def is_voluntary(self) -> bool:
        return self.campaign.is_voluntary


def chain_of_camera(camera_id: UUID) -> list[Link]:
    """What was spent on the camera and stands, oldest first; an empty list where no fund had a part in it."""
    expenses = (
        Expense.objects.filter(camera_id=camera_id, reversed_at=None, state__in=Expense.SPENT)
        .select_related("campaign__neighborhood", "receipt")
        .prefetch_related("campaign__resolutions")
        .order_by("paid_on", "id")
    )
    return [_link(expense) for expense in expenses]


def chain_for(actor: Actor, camera_id: UUID) -> list[Link]:
    """The same for somebody: of the funds they may see. Raises ``Absent`` where none of those had a part in it."""
    mine = set(campaigns_for(actor, Action.SEE_FUND).values_list("id", flat=True))
    links = [link for link in chain_of_camera(camera_id) if link.campaign.id in mine]
    if not links:
        raise Absent()
    return links


def _link(expense: Expense) -> Link:
    campaign = expense.campaign
    pledged = promised(campaign)
    standing = {"campaign": campaign, "reversed_at": None}
    paid = Payment.objects.filter(**standing).aggregate(all=Sum("amount"), of=Count("household", distinct=True))
    back = Refund.objects.filter(**standing).aggregate(all=Sum("amount"))
    return Link(
        campaign=campaign,
        resolution=campaign.resolution,
        pledged=pledged.amount,
        pledging_households=pledged.households,
        received=(paid["all"] or 0) - (back["all"] or 0),
        giving_households=paid["of"],
        expense=expense,
        receipt=expense.receipt,
    )
