"""The fund as a household sees it: what it promised, paid and owes, its receipts, and how each đồng was spent."""

from uuid import UUID

from django.db.models import F
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib.clock import now, vietnam_day
from backend.pages import duesboard, fundboard
from backend.pages.page import PageRequest, page
from backend.pages.render import render_page
from neighborhoods.access import Action
from neighborhoods.fund.bank_accounts import account_for_transfers
from neighborhoods.fund.campaigns import campaigns_for
from neighborhoods.fund.dues import household_dues
from neighborhoods.fund.receipt_paper import receipt_paper
from neighborhoods.fund.receipts import receipt_for, receipt_of

OPEN_FIRST = F("closed_at").asc(nulls_first=True)
"""Said, because the databases do not agree on where NULL stands."""


@ensure_csrf_cookie
@page(action=Action.SEE_FUND)
def mine(request: PageRequest) -> HttpResponse:
    """A household's own dues beside each fund. A guest of it, staff or an auditor has the open books alone."""
    today, home = vietnam_day(now()), request.actor.home_id
    dues = {one.campaign.id: one for one in household_dues(home)} if home else {}
    place = request.actor.neighborhood_id
    pays = bool(home and place and account_for_transfers(place))
    funds = [
        {
            "card": fundboard.card_of(campaign, today=today),
            "dues": duesboard.dues_row(dues[campaign.id]) if campaign.id in dues else None,
            "pays": pays,
            "history": duesboard.history(dues[campaign.id].household, campaign) if campaign.id in dues else [],
        }
        for campaign in campaigns_for(request.actor).order_by(OPEN_FIRST, "-starts_on", "-id")
    ]
    return render_page(request, "fund/mine.html", {"section": "fund", "funds": funds})


@page(action=Action.SEE_FUND)
def receipt(request: PageRequest, payment_id: UUID) -> HttpResponse:
    """A payment's receipt as PDF, to be looked at, sent on or printed."""
    found = receipt_of(receipt_for(request.actor, payment_id))
    answer = HttpResponse(receipt_paper(found), content_type="application/pdf")
    name = f"phieu-thu-{found.number:04d}-{found.campaign_code}.pdf"
    answer["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    return answer
