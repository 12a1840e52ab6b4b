"""``/hooks/alerts/``: other systems raise alerts, signed."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
