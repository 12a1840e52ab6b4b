"""Every HTTP route and socket of the product, as (method, path, action), read from the routing itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from notifications import routing

FOREIGN = ("_allauth/",)
"""Prefixes whose views are a library's: they authorise by themselves, and their own tests are theirs."""

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True, order=True)
class Route:
    path: str
    method: str
    action: str


def routes() -> list[Route]:
    """All routes, sorted. A view that names no action appears with an empty one."""
    return sorted(set(_walk(get_resolver().url_patterns, "")))


def sockets() -> list[Route]:
    """All WebSockets, sorted, with the method ``WS``."""
    return sorted(
        Route(str(one.pattern), "WS", str(getattr(one.callback, "action", "") or "")) for one in routing.patterns
    )


def _walk(patterns: list[Any], prefix: str) -> Iterator[Route]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if path.startswith(FOREIGN):
            continue
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield from _of_view(pattern.callback, path)


def _of_view(view: Any, path: str) -> Iterator[Route]:
    cls = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if cls is None:
        for method in getattr(view, "methods", ("GET",)):
            yield Route(path, method, _word(getattr(view, "action", ""), method.lower()))
        return
    for method in METHODS:
        if hasattr(cls, method):
            yield Route(path, method.upper(), _word(getattr(cls, "action", ""), method))


def _word(action: Any, method: str) -> str:
    """Actions are one word, or a dict by method in any case."""
    if isinstance(action, dict):
        action = {key.lower(): value for key, value in action.items()}.get(method, "")
    return str(action or "")


def table() -> str:
    """The committed form: one route a line."""
    return "".join(f"{route.method:6} /{route.path}  {route.action}\n" for route in [*routes(), *sockets()])
