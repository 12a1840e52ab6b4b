"""Allauth's headless views as this product opens them: what they change is audited in the same transaction, a code
opens once, the last authenticator stays, and what no browser would send is refused instead of breaking.

Every one of them needs a sign-in of allauth's of a few minutes ago (``signin.UNLOCKED_FOR_S``): our own token, which a
browser keeps for two weeks, changes nothing of how one signs in.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import segno
from allauth.account.internal.flows import password_change
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.headless.account.views import ChangePasswordView
from allauth.headless.base.views import AuthenticatedAPIView
from allauth.headless.internal.restkit.response import APIResponse
from allauth.headless.mfa import inputs, views
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp_auth
from allauth.mfa.totp.internal import flows as totp_flows
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from backend.lib import text
from backend.lib.clock import now
from backend.lib.errors import BadInput, MatPhoError, NotSignedIn
from backend.lib.problems import response as problem
from neighborhoods import accounts, factors
from neighborhoods.api.authentication import token_of
from neighborhoods.models import Account

USED_FOR_S = 120
"""How long a used six-digit code is remembered: longer than the minute and a half in which it is right."""


def _refusing_nonsense(clean: Callable[[], Any]) -> Any:
    """What fido2 makes of bytes that no authenticator wrote is many kinds of error; to the sender all are one."""
    try:
        return clean()
    except ValidationError:
        raise
    except Exception as error:
        raise get_adapter().validation_error("incorrect_code") from error


class CodeInput(inputs.AuthenticateInput):  # type: ignore[misc]
    def clean_code(self) -> str:
        """RFC 6238, section 5.2: a code that was taken once is not taken again."""
        code: str = super().clean_code()
        row = self.authenticator
        if row.type == Authenticator.Type.TOTP:
            digits = "".join(sign for sign in code if sign.isdigit())
            if not cache.add(f"totp-used:{row.id}:{digits}", 1, USED_FOR_S):
                raise get_adapter().validation_error("incorrect_code")
        return code


class CodeView(views.AuthenticateView):  # type: ignore[misc]
    input_class = CodeInput


class PasskeyInput(inputs.AuthenticateWebAuthnInput):  # type: ignore[misc]
    def clean_credential(self) -> Any:
        return _refusing_nonsense(super().clean_credential)


class PasskeyView(views.AuthenticateWebAuthnView):  # type: ignore[misc]
    input_class = {"POST": PasskeyInput}


class OwnView(AuthenticatedAPIView):  # type: ignore[misc]
    """For whoever has just signed in. A verb's refusal is answered as everywhere else."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().dispatch(request, *args, **kwargs)
        except MatPhoError as error:
            return problem(error)


class TotpView(OwnView):
    """GET draws a fresh key; POST with a code of it keeps it, in place of the one there was: a new telephone."""

    input_class = {"POST": inputs.ActivateTOTPInput}

    def get_input_kwargs(self) -> dict[str, Any]:
        return {"user": self.request.user}

    def get(self, request: HttpRequest) -> HttpResponse:
        raise_if_reauthentication_required(request, app="allauth.mfa")
        key = totp_auth.get_totp_secret(regenerate=True)
        address = get_adapter().build_totp_url(request.user, key)
        drawn = segno.make(address, error="m", micro=False).svg_data_uri(scale=6, border=4, light="#fff")
        return _answer(request, data={"secret": key, "totp_url": address, "qr": drawn})

    def post(self, request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            Authenticator.objects.filter(user=request.user, type=Authenticator.Type.TOTP).delete()
            made, _codes = totp_flows.activate_totp(request, self.input)
            factors.factor_added(_self(request), made.type, now=now())
        return _proven(request, made)

    def delete(self, request: HttpRequest) -> HttpResponse:
        raise_if_reauthentication_required(request, app="allauth.mfa")
        rows = factors.primary(_self(request).id).filter(type=Authenticator.Type.TOTP)
        factors.factor_remove(account=_self(request), ids=list(rows.values_list("id", flat=True)), now=now())
        return _answer(request)


class AddPasskeyInput(inputs.AddWebAuthnInput):  # type: ignore[misc]
    def clean_name(self) -> str:
        name = self.cleaned_data["name"] or "Passkey"
        try:
            return text.clean_name(name, longest=factors.PASSKEY_NAME)
        except BadInput as error:
            raise ValidationError(error.detail) from error

    def clean(self) -> Any:
        return _refusing_nonsense(super().clean)


class PasskeysView(views.ManageWebAuthnView, OwnView):  # type: ignore[misc]
    input_class = {"POST": AddPasskeyInput, "DELETE": inputs.DeleteWebAuthnInput}
    http_method_names = ["get", "post", "delete"]

    def post(self, request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            answer = super().post(request)
            factors.factor_added(_self(request), Authenticator.Type.WEBAUTHN, now=now())
        made = factors.primary(_self(request).id).filter(type=Authenticator.Type.WEBAUTHN).last()
        return _proven(request, made) if answer.status_code == HTTPStatus.OK else answer

    def delete(self, request: HttpRequest) -> HttpResponse:
        raise_if_reauthentication_required(request, app="allauth.mfa")
        ids = [row.id for row in self.input.cleaned_data["authenticators"]]
        factors.factor_remove(account=_self(request), ids=ids, now=now())
        return _answer(request)


class RecoveryCodesView(views.ManageRecoveryCodesView, OwnView):  # type: ignore[misc]
    """GET shows them the first time; POST makes new ones, and the old are dead."""

    def post(self, request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            answer: HttpResponse = super().post(request)
            factors.recovery_renewed(_self(request), now=now())
        return answer


class PasswordView(ChangePasswordView, OwnView):  # type: ignore[misc]
    """The present password, then the new one. Every other browser of the account is cut."""

    def post(self, request: HttpRequest) -> HttpResponse:
        raise_if_reauthentication_required(request, app="allauth.account")
        account = _self(request)
        accounts.password_draft(account, self.input.cleaned_data["new_password"])
        accounts.password_keep(account, kept_token=token_of(request), now=now())
        password_change.finalize_password_change(request, account)
        return _answer(request)


def _answer(request: HttpRequest, data: Any = None) -> HttpResponse:
    answer: HttpResponse = APIResponse(request, data=data)
    return answer


def _self(request: HttpRequest) -> Account:
    """Whose session it is. ``AuthenticatedAPIView`` has asked; raises ``NotSignedIn`` all the same."""
    if not isinstance(request.user, Account):
        raise NotSignedIn()
    return request.user


def _proven(request: HttpRequest, made: Authenticator) -> HttpResponse:
    """Setting it up has just shown that it works: the sign-in has passed its second step."""
    record_authentication(request, request.user, "mfa", id=made.id, type=made.type)
    return _answer(request, data={"type": made.type, "id": made.id})
