"""The fund's desk: what the treasurer, the leader and the deputy do with it."""

from django.http import HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.pages.page import PageRequest, page
from backend.pages.render import render_page
from neighborhoods.access import Action


@ensure_csrf_cookie
@page(action=Action.TEND_FUND)
def desk(request: PageRequest) -> HttpResponse:
    return render_page(request, "fund/desk.html", {"section": "fund"})
