"""The fund as a household sees it: what it promised, paid and owes, its receipts, and how each đồng was spent."""

from django.http import HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.pages.page import PageRequest, page
from backend.pages.render import render_page
from neighborhoods.access import Action


@ensure_csrf_cookie
@page(action=Action.SEE_FUND)
def mine(request: PageRequest) -> HttpResponse:
    return render_page(request, "fund/mine.html", {"section": "fund"})
