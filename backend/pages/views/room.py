"""The ward's operations room: what hangs on its wall, what is open, and which cameras its operators choose."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib.clock import now
from backend.lib.errors import Absent
from backend.pages import roomboard
from backend.pages.page import PageRequest, page
from backend.pages.render import render_page
from cameras.roomwall import MOST, cameras_to_choose, room_cameras
from neighborhoods.access import Action, Place
from neighborhoods.models import Ward

NEWS = "room-news"


@ensure_csrf_cookie
@page(action=Action.SEE_ROOM)
def room(request: PageRequest) -> HttpResponse:
    """The whole page; or its news alone, which the page asks for by itself."""
    moment, actor, (ward, wards) = now(), request.actor, _ward(request)
    place = Place(ward_id=ward.id)
    context = {"section": "room", "ward": ward, "news": roomboard.news_of(actor, ward, now=moment)}
    if request.headers.get("HX-Target") == NEWS:
        return render_page(request, "room/news.html", context)
    context |= {
        "wards": wards,
        "watches_here": actor.role_at(place, Action.VIEW_LIVE) is not None,
        "chooses": actor.role_at(place, Action.CHOOSE_ROOM_CAMERAS) is not None,
        "cards": roomboard.wall_of(actor, ward.id, now=moment),
        "schools": roomboard.schools_of(actor, ward.id, now=moment),
    }
    return render_page(request, "room/room.html", context)


@ensure_csrf_cookie
@page(action=Action.CHOOSE_ROOM_CAMERAS)
def choose(request: PageRequest) -> HttpResponse:
    """A tick for each public camera of the ward."""
    ward, _wards = _ward(request)
    context = {
        "section": "room",
        "ward": ward,
        "cameras": cameras_to_choose(request.actor, ward.id),
        "chosen": {camera.id for camera in room_cameras(request.actor, ward.id)},
        "most": MOST,
    }
    return render_page(request, "room/choose.html", context)


def _ward(request: PageRequest) -> tuple[Ward, list[Ward]]:
    """The ward that is asked for, else the first; and all of the reader's. Raises ``Absent``."""
    wards = roomboard.wards_of(request.actor)
    asked = request.GET.get("ward", "")
    try:
        wanted = UUID(asked) if asked else None
    except ValueError:
        raise Absent() from None
    found = next((ward for ward in wards if wanted in (None, ward.id)), None)
    if found is None:
        raise Absent()
    return found, wards
