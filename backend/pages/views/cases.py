"""The case log: the ward's cases, what came of each, and what was asked and looked through for it."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib.clock import now
from backend.pages import caseboard, casewords, footagewords
from backend.pages.page import PageRequest, page
from backend.pages.render import render_page
from cameras import cases
from neighborhoods.access import Action

STANDS = {"open": True, "closed": False}


@ensure_csrf_cookie
@page(action=Action.SEE_CASES)
def log(request: PageRequest) -> HttpResponse:
    """Newest first, thirty at a time; all, those still open, or those with an outcome."""
    stands = request.GET.get("show", "")
    rows, more = caseboard.case_rows(request.actor, still_open=STANDS.get(stands), before=_before(request))
    context = {
        "section": "cases",
        "rows": rows,
        "more": more,
        "show": stands if stands in STANDS else "",
        "records": request.actor.may(Action.RECORD_CASES),
        "ward": request.actor.ward_id,
        "case_kinds": footagewords.case_kinds().items(),
    }
    return render_page(request, "cases/log.html", context)


@ensure_csrf_cookie
@page(action=Action.SEE_CASES)
def case(request: PageRequest, case_id: UUID) -> HttpResponse:
    found = cases.case_for(request.actor, Action.SEE_CASES, case_id)
    context = {
        "section": "cases",
        "case": found,
        "kind": footagewords.case_kinds().get(found.kind, found.kind),
        "outcome": casewords.outcomes().get(found.outcome or "", ""),
        "outcomes": casewords.outcomes().items(),
        "taken": caseboard.taken_rows(request.actor, found),
        "uses": casewords.uses().items(),
        "helps": casewords.helps().items(),
        "requests": caseboard.requests_of(request.actor, found, now=now()),
        "records": caseboard.records(request.actor, found),
    }
    return render_page(request, "cases/case.html", context)


def _before(request: PageRequest) -> UUID | None:
    """Where the page before this one ended; a mangled address begins at the newest."""
    try:
        return UUID(request.GET.get("before", ""))
    except ValueError:
        return None
