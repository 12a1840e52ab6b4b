"""``/api/v1/`` of the voice: alerts, the feed, settings, push."""

from django.urls import URLPattern, path

from notifications.api import events, preferences, push, reach

urlpatterns: list[URLPattern] = [
    path("events/", events.EventsView.as_view()),
    path("me/notifications/", preferences.MyNotificationsView.as_view()),
    path("push-key/", push.PushKeyView.as_view()),
    path("push-subscriptions/", push.PushSubscriptionsView.as_view()),
    path("alerts/digest/", reach.AlertDigestView.as_view()),
    path("alerts/<uuid:alert_id>/reach/", reach.AlertReachView.as_view()),
]
