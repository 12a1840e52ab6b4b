"""What of allauth headless is open, under ``/_allauth/``: signing in and leaving, and nothing else.

All of its routes would also ask for mail servers, change passwords and register second factors, none of which this
product has a page for yet. A route that nobody uses is a door that nobody watches.
"""

from allauth.headless.account import views
from allauth.headless.constants import Client
from django.urls import URLPattern, path


def _of(client: Client) -> list[URLPattern]:
    base = f"{client.value}/v1/auth"
    return [
        path(f"{base}/login", views.LoginView.as_api_view(client=client)),
        path(f"{base}/session", views.SessionView.as_api_view(client=client)),
    ]


urlpatterns = [*_of(Client.APP), *_of(Client.BROWSER)]
