"""The camera list: filters, pages, and what neighbours are not told."""

from datetime import timedelta
from typing import Any

import pytest

from backend.lib.clock import now
from cameras.models import Camera, Rendition
from neighborhoods.models import AccessCode
from tests.cameras.api.conftest import Api
from tests.cameras.playback.conftest import make_camera
from tests.cameras.playback.footage import Recorder, ago
from tests.cast import Cast

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
WIRE = {
    "id", "name", "ownership", "purpose", "kind", "location", "bearing_deg", "status", "last_seen_at", "poster_url",
    "recorded", "masked", "renditions",
}  # fmt: skip


def ids(api: Api, **query: Any) -> set[str]:
    status, answer = api.get("/cameras/", **query)
    assert status == 200, answer
    return {row["id"] for row in answer["results"]}


def test_it_has_every_field_of_the_contract(an: Api, camera: Camera) -> None:
    row = an.get("/cameras/")[1]["results"][0]
    assert row.keys() >= WIRE
    assert set(row["recorded"]) == {"from", "to"}


def test_everybody_sees_their_own_neighborhoods_cameras(
    an: Api, binh: Api, cuc: Api, cast: Cast, camera: Camera
) -> None:
    assert (ids(an), ids(binh), ids(cuc)) == ({str(camera.id)}, {str(camera.id)}, set())
    assert cuc.get(f"/cameras/{camera.id}/")[0] == 404
    assert Api(cast.hoa).get("/cameras/")[0] == 404
    assert Api(None).get("/cameras/")[0] == 401


def test_neighbours_get_a_rounded_place_and_no_outages(an: Api, binh: Api, camera: Camera) -> None:
    Rendition.objects.filter(camera=camera).update(last_frame_at=ago(300), health="retrying", health_reason="no_media")
    told, hidden = binh.get("/cameras/")[1]["results"][0], an.get("/cameras/")[1]["results"][0]
    assert told["location"] == {"lat": 22.823_456_7, "lon": 104.983_654_3}
    assert (told["status"], told["health_reason"]) == ("offline", "no_media")
    assert told["last_seen_at"] is not None and told["details"]["retention_hours"] == 168
    assert hidden["location"] == {"lat": 22.823, "lon": 104.984}
    assert (hidden["status"], hidden["last_seen_at"], hidden["health_reason"], hidden["details"]) == (
        "active",
        None,
        "",
        None,
    )


def test_the_owner_is_told_everything_of_their_own(an: Api, cast: Cast, camera: Camera) -> None:
    Camera.objects.filter(id=camera.id).update(owner_household=cast.an.household)
    row = an.get(f"/cameras/{camera.id}/")[1]
    assert row["location"]["lat"] == 22.823_456_7
    assert (row["status"], row["mine"]) == ("connecting", True)


def test_outages_cannot_be_asked_for_by_a_filter(an: Api, binh: Api, camera: Camera) -> None:
    Rendition.objects.filter(camera=camera).update(last_frame_at=ago(300))
    assert ids(binh, status="offline") == {str(camera.id)}
    assert ids(binh, status="live") == set()
    assert (ids(an, status="offline"), ids(an, status="live"), ids(an, status="active")) == (
        set(),
        set(),
        {str(camera.id)},
    )
    Rendition.objects.filter(camera=camera).update(last_frame_at=now())
    assert ids(binh, status="live") == {str(camera.id)}


def test_a_code_for_some_cameras_shows_only_those(an: Api, cast: Cast, camera: Camera) -> None:
    other = make_camera(cast)
    assert cast.an.device.code is not None
    AccessCode.objects.filter(id=cast.an.device.code.id).update(camera_scope=[str(other.id)])
    assert ids(an) == {str(other.id)}
    assert an.get(f"/cameras/{camera.id}/")[0] == 404


@pytest.mark.parametrize("near", ["22.8234567,104.9836543", "22.824,104.984"])
def test_near_takes_what_lies_within_the_radius(binh: Api, cast: Cast, camera: Camera, near: str) -> None:
    far = make_camera(cast, latitude=22.9, longitude=104.98)
    make_camera(cast)
    assert ids(binh, near=near, radius_m=200) == {str(camera.id)}
    assert ids(binh, near=near, radius_m=20_000) == {str(camera.id), str(far.id)}


def test_bisecting_the_radius_finds_only_the_grid_point(an: Api, binh: Api, camera: Camera) -> None:
    """62 m lie between the exact place and its grid point (22.823, 104.984)."""
    assert ids(an, near="22.823,104.984", radius_m=1) == {str(camera.id)}
    assert ids(an, near="22.8234567,104.9836543", radius_m=30) == set()
    assert ids(binh, near="22.823,104.984", radius_m=1) == set()
    assert ids(binh, near="22.8234567,104.9836543", radius_m=1) == {str(camera.id)}


@pytest.mark.parametrize("q", ["cong chao", "CỔNG", "chào cổng", "to dan pho 7"])
def test_names_are_found_with_and_without_diacritics(an: Api, camera: Camera, q: str) -> None:
    assert ids(an, q=q) == {str(camera.id)}


def test_other_names_are_not_found(an: Api, camera: Camera) -> None:
    assert ids(an, q="cầu") == set()
    Camera.objects.filter(id=camera.id).update(name="Đường Đê")
    assert ids(an, q="duong de") == {str(camera.id)}


def test_the_other_filters(an: Api, cast: Cast, camera: Camera) -> None:
    shop = make_camera(cast, ownership="business", purpose="traffic", kind="ptz")
    for query in ({"ownership": "business"}, {"purpose": "traffic"}, {"kind": "ptz"}):
        assert ids(an, **query) == {str(shop.id)}
    assert ids(an, ward=str(cast.ward.id), neighborhood=str(cast.place.id)) == {str(camera.id), str(shop.id)}
    assert ids(an, neighborhood=str(cast.other_place.id)) == set()


BAD_QUERIES = [
    {"near": "x"}, {"near": "1"}, {"near": "1,2,3"}, {"near": "91,0"}, {"near": "nan,nan"}, {"near": "inf,0"},
    {"radius_m": "0"}, {"radius_m": "1e9"}, {"radius_m": "99999999999999999999"}, {"neighborhood": "7"}, {"ward": "x"},
    {"status": "dead"}, {"ownership": "x"}, {"kind": "'"}, {"q": "x" * 81}, {"q": "\x00"},
    {"cursor": "cD14"}, {"cursor": "x" * 5000},
]  # fmt: skip


@pytest.mark.parametrize("query", BAD_QUERIES)
def test_bad_queries_are_400(an: Api, camera: Camera, query: dict[str, str]) -> None:
    status, answer = an.get("/cameras/", **query)
    assert status == 400, answer
    assert answer["code"] in ("bad_input", "bad_cursor")


def test_pages_follow_one_another(an: Api, cast: Cast) -> None:
    made = {str(make_camera(cast).id) for _ in range(5)}
    seen: list[str] = []
    status, answer = an.get("/cameras/", page_size=2)
    while True:
        assert status == 200 and len(answer["results"]) <= 2
        seen += [row["id"] for row in answer["results"]]
        if answer["next"] is None:
            break
        from urllib.parse import parse_qsl, urlsplit

        status, answer = an.get("/cameras/", **dict(parse_qsl(urlsplit(answer["next"]).query)))
    assert sorted(seen) == sorted(made) and len(seen) == 5


def test_posters_are_named_while_the_grid_is_open(an: Api, camera: Camera) -> None:
    assert an.get("/cameras/")[1]["results"][0]["poster_url"] is None
    opened = an.post("/grid/")[1]
    assert an.get("/cameras/")[1]["results"][0]["poster_url"] == f"{opened['url']}poster/{camera.id}.jpg"


def test_what_is_recorded(an: Api, binh: Api, camera: Camera, recorder: Recorder) -> None:
    started = ago(100)
    recorder.past(started, 60)
    recorder.close()
    told = binh.get("/cameras/")[1]["results"][0]["recorded"]
    assert told["from"] == started.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert told["to"] is not None
    assert an.get("/cameras/")[1]["results"][0]["recorded"] == {"from": told["from"], "to": None}


def test_private_hours_hide_the_poster(an: Api, camera: Camera) -> None:
    an.post("/grid/")
    always = [{"days": list(range(7)), "from": "00:00", "to": "00:00"}]
    Camera.objects.filter(id=camera.id).update(private_hours=always)
    row = an.get("/cameras/")[1]["results"][0]
    assert (row["poster_url"], row["private_now"]) == (None, True)


def test_staff_are_named_no_poster_of_a_private_camera(an: Api, binh: Api, camera: Camera) -> None:
    for api in (an, binh):
        api.post("/grid/")
        assert api.get("/cameras/")[1]["results"][0]["poster_url"] is not None
    Camera.objects.filter(id=camera.id).update(ownership=Camera.Ownership.HOUSEHOLD)
    assert an.get("/cameras/")[1]["results"][0]["poster_url"] is not None
    assert binh.get("/cameras/")[1]["results"][0]["poster_url"] is None


def test_the_list_costs_a_constant_number_of_queries(an: Api, cast: Cast, django_assert_max_num_queries: Any) -> None:
    for _ in range(20):
        make_camera(cast)
    with django_assert_max_num_queries(6):
        an.get("/cameras/")


def test_long_silence_is_news_once(cast: Cast, camera: Camera) -> None:
    from cameras.health import health_tick
    from neighborhoods.models import OutboxRow

    moment = now()
    Rendition.objects.filter(camera=camera).update(last_frame_at=moment - timedelta(seconds=90))
    assert [health_tick(now=moment), health_tick(now=moment)] == [1, 0]
    Rendition.objects.filter(camera=camera).update(last_frame_at=moment)
    assert [health_tick(now=moment), health_tick(now=moment)] == [1, 0]
    topics = list(OutboxRow.objects.order_by("id").values_list("topic", flat=True))
    assert topics == ["camera.offline", "camera.online"]


def test_the_camera_of_a_household_that_left_is_no_news(cast: Cast, camera: Camera) -> None:
    from cameras.health import health_tick
    from neighborhoods.models import Household

    moment = now()
    Camera.objects.filter(id=camera.id).update(owner_household=cast.an.household)
    Rendition.objects.filter(camera=camera).update(last_frame_at=moment - timedelta(seconds=90))
    Household.objects.filter(id=cast.an.household.id).update(left_at=moment)
    assert health_tick(now=moment) == 0
