"""The grid of cameras and the page of one camera."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib.clock import now
from backend.pages import schoolform, viewerwords
from backend.pages.board import card_of
from backend.pages.page import PageRequest, page
from backend.pages.render import render_page
from cameras.registry import camera_for, cameras_for, place_of
from cameras.viewers import sees_viewers
from neighborhoods.access import Action


@ensure_csrf_cookie
@page(action=Action.SEE_CAMERAS)
def grid(request: PageRequest) -> HttpResponse:
    moment = now()
    cameras = cameras_for(request.actor, Action.VIEW_LIVE).select_related("neighborhood")
    context = {
        "section": "cameras",
        "cameras": [card_of(camera, request.actor, now=moment) for camera in cameras.prefetch_related("renditions")],
    }
    return render_page(request, "grid.html", context)


@ensure_csrf_cookie
@page(action=Action.VIEW_LIVE)
def camera(request: PageRequest, camera_id: UUID) -> HttpResponse:
    """The frame of the player. It is there in private hours too, and says so; pictures come from view sessions."""
    found = camera_for(request.actor, Action.SEE_CAMERAS, camera_id, now=now())
    context = {
        "section": "cameras",
        "camera": found,
        "purposes": viewerwords.purposes().items(),
        "told": viewerwords.told_beforehand(request.actor, found),
        "sees_viewers": sees_viewers(request.actor, found),
        "looks_back": request.actor.may(Action.VIEW_REPLAY),  # a guest's code may be for the live picture alone
        "sees": request.actor.role_at(place_of(found), Action.VIEW_LIVE) is not None,  # who leads: no school's picture
        "school": schoolform.form_for(request.actor, found),
        "who_watches": schoolform.who_watches(found),
        "own": found.owner_household_id is not None and found.owner_household_id == request.actor.home_id,
    }
    return render_page(request, "camera.html", context)
