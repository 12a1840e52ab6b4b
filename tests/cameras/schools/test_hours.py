"""The ward's operators watch a school's camera in its hours, which are the school's to give."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.lib.clock import from_us
from backend.lib.errors import Conflict
from cameras import rules, schoolhours, viewing
from cameras.models import Camera, ViewSession
from neighborhoods.models import AuditEntry, Revocation
from tests.cameras.api.conftest import Api
from tests.cameras.playback.conftest import actor_of
from tests.cameras.playback.test_viewing import daily
from tests.cast import Cast, Person, School

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
SCHOOL_DAYS = [{"days": [0, 1, 2, 3, 4], "from": "06:30", "to": "17:30"}]
HOUR = timedelta(hours=1)


def watch(person: Person, camera: Camera, moment: datetime) -> ViewSession:
    return viewing.view_open_live(
        actor=actor_of(person), camera_id=camera.id, purpose="patrol", address="127.0.0.1", now=moment
    ).session


def give(camera: Camera, hours: list[dict[str, Any]]) -> None:
    Camera.objects.filter(id=camera.id).update(school_hours=hours)


def test_outside_them_an_operator_is_told_when(nga: Person, yard: Camera, moment: datetime) -> None:
    give(yard, daily(moment + HOUR, moment + 2 * HOUR))
    status, told = Api(nga).post(f"/cameras/{yard.id}/live/", {"purpose": "patrol"})
    assert (status, told["code"]) == (409, "school_hours")
    begins = daily(moment + HOUR, moment)[0]["from"]
    assert f"T2–CN {begins}–" in told["detail"]
    give(yard, [])
    assert "Chưa đặt giờ" in Api(nga).post(f"/cameras/{yard.id}/frame/", {"purpose": "patrol"})[1]["detail"]


def test_the_hours_are_vietnams_and_by_the_day_of_the_week(yard: Camera) -> None:
    yard.school_hours = SCHOOL_DAYS
    monday = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # 06:30 on Monday in Việt Nam, still Sunday in Greenwich
    minute = timedelta(minutes=1)
    closed = [rules.outside_school_hours("operator", yard, at) for at in (monday - minute, monday, monday + 11 * HOUR)]
    assert closed == [True, False, True]
    assert rules.outside_school_hours("operator", yard, monday - 24 * HOUR)  # Sunday
    assert not rules.outside_school_hours("school", yard, monday - 24 * HOUR)


def test_a_view_ends_with_the_hour_and_shows_nothing_of_before_it(
    nga: Person, school: School, yard: Camera, moment: datetime
) -> None:
    begins = moment.replace(second=0, microsecond=0)
    give(yard, daily(begins, begins + HOUR))
    view = watch(nga, yard, begins + timedelta(seconds=20))
    assert view.ends_at == begins + HOUR
    assert [from_us(start) for start, _end in view.windows] == [begins]
    assert any(from_us(start) < begins == from_us(end) for start, end in view.data["away"])
    staff = watch(school.thu, yard, begins + timedelta(seconds=20))
    assert staff.ends_at > begins + HOUR and staff.data["away"] == []


def test_other_hours_end_what_is_open(school: School, nga: Person, yard: Camera, moment: datetime) -> None:
    view = watch(nga, yard, moment)
    assert Api(school.thu).patch(f"/cameras/{yard.id}/", {"school_hours": SCHOOL_DAYS})[0] == 200
    assert Revocation.objects.filter(id__gt=view.revocation_floor, kind="camera", subject_id=yard.id).exists()
    entry = AuditEntry.objects.filter(action="camera.edited").latest("seq")
    assert entry.data["fields"] == ["school_hours"]
    assert Api(school.thu).get(f"/cameras/{yard.id}/")[1]["details"]["school_hours"] == SCHOOL_DAYS


def test_who_leads_takes_hours_away_and_gives_none(cast: Cast, yard: Camera) -> None:
    give(yard, SCHOOL_DAYS)
    binh, path = Api(cast.binh), f"/cameras/{yard.id}/"
    status, answer = binh.patch(path, {"school_hours": [SCHOOL_DAYS[0] | {"to": "18:00"}]})
    assert (status, list(answer["errors"])) == (400, ["school_hours"])
    assert binh.patch(path, {"school_hours": [SCHOOL_DAYS[0] | {"to": "11:30"}]})[0] == 200


@pytest.mark.parametrize("owned", [True, False])
@pytest.mark.parametrize("ownership", ["public", "household", "agency"])
def test_a_schools_camera_stays_one(cast: Cast, school: School, yard: Camera, owned: bool, ownership: str) -> None:
    if not owned:
        Camera.objects.filter(id=yard.id).update(owner_household=None)
    for person in (cast.binh, school.thu) if owned else (cast.binh,):
        status, answer = Api(person).patch(f"/cameras/{yard.id}/", {"ownership": ownership})
        assert (status, list(answer["errors"])) == (400, ["ownership"])


def test_a_streets_camera_becomes_a_schools_and_its_views_end(cast: Cast, yard: Camera, moment: datetime) -> None:
    Camera.objects.filter(id=yard.id).update(ownership="public", owner_household=None)
    view = watch(cast.an, yard, moment)
    assert Api(cast.binh).patch(f"/cameras/{yard.id}/", {"ownership": "school"})[0] == 200
    assert Revocation.objects.filter(id__gt=view.revocation_floor, subject_id=yard.id).exists()
    assert Api(cast.an).get(f"/cameras/{yard.id}/")[0] == 404


def test_hours_bind_nobody_at_other_cameras(nga: Person, yard: Camera, moment: datetime) -> None:
    Camera.objects.filter(id=yard.id).update(ownership="agency", school_hours=[])
    assert watch(nga, yard, moment).ends_at > moment + 3 * HOUR


def test_private_hours_come_first(nga: Person, yard: Camera, moment: datetime) -> None:
    Camera.objects.filter(id=yard.id).update(private_hours=daily(moment - HOUR, moment + HOUR))
    with pytest.raises(Conflict, check=lambda refusal: refusal.code == "private_hours"):
        watch(nga, yard, moment)


def test_hours_in_words() -> None:
    hours = [*SCHOOL_DAYS, {"days": [5, 6, 0], "from": "07:00", "to": "11:00"}]
    assert schoolhours.in_words(hours) == "T2–T6 06:30–17:30, T2, T7–CN 07:00–11:00"
    assert schoolhours.in_words([]) == ""
