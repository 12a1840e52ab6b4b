"""Who watched my camera; and the watching that somebody should look at."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib.clock import now
from backend.lib.errors import Absent
from backend.pages import viewerboard
from backend.pages.page import PageRequest, page
from backend.pages.render import render_page
from cameras import oddlooks, odduses, viewers
from neighborhoods.access import Action


@ensure_csrf_cookie
@page(action=Action.SEE_VIEWERS)
def watched(request: PageRequest, camera_id: UUID) -> HttpResponse:
    """By day, the newest first; for the owner, or, of the street's own camera, for those who lead."""
    moment, before = now(), _before(request)
    camera = viewers.watched_camera_for(request.actor, camera_id, now=moment)
    context = {
        "section": "cameras",
        "camera": camera,
        "views": viewerboard.page_of(request.actor, camera, before=before, now=moment),
        "odd": [] if before else viewerboard.odd_rows_of(camera, now=moment),
        "before": before,
        "days": viewers.REACH.days,
    }
    return render_page(request, "own/viewers.html", context)


@ensure_csrf_cookie
@page(action=Action.SEE_ODD_USES)
def odd(request: PageRequest) -> HttpResponse:
    """Of a ward for its auditor, whose look is on record; of their own cameras for the others."""
    before = _before(request)
    if before is None:
        oddlooks.odd_uses_look(actor=request.actor, now=now())
    found = odduses.odd_uses_for(request.actor)
    if before is not None:
        found = found.filter(id__lt=before)
    listed = list(found[: viewerboard.ODD_USES + 1])
    shown = listed[: viewerboard.ODD_USES]
    context = {
        "section": "odd",
        "rows": viewerboard.odd_rows(shown),
        "after": shown[-1].id if len(listed) > len(shown) else None,
        "opens": request.actor.may(Action.SEE_VIEWERS),
    }
    return render_page(request, "own/odd_uses.html", context)


def _before(request: PageRequest) -> UUID | None:
    """Where the page before ended. Raises ``Absent`` for what no page gave out."""
    text = request.GET.get("before", "")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Absent() from None
