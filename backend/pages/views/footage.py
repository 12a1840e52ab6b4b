"""Requests for footage, from both sides: who is asked decides, who asks waits; one page, for nobody sees both."""

from django.http import HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib.clock import now
from backend.pages import casewords, footageboard, footagewords
from backend.pages.page import PageRequest, page
from backend.pages.render import render_page
from cameras.footage.inforce import POLICY, figure
from neighborhoods.access import Action


@ensure_csrf_cookie
@page(action=Action.READ_FOOTAGE_REQUESTS)
def requests(request: PageRequest) -> HttpResponse:
    """Those of the reader's cameras, or of their ward, with what they may do about each."""
    context = {
        "section": "footage", "rows": footageboard.rows(request.actor, now=now()), "here": request.path,
        "helps": casewords.helps().items(), "longer": footagewords.longer(), "limits": footagewords.in_force(),
    }  # fmt: skip
    return render_page(request, "footage/requests.html", context | {"asks": request.actor.may(Action.ASK_FOOTAGE)})


@ensure_csrf_cookie
@page(action=Action.ASK_FOOTAGE)
def ask(request: PageRequest) -> HttpResponse:
    """The officer's form: for which case, of which place and time, and why; counts before anybody is asked."""
    neighborhoods = footageboard.neighborhoods_of(request.actor)
    context = {
        "section": "footage",
        "cases": footageboard.open_cases(request.actor),
        "neighborhoods": neighborhoods,
        "area": footageboard.area_facts(neighborhoods),
        "policy": POLICY,
        "alone_km2": figure(POLICY.extent_km2),
        "largest_km2": figure(POLICY.largest_km2),
        "limits": footagewords.in_force(),
        "case_kinds": footagewords.case_kinds().items(),
        "kinds": footagewords.kinds().items(),
        "bases": footagewords.bases().items(),
        "reasons": footagewords.reasons().items(),
        "deliveries": footagewords.deliveries().items(),
        "ward": request.actor.ward_id,
    }
    return render_page(request, "footage/ask.html", context)
