"""Ranges that end before they start: empty where a list is asked, refused where a view would be opened (ADR 15)."""

from datetime import timedelta

import pytest

from backend.lib.clock import now
from cameras.models import Camera, ViewSession
from neighborhoods.models import AuditEntry
from tests.cameras.api.conftest import Api
from tests.cast import Cast

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture
def reversed_range() -> dict[str, str]:
    at = now() - timedelta(hours=1)
    return {"from": at.isoformat(), "to": (at - timedelta(minutes=1)).isoformat()}


def test_nothing_is_opened(an: Api, camera: Camera, reversed_range: dict[str, str]) -> None:
    status, problem = an.post(f"/cameras/{camera.id}/playback/", reversed_range)
    assert (status, problem["code"], list(problem["errors"])) == (400, "bad_range", ["to"])
    assert not ViewSession.objects.exists()
    assert not AuditEntry.objects.filter(action="view.opened").exists()


def test_lists_are_empty(an: Api, camera: Camera, cast: Cast, reversed_range: dict[str, str]) -> None:
    Camera.objects.filter(id=camera.id).update(owner_household=cast.an.household, ownership="household")
    assert an.get(f"/cameras/{camera.id}/recordings/", **reversed_range) == (200, {"ranges": [], "gaps": []})
    status, viewers = an.get(f"/cameras/{camera.id}/viewers/", **reversed_range)
    assert (status, viewers["results"]) == (200, [])
