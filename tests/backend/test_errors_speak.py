"""What the edge itself refuses is said in the asker's language too."""

from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
JSON = "application/json"
CODES = "/api/v1/codes/"


def said(answer: Any, code: str) -> str:
    problem = answer.json()
    assert problem["code"] == code, problem
    return str(problem["detail"])


def english_and_vietnamese(ask: Any, code: str) -> None:
    told = [said(ask({"Accept-Language": language}), code) for language in ("en", "vi")]
    assert told[0].isascii() and not told[1].isascii(), told


def test_a_key_of_the_wrong_form(cast: Cast) -> None:
    client = Client(**cast.binh.bearer)
    key = {"Idempotency-Key": "ngắn"}
    english_and_vietnamese(lambda head: client.post(CODES, {}, JSON, headers=head | key), "bad_input")


def test_a_key_with_another_body(cast: Cast) -> None:
    client, key = Client(**cast.binh.bearer), {"Idempotency-Key": "k" * 12}
    body = {"household": str(cast.an.household.id)}
    assert client.post(CODES, body, JSON, headers=key).status_code == 201
    english_and_vietnamese(
        lambda head: client.post(CODES, body | {"slots": 2}, JSON, headers=head | key), "idempotency_key_reused"
    )


def test_a_cursor_of_somewhere_else(cast: Cast) -> None:
    client = Client(**cast.binh.bearer)
    english_and_vietnamese(lambda head: client.get(CODES, {"cursor": "x"}, headers=head), "bad_cursor")


@pytest.mark.parametrize("body", [b"[" * 10_000, b"\xff", b"{", b'{"x": NaN}', b'"\\ud800"'])
def test_a_body_that_is_no_json(cast: Cast, body: bytes) -> None:
    client = Client(**cast.binh.bearer)
    english_and_vietnamese(lambda head: client.post(CODES, body, JSON, headers=head), "malformed")
