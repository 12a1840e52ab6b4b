"""The staff's door: allauth headless (``/_allauth/``), then ``sessions.session_staff`` for our own token.

Nobody signs up here: accounts are made by an administrator (``accounts.account_create``).

How often a password may be guessed, of which only failures count: 10 a minute per address (IPv6 by /64), 5 in 5 minutes
and 50 a day per address and name (``settings.ACCOUNT_RATE_LIMITS``), 1,000 a day per name. The last keeps a botnet from
a name; it takes twenty addresses a day to shut somebody out of new sign-ins by it, and a browser that is signed in
already stays so.

The second step is met only by who knows the password. Its six digits may be guessed 5 times in 5 minutes and 50 times
a day per account, from wherever (allauth charges the account before it looks). Three codes are right at a time (this
half minute's and its neighbours', RFC 6238, section 5.2): 50 * 3 / 10^6 = 1.5e-4 a day.
"""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.http.request import split_domain_port

from neighborhoods import limits

UNLOCKED_FOR_S = 600
"""How long after the password and the second step one may change how one signs in; then both are asked again."""

_BY_NAME = {"login_by_name": "1000/d/key"}


class ClosedSignupAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Charge a try; allauth gives it back where it succeeds."""
        super().pre_authenticate(request, **credentials)
        charged = ratelimit.consume(
            request, app="allauth.account", action="login_by_name", config=_BY_NAME, key=_name(credentials)
        )
        if not charged:
            raise self.validation_error("too_many_login_attempts")
        self._login_failed_rl_usage.usage += charged.usage

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """By address and name. allauth's own key holds the ``Host`` header: a new port, and the count began anew."""
        return f"{limits.source_of(self.get_client_ip(request))}:{_name(credentials)}"

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """A sign-in of a moment ago is as good as asking for the password again."""
        records = get_authentication_records(context.request, context.request.user)
        return not records or records[-1]["at"] < time.time() - UNLOCKED_FOR_S


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keys of the second step are encrypted as camera passwords are: a copied database signs nobody in."""

    def encrypt(self, text: str) -> str:
        return _vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _vault().decrypt(encrypted_text.encode()).decode()

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def get_totp_issuer(self) -> str:
        return "Mắt Phố"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """WebAuthn's relying party: the host's name, which must be ``localhost`` or come with TLS (section 5.1.3)."""
        return {"id": split_domain_port(context.request.get_host())[0], "name": "Mắt Phố"}


def _vault() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.SECRETS.camera_keys])


def _name(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username", "")).casefold()
