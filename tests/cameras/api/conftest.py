"""A client that speaks as a person, and street cameras of tổ 7."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from cameras.models import Camera
from tests.cameras.playback.conftest import make_camera
from tests.cameras.playback.footage import Recorder
from tests.cast import Cast, Person

BASE = "/api/v1"


class Api:
    """``api(an).get("/cameras/")``: JSON in, (status, JSON) out."""

    def __init__(self, person: Person | None) -> None:
        self._client = Client()
        self._head = person.bearer if person else {}

    def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        asked: dict[str, Any] = {"query_params": query} if query else {}
        if body is not None:
            asked |= {"data": body, "content_type": "application/json"}
        answer = getattr(self._client, method)(BASE + path, **asked, **self._head)
        return answer.status_code, answer.json() if answer.content else None

    def get(self, path: str, **query: Any) -> tuple[int, Any]:
        return self("get", path, **query)

    def post(self, path: str, body: Any = None) -> tuple[int, Any]:
        return self("post", path, body if body is not None else {})

    def patch(self, path: str, body: Any) -> tuple[int, Any]:
        return self("patch", path, body)

    def delete(self, path: str) -> tuple[int, Any]:
        return self("delete", path)


@pytest.fixture
def an(cast: Cast) -> Api:
    return Api(cast.an)


@pytest.fixture
def binh(cast: Cast) -> Api:
    return Api(cast.binh)


@pytest.fixture
def cuc(cast: Cast) -> Api:
    return Api(cast.cuc)


@pytest.fixture
def camera(cast: Cast) -> Camera:
    """A public camera of tổ 7 at an exact place."""
    return make_camera(cast, latitude=22.823_456_7, longitude=104.983_654_3)


@pytest.fixture
def recorder(camera: Camera) -> Iterator[Recorder]:
    made = Recorder(camera)
    yield made
    made.close()
