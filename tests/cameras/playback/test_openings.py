"""A device opens only so many views; another one, and whoever waits, is not touched by that."""

from datetime import timedelta

import pytest
from django.db import connection

from backend.lib.clock import now
from backend.lib.errors import MatPhoError, TooMany
from cameras import openings, viewing
from cameras.models import Camera, ViewSession
from neighborhoods import guesses
from neighborhoods.limits import Rule
from neighborhoods.models import AuditEntry, GuessCounter
from tests.cameras.api.conftest import BASE
from tests.cameras.playback.conftest import actor_of, make_camera
from tests.cast import Cast
from tests.neighborhoods.conftest import at_once

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
FEW = 5


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rules with small numbers."""
    small = {"views": Rule(FEW, timedelta(minutes=10), timedelta(minutes=1)), "views-day": openings.RULES["views-day"]}
    monkeypatch.setattr(openings, "RULES", small)


@pytest.fixture
def eye(cast: Cast) -> Camera:
    return make_camera(cast)


def live(cast: Cast, eye: Camera, after: timedelta = timedelta()) -> None:
    viewing.view_open_live(actor=actor_of(cast.an), camera_id=eye.id, address="192.168.1.5", now=now() + after)


def test_one_too_many_is_a_429_that_says_when_to_come_back(cast: Cast, eye: Camera, client) -> None:
    path = f"{BASE}/cameras/{eye.id}/live/"
    answers = [client.post(path, {}, "application/json", **cast.an.bearer) for _ in range(FEW + 1)]
    assert [answer.status_code for answer in answers] == [201] * FEW + [429]
    refused = answers[-1]
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "too_many"
    assert 0 < int(refused["Retry-After"]) <= 661
    assert (ViewSession.objects.count(), AuditEntry.objects.filter(action="view.opened").count()) == (FEW, FEW)
    assert client.post(path, {}, "application/json", **cast.binh.bearer).status_code == 201


def test_every_kind_of_view_counts_together(cast: Cast, eye: Camera) -> None:
    for _ in range(FEW - 1):
        live(cast, eye)
    grid = viewing.view_open_grid(actor=actor_of(cast.an), address="192.168.1.5", now=now())
    again = viewing.view_open_grid(actor=actor_of(cast.an), address="192.168.1.5", now=now())
    assert again.session == grid.session, "used on, so it opens nothing and counts nothing"
    with pytest.raises(TooMany):
        viewing.view_open_frame(actor=actor_of(cast.an), camera_id=eye.id, at=None, address="192.168.1.5", now=now())


def test_waiting_as_long_as_it_says_is_enough(cast: Cast, eye: Camera) -> None:
    for _ in range(FEW):
        live(cast, eye)
    with pytest.raises(TooMany) as caught:
        live(cast, eye)
    assert caught.value.retry_after_s
    live(cast, eye, timedelta(seconds=caught.value.retry_after_s))


def test_what_opens_nothing_counts_nothing(cast: Cast, eye: Camera) -> None:
    for _ in range(3 * FEW):
        with pytest.raises(MatPhoError):
            viewing.view_open_live(
                actor=actor_of(cast.an), camera_id=eye.id, quality="none", address="192.168.1.5", now=now()
            )
    live(cast, eye)
    assert set(GuessCounter.objects.values_list("failures", flat=True)) == {1}


def test_the_day_has_an_end_too(cast: Cast, eye: Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(openings.RULES, "views-day", Rule(FEW + 1, timedelta(days=1), timedelta(hours=1)))
    for hour in range(FEW + 1):
        live(cast, eye, timedelta(hours=hour))
    with pytest.raises(TooMany) as caught:
        live(cast, eye, timedelta(hours=FEW + 1))
    assert caught.value.retry_after_s
    assert caught.value.retry_after_s > 3600


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_do_not_slip_under_the_cap(live_cast: Cast) -> None:
    eye = make_camera(live_cast)
    found = at_once(lambda _n: live(live_cast, eye), 20)
    assert sum(one is None for one in found) == FEW
    assert sum(isinstance(one, TooMany) for one in found) == 20 - FEW
    assert ViewSession.objects.count() == FEW, connection.vendor


def test_counts_are_forgotten_when_they_no_longer_count(cast: Cast, eye: Camera) -> None:
    live(cast, eye)
    guesses.expire(now=now() + timedelta(hours=25))
    assert GuessCounter.objects.exists()
    guesses.expire(now=now() + guesses.REMEMBERED + timedelta(hours=2))
    assert not GuessCounter.objects.exists()


def test_our_own_page_stays_below_the_days_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    """In front of a camera that is dead all day it tries every ten seconds (``watch.js``)."""
    monkeypatch.undo()
    assert openings.RULES["views-day"].limit > 24 * 3600 / 10
    assert openings.RULES["views"].limit > 600 / 10
