"""Instants in routes of watching: aware, of our century, else a plain 400."""

import pytest

from cameras.models import Camera
from tests.cameras.api.conftest import Api
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(camera: Camera, cast: Cast) -> Camera:
    camera.owner_household = cast.an.household
    camera.save()
    return camera


@pytest.mark.parametrize("query", [
    {"to": "0001-01-01T00:00:00Z"}, {"from": "0001-01-01T00:00:00Z"}, {"to": "9999-12-31T23:59:59Z"},
    {"to": "2026-11-20T00:00:00"}, {"from": "yesterday"},
])  # fmt: skip
def test_viewers_of_a_time_that_cannot_be(an: Api, own: Camera, query: dict[str, str]) -> None:
    status, problem = an.get(f"/cameras/{own.id}/viewers/", **query)
    assert (status, problem["code"]) == (400, "bad_input")
    assert list(problem["errors"]) == list(query)


def test_viewers_of_a_range_that_ends_before_it_starts(an: Api, own: Camera) -> None:
    query = {"from": "2026-11-20T00:00:00Z", "to": "2026-11-19T00:00:00Z"}
    assert an.get(f"/cameras/{own.id}/viewers/", **query) == (200, {"next": None, "results": []})


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "2026-11-20T00:00:00", "1e400"])
def test_watching_at_a_time_that_cannot_be(an: Api, camera: Camera, at: str) -> None:
    for path, body in (("playback", {"from": at, "to": at}), ("frame", {"at": at})):
        status, problem = an.post(f"/cameras/{camera.id}/{path}/", body)
        assert (status, problem["code"]) == (400, "bad_input")
        assert "errors" in problem
