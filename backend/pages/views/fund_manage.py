"""The fund's desk: what the treasurer, the leader and the deputy do with it. The forms here act by the API."""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib.clock import now, vietnam_day
from backend.lib.errors import Absent
from backend.pages import duesboard, fundboard, fundwords
from backend.pages.page import PageRequest, page
from backend.pages.render import render_page
from neighborhoods.access import Action
from neighborhoods.fund.arithmetic import two_thirds
from neighborhoods.fund.bank_accounts import account_for_transfers
from neighborhoods.fund.bank_rows import waiting_total
from neighborhoods.fund.campaigns import APPROVAL_ABOVE, campaign_for, campaigns_for
from neighborhoods.fund.dues import dues_of
from neighborhoods.models import Campaign, Expense, Household, Payment

WAITS = Count("expenses", filter=Q(expenses__state=Expense.State.WAITING))


@ensure_csrf_cookie
@page(action=Action.TEND_FUND)
def desk(request: PageRequest) -> HttpResponse:
    campaigns = campaigns_for(request.actor, Action.TEND_FUND).annotate(waits=WAITS)
    cards = [
        fundboard.card_of(one, today=vietnam_day(now()))
        for one in campaigns.order_by("-closed_at", "-starts_on", "-id")
    ]
    context = {
        "cards": sorted(cards, key=lambda card: card.campaign.closed_at is not None),
        "unmatched": _unmatched(request),
    }
    return _render(request, "fund/desk.html", context)


@ensure_csrf_cookie
@page(action=Action.TEND_FUND)
def campaign(request: PageRequest, campaign_id: UUID) -> HttpResponse:
    found = campaign_for(request.actor, Action.TEND_FUND, campaign_id)
    card = fundboard.card_of(found, today=vietnam_day(now()))
    context = {
        "card": card,
        "book": card.book,
        "chart": fundboard.drawn(found, card.book),
        "facts": fundboard.resolution_facts(found),
        "expenses": duesboard.expense_rows(found, account_id=request.actor.account_id),
        "reversal_reasons": fundwords.reversal_reasons(),
        "months": list(reversed(card.book.months)),
        "carried": duesboard.carried_rows(found),
        "unmatched": _unmatched(request),
    }
    return _render(request, "fund/manage.html", context, found)


@ensure_csrf_cookie
@page(action=Action.PLAN_FUND)
def plan_new(request: PageRequest) -> HttpResponse:
    if request.actor.neighborhood_id is None:
        raise Absent()
    context = {"neighborhood": request.actor.neighborhood_id, "approval_above": APPROVAL_ABOVE}
    return _render(request, "fund/plan.html", context)


@ensure_csrf_cookie
@page(action=Action.PLAN_FUND)
def plan_edit(request: PageRequest, campaign_id: UUID) -> HttpResponse:
    found = campaign_for(request.actor, Action.PLAN_FUND, campaign_id)
    decided = found.resolution is not None
    context = {"approval_above": found.approval_above, "started": found.entries.exists(), "decided": decided}
    return _render(request, "fund/plan.html", context, found)


@ensure_csrf_cookie
@page(action=Action.PLAN_FUND)
def resolution(request: PageRequest, campaign_id: UUID) -> HttpResponse:
    found = campaign_for(request.actor, Action.PLAN_FUND, campaign_id)
    here = Household.objects.filter(neighborhood_id=found.neighborhood_id, left_at=None).count()
    context = {"facts": fundboard.resolution_facts(found), "here": here, "needed": two_thirds(here)}
    return _render(request, "fund/resolution.html", context, found)


@ensure_csrf_cookie
@page(action=Action.SEE_DUES)
def dues(request: PageRequest, campaign_id: UUID) -> HttpResponse:
    found = campaign_for(request.actor, Action.SEE_DUES, campaign_id)
    return _render(request, "fund/dues.html", {"dues": duesboard.dues_list(found)}, found)


@ensure_csrf_cookie
@page(action=Action.SEE_DUES)
def household(request: PageRequest, campaign_id: UUID, household_id: UUID) -> HttpResponse:
    """One household in one campaign. ``?paid=`` is the payment that was just taken: it is said large."""
    found = campaign_for(request.actor, Action.SEE_DUES, campaign_id)
    row = next((row for row in dues_of(found) if row.household.id == household_id), None)
    if row is None:
        raise Absent()
    context = {
        "row": duesboard.dues_row(row),
        "history": duesboard.history(row.household, found),
        "paid": _paid(request, found, row.household),
        "pays": account_for_transfers(found.neighborhood_id) is not None,
        "waiver_reasons": fundwords.waiver_reasons(),
        "waived": fundwords.waiver_reasons()[row.waiver.reason] if row.waiver else "",
        "reversal_reasons": fundwords.reversal_reasons(),
        "refund_reasons": fundwords.refund_reasons(),
    }
    return _render(request, "fund/household.html", context, found)


@ensure_csrf_cookie
@page(action=Action.KEEP_FUND)
def expense(request: PageRequest, campaign_id: UUID) -> HttpResponse:
    found = campaign_for(request.actor, Action.KEEP_FUND, campaign_id)
    context = {
        "book": fundboard.card_of(found, today=vietnam_day(now())).book,
        "categories": fundwords.categories(),
        "cameras": duesboard.cameras_of(found.neighborhood_id),
    }
    return _render(request, "fund/expense.html", context, found)


def _paid(request: PageRequest, campaign: Campaign, household: Household) -> Payment | None:
    try:
        wanted = UUID(request.GET.get("paid", ""))
    except ValueError:
        return None
    return Payment.objects.filter(id=wanted, campaign=campaign, household=household).first()


def _unmatched(request: PageRequest) -> dict[str, int]:
    """What waits at the bank, for who may settle it."""
    actor = request.actor
    if not actor.may(Action.KEEP_FUND) or actor.neighborhood_id is None:
        return {}
    count, total = waiting_total(actor.neighborhood_id)
    return {"count": count, "total": total}


def _render(
    request: PageRequest, template: str, context: Mapping[str, object], campaign: Campaign | None = None
) -> HttpResponse:
    may = {action.value: request.actor.may(action) for action in (
        Action.KEEP_FUND, Action.PLAN_FUND, Action.SEE_DUES, Action.WAIVE_DUES, Action.APPROVE_EXPENSE,
    )}  # fmt: skip
    shared = {"section": "fund", "campaign": campaign, "may": may, "today": vietnam_day(now())}
    return render_page(request, template, {**shared, **context})
