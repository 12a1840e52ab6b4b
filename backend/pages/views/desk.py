"""The leader's desk: requests about personal data with their clocks, and the shared screens."""

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib.clock import now
from backend.lib.public import PUBLIC
from backend.pages import databoard, datawords
from backend.pages.page import OpenRequest, PageRequest, page
from backend.pages.render import render_page
from cameras.registry import cameras_for
from neighborhoods import datadesk, walls
from neighborhoods.access import Action, Role
from neighborhoods.households import households_for


@ensure_csrf_cookie
@page(action=Action.HANDLE_DATA_REQUESTS)
def requests(request: PageRequest) -> HttpResponse:
    moment = now()
    context = {
        "section": "desk",
        "rows": databoard.open_rows(request.actor, now=moment),
        "closed": databoard.closed_rows(request.actor, now=moment),
        "kinds": datawords.kinds().items(),
        "grounds": datawords.grounds().items(),
        "households": households_for(request.actor).filter(left_at=None).order_by("number"),
        "neighborhood": request.actor.neighborhood_id,
        "longest": datadesk.LONGEST_EXTENSION_DAYS,
    }
    return render_page(request, "own/desk.html", context)


@ensure_csrf_cookie
@page(action=Action.MANAGE_WALLS)
def screens(request: PageRequest) -> HttpResponse:
    """Shared screens: add one by its QR or letters, cut one off."""
    context = {
        "section": "walls",
        "walls": walls.walls_for(request.actor, now=now()),
        "neighborhood": request.actor.neighborhood_id,
        "wall_address": request.build_absolute_uri(reverse("pages:wall")).partition("://")[2],
    }
    return render_page(request, "own/walls.html", context)


@ensure_csrf_cookie
@page(action=PUBLIC)
def wall(request: OpenRequest) -> HttpResponse:
    """What the television opens: the QR to be let in by, then the cameras, full screen and without menus."""
    actor = request.actor
    if actor is None or all(grant.role is not Role.WALL for grant in actor.grants):
        return render_page(request, "own/wall_pair.html")
    cameras = cameras_for(actor, Action.VIEW_LIVE).order_by("name")
    return render_page(request, "own/wall.html", {"cameras": cameras})
