"""What of allauth headless is open, under ``/_allauth/``: signing in with its second step, leaving, and changing with
what one signs in. Nothing else: a route that nobody uses is a door that nobody watches.
"""

from allauth.headless.account import views
from allauth.headless.constants import Client
from django.urls import URLPattern, path

from neighborhoods.api import staff_doors as doors


def _of(client: Client) -> list[URLPattern]:
    base = f"{client.value}/v1"
    keys = f"{base}/account/authenticators"
    return [
        path(f"{base}/auth/login", views.LoginView.as_api_view(client=client)),
        path(f"{base}/auth/session", views.SessionView.as_api_view(client=client)),
        path(f"{base}/auth/2fa/authenticate", doors.CodeView.as_api_view(client=client)),
        path(f"{base}/auth/webauthn/authenticate", doors.PasskeyView.as_api_view(client=client)),
        path(f"{keys}/totp", doors.TotpView.as_api_view(client=client)),
        path(f"{keys}/webauthn", doors.PasskeysView.as_api_view(client=client)),
        path(f"{keys}/recovery-codes", doors.RecoveryCodesView.as_api_view(client=client)),
        path(f"{base}/account/password/change", doors.PasswordView.as_api_view(client=client)),
    ]


urlpatterns = [*_of(Client.APP), *_of(Client.BROWSER)]
