"""Methods a route does not have: who may do anything there is told which it has, everybody else finds nothing."""

import uuid
from typing import Any

import pytest
from django.test import Client
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from neighborhoods.access import Action
from tests.cast import Cast
from tests.neighborhoods.conftest import actor
from tests.neighborhoods.test_api import problem

pytestmark = pytest.mark.django_db

CODES, HOUSEHOLDS = "/api/v1/codes/", "/api/v1/households/"


def ask(client: Client, method: str, path: str, **headers: str) -> Any:
    return client.generic(method, path, b"{}", content_type="application/json", **headers)


def methods(answer: Any) -> set[str]:
    return set(answer["Allow"].split(", "))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_method_the_route_does_not_have(client: Client, cast: Cast, method: str) -> None:
    answer = ask(client, method, CODES, **cast.binh.bearer)
    problem(answer, 405, "method_not_allowed")
    assert methods(answer) == {"GET", "HEAD", "POST", "OPTIONS"}


def test_whoever_may_do_one_thing_there_is_told(client: Client, cast: Cast) -> None:
    """Hoa sees households and changes none: what she may not do is absent, what nobody can do is not allowed."""
    problem(ask(client, "POST", HOUSEHOLDS, **cast.hoa.bearer), 404, "not_found")
    problem(ask(client, "DELETE", HOUSEHOLDS, **cast.hoa.bearer), 405, "method_not_allowed")


def test_whoever_may_do_nothing_there_learns_nothing(client: Client, cast: Cast) -> None:
    answers = [ask(client, method, CODES, **cast.an.bearer) for method in ("GET", "POST", "PUT", "OPTIONS")]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert not any(answer.has_header("Allow") for answer in answers)
    problem(answers[0], 404, "not_found")


@pytest.mark.parametrize("method", ["PUT", "OPTIONS"])
def test_nobody_is_asked_to_sign_in_first(client: Client, cast: Cast, method: str) -> None:
    problem(ask(client, method, CODES), 401, "not_signed_in")


def test_it_says_nothing_about_the_thing_itself(client: Client, cast: Cast) -> None:
    """The method is looked at before the thing: one that is there answers as one that is not."""
    assert cast.an.household
    there, absent = (
        ask(client, "PUT", f"{HOUSEHOLDS}{one}/", **cast.binh.bearer) for one in (cast.an.household.id, uuid.uuid4())
    )
    assert there.content == absent.content
    problem(there, 405, "method_not_allowed")


@pytest.mark.parametrize("path", [CODES, HOUSEHOLDS, "/api/v1/me/", "/api/v1/me/devices/"])
def test_options_names_the_methods_and_nothing_else(client: Client, cast: Cast, path: str) -> None:
    answer = ask(client, "OPTIONS", path, **cast.binh.bearer)
    assert (answer.status_code, answer.json()) == (200, {})
    assert "GET" in methods(answer)


@pytest.mark.parametrize("method", ["DELETE", "OPTIONS"])
def test_a_method_without_an_action_stays_denied(cast: Cast, method: str) -> None:
    class Forgetful(APIView):
        action = {"GET": Action.SEE_SELF} if method == "DELETE" else {}

        def get(self, request: Any) -> Response:
            return Response()

        def delete(self, request: Any) -> Response:
            raise AssertionError("nobody may come here")

    request = APIRequestFactory().generic(method, "/")
    force_authenticate(request, actor(cast.binh))
    assert Forgetful.as_view()(request).status_code == 404
