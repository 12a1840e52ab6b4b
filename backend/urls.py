"""Every route of the Django side. ``/hls/`` and ``/ingest/`` never come here: see ``backend.asgi``."""

from django.urls import include, path

urlpatterns = [
    path("", include("backend.health")),
    path("", include("backend.pages.urls")),
    path("api/", include("backend.api_docs")),
    path("api/v1/", include("neighborhoods.api.urls")),
    path("api/v1/", include("cameras.api.urls")),
    path("api/v1/", include("notifications.api.urls")),
    path("api/v1/", include("backend.figures.urls")),
    path("hooks/bank/", include("neighborhoods.api.fund.bank_hook_urls")),
    path("hooks/alerts/", include("notifications.api.hook_urls")),
    path("_allauth/", include("neighborhoods.api.staff_urls")),
]

handler400 = "backend.pages.errors.bad_request"
handler404 = "backend.pages.errors.not_found"
handler500 = "backend.pages.errors.server_error"
