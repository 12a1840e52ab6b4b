"""A household on the leader's pages: its codes, its phones, and what to do when one is lost."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib.clock import now
from backend.lib.errors import Absent
from backend.pages import board, peopleboard
from backend.pages.page import PageRequest, page
from backend.pages.render import render_page
from backend.pages.sheets import Sheet, sheet_of
from neighborhoods import codes, devices, jobs
from neighborhoods.access import Action
from neighborhoods.codesheets import KIND, without_code
from neighborhoods.households import household_for
from neighborhoods.models import Device, Household


@ensure_csrf_cookie
@page(action=Action.SEE_CODES)
def household(request: PageRequest, household_id: UUID) -> HttpResponse:
    found = household_for(request.actor, Action.SEE_CODES, household_id)
    return render_page(request, "leader/household.html", _codes(request, found) | peopleboard.people_of(request, found))


@page(action=Action.MANAGE_CODES, methods=("POST",))
def issue(request: PageRequest, household_id: UUID) -> HttpResponse:
    """A new code, shown this once: it is stored only as a hash."""
    issued = codes.code_issue(actor=request.actor, household_id=household_id, now=now())
    return _with_sheet(request, issued, household_id)


@page(action=Action.MANAGE_CODES, methods=("POST",))
def reissue(request: PageRequest, device_id: UUID) -> HttpResponse:
    """At the door, for a lost phone: it ends, and the household's new code stands on the leader's screen."""
    lost = Device.objects.filter(id=device_id).values_list("name", flat=True).first()
    issued = codes.device_reissue(actor=request.actor, device_id=device_id, now=now())
    done = _("%(name)s is cut off. Let the household scan the new code with another phone.") % {"name": lost}
    return _with_sheet(request, issued, issued.code.household_id, done=done)


@page(action=Action.MANAGE_CODES, methods=("POST",))
def revoke(request: PageRequest, code_id: UUID) -> HttpResponse:
    code = codes.code_revoke(actor=request.actor, code_id=code_id, now=now())
    done = _("The code is taken back. Its phones have no picture any more.")
    return _codes_part(request, code.household, done=done)


@page(action=Action.CUT_DEVICES, methods=("POST",))
def cut(request: PageRequest, device_id: UUID) -> HttpResponse:
    """Only phones of households stand on this page, so only they are cut from it."""
    household_id = Device.objects.filter(id=device_id).values_list("household_id", flat=True).first()
    if household_id is None:
        raise Absent()
    found = household_for(request.actor, Action.SEE_CODES, household_id)
    device = devices.device_revoke(actor=request.actor, device_id=device_id, now=now())
    done = _("%(name)s is cut off.") % {"name": device.name}
    return _codes_part(request, found, done=done)


@ensure_csrf_cookie
@page(action=Action.MANAGE_CODES)
def sheets(request: PageRequest) -> HttpResponse:
    """Codes and sheets for everybody at once; a job that runs, or whose file is still there, is shown."""
    moment = now()
    rows = board.households_list(request.actor, now=moment)
    last = jobs.jobs_of(request.actor).filter(kind=KIND).order_by("-created_at").first()
    context = {
        "section": "households",
        "households": rows,
        "without": len(without_code(rows, now=moment)),
        "neighborhood": request.actor.neighborhood_id,
        "job": last if last and (not last.is_over or last.file_path) else None,
    }
    return render_page(request, "leader/sheets.html", context)


def _with_sheet(request: PageRequest, issued: codes.Issued, household_id: UUID, *, done: str = "") -> HttpResponse:
    found = household_for(request.actor, Action.SEE_CODES, household_id)
    sheet = sheet_of(issued, join_url=request.build_absolute_uri(reverse("pages:join")))
    return _codes_part(request, found, sheet=sheet, done=done)


def _codes_part(request: PageRequest, found: Household, *, sheet: Sheet | None = None, done: str = "") -> HttpResponse:
    return render_page(request, "leader/codes.html", _codes(request, found) | {"sheet": sheet, "done": done})


def _codes(request: PageRequest, found: Household) -> dict[str, Any]:
    return {
        "section": "households",
        "household": found,
        "codes": board.codes_of(found, now=now()),
        "manages": request.actor.may(Action.MANAGE_CODES),
    }
