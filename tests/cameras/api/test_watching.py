"""Who watches now, a page at a time."""

from typing import Any

import pytest

from backend.lib.clock import now
from cameras import viewing
from cameras.models import Camera
from tests.cameras.api.conftest import Api
from tests.cameras.playback.conftest import actor_of
from tests.cast import Cast, make_resident

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture
def views(cast: Cast, camera: Camera) -> list[str]:
    """Five households watch; the newest view first."""
    opened = []
    for number in range(40, 45):
        person = make_resident(cast.place, number, f"Hộ {number}", "Ai đó")
        view = viewing.view_open_live(actor=actor_of(person), camera_id=camera.id, address="192.0.2.1", now=now())
        opened.append(str(view.session.id))
    return opened[::-1]


def test_it_comes_in_pages(binh: Api, views: list[str]) -> None:
    seen: list[dict[str, Any]] = []
    path = "/watching/?page_size=2"
    while path:
        status, page = binh.get(path)
        assert status == 200 and sorted(page) == ["next", "results"]
        assert len(page["results"]) <= 2
        seen += page["results"]
        path = (page["next"] or "").partition("/api/v1")[2]
    assert [one["session"] for one in seen] == views
    assert [one["household"] for one in seen] == [f"Hộ {number}" for number in range(44, 39, -1)]


def test_a_cursor_that_we_never_gave_is_400(binh: Api, views: list[str]) -> None:
    assert binh.get("/watching/?cursor=bm9uc2Vuc2U")[1].get("code") == "bad_cursor"


def test_it_is_the_leaders(an: Api, cuc: Api, views: list[str]) -> None:
    assert [api.get("/watching/")[0] for api in (an, cuc)] == [404, 404]
