"""Places become one while people go on working in them: nothing is left behind, and nobody waits in a ring."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from backend.lib.errors import Absent, Conflict
from neighborhoods import codes, households, people_import, wards
from neighborhoods.access import Role
from neighborhoods.fund.campaigns import campaign_open
from neighborhoods.models import AccessCode, Household, Neighborhood, Ward
from neighborhoods.neighborhood_changes import neighborhood_held
from neighborhoods.neighborhood_merging import neighborhood_merge, neighborhood_split
from neighborhoods.places import ward_held
from tests.cast import Cast, make_resident, make_staff
from tests.neighborhoods.conftest import NOW, actor
from tests.neighborhoods.test_place_changes import ADMIN, merge

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]


def while_held(first: Callable[[], Any], late: Callable[[], Any], then: Callable[[], Any] = lambda: None) -> Any:
    """``first`` and ``then`` in one transaction; between them ``late`` is begun in a thread. What came of ``late``."""
    got: list[Any] = []

    def run() -> None:
        try:
            got.append(late())
        except Exception as error:  # noqa: BLE001  (the tests look at it)
            got.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        thread.join(0.7)  # long enough to read what was there before; where it waits for us, it waits on
        then()
    thread.join(30)
    return got[0]


def test_no_household_comes_to_a_place_that_has_just_been_merged(live_cast: Cast) -> None:
    lead = actor(make_staff("to8", "Tổ trưởng 8", Role.LEADER, live_cast.other_place))
    place = live_cast.other_place.id
    late = while_held(
        lambda: merge(live_cast),
        lambda: households.household_create(actor=lead, neighborhood_id=place, name="Hộ muộn", address="98", now=NOW),
    )
    assert isinstance(late, Conflict) and late.code == "place_closed"
    assert not Household.objects.filter(neighborhood_id=place).exists()


def test_no_list_comes_to_a_place_that_has_just_been_merged(live_cast: Cast) -> None:
    lead = actor(make_staff("to8", "Tổ trưởng 8", Role.LEADER, live_cast.other_place))
    place, text = live_cast.other_place.id, "Số nhà,Chủ hộ\n99,Bà Muộn\n".encode()
    found = people_import.import_read(actor=lead, neighborhood_id=place, data=text, name="a.csv", now=NOW)
    late = while_held(
        lambda: merge(live_cast), lambda: people_import.import_apply(actor=lead, import_id=found.id, now=NOW)
    )
    assert isinstance(late, Conflict | Absent), late  # SQLite reads after the merge: the list is another place's
    assert not Household.objects.filter(address="Số 99").exists()


def test_a_code_and_a_merge_do_not_wait_for_each_other(live_cast: Cast) -> None:
    lead = actor(make_staff("to8", "Tổ trưởng 8", Role.LEADER, live_cast.other_place))
    home = live_cast.cuc.household
    late = while_held(
        lambda: neighborhood_held(live_cast.other_place.id),
        lambda: codes.code_issue(actor=lead, household_id=home.id, now=NOW),
        lambda: merge(live_cast),
    )
    assert isinstance(late, codes.Issued | Absent), late  # SQLite's one writer comes after the merge: not the leader's
    assert set(AccessCode.objects.values_list("neighborhood", flat=True)) == {live_cast.place.id}


def test_a_division_and_a_merge_of_wards_take_their_rows_in_one_order(live_cast: Cast) -> None:
    other = Ward.objects.create(code="00700", name="Xã Ngọc Đường", province_code="08", province_name="Tuyên Quang")
    make_resident(live_cast.place, 40, "Hộ ông Giáp", "Giáp")
    going = [live_cast.an.household.id]
    late = while_held(
        lambda: ward_held(live_cast.ward.id),
        lambda: neighborhood_split(
            actor=ADMIN, neighborhood_id=live_cast.place.id, household_ids=going, name="Tổ 9", now=NOW
        ),
        lambda: wards.ward_merge(actor=ADMIN, ward_id=live_cast.ward.id, into_id=other.id, now=NOW),
    )
    assert isinstance(late, Conflict | Neighborhood), late
    assert not Neighborhood.objects.filter(ward=live_cast.ward).exists()


def test_two_merges_crosswise_are_one(live_cast: Cast) -> None:
    here, there = live_cast.place.id, live_cast.other_place.id
    late = while_held(
        lambda: merge(live_cast),
        lambda: neighborhood_merge(actor=ADMIN, neighborhood_id=here, into_id=there, now=NOW),
    )
    assert isinstance(late, Conflict) and late.code == "place_closed"


def test_no_campaign_is_opened_in_a_place_that_has_just_been_merged(live_cast: Cast) -> None:
    lead = actor(make_staff("to8", "Tổ trưởng 8", Role.LEADER, live_cast.other_place))
    day = NOW.date()
    late = while_held(
        lambda: merge(live_cast),
        lambda: campaign_open(
            actor=lead, neighborhood_id=live_cast.other_place.id, code="CAM", purpose="8 mắt camera", target=1_000_000,
            starts_on=day, ends_on=day + timedelta(days=30), now=NOW,
        ),
    )  # fmt: skip
    assert isinstance(late, Conflict) and late.code == "place_closed"
