"""``@page``: the one door of every page. A page names its action, as every route of the API does."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect

from backend.lib.clock import now
from backend.lib.errors import Absent, MatPhoError, NotSignedIn
from backend.lib.public import PUBLIC
from backend.pages.errors import refused
from neighborhoods.access import Action, Actor
from neighborhoods.api.authentication import COOKIE
from neighborhoods.devices import actor_of

P = ParamSpec("P")


class OpenRequest(HttpRequest):
    """What a page that is open to everyone receives: Django's request and who acts, if anybody has signed in."""

    actor: Actor | None


class PageRequest(HttpRequest):
    """What every other page receives."""

    actor: Actor


View = Callable[Concatenate[Any, P], HttpResponse]


def actor_from(request: HttpRequest) -> Actor | None:
    """The holder of the cookie's token, if it still opens anything."""
    token = request.COOKIES.get(COOKIE, "")
    return actor_of(token, now=now()) if token else None


def page(*, action: Action | str, methods: tuple[str, ...] = ("GET", "HEAD")) -> Callable[[View[P]], View[P]]:
    """Marks a view as a page that needs ``action`` somewhere (or ``PUBLIC``); its verbs check the thing itself.

    Not signed in → the code page. Absent and forbidden → the same 404.
    """

    def wrap(view: View[P]) -> View[P]:
        @wraps(view)
        def inner(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            request.actor = actor_from(request)
            try:
                if action != PUBLIC:
                    _require_somewhere(request.actor, Action(action))
                return view(request, *args, **kwargs)
            except NotSignedIn:
                return redirect("pages:join-ended" if COOKIE in request.COOKIES else "pages:join")
            except Absent as error:
                raise Http404 from error
            except MatPhoError as error:
                return refused(request, error)

        inner.action = action  # type: ignore[attr-defined]  # the walk over all routes reads both
        inner.methods = tuple(method for method in methods if method != "HEAD")  # type: ignore[attr-defined]
        return inner

    return wrap


def _require_somewhere(actor: Actor | None, action: Action) -> None:
    if actor is None:
        raise NotSignedIn()
    if not actor.may(action):
        raise Absent()
