"""Sending what ``pushes`` and ``digests`` planned. The row is the truth; Celery only carries ids.

``due`` → claimed (``sending``, with a heartbeat) → ``sent``, ``gone``, ``failed``, or ``due`` again later, until it is
no news any more. ``pushes_sweep`` frees what dead workers held and hands out what is due, in batches: a worker takes
one into one of its threads and speaks to several services at a time, and never more than ``IN_FLIGHT`` are out, so that
a service that does not answer keeps no clip waiting. A worker killed between the service's answer and our row sends
twice: topic and tag make that one message on the phone.
"""

import logging
import os
import socket
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from backend.lib.clock import Now
from backend.lib.heartbeat import heartbeat
from neighborhoods.devices import actor_for
from neighborhoods.models import Device
from notifications import subscriptions
from notifications.carriers import WEBPUSH
from notifications.carriers.base import Carrier, Message, Outcome, Result
from notifications.deliveries import Note, deliveries_note
from notifications.models import Alert, PushSend, PushSubscription

log = logging.getLogger(__name__)

DEAD_AFTER = timedelta(seconds=6)
"""A claim without a heartbeat for so long belongs to a dead worker; three beats were missed."""
ENQUEUE_AGAIN = timedelta(seconds=8)
BATCH, AT_ONCE, IN_FLIGHT = 32, 8, 64
"""64 in flight are two batches: two of the worker's four threads at the most."""
FIRST_WAIT_S, LONGEST_WAIT_S = 5.0, 600.0
Status = PushSend.Status
OVER = frozenset({Alert.State.WITHDRAWN, Alert.State.RESOLVED, Alert.State.EXPIRED})


def pushes_sweep(*, now: datetime) -> list[list[UUID]]:
    """Move rows on, and give the batches that workers should take now. Running it twice does no harm."""
    unfinished = PushSend.objects.filter(status__in=(Status.DUE, Status.SENDING))
    if not unfinished.exists():
        return []  # the usual turn: one SELECT, and SQLite's one writer is left alone
    dead = unfinished.filter(status=Status.SENDING, heartbeat_at__lt=now - DEAD_AFTER)
    if dead.exists():
        dead.update(status=Status.DUE, worker="", heartbeat_at=None, due_at=now)
    old = unfinished.filter(status=Status.DUE, expires_at__lte=now)
    if old.exists():
        old.update(status=Status.GONE, failure="expired", done_at=now)
    fresh = Q(status=Status.SENDING) | Q(heartbeat_at__gte=now - ENQUEUE_AGAIN)
    room = IN_FLIGHT - unfinished.filter(fresh).count()
    waiting = _due(now).filter(Q(heartbeat_at=None) | Q(heartbeat_at__lt=now - ENQUEUE_AGAIN))
    found = list(waiting.order_by("due_at").values_list("id", flat=True)[:room]) if room > 0 else []
    if found:
        PushSend.objects.filter(id__in=found, status=Status.DUE).update(heartbeat_at=now)
    return [found[start : start + BATCH] for start in range(0, len(found), BATCH)]


def _due(now: datetime) -> QuerySet[PushSend]:
    return PushSend.objects.filter(status=Status.DUE, due_at__lte=now)


def pushes_send(ids: Sequence[UUID], *, carriers: Mapping[str, Carrier], now: Now) -> int:
    """Claim what of ``ids`` is due and send it; returns how many were sent. One message's fault is its own."""
    worker = f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid4().hex[:12]}"
    moment = now()
    if not _due(moment).filter(id__in=ids).update(
        status=Status.SENDING, worker=worker, heartbeat_at=moment, attempts=F("attempts") + 1
    ):  # fmt: skip
        return 0
    with (
        heartbeat(PushSend.objects.filter(worker=worker, status=Status.SENDING), now),
        ThreadPoolExecutor(AT_ONCE, thread_name_prefix="push") as pool,
    ):
        out: dict[Future[Outcome], Sending] = {}
        for row in _claimed(worker):
            sending = Sending(row, worker)
            carrier, message = carriers.get(row.carrier), sending.message(moment)
            if carrier is None:
                sending.finish(Status.GONE, "off", now())
            elif message is not None:
                out[pool.submit(carrier.send, message)] = sending
        return sum(out[future].settle(future, now()) for future in as_completed(out))


def _claimed(worker: str) -> list[PushSend]:
    rows = PushSend.objects.filter(worker=worker, status=Status.SENDING).select_related(
        "alert", "device__household__neighborhood", "device__member", "device__account", "device__code",
        "device__neighborhood",
        "device__push_subscription",
    )  # fmt: skip
    return list(rows)


class Sending:
    """One row in this worker's hands. Every ending is a conditional UPDATE that only the claim's holder wins."""

    def __init__(self, row: PushSend, worker: str) -> None:
        self.row, self.worker = row, worker
        self.subscription = _subscription_of(row.device) if row.carrier == WEBPUSH else None

    def message(self, now: datetime) -> Message | None:
        """What to hand to the carrier; None where it is too late or nobody is there, and the row is finished."""
        row = self.row
        if reason := self._needless(now):
            self.finish(Status.GONE, reason, now)
            return None
        return Message(
            id=row.id,
            address=_address(self.subscription),
            payload=row.payload,
            topic=row.topic,
            urgency=row.urgency,
            ttl_s=int((row.expires_at - now).total_seconds()),
        )

    def _needless(self, now: datetime) -> str:
        row = self.row
        if row.expires_at <= now:
            return "expired"
        if row.alert is not None and row.alert.state in OVER:
            return "over"
        if not _lives(row.device, now):
            if self.subscription is not None:
                subscriptions.push_subscription_forget(self.subscription, reason="device", now=now)
            return "device"
        return "unsubscribed" if row.carrier == WEBPUSH and self.subscription is None else ""

    def settle(self, future: Future[Outcome], now: datetime) -> bool:
        """Write down what became of it; True where the service has it."""
        try:
            outcome = future.result()
        except Exception:  # a carrier promises not to raise: this is one unit of a worker's work
            log.exception("push %s", self.row.id)
            outcome = Outcome(Result.LATER, "crashed")
        match outcome.result:
            case Result.SENT:
                return self._sent(now)
            case Result.GONE:
                self.finish(Status.GONE, outcome.reason, now)
                if self.subscription is not None:
                    subscriptions.push_subscription_forget(self.subscription, reason="gone", now=now)
            case Result.REFUSED:
                self.finish(Status.FAILED, outcome.reason, now)
                self._failed(now)
                log.error("push %s is refused for good (%s): see “Push” in the operator's guide",
                          self.row.id, outcome.reason)  # fmt: skip
            case Result.LATER:
                self._again(outcome, now)
                self._failed(now)
        return False

    def finish(self, status: Status, failure: str, now: datetime) -> None:
        self._held().update(status=status, failure=failure, done_at=now)

    def _sent(self, now: datetime) -> bool:
        row = self.row
        with transaction.atomic():
            if not self._held().update(status=Status.SENT, failure="", done_at=now):
                return False
            if row.alert_id is not None:
                deliveries_note([Note("sent", row.alert_id, [row.device_id], now)])
            if self.subscription is not None and self.subscription.failed_since is not None:
                PushSubscription.objects.filter(id=self.subscription.id).update(failed_since=None)
        return True

    def _again(self, outcome: Outcome, now: datetime) -> None:
        """After 5, 10, 20 … seconds, ten minutes at the most, or when the service says; not after its end."""
        wait = min(FIRST_WAIT_S * 2 ** min(self.row.attempts - 1, 10), LONGEST_WAIT_S)
        due_at = now + timedelta(seconds=max(wait, outcome.retry_after_s or 0))
        if due_at >= self.row.expires_at:
            self.finish(Status.GONE, outcome.reason, now)
            return
        self._held().update(
            status=Status.DUE, due_at=due_at, worker="", heartbeat_at=None, failure=outcome.reason
        )  # fmt: skip

    def _failed(self, now: datetime) -> None:
        if self.subscription is not None:
            PushSubscription.objects.filter(id=self.subscription.id, failed_since=None).update(failed_since=now)

    def _held(self) -> QuerySet[PushSend]:
        return PushSend.objects.filter(id=self.row.id, status=Status.SENDING, worker=self.worker)


def _subscription_of(device: Device) -> PushSubscription | None:
    try:
        return device.push_subscription
    except PushSubscription.DoesNotExist:
        return None


def _lives(device: Device, now: datetime) -> bool:
    """As a request with its token would be taken (``devices.signed_in``)."""
    return device.revoked_at is None and device.expires_at > now and actor_for(device, now=now) is not None


def _address(subscription: PushSubscription | None) -> dict[str, str]:
    if subscription is None:
        return {}
    return {"endpoint": subscription.endpoint, "p256dh": subscription.p256dh, "auth": subscription.auth}


def pushes_expire(*, now: datetime) -> int:
    """Delete rows that ended more than ``FEED_DAYS`` ago; who was reached stays, in ``Delivery``. Returns how many."""
    kept = timedelta(days=int(settings.CONFIG.FEED_DAYS))
    return PushSend.objects.filter(done_at__lt=now - kept).delete()[0]
