"""Bodies that are made to trip a reader are refused as what they are: the sender's mistake."""

import json
import time

import pytest
from django.test import Client

from tests.cast import Cast
from tests.pace import allowed

JSON = "application/json"
SESSIONS = "/api/v1/sessions/"


def _code_of(client: Client, body: bytes, content_type: str = JSON) -> tuple[int, str]:
    answer = client.generic("POST", SESSIONS, body, content_type=content_type)
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def quiet() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 40_000], ids=["lists", "objects"])
def test_a_body_nested_without_end_is_malformed(quiet: Client, body: bytes) -> None:
    assert _code_of(quiet, body) == (400, "malformed")


@pytest.mark.parametrize("body", [b"\xff\xfe{}", b"NaN", b'{"code": Infinity}', b"{", b"9" * 5000])
def test_what_is_not_json_in_utf8_is_malformed(quiet: Client, body: bytes) -> None:
    assert _code_of(quiet, body) == (400, "malformed")


def test_a_charset_that_is_slow_to_read_is_not_asked(quiet: Client) -> None:
    body = b"{" + b"a" * 60_000 + b"-" + b"b" * 120_000  # punycode takes a second for it
    began = time.perf_counter()
    assert _code_of(quiet, body, "application/json; charset=punycode") == (400, "malformed")
    assert time.perf_counter() - began < allowed(0.5)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body", [{"kind": "\ud800", "name": "x"}, {"\ud800": 1}, {"private_hours": [{"days": [0], "from": "\udfff"}]}]
)
def test_half_a_surrogate_pair_is_malformed_wherever_it_stands(quiet: Client, cast: Cast, body: object) -> None:
    answer = quiet.post("/api/v1/cameras/", json.dumps(body), JSON, **cast.an.bearer)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


@pytest.mark.django_db
def test_a_whole_surrogate_pair_is_a_letter_like_any_other(quiet: Client, cast: Cast) -> None:
    answer = quiet.patch("/api/v1/me/", b'{"member": "\\ud83d\\ude00"}', JSON, **cast.an.bearer)
    assert answer.json()["code"] == "bad_input"
