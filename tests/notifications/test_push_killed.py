"""Two real Celery workers on a real Valkey; the one that holds a message is killed before the service has answered."""

import json
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest

from notifications.models import Delivery, PushSend
from tests.cameras.test_snapshots_killed import Worker, until, workers
from tests.cast import Cast
from tests.notifications.pipeline import make_alert
from tests.notifications.pushing import push, push_service, subscribe, tell
from tests.notifications.pushservice import PushService
from tests.pace import PATIENCE_S, allowed

__all__ = ["push", "push_service", "workers"]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_another_worker_sends_it_within_ten_seconds_and_the_phone_shows_one(
    live_cast: Cast, push: PushService, workers: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("PUSH", "1"), ("PUSH_SUBJECT", "mailto:it@phuong.vn"), ("PUSH_HOSTS", push.entry)):
        monkeypatch.setenv(name, value)
    phone, asked, over = subscribe(push, live_cast.binh, "/binh"), threading.Event(), threading.Event()

    def first_holds(out: Any) -> None:
        if asked.is_set():
            out.write(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
            return
        asked.set()
        over.wait(30)

    push.answers["/binh"] = first_holds
    started = {worker.process.pid: worker for worker in (workers(), workers())}
    (row,) = tell(make_alert(live_cast))
    try:
        until(asked.is_set, PATIENCE_S, next(iter(started.values())))
        row.refresh_from_db()
        assert row.status == "sending"
        holder = int(row.worker.split(":")[1])
        os.kill(started.pop(holder).process.pid, signal.SIGKILL)
        (other,) = started.values()
        took = until(lambda: PushSend.objects.filter(id=row.id, status="sent").exists(), PATIENCE_S, other)
    finally:
        over.set()
    assert took < allowed(10)
    shown = [json.loads(phone.read(got.body)) for got in push.got]
    assert len(shown) == 2 and shown[0] == shown[1]  # one tag, one topic: one notification
    assert {got.headers["topic"] for got in push.got} == {row.topic}
    row.refresh_from_db()
    assert row.attempts == 2
    assert Delivery.objects.filter(alert=row.alert, device=live_cast.binh.device).count() == 1
