"""Campaigns (đợt vận động): one fund per purpose, opened and closed by who leads.

Whoever writes into a campaign's ledger holds the campaign's row to commit (``campaign_held``): so numbers run without a
gap and nobody spends what another is spending.
"""

import re
from datetime import date, datetime
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from backend.lib.text import clean_name, clean_words
from neighborhoods import audit
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.fund.amounts import amount_of, said
from neighborhoods.fund.balances import balance
from neighborhoods.models import Campaign, Expense, Neighborhood
from neighborhoods.neighborhood_changes import neighborhood_held
from neighborhoods.places import neighborhood_for, within

CODE = re.compile(r"[A-Z0-9]{2,6}")
APPROVAL_ABOVE = 2_000_000
"""đồng. What is dearer waits for a second person, unless the campaign says otherwise."""


class Plan(TypedDict, total=False):
    """What of a campaign can be edited. Once money came in, only ``description`` and ``ends_on``."""

    code: str
    purpose: str
    description: str
    target: int
    suggestion: int | None
    starts_on: date
    ends_on: date
    approval_above: int


ALWAYS = frozenset({"description", "ends_on"})
DECIDED = frozenset({"purpose", "target", "suggestion"})
"""What the households decide (Grassroots Democracy Law 10/2022, Art. 21): with another of these it was not this."""


def place_of(campaign: Campaign) -> Place:
    return Place(ward_id=campaign.neighborhood.ward_id, neighborhood_id=campaign.neighborhood_id)


def campaigns_for(actor: Actor, action: Action = Action.SEE_FUND) -> QuerySet[Campaign]:
    """The campaigns of places where the actor may do ``action``, newest last."""
    rows = Campaign.objects.select_related("neighborhood").prefetch_related("resolutions").order_by("id")
    return rows.filter(within(actor, action))


def campaign_for(actor: Actor, action: Action, campaign_id: UUID) -> Campaign:
    """Load and authorise; absent and forbidden are the same ``Absent``."""
    campaign = Campaign.objects.select_related("neighborhood__ward").filter(id=campaign_id).first()
    if campaign is None:
        raise Absent()
    require(actor, action, place_of(campaign))
    return campaign


def campaign_held(actor: Actor, action: Action, campaign_id: UUID) -> Campaign:
    """The same, held to commit and open. Raises ``Conflict`` ``campaign_closed`` too.

    The neighborhood is held first: one that is being merged holds it, then moves its households and its campaigns, and
    we would hold a campaign and wait for a household.
    """
    found = campaign_for(actor, action, campaign_id)  # nobody holds up what is not theirs
    Neighborhood.objects.select_for_update(no_key=True).get(id=found.neighborhood_id)
    held = Campaign.objects.select_for_update(of=("self",), no_key=True).select_related("neighborhood")
    campaign = held.get(id=campaign_id)
    require(actor, action, place_of(campaign))
    if campaign.closed_at is not None:
        raise Conflict(_("The campaign is closed: its book is not written in any more."), code="campaign_closed")
    return campaign


def campaign_open(
    *,
    actor: Actor,
    neighborhood_id: UUID,
    code: str,
    purpose: str,
    target: int,
    starts_on: date,
    ends_on: date,
    now: datetime,
    description: str = "",
    suggestion: int | None = None,
    approval_above: int = APPROVAL_ABOVE,
) -> Campaign:
    """Open a campaign. It is voluntary until a resolution of two thirds of all households stands behind it.

    Raises ``Absent``, ``BadInput``, ``Conflict`` ``campaign_code_taken``.
    """
    plan = _clean(
        code=code, purpose=purpose, target=target, starts_on=starts_on, ends_on=ends_on, description=description,
        suggestion=suggestion, approval_above=approval_above,
    )  # fmt: skip
    _check_days(starts_on, ends_on)
    with transaction.atomic():
        neighborhood = neighborhood_for(actor, Action.PLAN_FUND, neighborhood_id)
        neighborhood_held(neighborhood.id)  # two at once take two codes, and none comes to a place that is merged
        _free_code(neighborhood.id, plan["code"])
        campaign = Campaign.objects.create(
            neighborhood=neighborhood, opened_by_id=actor.account_id, created_at=now, **plan
        )
        record(actor, "campaign.opened", campaign, now, target=campaign.target, suggestion=campaign.suggestion)
    return campaign


def campaign_edit(*, actor: Actor, campaign_id: UUID, now: datetime, **changes: Unpack[Plan]) -> Campaign:
    """Correct a campaign: everything before the first payment, afterwards its description and its end.

    People gave for what was written there. A resolution that decided on something else than what stands there now is
    superseded: the collection is voluntary until the new decision is recorded. Raises ``Conflict``
    ``campaign_started``, and as ``campaign_open`` does.
    """
    plan = _clean(**changes)
    with transaction.atomic():
        campaign = campaign_held(actor, Action.PLAN_FUND, campaign_id)
        changed = [name for name, value in plan.items() if getattr(campaign, name) != value]
        if set(changed) - ALWAYS and campaign.entries.exists():
            raise Conflict(
                _("Money has come in: only the description and the end can change."), code="campaign_started"
            )
        if "code" in changed:
            _free_code(campaign.neighborhood_id, plan["code"])
        for name in changed:
            setattr(campaign, name, plan[name])
        _check_days(campaign.starts_on, campaign.ends_on)
        if changed:
            campaign.save(update_fields=changed)
            undecided = bool(DECIDED & set(changed)) and _undecide(campaign, now)
            record(actor, "campaign.edited", campaign, now, fields=changed, undecided=undecided)
    return campaign


def campaign_close(*, actor: Actor, campaign_id: UUID, now: datetime, note: str = "") -> Campaign:
    """Close the book. Money that is left needs a ``note`` that says publicly what becomes of it.

    Raises ``Conflict``: ``campaign_balance`` where money is left without a word, ``expense_waiting``.
    """
    words = " ".join(clean_words(note, field="note", longest=500).split())
    with transaction.atomic():
        campaign = campaign_held(actor, Action.PLAN_FUND, campaign_id)
        if campaign.expenses.filter(state=Expense.State.WAITING).exists():
            raise Conflict(_("An expense still waits for the second person."), code="expense_waiting")
        left = balance(campaign.id).held
        if left and not words:
            reason = _("%(left)s đồng are left: give them back, or write what becomes of them.") % {"left": said(left)}
            raise Conflict(reason, code="campaign_balance", fields={"note": [reason]})
        campaign.closed_at, campaign.closing_note = now, words
        campaign.save(update_fields=["closed_at", "closing_note"])
        record(actor, "campaign.closed", campaign, now, left=left)
    return campaign


def record(actor: Actor, action: str, campaign: Campaign, now: datetime, **facts: object) -> None:
    """The audit entry of an act upon a campaign: ids and amounts, so that the chain alone shows a changed book."""
    audit.record(
        actor=actor,
        action=action,
        subject=("campaign", campaign.id),
        ward_id=campaign.neighborhood.ward_id,
        neighborhood_id=campaign.neighborhood_id,
        data=facts,
        now=now,
    )


def _clean(**plan: Any) -> dict[str, Any]:
    """The given parts of a plan as they are kept."""
    clean: dict[str, Any] = dict(plan)
    if "code" in plan:
        clean["code"] = plan["code"].strip().upper()
        if not CODE.fullmatch(clean["code"]):
            reason = _("A code is 2 to 6 letters A-Z or digits, such as CAM.")
            raise BadInput(reason, fields={"code": [reason]})
    if "purpose" in plan:
        clean["purpose"] = clean_name(plan["purpose"], field="purpose")
    if "description" in plan:
        clean["description"] = clean_words(plan["description"], field="description", longest=2000)
    if "target" in plan:
        clean["target"] = amount_of(plan["target"], field="target")
    if plan.get("suggestion") is not None:
        clean["suggestion"] = amount_of(plan["suggestion"], field="suggestion")
    if "approval_above" in plan:
        clean["approval_above"] = amount_of(plan["approval_above"], field="approval_above", least=0)
    return clean


def _undecide(campaign: Campaign, now: datetime) -> bool:
    """The resolution in force is superseded, if there is one."""
    return campaign.resolutions.filter(superseded_at=None).update(superseded_at=now) > 0


def _check_days(starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        reason = _("The end lies before the start.")
        raise BadInput(reason, fields={"ends_on": [reason]})


def _free_code(neighborhood_id: UUID, code: str) -> None:
    """The neighborhood's row is held, so the answer stays true until commit."""
    if Campaign.objects.filter(neighborhood_id=neighborhood_id, code=code).exists():
        reason = _("Another campaign here has that code.")
        raise Conflict(reason, code="campaign_code_taken", fields={"code": [reason]})
