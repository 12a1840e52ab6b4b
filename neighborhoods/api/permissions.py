"""A view that names no action is denied.

Every view (class or method) declares ``action``: an ``Action``, ``PUBLIC``, or a dict by HTTP method where they differ.
Here only the coarse question is asked, whether the caller could do it anywhere at all; the verb's ``require`` asks for
the thing itself. Absent and forbidden are the same 404.
"""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from backend.lib.errors import Absent, NotSignedIn
from backend.lib.public import PUBLIC
from neighborhoods.access import Action, Actor


class NamesAnAction(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        action = action_of(view, request.method or "")
        if action is None:
            raise Absent()
        if action == PUBLIC:
            return True
        if not isinstance(request.user, Actor):
            raise NotSignedIn()
        if not request.user.may(Action(action)):
            raise Absent()
        return True


def action_of(view: Any, method: str) -> Action | str | None:
    """What ``view`` names for ``method``; HEAD counts as GET. None where it names nothing, which denies."""
    named = getattr(view, "action", None)
    if isinstance(named, dict):
        named = named.get("GET" if method == "HEAD" else method)
    if named == PUBLIC or isinstance(named, Action):
        return named
    return None
