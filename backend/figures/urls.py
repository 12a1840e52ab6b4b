"""Routes of the figures."""

from django.urls import path

from backend.figures.api import StatisticsView

urlpatterns = [path("statistics/", StatisticsView.as_view(), name="api-statistics")]
