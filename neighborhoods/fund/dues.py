"""Dues: what each household promised, gave and owes. For treasurer and leader; a household reads its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, Sum

from neighborhoods.fund import arithmetic
from neighborhoods.fund.arithmetic import Dues
from neighborhoods.models import Campaign, Household, Payment, Pledge, Refund, Waiver

Key = tuple[UUID, UUID]
"""Campaign, household."""


@dataclass(frozen=True, slots=True)
class HouseholdDues:
    """One household in one campaign."""

    campaign: Campaign
    household: Household
    sums: Dues
    waiver: Waiver | None


def dues_of(campaign: Campaign) -> list[HouseholdDues]:
    """Every household that lives there, and those that moved away but gave or promised something, by number."""
    involved = (
        Q(neighborhood_id=campaign.neighborhood_id, left_at=None)
        | Q(id__in=Payment.objects.filter(campaign=campaign).values("household_id"))
        | Q(id__in=Pledge.objects.filter(campaign=campaign).values("household_id"))
    )
    households = Household.objects.filter(involved).order_by("number", "id")
    return _told([campaign], households)


def household_dues(household_id: UUID) -> list[HouseholdDues]:
    """One household's, in every campaign of its neighborhood and wherever it gave something, newest campaign first."""
    household = Household.objects.get(id=household_id)
    campaigns = (
        Campaign.objects.filter(
            Q(neighborhood_id=household.neighborhood_id)
            | Q(id__in=Payment.objects.filter(household=household).values("campaign_id"))
        )
        .select_related("neighborhood")
        .prefetch_related("resolutions")
        .order_by("-id")
    )
    return _told(campaigns, [household])


def due_of(campaign: Campaign, household_id: UUID) -> Dues:
    """One household's sums in one campaign."""
    return _sums([campaign], [household_id])[campaign.id, household_id][0]


def _told(campaigns: Iterable[Campaign], households: Iterable[Household]) -> list[HouseholdDues]:
    campaigns, households = list(campaigns), list(households)
    found = _sums(campaigns, [household.id for household in households])
    by_id = {household.id: household for household in households}
    for _dues, waiver in found.values():
        if waiver is not None:
            waiver.household = by_id[waiver.household_id]  # it is here: nobody asks for it once more
    return [
        HouseholdDues(campaign, household, *found[campaign.id, household.id])
        for campaign in campaigns
        for household in households
    ]


def _sums(campaigns: list[Campaign], household_ids: list[UUID]) -> dict[Key, tuple[Dues, Waiver | None]]:
    """Four queries, however many there are of either."""
    of = Q(campaign__in=campaigns)
    if len(household_ids) == 1:
        of &= Q(household_id=household_ids[0])
    pledged = {
        (campaign, household): amount
        for campaign, household, amount in Pledge.objects.filter(of, superseded_at=None)
        .order_by()
        .values_list("campaign_id", "household_id", "amount")
    }
    waivers = {(one.campaign_id, one.household_id): one for one in Waiver.objects.filter(of, ended_at=None)}
    paid, refunded = _given(Payment, of), _given(Refund, of)
    voluntary = {campaign.id: campaign.is_voluntary for campaign in campaigns}
    return {
        (campaign.id, household): (
            arithmetic.dues(
                suggestion=campaign.suggestion,
                is_voluntary=voluntary[campaign.id],
                pledged=pledged.get((campaign.id, household)),
                paid=paid.get((campaign.id, household), 0),
                refunded=refunded.get((campaign.id, household), 0),
                excused=(campaign.id, household) in waivers,
            ),
            waivers.get((campaign.id, household)),
        )
        for campaign in campaigns
        for household in household_ids
    }


def _given(model: type[Payment] | type[Refund], of: Q) -> dict[Key, int]:
    rows = model._default_manager.filter(of, reversed_at=None).order_by().values_list("campaign_id", "household_id")
    return {(campaign, household): int(amount) for campaign, household, amount in rows.annotate(Sum("amount"))}
