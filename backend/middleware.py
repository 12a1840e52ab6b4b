"""The edge of the Django side: languages, our own names, repeated POSTs, headers."""

import hashlib
import logging
import re
from collections.abc import Callable
from datetime import UTC

import redis
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from backend.lib import problems
from backend.lib.clock import now
from backend.lib.errors import Absent, BadInput, MatPhoError, Unavailable
from neighborhoods import idempotency
from neighborhoods.api.authentication import token_of
from neighborhoods.devices import actor_of

log = logging.getLogger("matpho.edge")

Next = Callable[[HttpRequest], HttpResponseBase]

_KEY = re.compile(r"[A-Za-z0-9_-]{8,128}\Z")
MINTS_ITS_OWN = frozenset({"/api/v1/sessions/", "/api/v1/walls/pair/"})
"""Redemption repeats by itself: it mints the slot's token anew rather than keeping one (``sessions.py``). A screen that
asks for a pair shows nothing of its own, so that a key alone would hand it another one's device code."""
STAFF = "/api/v1/sessions/staff/"
"""Who calls here shows a sign-in of allauth's, which the call itself ends."""


class EdgeMiddleware:
    """Keeps answers out of every cache, and cookies off plain HTTP where TLS ends in front of us.

    Sizes are looked at before Django sees anything: ``backend.edge.BodyLimit``.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self._tells_of_proxies = not settings.CONFIG.trusted_proxies

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self._tells_of_proxies and "X-Forwarded-For" in request.headers:
            self._tells_of_proxies = False  # once
            log.warning(
                "X-Forwarded-For is not believed, all its clients count as one: if there is a proxy in front, name it"
                " in TRUSTED_PROXIES"
            )
        response = self.get_response(request)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        if request.is_secure():  # the settings only know of TLS that ends here; a proxy says so of each request
            for cookie in response.cookies.values():
                cookie["secure"] = True
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Without Redis nobody can count tries, so what counts them (staff sign-in) is closed until it is back."""
        if isinstance(exception, redis.RedisError) and problems.wants_document(request):
            return problems.response(Unavailable(retry_after_s=5))
        return None


class LanguageMiddleware:
    """Vietnamese unless the person switched (cookie), or the client asks in ``Accept-Language`` on the API."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        language = self._chosen(request)
        zone = UTC if request.path.startswith("/api/") else None  # the contract's times end in Z; pages are local
        with translation.override(language), timezone.override(zone):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
        return response

    def _chosen(self, request: HttpRequest) -> str:
        cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if cookie in ("vi", "en"):
            return cookie
        if request.path.startswith(("/api/", "/_allauth/")):
            for part in request.headers.get("Accept-Language", "").split(","):
                if (tag := part.strip()[:2].lower()) in ("vi", "en"):
                    return tag
        return "vi"


class HostMiddleware:
    """Answers to our own names only (``ALLOWED_HOSTS``), before anything builds an address from somebody else's, and to
    no address with a zero byte in it.

    Scanners send such requests all day. Django would log a traceback for each and show it as an error of ours.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            request.get_host()
        except DisallowedHost:
            host = request.headers.get("Host", "")
            log.warning("refused a request for the host %.100r, which is not in ALLOWED_HOSTS", host)
            detail = _("This server does not answer to that name. Whoever runs it may add it to ALLOWED_HOSTS.")
            response = problems.response(BadInput(detail, code="bad_host"))
            response._has_been_logged = True  # type: ignore[attr-defined]  # Django would add a line of its own
            return response
        # PostgreSQL keeps no text with a zero byte, and would fail over the question.
        if "\0" in request.path_info:
            return problems.response(Absent())
        reason = _("A character in the address cannot be read.")
        if asked := [name for name, texts in request.GET.lists() if any("\0" in text for text in [name, *texts])]:
            return problems.response(BadInput(reason, fields={name.replace("\0", ""): [reason] for name in asked}))
        return self.get_response(request)


class IdempotencyMiddleware:
    """``Idempotency-Key`` on every ``POST`` of the API."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = request.headers.get("Idempotency-Key")
        if key is None or request.method != "POST" or not request.path.startswith("/api/v1/"):
            return self.get_response(request)
        if not _KEY.match(key):
            return problems.response(BadInput(_("Idempotency-Key takes 8 to 128 letters, digits, - and _.")))
        if request.path in MINTS_ITS_OWN:
            return self.get_response(request)
        try:
            claimed = idempotency.claim(
                caller=_caller(request), method="POST", path=request.path, key=key, body=request.body, now=now()
            )
        except MatPhoError as error:
            return problems.response(error)
        if claimed.earlier:
            if not _still_opens(request):
                return self.get_response(request)  # which says so
            return _again(claimed.earlier)
        return self._answer(request, claimed)

    def _answer(self, request: HttpRequest, claimed: idempotency.Claim) -> HttpResponseBase:
        kept = False
        try:
            response = self.get_response(request)
            if isinstance(response, HttpResponse) and response.status_code < 300:  # refused: nothing happened twice
                idempotency.keep(claimed, _answer_of(response))
                kept = True
            return response
        finally:
            if not kept:
                idempotency.free(claimed)


def _answer_of(response: HttpResponse) -> idempotency.Answer:
    """A sign-in's token may stand in its cookie alone."""
    cookies = response.cookies.output(header="", sep="\n")
    kind = response.headers.get("Content-Type", "application/json")  # a 204 says none
    return idempotency.Answer(response.status_code, kind, response.content.decode(), cookies)


def _again(answer: idempotency.Answer) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)
    response.cookies.load(answer.cookies)
    return response


def _caller(request: HttpRequest) -> str:
    """Who holds the key: what they sign in with (hashed before it is kept), else what only the sender knows, the body.

    Never the address: behind one router stand many people, and one would be answered with another's answer.
    """
    return _shown(request) or hashlib.sha256(request.body).hexdigest()


def _shown(request: HttpRequest) -> str:
    """What the route goes by; empty where that is the body. A staff sign-in's body is a device's name: anybody's."""
    if request.path == STAFF:
        return request.headers.get("X-Session-Token") or request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return token_of(request)


def _still_opens(request: HttpRequest) -> bool:
    """An answer may hold a fresh code: a token that was taken back since does not get it a second time.

    Where no token was shown at all, the route asks for none. A sign-in's answer is a token, which ends by itself.
    """
    if request.path == STAFF:
        return True
    token = token_of(request)
    return actor_of(token, now=now()) is not None if token else not request.headers.get("Authorization")
