"""What goes wrong under ``/_allauth/``, said as everything else that goes wrong: RFC 9457, our codes, our words.

Allauth's headless views have an error form of their own, ``{status, errors: [{message, code, param}], data, meta}``.
What an answer of 401 says beside it (``data``: the ways to sign in, ``meta``) stays, as members of the document.
"""

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.exceptions import MethodNotAllowed

from backend.lib import problems
from backend.lib.errors import Absent, BadInput, Conflict, Forbidden, MatPhoError, NotSignedIn, TooMany
from neighborhoods.factors import SecondFactorNeeded

HERE = "/_allauth/"
RETRY_AFTER_S = 300
"""The window of ``settings.ACCOUNT_RATE_LIMITS`` that a person meets."""

Answer = dict[str, Any]


class StaffProblemsMiddleware:
    """Stands around allauth's own middleware, which answers some of its errors itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        ours = response.headers.get("Content-Type") == problems.CONTENT_TYPE
        if response.status_code < 400 or ours or not request.path.startswith(HERE):
            return response
        return _as_problem(request, response)


def _as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    said = _said(response)
    error = _unfinished(response.status_code, said) or _error(request, response.status_code, said.get("errors", []))
    beside: Answer = {name: said[name] for name in ("data", "meta") if name in said}
    document = problems.response(error, beside)
    document.cookies = response.cookies
    if "Allow" in response.headers:
        document.headers["Allow"] = response.headers["Allow"]
    return document


def _said(response: HttpResponseBase) -> Answer:
    """Allauth's answer; empty where it has no body (a request that was no JSON)."""
    if not isinstance(response, HttpResponse) or response.headers.get("Content-Type") != "application/json":
        return {}
    said: Answer = json.loads(response.content)
    return said


def _unfinished(status: int, said: Answer) -> MatPhoError | None:
    """401 says three things in allauth: nobody is signed in, the second step is to come, or all was too long ago."""
    if status != NotSignedIn.status:
        return None
    pending = {flow["id"] for flow in said.get("data", {}).get("flows", []) if flow.get("is_pending")}
    if "mfa_authenticate" in pending:
        return SecondFactorNeeded(_("Type the six digits from your app, or use your passkey."))
    if said.get("meta", {}).get("is_authenticated"):
        return NotSignedIn(_("To change how you sign in, sign in once more."), code="sign_in_again")
    return None


def _error(request: HttpRequest, status: int, errors: list[dict[str, str]]) -> MatPhoError:
    codes = {error["code"] for error in errors}
    if status == TooMany.status or {"too_many_login_attempts", "rate_limited"} & codes:
        return TooMany(_("Too many tries to sign in. Wait a while, then try again."), retry_after_s=RETRY_AFTER_S)
    if "incorrect_code" in codes:
        return BadInput(_("That code does not fit. Wait for the next one in your app."), code="second_factor_refused")
    if "username_password_mismatch" in codes or "account_inactive" in codes:
        return BadInput(_("That user name or password does not work."), code="sign_in_refused")
    match status:
        case 400 if errors:
            return BadInput(_("Some fields are not valid."), fields=_fields(errors))
        case 400:
            return BadInput(_("Send a JSON object."), code="malformed")
        case 401 | 410:  # 410: allauth's word for a sign-in of an app that has ended
            return NotSignedIn()
        case 403:
            return Forbidden()
        case 404:
            return Absent()
        case 405:
            return problems.from_exception(MethodNotAllowed(request.method or ""))
        case 409:
            return Conflict(_("This browser is signed in already. Sign out first."), code="signed_in_already")
    return MatPhoError()


def _fields(errors: list[dict[str, str]]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for error in errors:
        fields.setdefault(error.get("param", "non_field_errors"), []).append(error["message"])
    return fields
