"""Pledges: what a household promises to a campaign. Another amount is another row; 0 takes the promise back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Sum

from backend.lib.errors import Absent
from neighborhoods.access import Action, Actor, Place
from neighborhoods.fund.amounts import amount_of
from neighborhoods.fund.campaigns import campaign_held, record
from neighborhoods.households import living_household
from neighborhoods.models import Campaign, Pledge


@dataclass(frozen=True, slots=True)
class Promised:
    """What households promised and did not take back: đồng, and how many households."""

    amount: int
    households: int


def promised(campaign: Campaign) -> Promised:
    """The total, which everybody may read."""
    rows = Pledge.objects.filter(campaign=campaign, superseded_at=None, amount__gt=0)
    found = rows.aggregate(all=Sum("amount"), of=Count("household", distinct=True))
    return Promised(int(found["all"] or 0), found["of"])


def pledge_make(*, actor: Actor, campaign_id: UUID, household_id: UUID, amount: int, now: datetime) -> Pledge:
    """Promise ``amount``: by the household itself, or by the treasurer who writes down what they were told.

    Raises ``Absent``, ``BadInput`` ``amount``, ``Conflict`` ``campaign_closed``.
    """
    amount = amount_of(amount, least=0)
    with transaction.atomic():
        campaign = campaign_held(actor, Action.SEE_FUND, campaign_id)
        household = living_household(household_id)
        if household.neighborhood_id != campaign.neighborhood_id:
            raise Absent()
        home = Place(campaign.neighborhood.ward_id, campaign.neighborhood_id, household.id)
        if not (actor.role_at(home, Action.PLEDGE) or actor.role_at(home, Action.KEEP_FUND)):
            raise Absent()
        before = Pledge.objects.filter(campaign=campaign, household=household, superseded_at=None)
        if (same := before.filter(amount=amount).first()) is not None:
            return same
        before.update(superseded_at=now)
        pledge = Pledge.objects.create(
            campaign=campaign, household=household, amount=amount, pledged_by=actor.pseudonym, pledged_at=now
        )
        record(actor, "pledge.made", campaign, now, household=household.id, amount=amount)
    return pledge
