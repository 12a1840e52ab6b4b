"""What goes wrong under ``/_allauth/`` is a problem document, in the language that was asked for."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
LOGIN = "/_allauth/{}/v1/auth/login"
SESSION = "/_allauth/{}/v1/auth/session"
GOOD = {"username": "binh", "password": "binh-mat-khau-dai"}
WRONG = GOOD | {"password": "sai-mat-khau-roi"}


@pytest.fixture(autouse=True)
def no_failures_yet(valkey: Any) -> None:
    cache.clear()


def ask(method: str, path: str, body: Any = None, *, client: Client | None = None, **headers: str) -> Any:
    more = {"data": body, "content_type": "application/json"} if body is not None else {}
    return getattr(client or Client(), method)(path, **more, headers=headers)


def problem(answer: Any) -> tuple[int, str]:
    """Status and code of what must be a whole problem document."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.content
    found = answer.json()
    assert found.keys() >= {"type", "title", "status", "detail", "code"}
    assert found["status"] == answer.status_code
    assert isinstance(found.get("errors", {}), dict)
    assert answer.headers["Cache-Control"]
    return found["status"], found["code"]


@pytest.mark.parametrize("kind", ["app", "browser"])
class TestEveryRefusal:
    def test_a_wrong_password(self, live_cast: Cast, kind: str) -> None:
        assert problem(ask("post", LOGIN.format(kind), WRONG)) == (400, "sign_in_refused")

    def test_a_missing_field_is_named(self, live_cast: Cast, kind: str) -> None:
        answer = ask("post", LOGIN.format(kind), {"username": "binh"}, **{"Accept-Language": "vi"})
        assert problem(answer) == (400, "bad_input")
        assert answer.json()["errors"] == {"password": ["Hãy điền ô này."]}

    @pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', "\xff"])
    def test_a_body_that_is_no_object(self, live_cast: Cast, kind: str, body: str) -> None:
        assert problem(ask("post", LOGIN.format(kind), body))[0] == 400

    def test_nobody_is_signed_in(self, live_cast: Cast, kind: str) -> None:
        answer = ask("get", SESSION.format(kind))
        assert problem(answer) == (401, "not_signed_in")
        assert answer.json()["data"]["flows"] == [{"id": "login"}]
        assert answer.json()["meta"]["is_authenticated"] is False

    def test_a_method_that_is_not_there(self, live_cast: Cast, kind: str) -> None:
        answer = ask("put", LOGIN.format(kind), GOOD)
        assert problem(answer) == (405, "method_not_allowed")
        assert "POST" in answer.headers["Allow"]

    def test_too_many_tries(self, live_cast: Cast, kind: str) -> None:
        answers = [ask("post", LOGIN.format(kind), WRONG) for _n in range(6)]
        assert [problem(answer) for answer in answers] == [(400, "sign_in_refused")] * 5 + [(429, "too_many")]
        assert int(answers[-1].headers["Retry-After"]) > 0

    def test_the_right_password_is_still_as_allauth_says_it(self, live_cast: Cast, kind: str) -> None:
        answer = ask("post", LOGIN.format(kind), GOOD)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
        assert answer.json()["meta"]["is_authenticated"] is True


@pytest.mark.parametrize(("language", "said"), [("vi", "Tên đăng nhập hoặc mật khẩu"), ("en", "user name or password")])
def test_in_the_askers_language(live_cast: Cast, language: str, said: str) -> None:
    answer = ask("post", LOGIN.format("app"), WRONG, **{"Accept-Language": language})
    assert said in answer.json()["detail"]


def test_a_browser_that_is_signed_in_already(live_cast: Cast) -> None:
    client = Client()
    ask("post", LOGIN.format("browser"), GOOD, client=client)
    assert problem(ask("post", LOGIN.format("browser"), GOOD, client=client)) == (409, "signed_in_already")
    assert problem(ask("delete", SESSION.format("browser"), client=client)) == (401, "not_signed_in")


def test_a_sign_in_that_has_ended(live_cast: Cast) -> None:
    answer = ask("get", SESSION.format("app"), **{"X-Session-Token": "gone"})
    assert problem(answer) == (401, "not_signed_in")
