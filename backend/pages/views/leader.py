"""The leader's pages: who is watching, the households, cameras and their health."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib.clock import now
from backend.pages import board, databoard
from backend.pages.page import PageRequest, page
from backend.pages.render import render_page
from backend.pages.rolewords import ends_soon
from cameras.models import Camera
from cameras.registry import cameras_for
from neighborhoods import legal
from neighborhoods.access import Action
from neighborhoods.auditing.copies import copies_failing
from neighborhoods.fund.bank_accounts import bank_accounts_new
from neighborhoods.places import neighborhoods_for


@ensure_csrf_cookie
@page(action=Action.SEE_WATCHING_NOW)
def overview(request: PageRequest) -> HttpResponse:
    moment = now()
    rows = [board.health_row(camera, now=moment) for camera in _cameras(request)]
    context = {
        "section": "leader",
        "watching": board.watching_rows(request.actor, now=moment),
        "ends_soon": ends_soon(request.actor, moment),
        "guessing_at": board.guessing_told_at(request.actor, now=moment),
        "unwell": [row for row in rows if row.tone == "bad"],
        "camera_count": len(rows),
        "recorded": sum(row.tone == "good" for row in rows),
        "new_accounts": bank_accounts_new(request.actor, now=moment),
        "requests": databoard.open_rows(request.actor, now=moment) if _keeps_desk(request) else [],
        "located": neighborhoods_for(request.actor, Action.LOCATE_PLACE).first(),
    }
    return render_page(request, "leader/overview.html", context)


def _keeps_desk(request: PageRequest) -> bool:
    return request.actor.may(Action.HANDLE_DATA_REQUESTS)


@page(action=Action.SEE_WATCHING_NOW)
def watching(request: PageRequest) -> HttpResponse:
    """The list alone, for htmx to refresh."""
    return render_page(request, "leader/watching.html", {"watching": board.watching_rows(request.actor, now=now())})


@ensure_csrf_cookie
@page(action=Action.SEE_HOUSEHOLDS)
def households(request: PageRequest) -> HttpResponse:
    rows = board.households_list(request.actor, now=now())
    context = {
        "section": "households",
        "households": rows,
        "manages": request.actor.may(Action.MANAGE_HOUSEHOLDS),
        "neighborhood": request.actor.neighborhood_id,
    }
    return render_page(request, "leader/households.html", context)


@ensure_csrf_cookie
@page(action=Action.SEE_CAMERA_DETAILS)
def health(request: PageRequest) -> HttpResponse:
    moment = now()
    rows = [board.health_row(camera, now=moment) for camera in _cameras(request)]
    context = {
        "section": "health",
        "rows": sorted(rows, key=lambda row: row.tone != "bad"),  # what somebody must look at comes first
        "adds": request.actor.may(Action.ADD_CAMERA),
        "leads_here": request.actor.may(Action.APPROVE_CAMERA),
        "copies_failing": copies_failing(now=moment),
    }
    return render_page(request, "leader/cameras.html", context)


@ensure_csrf_cookie
@page(action=Action.ADD_CAMERA)
def camera_add(request: PageRequest) -> HttpResponse:
    neighborhood = request.actor.neighborhood_id
    unsigned = (
        request.actor.may(Action.APPROVE_CAMERA)
        and neighborhood is not None
        and legal.legal_record_of(request.actor, neighborhood) is None
    )
    context = {
        "section": "health",
        "neighborhood": neighborhood,
        "unsigned": unsigned,
        "signs": request.actor.may(Action.SIGN_LEGAL_RECORD),
    }
    return render_page(request, "leader/camera_add.html", context)


def _cameras(request: PageRequest) -> QuerySet[Camera]:
    rows = cameras_for(request.actor, Action.SEE_CAMERA_DETAILS).exclude(state=Camera.State.RETIRED)
    return rows.select_related("neighborhood", "owner_household").prefetch_related("renditions")
