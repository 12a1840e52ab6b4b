"""``/metrics``: for this machine only, and with what the recorders say of themselves."""

import json

import pytest

from backend import health

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
