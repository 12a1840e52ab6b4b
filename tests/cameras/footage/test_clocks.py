"""The clocks of requests, as whoever keeps the ward's room may know them."""

from datetime import timedelta

import pytest

from backend.lib.errors import Absent
from cameras.footage import requests
from cameras.footage.clocks import Clocks, clocks_of
from neighborhoods.devices import actor_for
from tests.cameras.footage.street import HOUR, Street
from tests.cast import Cast, make_nga

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
NOTHING = Clocks(running=0, unsigned=0, next_deadline_at=None, reviews=0, next_review_at=None)


def test_they_count_what_runs_and_what_is_to_be_looked_back_at(street: Street, cast: Cast) -> None:
    nga = actor_for(make_nga(cast).device, now=street.moment)
    assert nga is not None

    def told(later: timedelta = timedelta()) -> Clocks:
        return clocks_of(nga, cast.ward.id, now=street.moment + later)

    def ask(later: timedelta, **changes: object):
        return requests.request_make(
            actor=street.dung, case_id=street.case.id, wanted=street.wanted(**changes), now=street.moment + later
        )

    assert told() == NOTHING
    first = ask(timedelta())
    assert told() == Clocks(1, 0, first.deadline_at, 0, None)
    urgent = ask(HOUR, urgent=True)
    assert told(HOUR) == Clocks(1, 1, first.deadline_at, 0, None)
    requests.request_sign(actor=street.chief, request_id=urgent.id, now=street.moment + HOUR)
    due = street.moment + HOUR + timedelta(hours=72)
    assert told(HOUR) == Clocks(2, 0, first.deadline_at, 1, due)
    requests.request_withdraw(actor=street.dung, request_id=first.id, now=street.moment + HOUR)
    assert told(HOUR).running == 1
    assert told(timedelta(days=9)) == Clocks(0, 0, None, 1, due)  # over, and still not looked at


def test_who_keeps_no_room_is_told_nothing(street: Street, cast: Cast) -> None:
    assert clocks_of(street.dung, cast.ward.id, now=street.moment) == NOTHING
    for actor in (street.an, street.binh, street.chief):
        with pytest.raises(Absent):
            clocks_of(actor, cast.ward.id, now=street.moment)
