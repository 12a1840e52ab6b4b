"""A request for a host that is not ours: a quiet 400, said in one line."""

import logging

import pytest
from django.test import Client

PATHS = ["/", "/api/v1/me/", "/healthz", "/static/pages/css/none.css", "/_allauth/app/v1/auth/login"]


@pytest.mark.parametrize("path", PATHS)
def test_it_is_refused_with_a_problem_document_and_one_line(
    client: Client, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    with caplog.at_level(logging.INFO):
        answer = client.get(path, HTTP_HOST="evil.example")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == "bad_host"
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    [line] = caplog.records
    assert "'evil.example'" in line.getMessage()
    assert (line.levelname, line.exc_info) == ("WARNING", None)


@pytest.mark.parametrize("host", ["evil\nERROR forged line", "a" * 5000, "đường.example", "[::1", "127.0.0.1:port"])
def test_whatever_stands_there_stays_one_short_line(
    client: Client, caplog: pytest.LogCaptureFixture, host: str
) -> None:
    answer = client.get("/api/v1/me/", HTTP_HOST=host)
    assert answer.json()["code"] == "bad_host"
    [line] = caplog.records
    assert "\n" not in line.getMessage()
    assert len(line.getMessage()) < 300


def test_it_says_so_in_the_readers_language(client: Client) -> None:
    asked = [client.get("/api/v1/me/", HTTP_HOST="x.y", HTTP_ACCEPT_LANGUAGE=tag) for tag in ("vi", "en")]
    vietnamese, english = (answer.json()["detail"] for answer in asked)
    assert english.startswith("This server does not answer")
    assert vietnamese.startswith("Máy chủ này")


def test_a_request_without_a_host_is_for_the_address_it_came_to(client: Client) -> None:
    assert client.get("/healthz", SERVER_NAME="127.0.0.1").status_code == 200
    assert client.get("/healthz", SERVER_NAME="another").json()["code"] == "bad_host"


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:8080"])
def test_our_own_names_pass(client: Client, host: str) -> None:
    assert client.get("/healthz", HTTP_HOST=host).status_code == 200


@pytest.mark.both_databases
@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["/fund/%00/", "/fund/00691-T07/%00/", "/transparency/%00/",
     "/hooks/bank/%00/00000000-0000-0000-0000-000000000000/"],
)  # fmt: skip
def test_an_address_with_a_zero_byte_is_nobodys(path: str) -> None:
    client = Client(raise_request_exception=False)
    assert client.get(path).status_code == client.post(path).status_code == 404


@pytest.mark.django_db
def test_a_question_with_a_zero_byte_is_a_bad_one() -> None:
    assert Client().get("/api/v1/me/?x=%00").status_code == 400
