"""Celery's side of the voice: each task takes ids and calls one verb. Rows are the truth, messages only carry ids."""

from celery import shared_task

from backend.lib import clock
from notifications import feed


@shared_task
def events_expire() -> None:
    """Delete events older than ``FEED_DAYS``."""
    feed.events_expire(now=clock.now())
