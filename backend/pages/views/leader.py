"""The leader's pages: who is watching, households and their codes, cameras and their health."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib.clock import now
from backend.lib.errors import Absent
from backend.pages import board
from backend.pages.page import PageRequest, page
from backend.pages.render import render_page
from backend.pages.sheets import Sheet, sheet_of
from cameras.models import Camera
from cameras.registry import cameras_for
from neighborhoods import codes, devices
from neighborhoods.access import Action
from neighborhoods.households import household_for
from neighborhoods.models import Device, Household


@ensure_csrf_cookie
@page(action=Action.SEE_WATCHING_NOW)
def overview(request: PageRequest) -> HttpResponse:
    moment = now()
    rows = [board.health_row(camera, now=moment) for camera in _cameras(request)]
    context = {
        "section": "leader",
        "watching": board.watching_rows(request.actor, now=moment),
        "guessing_at": board.guessing_told_at(request.actor, now=moment),
        "unwell": [row for row in rows if row.tone == "bad"],
        "camera_count": len(rows),
        "recorded": sum(row.tone == "good" for row in rows),
    }
    return render_page(request, "leader/overview.html", context)


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
@page(action=Action.SEE_CODES)
def household(request: PageRequest, household_id: UUID) -> HttpResponse:
    found = household_for(request.actor, Action.SEE_CODES, household_id)
    return _household_page(request, found, "leader/household.html")


@page(action=Action.MANAGE_CODES, methods=("POST",))
def issue(request: PageRequest, household_id: UUID) -> HttpResponse:
    """A new code, shown this once: it is stored only as a hash."""
    issued = codes.code_issue(actor=request.actor, household_id=household_id, now=now())
    found = household_for(request.actor, Action.SEE_CODES, household_id)
    sheet = sheet_of(issued, join_url=request.build_absolute_uri(reverse("pages:join")))
    return _household_page(request, found, "leader/codes.html", sheet=sheet)


@page(action=Action.MANAGE_CODES, methods=("POST",))
def revoke(request: PageRequest, code_id: UUID) -> HttpResponse:
    code = codes.code_revoke(actor=request.actor, code_id=code_id, now=now())
    done = _("The code is taken back. Its phones have no picture any more.")
    return _household_page(request, code.household, "leader/codes.html", done=done)


@page(action=Action.CUT_DEVICES, methods=("POST",))
def cut(request: PageRequest, device_id: UUID) -> HttpResponse:
    """Only phones of households stand on this page, so only they are cut from it."""
    household_id = Device.objects.filter(id=device_id).values_list("household_id", flat=True).first()
    if household_id is None:
        raise Absent()
    found = household_for(request.actor, Action.SEE_CODES, household_id)
    device = devices.device_revoke(actor=request.actor, device_id=device_id, now=now())
    done = _("%(name)s is cut off.") % {"name": device.name}
    return _household_page(request, found, "leader/codes.html", done=done)


def _household_page(
    request: PageRequest, found: Household, template: str, *, sheet: Sheet | None = None, done: str = ""
) -> HttpResponse:
    context = {
        "section": "households",
        "household": found,
        "codes": board.codes_of(found, now=now()),
        "manages": request.actor.may(Action.MANAGE_CODES),
        "sheet": sheet,
        "done": done,
    }
    return render_page(request, template, context)


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
    }
    return render_page(request, "leader/cameras.html", context)


@ensure_csrf_cookie
@page(action=Action.ADD_CAMERA)
def camera_add(request: PageRequest) -> HttpResponse:
    neighborhood = request.actor.neighborhood_id
    return render_page(request, "leader/camera_add.html", {"section": "health", "neighborhood": neighborhood})


def _cameras(request: PageRequest) -> QuerySet[Camera]:
    rows = cameras_for(request.actor, Action.SEE_CAMERA_DETAILS).exclude(state=Camera.State.RETIRED)
    return rows.select_related("neighborhood", "owner_household").prefetch_related("renditions")
