"""Who watched my camera: residents by household, staff by name, newest view first, a page at a time."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.lib import clock
from backend.lib.clock import iso
from backend.lib.ids import new_id
from cameras.models import Camera, ViewMinute
from tests.cameras.api.conftest import Api
from tests.cameras.playback.conftest import make_camera
from tests.cast import Cast

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def own(cast: Cast) -> Camera:
    return make_camera(cast, owner_household=cast.an.household, ownership=Camera.Ownership.HOUSEHOLD)


@pytest.fixture
def start() -> datetime:
    return clock.now().replace(second=0, microsecond=0) - timedelta(hours=2)


def watched(camera: Camera, cast: Cast, start: datetime, minutes: list[int], **facts: Any) -> UUID:
    """One view, of Cúc's household if not said, that showed these minutes after ``start``; gives its id."""
    assert cast.cuc.household
    session = new_id()
    said = {"household_id": cast.cuc.household.id, "role": "resident", "mode": "live"} | facts
    ViewMinute.objects.bulk_create(
        ViewMinute(
            session_id=session, camera=camera, minute=start + n * MINUTE, watched_at=start + n * MINUTE, **said
        ) for n in minutes
    )  # fmt: skip
    return session


def spans(found: Any, start: datetime) -> list[tuple[int, int]]:
    """Minutes after ``start``."""
    ends = [(datetime.fromisoformat(one["from"]), datetime.fromisoformat(one["to"])) for one in found["results"]]
    return [((begin - start) // MINUTE, (end - start) // MINUTE) for begin, end in ends]


def pages(api: Api, camera: Camera, **query: Any) -> list[Any]:
    """Every page, by following ``next``."""
    out = []
    while True:
        status, found = api.get(f"/cameras/{camera.id}/viewers/", **query)
        assert status == 200, found
        out.append(found)
        if not found["next"]:
            return out
        query = dict(parse_qsl(urlsplit(found["next"]).query))


def test_neighbouring_minutes_of_one_view_are_joined(an: Api, own: Camera, cast: Cast, start: datetime) -> None:
    watched(own, cast, start, [0, 1, 2, 5])
    [page] = pages(an, own)
    assert spans(page, start) == [(5, 6), (0, 3)]
    assert {(one["household"], one["role"], one["mode"]) for one in page["results"]} == {
        ("Hộ bà Cúc", "resident", "live")
    }
    at = [datetime.fromisoformat(one["watched_at"]) for one in page["results"]]
    assert at == [start + 5 * MINUTE, start + 2 * MINUTE]


def test_two_views_stay_two(an: Api, own: Camera, cast: Cast, start: datetime) -> None:
    watched(own, cast, start, [0, 1])
    watched(own, cast, start, [2, 3])
    [page] = pages(an, own)
    assert spans(page, start) == [(2, 4), (0, 2)]


def test_pages_hold_every_view_once_newest_first(an: Api, own: Camera, cast: Cast, start: datetime) -> None:
    for n in range(7):
        watched(own, cast, start, [10 * n, 10 * n + 5])
    found = pages(an, own, page_size=3)
    assert [len(page["results"]) for page in found] == [6, 6, 2]
    whole = [span for page in found for span in spans(page, start)]
    assert whole == [(m, m + 1) for n in reversed(range(7)) for m in (10 * n + 5, 10 * n)]


def test_what_is_watched_meanwhile_moves_no_page(an: Api, own: Camera, cast: Cast, start: datetime) -> None:
    for n in range(4):
        watched(own, cast, start, [n])
    _, first = an.get(f"/cameras/{own.id}/viewers/", page_size=2)
    watched(own, cast, start, [50])
    rest = dict(parse_qsl(urlsplit(first["next"]).query))
    _, second = an.get(f"/cameras/{own.id}/viewers/", **rest)
    assert spans(first, start) + spans(second, start) == [(3, 4), (2, 3), (1, 2), (0, 1)]


def test_the_range_goes_with_the_cursor(an: Api, own: Camera, cast: Cast, start: datetime) -> None:
    for n in range(6):
        watched(own, cast, start, [n])
    query = {"from": iso(start + MINUTE), "to": iso(start + 5 * MINUTE), "page_size": 3}
    assert [spans(page, start) for page in pages(an, own, **query)] == [[(4, 5), (3, 4), (2, 3)], [(1, 2)]]


def test_looks_at_the_grid_are_listed_by_the_hour(an: Api, own: Camera, cast: Cast) -> None:
    """A picture ten seconds old is watching too. Posters are noted once per session, camera and hour."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0) - 6 * HOUR
    watched(own, cast, hour, [0, 60, 180], mode="grid")
    [page] = pages(an, own)
    assert spans(page, hour) == [(180, 240), (0, 120)]
    assert {(one["household"], one["mode"]) for one in page["results"]} == {("Hộ bà Cúc", "grid")}


def test_a_range_finds_the_look_whose_hour_it_touches(an: Api, own: Camera, cast: Cast) -> None:
    hour = clock.now().replace(minute=0, second=0, microsecond=0) - 6 * HOUR
    watched(own, cast, hour, [0], mode="grid")
    for first, last, found in ((59, 61, 1), (60, 61, 0), (-1, 0, 0), (-1, 1, 1)):
        query = {"from": iso(hour + first * MINUTE), "to": iso(hour + last * MINUTE)}
        assert sum(len(page["results"]) for page in pages(an, own, **query)) == found, (first, last)


def test_a_look_at_the_grid_and_a_view_are_not_joined(an: Api, own: Camera, cast: Cast) -> None:
    hour = clock.now().replace(minute=0, second=0, microsecond=0) - 6 * HOUR
    watched(own, cast, hour, [0], mode="grid")
    watched(own, cast, hour, [60, 61])
    [page] = pages(an, own)
    assert [(one["mode"], span) for one, span in zip(page["results"], spans(page, hour), strict=True)] == [
        ("live", (60, 62)),
        ("grid", (0, 60)),
    ]


def test_staff_are_named_as_their_account_says_now(an: Api, own: Camera, cast: Cast, start: datetime) -> None:
    """And one whose account is gone by the pseudonym that the audit has."""
    gone = new_id()
    for account_id in (cast.binh.account.id, gone):
        watched(own, cast, start, [0], household_id=None, account_id=account_id, role="leader", purpose="patrol")
    cast.binh.account.display_name = "Trần Thị Bình (tổ trưởng)"
    cast.binh.account.save()
    [page] = pages(an, own)
    assert [(one["person"], one["household"], one["role"], one["purpose"]) for one in page["results"]] == [
        (f"account:{gone}", "", "leader", "patrol"), ("Trần Thị Bình (tổ trưởng)", "", "leader", "patrol"),
    ]  # fmt: skip


def test_those_who_lead_read_it_of_the_streets_own_camera(
    an: Api, binh: Api, cuc: Api, camera: Camera, own: Camera, cast: Cast, start: datetime
) -> None:
    watched(camera, cast, start, [0])
    [page] = pages(binh, camera)
    assert [one["household"] for one in page["results"]] == ["Hộ bà Cúc"]
    asked = [(an, camera), (cuc, camera), (binh, own)]
    assert [api.get(f"/cameras/{one.id}/viewers/")[0] for api, one in asked] == [404, 404, 404]


@pytest.mark.parametrize("cursor", ["x", "cD1ub25lc2Vuc2U=", "%00"])
def test_a_cursor_that_we_did_not_give_out(an: Api, own: Camera, cursor: str) -> None:
    status, problem = an.get(f"/cameras/{own.id}/viewers/", cursor=cursor)
    assert (status, problem["code"]) == (400, "bad_cursor")


def test_a_page_costs_the_same_however_many_watched(an: Api, own: Camera, cast: Cast, start: datetime) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            pages(an, own)
        return len(queries)

    watched(own, cast, start, [0])
    asked()  # the first sign of life of a phone is one statement more
    few = asked()
    for n in range(30):
        watched(own, cast, start, [n, n + 2])
    assert asked() == few
