"""``/api/v1/`` of the voice: alerts, the feed, settings, push."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
