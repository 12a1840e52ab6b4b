"""The staff's door: allauth headless (``/_allauth/``), then ``sessions.session_staff`` for our own token.

Nobody signs up here: accounts are made by an administrator (``accounts.account_create``).

How often a password may be guessed, of which only failures count: 10 a minute per address (IPv6 by /64), 5 in 5 minutes
and 50 a day per address and name (``settings.ACCOUNT_RATE_LIMITS``), 1,000 a day per name. The last keeps a botnet from
a name; it takes twenty addresses a day to shut somebody out of new sign-ins by it, and a browser that is signed in
already stays so.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.http import HttpRequest

from neighborhoods import limits

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


def _name(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username", "")).casefold()
