"""``/api/v1/`` of the voice: alerts, the feed, settings, push."""

from django.urls import URLPattern, path

from notifications.api import events

urlpatterns: list[URLPattern] = [
    path("events/", events.EventsView.as_view()),
]
