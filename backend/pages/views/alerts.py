"""Alerts as people see them: the feed, raising one, how this phone rings, and the leader's console."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib.clock import now
from backend.pages import alertboard, alertwords
from backend.pages.page import PageRequest, page
from backend.pages.render import place_name, render_page
from neighborhoods.access import Action
from notifications.carriers import push_on
from notifications.categories import CATEGORIES, Audience
from notifications.preferences import MUTABLE, preferences_of


@ensure_csrf_cookie
@page(action=Action.SEE_ALERTS)
def feed(request: PageRequest) -> HttpResponse:
    """The newest alerts, drawn here, and kept up to date by the page's script."""
    return _list(request, "alerts.html")


@ensure_csrf_cookie
@page(action=Action.STEWARD_ALERTS)
def console(request: PageRequest) -> HttpResponse:
    """The same for those who decide about them, with everything they do."""
    return _list(
        request,
        "leader/alerts.html",
        steward=True,
        verdicts=alertwords.verdicts(),
        broadcasts=request.actor.may(Action.BROADCAST_ALERT),
        broadcastable=alertwords.broadcastable(),
    )


@ensure_csrf_cookie
@page(action=Action.RAISE_ALERT)
def raise_one(request: PageRequest) -> HttpResponse:
    """Where the red button leads without its script; and the one page of a street worker."""
    return render_page(request, "raise.html", {"section": "raise", "camera": _camera_id(request)})


@ensure_csrf_cookie
@page(action=Action.SEE_ALERTS)
def settings_page(request: PageRequest) -> HttpResponse:
    chosen, leads = preferences_of(request.actor), request.actor.may(Action.STEWARD_ALERTS)
    heard = [code for code in MUTABLE if leads or CATEGORIES[code].audience is Audience.EVERYONE]
    context = {
        "section": "alerts",
        "chosen": chosen,
        "categories": [(code, alertwords.category(code), code in chosen.muted) for code in heard],
        "push": push_on(settings.CONFIG),
    }
    return render_page(request, "alert_settings.html", context)


def _list(request: PageRequest, template: str, **more: object) -> HttpResponse:
    moment = now()
    views = alertboard.views_for(request.actor, open_first="steward" in more)
    context = alertboard.context(views, place=place_name(request.actor), now=moment)
    return render_page(request, template, context | more)


def _camera_id(request: PageRequest) -> str:
    try:
        return str(UUID(request.GET.get("camera", "")))
    except ValueError:
        return ""
