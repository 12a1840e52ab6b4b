"""``/api/v1/`` of the voice: alerts, the feed, settings, push."""

from django.urls import URLPattern, path

from notifications.api import alerts, endpoints, events, preferences, push, reach

urlpatterns: list[URLPattern] = [
    path("events/", events.EventsView.as_view()),
    path("me/notifications/", preferences.MyNotificationsView.as_view()),
    path("push-key/", push.PushKeyView.as_view()),
    path("push-subscriptions/", push.PushSubscriptionsView.as_view()),
    path("alerts/", alerts.AlertsView.as_view(), name="api-alerts"),
    path("alerts/broadcast/", alerts.BroadcastView.as_view(), name="alert-broadcast"),
    path("alerts/statistics/", alerts.AlertStatisticsView.as_view(), name="alert-statistics"),
    path("alerts/<uuid:alert_id>/", alerts.AlertView.as_view(), name="api-alert"),
    path("alerts/<uuid:alert_id>/acknowledge/", alerts.AlertAcknowledgeView.as_view(), name="alert-acknowledge"),
    path("alerts/<uuid:alert_id>/release/", alerts.AlertReleaseView.as_view(), name="alert-release"),
    path("alerts/<uuid:alert_id>/resolve/", alerts.AlertResolveView.as_view(), name="alert-resolve"),
    path("alerts/<uuid:alert_id>/withdraw/", alerts.AlertWithdrawView.as_view(), name="alert-withdraw"),
    path("alerts/<uuid:alert_id>/words/", alerts.AlertWordsView.as_view(), name="alert-words"),
    path("alerts/<uuid:alert_id>/clip/", alerts.AlertClipView.as_view(), name="alert-clip"),
    path("alert-categories/", alerts.AlertCategoriesView.as_view(), name="alert-categories"),
    path("alert-endpoints/", endpoints.AlertEndpointsView.as_view(), name="alert-endpoints"),
    path(
        "alert-endpoints/<uuid:endpoint_id>/revoke/",
        endpoints.AlertEndpointRevokeView.as_view(),
        name="alert-endpoint-revoke",
    ),
    path("alerts/digest/", reach.AlertDigestView.as_view()),
    path("alerts/<uuid:alert_id>/reach/", reach.AlertReachView.as_view()),
]
