"""The open book: what every campaign collected, holds and spent, for everybody, without a sign-in or a household in it.

Its addresses are made of the codes on the notice board: ``/fund/00691-T07/CAM/``.
"""

from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from backend.lib.clock import now, vietnam_day
from backend.lib.errors import Absent
from backend.lib.public import PUBLIC
from backend.lib.tables import write_csv, write_xlsx
from backend.pages import fundboard
from backend.pages.page import OpenRequest, page
from backend.pages.render import render_page
from neighborhoods.api.fund.papers import shown
from neighborhoods.fund import chart, open_book
from neighborhoods.fund.bank_rows import waiting_total
from neighborhoods.fund.month_paper import kept_paper
from neighborhoods.fund.month_statement import file_name, month_read, statement_of
from neighborhoods.fund.open_doors import open_campaign, open_campaigns, open_place, open_receipt
from neighborhoods.fund.pledges import promised

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The chart's file brings its own few colours; nothing else may load or run in it."""


@page(action=PUBLIC)
def place(request: OpenRequest, place_code: str) -> HttpResponse:
    found, today = open_place(place_code), vietnam_day(now())
    cards = [fundboard.card_of(campaign, today=today) for campaign in open_campaigns(found)]
    return render_page(request, "fund/place.html", {"section": "fund", "place": found, "cards": cards})


@page(action=PUBLIC)
def campaign(request: OpenRequest, place_code: str, campaign_code: str) -> HttpResponse:
    found = open_campaign(place_code, campaign_code)
    card = fundboard.card_of(found, today=vietnam_day(now()))
    context = {
        "section": "fund",
        "card": card,
        "campaign": found,
        "book": card.book,
        "chart": fundboard.drawn(found, card.book),
        "facts": fundboard.resolution_facts(found),
        "promised": promised(found),
        "spent": fundboard.spent_rows(card.book),
        "waiting": dict(zip(("count", "total"), waiting_total(found.neighborhood_id), strict=True)),
        "months": list(reversed(card.book.months)),
        **fundboard.entries_of(card.book),
    }
    return render_page(request, "fund/campaign.html", context)


@page(action=PUBLIC)
def picture(request: OpenRequest, place_code: str, campaign_code: str) -> HttpResponse:
    """The chart as a file of its own, for a notice or another page's ``<img>``."""
    found = open_campaign(place_code, campaign_code)
    svg = chart.alone(fundboard.drawn(found, open_book.book_of(found)))
    answer = HttpResponse(svg, content_type="image/svg+xml; charset=utf-8")
    answer["Content-Security-Policy"] = PICTURE_POLICY
    return answer


@page(action=PUBLIC)
def ledger_csv(request: OpenRequest, place_code: str, campaign_code: str) -> HttpResponse:
    found = open_campaign(place_code, campaign_code)
    cells = fundboard.ledger_cells(open_book.book_of(found).rows)
    data = write_csv(fundboard.ledger_headings(), cells)
    return _file(data, "text/csv; charset=utf-8", f"so-quy-{found.code}.csv")


@page(action=PUBLIC)
def ledger_xlsx(request: OpenRequest, place_code: str, campaign_code: str) -> HttpResponse:
    found = open_campaign(place_code, campaign_code)
    cells = fundboard.ledger_cells(open_book.book_of(found).rows)
    data = write_xlsx(fundboard.ledger_headings(), cells, _("Ledger %(code)s") % {"code": found.code})
    return _file(data, XLSX, f"so-quy-{found.code}.xlsx")


@page(action=PUBLIC)
def statement(request: OpenRequest, place_code: str, campaign_code: str, year: int, month: int) -> HttpResponse:
    """A month as paper. The treasurer's own copy bears the names of those who sign it; this one none."""
    found, today = open_campaign(place_code, campaign_code), vietnam_day(now())
    first = month_read(year, month, today=today)
    return _file(kept_paper(statement_of(found, first, today=today)), "application/pdf", file_name(found, first))


@page(action=PUBLIC)
def receipt(request: OpenRequest, place_code: str, campaign_code: str, spent_id: UUID) -> HttpResponse:
    """The photograph of an expense's receipt. A PDF goes out as a download, for it may hold scripts."""
    kept = open_receipt(open_campaign(place_code, campaign_code), spent_id).receipt
    if kept is None:
        raise Absent()
    return shown(kept)


def _file(data: bytes, media_type: str, name: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=media_type)
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["Cache-Control"] = "no-cache"
    return answer
