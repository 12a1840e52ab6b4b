"""A view that names no action is denied.

Every view (class or method) declares ``action``: an ``Action``, ``PUBLIC``, or a dict by HTTP method where they differ.
Here only the coarse question is asked, whether the caller could do it anywhere at all; the verb's ``require`` asks for
the thing itself. Absent and forbidden are the same 404.

A method that the route does not have is answered in this order: 401 without a sign-in, 404 for whoever may do nothing
there, and only then 405, which names the methods. The thing itself is not looked at, so one that is there, one that is
not and somebody else's all answer alike.
"""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from backend.lib.errors import Absent, NotSignedIn
from backend.lib.public import PUBLIC
from neighborhoods.access import Action, Actor


class NamesAnAction(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        actions = actions_of(view, request.method or "")
        if not actions:
            raise Absent()
        if PUBLIC in actions:
            return True
        if not isinstance(request.user, Actor):
            raise NotSignedIn()
        if not any(request.user.may(Action(action)) for action in actions):
            raise Absent()
        return True  # where ``view`` has no such method, REST framework goes on to say 405


def actions_of(view: Any, method: str) -> set[Action | str]:
    """The actions of which any one opens ``method`` of ``view``; none of them, which denies, where it names nothing.

    HEAD counts as GET. OPTIONS, and methods that the view does not have, are open to whoever may do anything there.
    """
    named = getattr(view, "action", None)
    if isinstance(named, dict):
        own = method != "OPTIONS" and method.lower() in view.http_method_names and hasattr(view, method.lower())
        found = [named.get("GET" if method == "HEAD" else method)] if own else list(named.values())
    else:
        found = [named]
    return {action for action in found if action == PUBLIC or isinstance(action, Action)}
