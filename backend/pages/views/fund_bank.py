"""The fund's bank: the account, money that waits to be matched, statements, and how a household pays by QR."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib import sizes
from backend.lib.clock import now
from backend.lib.errors import Absent, BadInput, Conflict, TooLarge
from backend.lib.uploads import file_of
from backend.pages import bankboard
from backend.pages.page import PageRequest, page
from backend.pages.render import render_page
from neighborhoods.access import Action
from neighborhoods.api.fund.bank_shapes import hook_of
from neighborhoods.fund import bank_accounts, bank_rows, bank_statements
from neighborhoods.fund.amounts import read_amount
from neighborhoods.fund.banks import BANKS
from neighborhoods.fund.campaigns import campaigns_for
from neighborhoods.fund.transfer_asks import TransferAsk, transfer_ask
from neighborhoods.models import Household


@ensure_csrf_cookie
@page(action=Action.KEEP_FUND)
def accounts(request: PageRequest) -> HttpResponse:
    rows = list(bank_accounts.bank_accounts_for(request.actor).order_by("-id"))
    context = {
        "accounts": [
            (one, hook_of(one), bankboard.SERVICES.get(one.provider, "")) for one in rows if one.closed_at is None
        ],
        "closed": [one for one in rows if one.closed_at is not None],
        "banks": sorted(BANKS.items(), key=lambda one: one[1].lower()),
        "neighborhood": request.actor.neighborhood_id,
    }
    return _render(request, "accounts", context)


@ensure_csrf_cookie
@page(action=Action.KEEP_FUND)
def queue(request: PageRequest) -> HttpResponse:
    waiting = bankboard.waiting_rows(request.actor)
    context = {
        "waiting": waiting,
        "total": sum(one.row.amount for one in waiting),
        "settled": bankboard.settled_rows(request.actor, now=now()),
        "reasons": bankboard.ignore_reasons(),
        "has_account": bank_accounts.bank_accounts_for(request.actor).exists(),
    }
    return _render(request, "queue", context)


@ensure_csrf_cookie
@page(action=Action.KEEP_FUND)
def row(request: PageRequest, row_id: UUID) -> HttpResponse:
    """One transfer, and every household it may be of."""
    found = bank_rows.bank_rows_for(request.actor).filter(id=row_id).first()
    if found is None:
        raise Absent()
    place = found.account.neighborhood_id
    context = {
        "one": bankboard.waiting_row(found),
        "households": Household.objects.filter(neighborhood_id=place, left_at=None).order_by("number"),
        "campaigns": campaigns_for(request.actor, Action.KEEP_FUND).filter(neighborhood_id=place, closed_at=None),
    }
    return _render(request, "row", context)


@ensure_csrf_cookie
@page(action=Action.KEEP_FUND, methods=("GET", "HEAD", "POST"))
def statement(request: PageRequest, account_id: UUID) -> HttpResponse:
    """Choose a file, look at what it would do. What is wrong with the file is said where it was chosen.

    The page's own form is sent by htmx: with ``Referrer-Policy: no-referrer`` a plain form's Origin is ``null``.
    """
    account = bank_accounts.bank_account_for(request.actor, account_id)
    context: dict[str, object] = {"account": account, "shown": bank_statements.LOOKED_AT}
    if request.method == "POST":
        try:
            sent = file_of(request)
            context["preview"] = bank_statements.statement_read(
                actor=request.actor, account_id=account_id, data=sent.data, name=sent.name, now=now()
            )
        except (BadInput, Conflict, TooLarge) as error:
            context["problem"] = error.detail
    return _render(request, "statement", context)


statement.takes_file = sizes.FILE  # type: ignore[attr-defined]


@ensure_csrf_cookie
@page(action=Action.SEE_FUND)
def pay(request: PageRequest, campaign_id: UUID) -> HttpResponse:
    """How to pay by transfer. ``household``: another than one's own, for treasurer and leader; ``amount`` as typed."""
    asked = request.GET
    context: dict[str, object] = {"typed": asked.get("amount", ""), "for_other": bool(asked.get("household"))}
    try:
        context["pay"] = _ask(request, campaign_id, read_amount(asked["amount"]) if asked.get("amount") else None)
    except (BadInput, Conflict) as error:
        context["problem"] = error.detail
        if isinstance(error, BadInput):
            context["pay"] = _ask(request, campaign_id, None)
    return _render(request, "pay", context)


def _ask(request: PageRequest, campaign_id: UUID, amount: int | None) -> TransferAsk:
    household = request.GET.get("household")
    try:
        household_id = UUID(household) if household else None
    except ValueError:
        raise Absent() from None
    return transfer_ask(actor=request.actor, campaign_id=campaign_id, household_id=household_id, amount=amount)


def _render(request: PageRequest, name: str, context: dict[str, object]) -> HttpResponse:
    return render_page(request, f"bank/{name}.html", {"section": "fund"} | context)
