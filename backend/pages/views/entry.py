"""Ways in and out: the code, the leader's sign-in, the first set-up, the language, signing out."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie

from backend.lib.clock import now
from backend.lib.public import PUBLIC
from backend.pages.page import OpenRequest, page
from backend.pages.render import render_page
from neighborhoods.access import Action
from neighborhoods.api.authentication import COOKIE
from neighborhoods.devices import signed_in
from neighborhoods.sessions import session_end
from neighborhoods.setup import needed as setup_needed


@page(action=PUBLIC)
def home(request: OpenRequest) -> HttpResponse:
    """The one address a person types; it leads on to what this phone may do."""
    if request.actor is None:
        return redirect("pages:join-ended" if COOKIE in request.COOKIES else "pages:join")
    if request.actor.may(Action.CHOOSE_ROOM_CAMERAS):
        return redirect("pages:room")
    if request.actor.may(Action.SEE_CAMERAS):
        return redirect("pages:grid")
    for action, place in (
        (Action.STEWARD_ALERTS, "alert-console"), (Action.KEEP_FUND, "fund-desk"),
        (Action.SEE_HOUSEHOLDS, "households"), (Action.RAISE_ALERT, "raise"), (Action.MANAGE_ROLES, "roles"),
        (Action.SEE_AUDIT, "auditor"), (Action.SIGN_FOOTAGE, "footage"),
    ):  # fmt: skip
        if request.actor.may(action):
            return redirect(f"pages:{place}")
    context = {
        "picture": "check",
        "heading": _("You are signed in"),
        "text": _("With this account there is nothing to watch here."),
    }
    return render_page(request, "error.html", context)


@ensure_csrf_cookie
@page(action=PUBLIC)
def join(request: OpenRequest, *, ended: bool = False) -> HttpResponse:
    """The code page; its script redeems at ``/api/v1/sessions/``, which gives the cookie.

    The sheet's QR comes in the fragment, which never reaches a server or a log.
    """
    return render_page(request, "join.html", {"ended": ended})


@ensure_csrf_cookie
@page(action=PUBLIC)
def staff(request: OpenRequest) -> HttpResponse:
    return render_page(request, "staff.html")


@ensure_csrf_cookie
@page(action=PUBLIC)
def setup(request: OpenRequest) -> HttpResponse:
    """The one-time link of an empty installation; its secret is in the fragment, like a sheet's QR."""
    done = not setup_needed()
    return render_page(request, "setup.html", {"done": done}, status=410 if done else 200)


@page(action=PUBLIC, methods=("POST",))
def sign_out(request: OpenRequest) -> HttpResponse:
    """Ends this device. It works for a token that has ended already too: the cookie goes."""
    moment = now()
    found = signed_in(request.COOKIES.get(COOKIE, ""), now=moment)
    if found is not None:
        session_end(actor=found.actor, device=found.device, now=moment)
    request.session.flush()
    response = go(reverse("pages:join"))
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


@page(action=PUBLIC, methods=("POST",))
def language(request: OpenRequest) -> HttpResponse:
    """Vietnamese or English, remembered a year on this phone."""
    back = request.POST.get("next", "/")
    if not back.isprintable() or not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    response = go(back)
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 86400, samesite="Lax", httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip
    return response


def go(address: str) -> HttpResponse:
    """Sends htmx on to a whole new page. Forms are sent by it and not by the browser, which under our
    ``Referrer-Policy: no-referrer`` says ``Origin: null`` with every form, and so fails the check of origins."""
    return HttpResponse(status=204, headers={"HX-Redirect": address})
