"""Sending: claimed once, retried while it is news, given up where it never will go, and nothing to who is gone."""

import json
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection

from backend.lib import heartbeat
from backend.lib.clock import now
from neighborhoods.devices import device_revoke
from neighborhoods.models import AuditEntry
from notifications import sending, tasks
from notifications.carriers import carriers_of
from notifications.carriers.base import Carrier, Message, Outcome, Result
from notifications.carriers.recorder import Recorder
from notifications.models import Alert, Delivery, PushSend, PushSubscription
from notifications.subscriptions import push_subscriptions_tidy
from tests.cast import Cast, make_resident
from tests.neighborhoods.conftest import actor
from tests.notifications.pipeline import make_alert
from tests.notifications.pushing import push, push_service, subscribe, tell
from tests.notifications.pushservice import Phone, PushService, claims_of

__all__ = ["push", "push_service"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(cast: Cast, push: PushService) -> Phone:
    """Bình's."""
    return subscribe(push, cast.binh, "/binh")


@pytest.fixture
def row(cast: Cast, phone: Phone) -> PushSend:
    (found,) = tell(make_alert(cast))
    return found


def turn(at: datetime | None = None, carriers: dict[str, Carrier] | None = None) -> int:
    """One tick of the sweeper and a worker that takes its batches; how many were sent."""
    moment = at or now()
    known = carriers if carriers is not None else carriers_of(settings.CONFIG, settings.SECRETS)
    batches = sending.pushes_sweep(now=moment)
    return sum(sending.pushes_send(batch, carriers=known, now=lambda: moment) for batch in batches)


def facts(row: PushSend) -> tuple[str, str, int]:
    row.refresh_from_db()
    return row.status, row.failure, row.attempts


@pytest.mark.both_databases
def test_from_the_alert_to_the_phone(cast: Cast, push: PushService, phone: Phone, row: PushSend) -> None:
    assert turn() == 1
    (got,) = push.got
    assert json.loads(phone.read(got.body)) == row.payload
    assert got.headers["topic"] == row.topic and got.headers["urgency"] == "normal"
    assert 12 * 3600 - 5 <= int(got.headers["ttl"]) <= 12 * 3600
    claims, _key = claims_of(got.headers["authorization"])
    assert (claims["aud"], claims["sub"]) == (f"http://{push.entry}", "mailto:it@phuong.vn")
    assert facts(row) == ("sent", "", 1)
    delivery = Delivery.objects.get(alert=row.alert, device=cast.binh.device)
    assert delivery.sent_at == row.done_at and delivery.delivered_at is None
    assert turn() == 0 and len(push.got) == 1


def test_a_swept_row_is_not_swept_again_while_it_is_on_its_way(row: PushSend) -> None:
    moment = now()
    assert sending.pushes_sweep(now=moment) == [[row.id]]
    assert sending.pushes_sweep(now=moment + timedelta(seconds=2)) == []
    # The message was lost with the broker: nobody claimed it.
    assert sending.pushes_sweep(now=moment + timedelta(seconds=9)) == [[row.id]]


@pytest.mark.both_databases
def test_only_one_of_two_workers_sends_it(push: PushService, row: PushSend) -> None:
    carriers = carriers_of(settings.CONFIG, settings.SECRETS)
    assert sending.pushes_send([row.id], carriers=carriers, now=now) == 1
    assert sending.pushes_send([row.id], carriers=carriers, now=now) == 0
    assert len(push.got) == 1


@pytest.mark.both_databases
def test_a_claim_of_a_dead_worker_is_free_after_six_seconds(push: PushService, row: PushSend) -> None:
    dead = now()
    PushSend.objects.filter(id=row.id).update(status="sending", worker="dead", heartbeat_at=dead, attempts=1)
    assert turn(dead + timedelta(seconds=5)) == 0
    assert turn(dead + timedelta(seconds=7)) == 1
    assert facts(row) == ("sent", "", 2)


def test_a_worker_that_lost_its_claim_changes_nothing(row: PushSend) -> None:
    claimed = sending.Sending(row, "mine")
    PushSend.objects.filter(id=row.id).update(status="sending", worker="another")
    claimed.finish(PushSend.Status.GONE, "http_410", now())
    assert facts(row) == ("sending", "", 0)


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_forgotten(push: PushService, row: PushSend, status: int) -> None:
    push.answers["/binh"] = status
    assert turn() == 0
    assert facts(row) == ("gone", f"http_{status}", 1)
    assert not PushSubscription.objects.exists()
    entry = AuditEntry.objects.get(action="push.forgotten")
    assert entry.data == {"reason": "gone"} and "/binh" not in json.dumps(entry.data)


@pytest.mark.both_databases
def test_a_subscription_made_anew_meanwhile_is_kept(cast: Cast, push: PushService, row: PushSend) -> None:
    """The browser subscribes again while the old address is being told that it is gone."""
    PushSend.objects.filter(id=row.id).update(status="sending", worker="w")
    held = sending.Sending(PushSend.objects.select_related("device__push_subscription").get(id=row.id), "w")
    PushSubscription.objects.filter(device=cast.binh.device).update(endpoint=push.url("/new"))
    answer: Future[Outcome] = Future()
    answer.set_result(Outcome(Result.GONE, "http_410"))
    assert held.settle(answer, now()) is False
    assert PushSubscription.objects.get().endpoint == push.url("/new")
    assert facts(row)[:2] == ("gone", "http_410")


@pytest.mark.parametrize("status", [400, 401, 403, 413])
def test_what_will_never_go_is_not_tried_again_and_the_operator_hears(
    push: PushService, row: PushSend, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    push.answers["/binh"] = status
    assert turn() == 0
    assert facts(row) == ("failed", f"http_{status}", 1)
    assert f"http_{status}" in caplog.text and "/binh" not in caplog.text
    assert PushSubscription.objects.get().failed_since is not None  # kept: the fault may be ours
    assert turn(now() + timedelta(hours=1)) == 0 and len(push.got) == 1


class TestTryingAgain:
    def test_it_waits_longer_each_time_and_goes_through_in_the_end(self, push: PushService, row: PushSend) -> None:
        push.answers["/binh"] = 503
        moment, waits = now(), []
        for _ in range(9):
            assert turn(moment) == 0
            row.refresh_from_db()
            assert (row.status, row.failure) == ("due", "http_503")
            waits.append((row.due_at - moment).total_seconds())
            assert turn(row.due_at - timedelta(seconds=1)) == 0  # not before
            moment = row.due_at
        assert waits == [5, 10, 20, 40, 80, 160, 320, 600, 600]
        assert len(push.got) == 9
        assert PushSubscription.objects.get().failed_since is not None
        del push.answers["/binh"]
        assert turn(moment) == 1
        assert facts(row) == ("sent", "", 10)
        assert PushSubscription.objects.get().failed_since is None

    def test_it_waits_as_long_as_the_service_asks(self, push: PushService, row: PushSend) -> None:
        push.answers["/binh"] = (429, {"Retry-After": "120"})
        moment = now()
        turn(moment)
        row.refresh_from_db()
        assert row.due_at == moment + timedelta(seconds=120)

    def test_what_is_no_news_any_more_is_given_up(self, push: PushService, row: PushSend) -> None:
        push.answers["/binh"] = (429, {"Retry-After": "3600"})
        almost = row.expires_at - timedelta(minutes=30)
        turn(almost)
        assert facts(row) == ("gone", "http_429", 1)
        assert int(push.got[0].headers["ttl"]) == 1800

    def test_a_row_that_waited_too_long_is_given_up_by_the_sweeper(self, push: PushService, row: PushSend) -> None:
        assert turn(row.expires_at) == 0
        assert facts(row) == ("gone", "expired", 0)
        assert push.got == []

    def test_a_service_that_is_away_is_tried_later(self, cast: Cast, row: PushSend) -> None:
        away = PushService()
        away.stop()
        PushSubscription.objects.update(endpoint=away.url())
        settings_hosts = replace(settings.CONFIG, PUSH_HOSTS=away.entry)
        assert turn(carriers=carriers_of(settings_hosts, settings.SECRETS)) == 0
        assert facts(row)[:2] == ("due", "network")

    def test_a_carrier_that_breaks_its_promise_stops_nobody_else(self, cast: Cast, push: PushService) -> None:
        others = [make_resident(cast.place, 50 + number, f"Hộ {number}", "Ai") for number in range(3)]
        for person in others:
            subscribe(push, person)
        rows = tell(make_alert(cast))

        class Broken:
            def send(self, message: Message) -> Outcome:
                if message.id == rows[1].id:
                    raise RuntimeError("broken")
                return Outcome(Result.SENT)

        assert turn(carriers={"webpush": Broken()}) == 2
        assert [facts(row)[:2] for row in rows] == [("sent", ""), ("due", "crashed"), ("sent", "")]


class TestWhoIsGone:
    def test_a_phone_cut_off_meanwhile_gets_nothing(self, cast: Cast, push: PushService, row: PushSend) -> None:
        device_revoke(actor=actor(cast.binh, now()), device_id=cast.binh.device.id, now=now())
        assert turn() == 0
        assert facts(row) == ("gone", "device", 1)
        assert push.got == [] and not PushSubscription.objects.exists()

    def test_a_role_that_ended_meanwhile_hears_no_more(self, cast: Cast, push: PushService, row: PushSend) -> None:
        cast.binh.account.grants.update(ended_at=now())
        assert turn() == 0 and push.got == []
        assert facts(row)[:2] == ("gone", "device")

    def test_who_unsubscribed_meanwhile_gets_nothing(self, push: PushService, row: PushSend) -> None:
        PushSubscription.objects.all().delete()
        assert turn() == 0 and push.got == []
        assert facts(row)[:2] == ("gone", "unsubscribed")

    @pytest.mark.parametrize("state", ["withdrawn", "resolved", "expired"])
    def test_what_is_over_meanwhile_is_not_sent(self, push: PushService, row: PushSend, state: str) -> None:
        Alert.objects.update(state=state)
        assert turn() == 0 and push.got == []
        assert facts(row)[:2] == ("gone", "over")

    def test_push_switched_off_meanwhile(self, push: PushService, row: PushSend) -> None:
        assert turn(carriers={}) == 0 and push.got == []
        assert facts(row)[:2] == ("gone", "off")

    def test_the_tidying_finds_phones_that_ended(self, cast: Cast, push: PushService, phone: Phone) -> None:
        subscribe(push, cast.an)
        cast.binh.device.expires_at = now()
        cast.binh.device.save()
        assert push_subscriptions_tidy(now=now()) == 1
        assert PushSubscription.objects.get().device == cast.an.device


@pytest.mark.both_databases
def test_never_more_are_out_than_two_of_the_workers_threads_take(cast: Cast, push: PushService) -> None:
    waiting = [
        PushSend(
            device=cast.an.device, key=str(number), payload={}, due_at=now(), expires_at=now() + timedelta(hours=1)
        )
        for number in range(150)
    ]
    PushSend.objects.bulk_create(waiting)
    moment = now()
    assert [len(batch) for batch in sending.pushes_sweep(now=moment)] == [32, 32]
    assert sending.pushes_sweep(now=moment) == []
    first = PushSend.objects.filter(heartbeat_at=moment)[:10]
    PushSend.objects.filter(id__in=[row.id for row in first]).update(status="sent", done_at=moment)
    assert [len(batch) for batch in sending.pushes_sweep(now=moment + timedelta(seconds=2))] == [10]


def test_a_turn_with_nothing_to_do_is_one_select(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert sending.pushes_sweep(now=now()) == []


@pytest.mark.both_databases
def test_a_turn_does_not_read_what_was_sent_long_ago(cast: Cast) -> None:
    rows = [PushSend(device=cast.an.device, key=str(n), payload={}, due_at=now(), expires_at=now(), status="sent")
            for n in range(2000)]  # fmt: skip
    PushSend.objects.bulk_create(rows)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE notifications_pushsend")
    waiting = PushSend.objects.filter(status__in=("due", "sending"))
    for query in (waiting, sending._due(now()).order_by("due_at")[:64]):
        assert "push_waiting" in query.explain()


def test_another_carrier_needs_nothing_but_the_interface(cast: Cast, row: PushSend) -> None:
    """As SMS or Zalo would be: the row names it, the phone needs no subscription of a browser."""
    PushSend.objects.filter(id=row.id).update(carrier="recorder")
    PushSubscription.objects.all().delete()
    recorder = Recorder(Outcome(Result.LATER, "busy", 30.0))
    moment = now()
    assert turn(moment, {"recorder": recorder}) == 0
    assert turn(moment + timedelta(seconds=29), {"recorder": recorder}) == 0
    assert turn(moment + timedelta(seconds=30), {"recorder": recorder}) == 1
    assert [(one.id, one.payload["title"], dict(one.address)) for one in recorder.messages] == [
        (row.id, "Trộm cắp", {})
    ] * 2
    assert facts(row) == ("sent", "", 2)


def test_old_rows_are_deleted_and_who_was_reached_stays(row: PushSend) -> None:
    turn()
    week = timedelta(days=7)
    assert sending.pushes_expire(now=now() + week - timedelta(minutes=1)) == 0
    assert sending.pushes_expire(now=now() + week + timedelta(minutes=1)) == 1
    assert Delivery.objects.count() == 1


def test_the_tasks_carry_ids_alone(row: PushSend, push: PushService, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[list[str]] = []
    ticks: list[str] = []
    monkeypatch.setattr(tasks.pushes_send, "delay", sent.append)
    monkeypatch.setattr(tasks.pushes_tick, "delay", lambda: ticks.append("asked"))
    tasks.pushes_tick()
    assert sent == [[str(row.id)]]
    tasks.pushes_send(sent[0])
    assert facts(row)[0] == "sent" and push.paths() == ["/binh"]
    assert ticks == ["asked"]  # for the next batch, at once
    tasks.pushes_send([str(uuid4())])
    assert ticks == ["asked"]


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_heartbeat_keeps_the_claim_while_a_service_is_slow(
    live_cast: Cast, push: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(push, live_cast.binh, "/binh")
    (row,) = tell(make_alert(live_cast))
    monkeypatch.setattr(heartbeat, "BEAT_S", 0.05)
    beats: set[datetime] = set()

    class Slow:
        def send(self, message: Message) -> Outcome:
            try:
                while len(beats) < 3:
                    beats.add(PushSend.objects.get(id=row.id).heartbeat_at)
            finally:
                connection.close()
            return Outcome(Result.SENT)

    assert sending.pushes_send([row.id], carriers={"webpush": Slow()}, now=now) == 1
    assert facts(row)[0] == "sent"
