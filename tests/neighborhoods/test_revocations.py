"""Revocations: ids in commit order, and a Redis message that delays nobody."""

import signal
import threading
import time
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction

from neighborhoods import locks, revocations
from neighborhoods.models import Revocation
from tests.neighborhoods.conftest import NOW, at_once
from tests.pace import allowed
from tests.servers import Valkey

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]


def revoke() -> int:
    with transaction.atomic():
        return revocations.revoke("device", uuid4(), now=NOW)


def test_it_needs_a_transaction_and_a_known_kind() -> None:
    with pytest.raises(RuntimeError):
        revocations.revoke("device", uuid4(), now=NOW)
    with pytest.raises(ValueError, match="planet"), transaction.atomic():
        revocations.revoke("planet", uuid4(), now=NOW)


def test_no_lower_id_ever_appears_after_a_higher_one() -> None:
    """Writers hold their transactions open for a while; a poller that only looks forward still sees every row."""
    stop, seen = threading.Event(), list[int]()

    def poll() -> None:
        last = 0
        while True:
            ending = stop.is_set()
            for found in Revocation.objects.filter(id__gt=last).order_by("id").values_list("id", flat=True):
                seen.append(found)
                last = found
            if ending:
                break
            time.sleep(0.001)
        connection.close()

    def write(number: int) -> list[int]:
        ids = []
        for _turn in range(5):
            with transaction.atomic():
                ids.append(revocations.revoke("code", uuid4(), now=NOW))
                time.sleep(0.002 * (number % 3))
        return ids

    poller = threading.Thread(target=poll)
    poller.start()
    results = at_once(write, 8)
    stop.set()
    poller.join(10)
    assert sorted(seen) == sorted(each for ids in results for each in ids)
    assert len(seen) == 40


def test_an_id_that_was_rolled_back_is_not_seen_and_not_given_again() -> None:
    first = revoke()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        revocations.revoke("code", uuid4(), now=NOW)
        raise ZeroDivisionError
    assert revocations.last_id() == first
    assert revoke() > first


def test_the_lock_key_is_a_signed_64_bit_number() -> None:
    assert all(-(2**63) <= locks.key_of(f"chain {n}") < 2**63 for n in range(200))


class TestNudge:
    def test_redis_hears_of_it_after_the_commit(self, valkey: Valkey) -> None:
        client = redis.Redis.from_url(settings.CONFIG.redis_url)
        heard = client.pubsub(ignore_subscribe_messages=True)
        heard.subscribe(revocations.CHANNEL)
        while heard.get_message(timeout=0.05) is not None:
            pass
        with transaction.atomic():
            number = revocations.revoke("code", uuid4(), now=NOW)
            assert heard.get_message(timeout=0.15) is None
        message = _next(heard, 3)
        assert message == str(number).encode()
        heard.close()
        client.close()

    @pytest.mark.parametrize("state", ["stopped", "frozen"])
    def test_redis_stopped_or_frozen_delays_nobody(self, valkey: Valkey, state: str) -> None:
        revoke()  # the thread has its connection
        _spoil(valkey, state)
        try:
            took = []
            for _turn in range(20):
                started = time.perf_counter()
                revoke()
                took.append(time.perf_counter() - started)
        finally:
            valkey.process.send_signal(signal.SIGCONT) if state == "frozen" else valkey.start()
        assert Revocation.objects.count() == 21
        assert sorted(took)[-2] < allowed(0.1), took
        heard = redis.Redis.from_url(settings.CONFIG.redis_url).pubsub(ignore_subscribe_messages=True)
        heard.subscribe(revocations.CHANNEL)
        heard.get_message(timeout=1)
        newest = revoke()
        assert _next(heard, 3) == str(newest).encode()
        heard.close()


def _spoil(valkey: Valkey, state: str) -> None:
    valkey.process.send_signal(signal.SIGSTOP) if state == "frozen" else valkey.kill()


def _next(heard: redis.client.PubSub, seconds: float) -> bytes | None:
    end, newest = time.monotonic() + seconds, None
    while time.monotonic() < end:
        message = heard.get_message(timeout=0.2)
        if message is not None:
            newest = message["data"]
        elif newest is not None:
            break
    return newest
