"""The household's own pages: its guests, and the phones that watch by its codes."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib.clock import now
from backend.lib.errors import Absent, BadInput, Conflict
from backend.pages import guestboard
from backend.pages.page import PageRequest, page
from backend.pages.render import render_page
from backend.pages.sheets import Sheet, sheet_of
from backend.pages.views.entry import go
from cameras.guests import guest_code_issue, own_cameras
from neighborhoods.access import Action
from neighborhoods.devices import device_revoke, devices_of
from neighborhoods.guestcodes import guest_code_revoke
from neighborhoods.hours import Hours


@ensure_csrf_cookie
@page(action=Action.MANAGE_GUEST_CODES)
def guests(request: PageRequest) -> HttpResponse:
    return _guests_page(request, "own/guests.html")


@page(action=Action.MANAGE_GUEST_CODES, methods=("POST",))
def issue(request: PageRequest) -> HttpResponse:
    """A guest's code, shown this once. What is wrong with the form stands above it."""
    moment, form = now(), request.POST
    try:
        issued = guest_code_issue(
            actor=request.actor,
            camera_ids=_ids(form.getlist("camera")),
            replay=form.get("replay") == "yes",
            hours_scope=_hours(form),
            devices=_number(form, "devices", 2),
            expires_at=moment + timedelta(days=_number(form, "days", 7)),
            now=moment,
        )
    except (BadInput, Conflict) as error:
        return _guests_page(request, "own/guest_codes.html", wrong=str(error.detail), form=form)
    sheet = sheet_of(issued, join_url=request.build_absolute_uri(reverse("pages:join")))
    return _guests_page(request, "own/guest_codes.html", sheet=sheet)


@page(action=Action.MANAGE_GUEST_CODES, methods=("POST",))
def revoke(request: PageRequest, guest_code_id: UUID) -> HttpResponse:
    guest_code_revoke(actor=request.actor, code_id=guest_code_id, now=now())
    done = _("The guest's code is taken back. Its phones have no picture any more.")
    return _guests_page(request, "own/guest_codes.html", done=done)


@ensure_csrf_cookie
@page(action=Action.SEE_SELF)
def phones(request: PageRequest) -> HttpResponse:
    return _phones_page(request, "own/phones.html")


@page(action=Action.SEE_SELF, methods=("POST",))
def cut(request: PageRequest, device_id: UUID) -> HttpResponse:
    """One's own phone; cutting the one in hand is signing out of it."""
    moment = now()
    device = devices_of(request.actor, now=moment).filter(id=device_id).first()
    if device is None:
        raise Absent()
    device_revoke(actor=request.actor, device_id=device_id, now=moment)
    if device_id == request.actor.device_id:
        return go(reverse("pages:join-ended"))
    return _phones_page(request, "own/phone_list.html", done=_("%(name)s is cut off.") % {"name": device.name})


def _guests_page(
    request: PageRequest,
    template: str,
    *,
    sheet: Sheet | None = None,
    wrong: str = "",
    done: str = "",
    form: QueryDict | None = None,
) -> HttpResponse:
    """``form``: what was sent and refused, so that nobody chooses it all again."""
    cameras = list(own_cameras(request.actor))
    only = [str(camera.id) for camera in cameras] if len(cameras) == 1 else []
    context = {
        "section": "mine",
        "cameras": [(str(camera.id), camera.name) for camera in cameras],
        "form": form.dict() if form else {"days": "7", "devices": "2", "from": "06:00", "to": "22:00"},
        "chosen": form.getlist("camera") if form else only,
        "lengths": guestboard.lengths(),
        "guests": guestboard.guest_rows(request.actor, now=now()),
        "sheet": sheet,
        "wrong": wrong,
        "done": done,
    }
    return render_page(request, template, context)


def _phones_page(request: PageRequest, template: str, *, done: str = "") -> HttpResponse:
    rows = guestboard.phone_rows(request.actor, now=now())
    return render_page(request, template, {"section": "mine", "phones": rows, "done": done})


def _ids(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        raise Absent() from None


def _number(form: QueryDict, name: str, default: int) -> int:
    text = form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else default


def _hours(form: QueryDict) -> list[Hours]:
    """Every day between two times; the whole day where no time is given."""
    start, end = form.get("from", ""), form.get("to", "")
    if form.get("when") != "hours":
        return []
    if not start or not end:
        raise BadInput(_("Say from when to when your guest may look."))
    return [{"days": [0, 1, 2, 3, 4, 5, 6], "from": start, "to": end}]
