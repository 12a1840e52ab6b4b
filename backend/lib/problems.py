"""The one place that turns errors into HTTP: RFC 9457 problem documents, for DRF, Django and the media application."""

import json
import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions as drf
from rest_framework.request import Request
from rest_framework.response import Response

from backend.lib.errors import (
    Absent,
    BadInput,
    Forbidden,
    MatPhoError,
    NotSignedIn,
    TooLarge,
    TooMany,
    Unavailable,
)

log = logging.getLogger("matpho.errors")

CONTENT_TYPE = "application/problem+json"


def document(error: MatPhoError) -> dict[str, Any]:
    """The problem document of an error (RFC 9457, section 3), with our ``code`` and per-field ``errors``."""
    problem: dict[str, Any] = {
        "type": f"urn:matpho:problem:{error.code}",
        "title": _(error.title),
        "status": error.status,
        "detail": _(error.title) if error.detail == error.title else str(error.detail),
        "code": error.code,
    }
    if error.fields:
        problem["errors"] = {name: [str(text) for text in texts] for name, texts in error.fields.items()}
    return problem


def headers(error: MatPhoError) -> dict[str, str]:
    """Headers that go with the document."""
    out = {"Cache-Control": "no-store"}
    if error.retry_after_s is not None:
        out["Retry-After"] = str(error.retry_after_s)
    if error.status == NotSignedIn.status:
        out["WWW-Authenticate"] = "Bearer"
    return out


def encode(error: MatPhoError, beside: Mapping[str, Any] | None = None) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and body, for applications that are not Django views. ``beside`` are further members of it."""
    body = json.dumps({**(beside or {}), **document(error)}, ensure_ascii=False).encode()
    return error.status, {"Content-Type": CONTENT_TYPE, **headers(error)}, body


def response(error: MatPhoError, beside: Mapping[str, Any] | None = None) -> HttpResponse:
    """The same as a Django response, for middleware and plain views."""
    status, head, body = encode(error, beside)
    return HttpResponse(body, status=status, headers=dict(head))


def from_exception(exc: Exception) -> MatPhoError:
    """Our error for any exception. What we did not foresee becomes a bare 500 that says nothing of its cause."""
    match exc:
        case MatPhoError():
            return exc
        case Http404() | PermissionDenied() | drf.NotFound() | drf.PermissionDenied():
            return Absent()
        case RequestDataTooBig():
            return TooLarge()
        case drf.NotAuthenticated() | drf.AuthenticationFailed():
            return NotSignedIn()
        case drf.ValidationError():
            return BadInput(_("Some fields are not valid."), fields=_fields(exc.detail))
        case drf.ParseError():
            return BadInput(str(exc.detail), code="malformed")
        case drf.Throttled():
            return TooMany(retry_after_s=int(getattr(exc, "wait", None) or 60))
        case drf.MethodNotAllowed():
            return _plain(exc, "method_not_allowed", _("That method is not allowed here"))
        case drf.UnsupportedMediaType():
            return _plain(exc, "unsupported_media_type", _("Send application/json"))
        case drf.NotAcceptable():
            return _plain(exc, "not_acceptable", _("This route answers application/json"))
        case _:
            return MatPhoError()


def _plain(exc: drf.APIException, code: str, title: str) -> MatPhoError:
    error = MatPhoError(title, code=code)
    error.status, error.title = exc.status_code, title
    return error


def _fields(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """DRF's nested details, flattened: ``{"private_hours.0.from": ["…"]}``."""
    if isinstance(detail, dict):
        out: dict[str, list[str]] = {}
        for name, inner in detail.items():
            out |= _fields(inner, f"{prefix}.{name}" if prefix else str(name))
        return out
    if isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        out = {}
        for index, inner in enumerate(detail):
            out |= _fields(inner, f"{prefix}.{index}" if prefix else str(index)) if inner else {}
        return out
    texts = detail if isinstance(detail, list) else [detail]
    return {prefix or "non_field_errors": [str(text) for text in texts]}


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response:
    """DRF's hook. An unforeseen exception is logged with its view's name and answered without a traceback."""
    error = from_exception(exc)
    if error.status >= 500 and not isinstance(error, Unavailable):
        log.error("unhandled in %s", type(context.get("view")).__name__, exc_info=exc)
    answer = Response(document(error), status=error.status, headers=headers(error))
    answer.content_type = CONTENT_TYPE
    if error.status != drf.MethodNotAllowed.status_code:  # a 404 that listed methods would say that something is there
        getattr(context.get("view"), "headers", {}).pop("Allow", None)
    request = context.get("request")
    if isinstance(request, Request):
        request._request.problem_code = error.code  # type: ignore[attr-defined]  # for the metrics
    return answer


def wants_document(request: HttpRequest) -> bool:
    """Pages get pages; everything under ``/api/``, ``/hls/`` and ``/_allauth/`` gets a document."""
    return request.path.startswith(("/api/", "/hls/", "/ingest/", "/_allauth/", "/hooks/", "/metrics", "/readyz"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    return response(Forbidden(_("The page was open too long. Load it again and retry."), code="csrf"))
