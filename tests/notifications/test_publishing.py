"""Hints on the channel layer: the ready text of each event, in order, and nobody waits for Redis."""

import os
import signal
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
import redis
from channels.layers import get_channel_layer
from django.conf import settings

from backend.lib.clock import now
from notifications import feed
from notifications.models import Event
from notifications.publishing import MOST_WAITING, Publisher, message_of
from tests.pace import allowed
from tests.servers import Valkey

STREAM = uuid4()


def event(number: int) -> Event:
    data = {"camera": "Cổng chợ"}
    return Event(id=number, stream_id=STREAM, seq=number, kind="camera.offline", at=now(), data=data, created_at=now())


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    made = Publisher()
    made.start()
    yield made
    made.stop()


class Ear:
    """What a hub's layer subscription hears."""

    def __init__(self) -> None:
        self._channel = redis.Redis.from_url(settings.CONFIG.redis_url).pubsub(ignore_subscribe_messages=True)
        self._channel.subscribe(f"asgi__group__stream.{STREAM}")
        self._channel.get_message(timeout=2)

    def hear(self, within_s: float = 5.0) -> dict:
        heard = self._channel.get_message(timeout=within_s)
        assert heard is not None, "nothing was said"
        return get_channel_layer().deserialize(heard["data"])


def test_the_ready_text_goes_to_the_streams_group_in_order(valkey: Valkey, publisher: Publisher) -> None:
    ear, events = Ear(), [event(number) for number in range(1, 40)]
    publisher.publish(events[:2])
    publisher.publish(events[2:])
    heard = [ear.hear() for _ in events]
    assert heard == [message_of(one) for one in events]
    assert heard[0] == {
        "type": "feed.event", "id": 1, "stream": str(STREAM), "alert": "", "text": feed.wire(events[0])
    }  # fmt: skip


def test_behind_a_frozen_redis_nobody_waits_and_old_hints_are_forgotten(valkey: Valkey, publisher: Publisher) -> None:
    ear = Ear()
    publisher.publish([event(1)])
    assert ear.hear()["id"] == 1
    os.kill(valkey.process.pid, signal.SIGSTOP)
    begun = time.monotonic()
    for number in range(2, 3 * MOST_WAITING):
        publisher.publish([event(number)])
    took = time.monotonic() - begun
    time.sleep(1.2)  # what waited has been given up
    os.kill(valkey.process.pid, signal.SIGCONT)
    assert took < allowed(2)
    last = 5 * MOST_WAITING
    publisher.publish([event(last)])
    heard = [ear.hear()["id"]]
    while heard[-1] != last:
        heard.append(ear.hear()["id"])
    assert len(heard) < MOST_WAITING


def test_without_redis_it_ends_at_once(valkey: Valkey) -> None:
    publisher = Publisher()
    publisher.start()
    valkey.kill()
    publisher.publish([event(1), event(2)])
    begun = time.monotonic()
    publisher.stop()
    assert time.monotonic() - begun < allowed(1)
    valkey.start()
    publisher.publish([event(3)])  # after its end: no error
