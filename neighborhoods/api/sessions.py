"""``/sessions/``: a code or a staff sign-in for a token, and signing out.

Pages ask for the cookie instead of the token with the header ``X-Matpho-Cookie: 1``: then the answer's ``token`` is
null and ``Set-Cookie`` carries it, HttpOnly, so that page scripts never see it. A header of our own cannot be sent from
another origin without a preflight that we never grant, so it also proves the origin.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from django.conf import settings
from django.contrib.auth import get_user, logout
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.errors import NotSignedIn
from backend.lib.public import PUBLIC
from backend.lib.valid import valid
from neighborhoods.access import Action
from neighborhoods.api.authentication import COOKIE, caller, callers_device, check_csrf
from neighborhoods.api.shapes import HouseholdBrief, MemberBrief, NeighborhoodBrief, ScopesShape, scopes_of
from neighborhoods.factors import proof
from neighborhoods.models import Account
from neighborhoods.sessions import Redeemed, session_end, session_redeem, session_staff

WANTS_COOKIE = OpenApiParameter(
    "X-Matpho-Cookie", str, OpenApiParameter.HEADER, description="1: set the page's cookie and leave token null"
)


class RedeemInput(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=200, help_text="typed (HG7-BCDF-GHJK, tolerantly read) or the QR's text")
    device_name = serializers.CharField(max_length=200)


class StaffInput(serializers.Serializer[Any]):
    device_name = serializers.CharField(max_length=200)


class SessionShape(serializers.Serializer[Any]):
    token = serializers.CharField(allow_null=True)
    expires_at = serializers.DateTimeField()
    device = serializers.UUIDField()
    member = MemberBrief(allow_null=True)
    household = HouseholdBrief(allow_null=True)
    neighborhood = NeighborhoodBrief(allow_null=True)
    scopes = ScopesShape()


class SessionsView(APIView):
    """Redeem a code. The same ``Idempotency-Key`` again mints the token of the same slot anew and kills the first."""

    action = PUBLIC
    authentication_classes: list[Any] = []

    @extend_schema(request=RedeemInput, responses={201: SessionShape}, parameters=[WANTS_COOKIE], auth=[])
    def post(self, request: Request) -> Response:
        wanted = valid(RedeemInput, request.data)
        redeemed = session_redeem(
            **wanted,
            source=request.META.get("REMOTE_ADDR", ""),
            idempotency_key=request.headers.get("Idempotency-Key"),
            now=now(),
        )
        return answer(request, redeemed, cookie=wants_cookie(request))


class StaffSessionsView(APIView):
    """Exchange a finished allauth sign-in (``X-Session-Token``, or the browser's session) for our own token.

    It must have passed its second step a few minutes ago: 401 ``second_factor_needed`` where that is still to come, 403
    ``second_factor_enrol`` where the account has none yet. The allauth session ends with it. From a browser's
    session the token always goes into the cookie.
    """

    action = PUBLIC
    authentication_classes: list[Any] = []

    @extend_schema(
        request=StaffInput,
        responses={201: SessionShape},
        parameters=[WANTS_COOKIE, OpenApiParameter("X-Session-Token", str, OpenApiParameter.HEADER)],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        wanted = valid(StaffInput, request.data)
        signed = signed_by_password(request)
        moment = now()
        factor = proof(signed.session, signed.account, now=moment)
        redeemed = session_staff(account=signed.account, factor=factor, now=moment, **wanted)
        signed.end()
        return answer(request, redeemed, cookie=signed.browser or wants_cookie(request))


class CurrentSessionView(APIView):
    """Sign out: this device's token ends, and with it whatever it is watching."""

    action = Action.SEE_SELF

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        session_end(actor=caller(request), device=callers_device(request), now=now())
        response = Response(status=204)
        if COOKIE in request.COOKIES:
            response.delete_cookie(COOKIE, samesite="Lax")
        return response


@dataclass(frozen=True, slots=True)
class ByPassword:
    """A sign-in of allauth's: its account, its session, and how that ends."""

    account: Account
    session: Any
    browser: bool
    end: Callable[[], None]


def signed_by_password(request: Request) -> ByPassword:
    """By ``X-Session-Token`` of an app, else by the browser's session, with CSRF. Raises ``NotSignedIn``."""
    token = request.headers.get("X-Session-Token")
    return _app_account(token) if token else _browser_account(request)


def _app_account(token: str) -> ByPassword:
    found = authenticate_by_x_session_token(token)
    if found is None or not found[0].is_active:
        raise NotSignedIn(_("Sign in with your password first."))
    account, session = found
    return ByPassword(account, session, browser=False, end=session.delete)


def _browser_account(request: Request) -> ByPassword:
    inner = request._request
    account = get_user(inner)  # REST framework has overwritten ``request.user`` by now
    if not isinstance(account, Account) or not account.is_active:
        raise NotSignedIn(_("Sign in with your password first."))
    check_csrf(inner)
    return ByPassword(account, inner.session, browser=True, end=lambda: logout(inner))


def wants_cookie(request: Request) -> bool:
    return request.headers.get("X-Matpho-Cookie") == "1"


def answer(request: Request, redeemed: Redeemed, *, cookie: bool) -> Response:
    device = redeemed.device
    household = device.household
    shape = {
        "token": None if cookie else redeemed.token,
        "expires_at": device.expires_at,
        "device": device.id,
        "member": device.member,
        "household": household,
        "neighborhood": household.neighborhood if household else None,
        "scopes": scopes_of(device),
    }
    response = Response(SessionShape(shape).data, status=201)
    return set_cookie(response, redeemed) if cookie else response


def set_cookie(response: Response, redeemed: Redeemed) -> Response:
    """The token as the page's cookie, which no script can read."""
    response.set_cookie(
        COOKIE,
        redeemed.token,
        expires=redeemed.device.expires_at,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response
