"""The outbox: what waits, what is due, and that it wakes the dispatcher on commit."""

from datetime import timedelta

import pytest
import redis
from django.conf import settings
from django.db import transaction

from backend.lib.clock import now
from neighborhoods import outbox
from neighborhoods.models import OutboxRow

pytestmark = pytest.mark.django_db


def news(topic: str = "code.issued", **fields) -> OutboxRow:
    row = outbox.add(topic=topic, neighborhood_id=None, payload={}, now=now())
    OutboxRow.objects.filter(id=row.id).update(**{"at": row.at, **fields})
    return row


def test_a_row_is_claimed_once() -> None:
    row = news()
    assert [outbox.row_claim(row.id, now=now()) for _ in range(2)] == [True, False]
    assert outbox.rows_due(topics={"code.issued"}, now=now(), limit=9) == []


def test_due_rows_come_oldest_first_and_only_of_the_topics_asked() -> None:
    rows = [news() for _ in range(3)]
    news("view.opened")
    news(attempts=1, due_at=now() + timedelta(seconds=5))
    assert outbox.rows_due(topics={"code.issued"}, now=now(), limit=2) == rows[:2]
    assert len(outbox.rows_due(topics={"code.issued"}, now=now() + timedelta(seconds=6), limit=9)) == 4


def test_a_row_that_was_told_meanwhile_is_not_put_off() -> None:
    row = news()
    outbox.row_claim(row.id, now=now())
    outbox.row_postpone(row, now=now())
    row.refresh_from_db()
    assert row.attempts == 0


def test_however_often_it_failed_it_can_be_put_off_again() -> None:
    row = news(attempts=32_767)
    row.refresh_from_db()
    assert outbox.row_postpone(row, now=now()) - now() < timedelta(minutes=10, seconds=1)


def test_what_waits_is_counted_with_its_age() -> None:
    assert (outbox.waiting().rows, outbox.waiting().oldest) == (0, None)
    old = now() - timedelta(minutes=3)
    news(at=old, attempts=4, due_at=now() + timedelta(minutes=1))
    news()
    assert outbox.waiting() == outbox.Waiting(rows=2, oldest=old)


def test_told_rows_are_forgotten_after_a_week_and_waiting_ones_never() -> None:
    ago = now() - timedelta(days=7, minutes=1)
    waits, told, fresh = news(at=ago), news(done_at=ago), news(done_at=now())
    assert outbox.outbox_expire(now=now()) == 1
    assert set(OutboxRow.objects.all()) == {waits, fresh} and told not in OutboxRow.objects.all()


@pytest.mark.django_db(transaction=True)
def test_the_dispatcher_is_woken_on_commit_and_not_before(valkey) -> None:
    with redis.Redis.from_url(settings.CONFIG.redis_url, socket_timeout=5) as client:
        channel = client.pubsub(ignore_subscribe_messages=True)
        channel.subscribe(outbox.CHANNEL)
        channel.get_message(timeout=1)
        with transaction.atomic():
            news("alert.raised")
            assert channel.get_message(timeout=0.2) is None
        heard = channel.get_message(timeout=5)
    assert heard is not None and heard["data"] == b"alert.raised"
