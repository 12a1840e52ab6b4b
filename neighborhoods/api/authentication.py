"""One token kind, one authentication class: bearer header for apps, HttpOnly cookie for pages.

With the cookie the request must also pass Django's CSRF and Origin checks, because a browser sends a cookie by itself.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from backend.lib.clock import now
from backend.lib.errors import Forbidden, NotSignedIn
from neighborhoods.access import Actor
from neighborhoods.devices import signed_in
from neighborhoods.models import Device

COOKIE = "matpho"


class DeviceTokenAuthentication(BaseAuthentication):
    """Sets ``request.user`` to the ``Actor`` and ``request.auth`` to the ``Device``."""

    def authenticate(self, request: Request) -> tuple[Actor, Device] | None:
        header = request.headers.get("Authorization", "")
        if header and header.partition(" ")[0].lower() != "bearer":
            raise NotSignedIn(_("Send the token as Authorization: Bearer."))
        token = token_of(request)
        if not token:
            return None
        found = signed_in(token, now=now())
        if found is None:
            raise NotSignedIn(_("The token is unknown, expired or taken back. Enter your code again."))
        if not header:
            check_csrf(request._request)
        return found.actor, found.device

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def token_of(request: Request | HttpRequest) -> str:
    """The token a request shows; empty where it shows none. The header wins over the cookie, even one that is empty."""
    header = request.headers.get("Authorization")
    if not header:
        return request.COOKIES.get(COOKIE, "")
    scheme, _space, bearer = header.partition(" ")
    return bearer.strip() if scheme.lower() == "bearer" else ""


def caller(request: Request | HttpRequest) -> Actor:
    """Who acts; raises ``NotSignedIn`` where a view forgot to name its action."""
    if not isinstance(request.user, Actor):
        raise NotSignedIn()
    return request.user


def callers_device(request: Request) -> Device:
    """The device that acts."""
    if not isinstance(request.auth, Device):
        raise NotSignedIn()
    return request.auth


class _Csrf(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def check_csrf(request: HttpRequest) -> None:
    """Raise ``Forbidden`` where an unsafe request lacks the CSRF token or comes from another origin."""
    check = _Csrf(lambda _request: HttpResponse())
    check.process_request(request)
    if check.process_view(request, lambda *_args, **_kwargs: HttpResponse(), (), {}):
        raise Forbidden(_("The page was open too long. Load it again and retry."), code="csrf")


class DeviceTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes it."""

    target_class = DeviceTokenAuthentication
    name = ["token", "cookie"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {"type": "http", "scheme": "bearer", "description": "The device's token"},
            {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "The same token, for pages, with CSRF"},
        ]
