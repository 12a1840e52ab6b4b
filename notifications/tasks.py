"""Celery's side of the voice: each task takes ids and calls one verb. Rows are the truth, messages only carry ids."""

from uuid import UUID

from celery import shared_task
from django.conf import settings

from backend.lib import clock
from notifications import alerts, digests, escalations, feed, sending, subscriptions
from notifications.carriers import carriers_of


@shared_task
def alerts_escalate_tick() -> None:
    """What nobody has taken goes on."""
    escalations.alerts_escalate(now=clock.now())


@shared_task
def alerts_expire_tick() -> None:
    """End what is no news any more."""
    alerts.alerts_expire(now=clock.now())


@shared_task
def events_expire() -> None:
    """Delete events older than ``FEED_DAYS``."""
    feed.events_expire(now=clock.now())


@shared_task
def pushes_tick() -> None:
    """Hand out what is to be pushed, in batches."""
    for batch in sending.pushes_sweep(now=clock.now()):
        pushes_send.delay([str(push_id) for push_id in batch])


@shared_task
def pushes_send(push_ids: list[str]) -> None:
    """Send one batch, and ask for the next: else a ward's phones would wait two seconds for every 64 of them."""
    carriers = carriers_of(settings.CONFIG, settings.SECRETS)
    if sending.pushes_send([UUID(push_id) for push_id in push_ids], carriers=carriers, now=clock.now):
        pushes_tick.delay()


@shared_task
def digests_tick() -> None:
    """In the evening: write the summaries that are due."""
    digests.digests_plan(now=clock.now())


@shared_task
def push_subscriptions_tidy() -> None:
    """Forget the subscriptions of phones that were taken out."""
    subscriptions.push_subscriptions_tidy(now=clock.now())


@shared_task
def pushes_expire() -> None:
    """Delete what was pushed more than ``FEED_DAYS`` ago."""
    sending.pushes_expire(now=clock.now())
