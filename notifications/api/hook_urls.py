"""``/hooks/alerts/``: other systems raise alerts, signed."""

from django.urls import URLPattern, path

from notifications.api import hooks

urlpatterns: list[URLPattern] = [path("<uuid:endpoint_id>/", hooks.AlertHookView.as_view(), name="alert-hook")]
