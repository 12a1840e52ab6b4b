"""Waivers: a household is excused, for a reason from a closed list. Seen by treasurer, leader and the household."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from backend.lib.text import clean_words
from neighborhoods.access import Action, Actor
from neighborhoods.fund.campaigns import campaign_held, record
from neighborhoods.fund.payments import household_of
from neighborhoods.models import Waiver


def waiver_grant(
    *, actor: Actor, campaign_id: UUID, household_id: UUID, reason: Waiver.Reason | str, now: datetime, words: str = ""
) -> Waiver:
    """Excuse a household from a campaign. What it gave or gives nevertheless stays a gift.

    Raises ``Absent``, ``BadInput`` where the reason is "other" and nothing is said, ``Conflict`` ``waived_already``.
    """
    why, said = Waiver.Reason(reason), clean_words(words, field="words")
    if why == Waiver.Reason.OTHER and not said:
        told = _("Write why.")
        raise BadInput(told, fields={"words": [told]})
    with transaction.atomic():
        campaign = campaign_held(actor, Action.WAIVE_DUES, campaign_id)
        household = household_of(campaign, household_id)
        if Waiver.objects.filter(campaign=campaign, household=household, ended_at=None).exists():
            raise Conflict(_("The household is excused already."), code="waived_already")
        waiver = Waiver.objects.create(
            campaign=campaign, household=household, reason=why, words=said, granted_by_id=actor.account_id,
            granted_at=now,
        )  # fmt: skip
        # Neither the household nor why: an audit is read by more people than may know who is poor.
        record(actor, "waiver.granted", campaign, now, waiver=waiver.id)
    return waiver


def waiver_end(*, actor: Actor, waiver_id: UUID, now: datetime) -> Waiver:
    """The household is excused no more. Twice is once."""
    with transaction.atomic():
        waiver = Waiver.objects.select_related("campaign").filter(id=waiver_id).first()
        if waiver is None:
            raise Absent()
        campaign = campaign_held(actor, Action.WAIVE_DUES, waiver.campaign_id)
        ended = Waiver.objects.filter(id=waiver.id, ended_at=None)
        if ended.update(ended_at=now, ended_by_id=actor.account_id):
            record(actor, "waiver.ended", campaign, now, waiver=waiver.id)
        waiver.refresh_from_db()
    return waiver
