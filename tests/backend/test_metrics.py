"""``/metrics``: for this machine only, and with what the recorders say of themselves."""

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError

from backend import health
from backend.lib.clock import now
from neighborhoods.models import OutboxRow

pytestmark = pytest.mark.django_db
NAME = "matpho:recorder:box:1:abcd"


@pytest.fixture
def said(valkey):
    with health._client() as client:
        client.set(NAME, json.dumps({"cameras": 3, "oldest_unsynced_s": 1.5}), ex=30)
        yield
        client.delete(NAME)


def test_the_age_of_the_oldest_unsynced_byte_is_a_metric(client, said):
    text = client.get("/metrics").content.decode()
    assert 'matpho_recorder_cameras{recorder="box:1:abcd"} 3.0' in text
    assert 'matpho_recorder_oldest_unsynced_seconds{recorder="box:1:abcd"} 1.5' in text


def test_news_that_is_not_told_is_a_metric_with_its_age(client):
    def metrics() -> list[float]:
        lines = dict(line.rsplit(" ", 1) for line in client.get("/metrics").content.decode().splitlines())
        return [float(lines[name]) for name in ("matpho_outbox_rows_waiting", "matpho_outbox_oldest_seconds")]

    assert metrics() == [0, 0]
    OutboxRow.objects.create(topic="alert.raised", at=now() - timedelta(seconds=90))
    OutboxRow.objects.create(topic="alert.raised")
    OutboxRow.objects.create(topic="alert.raised", at=now() - timedelta(hours=1), done_at=now())
    rows, age = metrics()
    assert rows == 2 and 90 <= age < 100


def test_without_a_database_the_rest_is_told(client, monkeypatch):
    def away():
        raise DatabaseError

    monkeypatch.setattr(health.outbox, "waiting", away)
    answer = client.get("/metrics")
    assert answer.status_code == 200 and b"python_info" in answer.content and b"matpho_outbox" not in answer.content


def test_each_part_that_gave_a_sign_of_life_is_ready(client, valkey):
    with health._client() as redis:
        redis.mset({f"matpho:{part}": now().timestamp() for part in ("worker", "recorder", "dispatcher")})
        ready = client.get("/readyz")
        redis.set("matpho:dispatcher", now().timestamp() - 31)
        late = client.get("/readyz")
        redis.delete("matpho:worker", "matpho:recorder", "matpho:dispatcher")
    parts = {"database": True, "redis": True, "worker": True, "recorder": True, "dispatcher": True}
    assert (ready.status_code, ready.json()) == (200, parts)
    assert (late.status_code, late.json()) == (503, {**parts, "dispatcher": False})


def test_without_redis_the_rest_is_told(client, monkeypatch):
    def away():
        raise health.redis.ConnectionError

    monkeypatch.setattr(health, "_client", away)
    answer = client.get("/metrics")
    assert answer.status_code == 200 and b"python_info" in answer.content


def test_from_elsewhere_there_is_nothing_and_it_is_a_problem_document(client):
    answer = client.get("/metrics", REMOTE_ADDR="192.0.2.7")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("application/problem+json")
