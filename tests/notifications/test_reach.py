"""Who was reached: households, not phones, of those that could be."""

from datetime import timedelta
from typing import Any

import pytest

from backend.lib.clock import now
from neighborhoods.models import AccessCode, Device, Household
from notifications.deliveries import Note, deliveries_note
from notifications.models import Alert, PushSend
from notifications.reach import Reached, reach_of
from tests.architecture.walkers import make_world
from tests.cameras.api.conftest import Api
from tests.cast import Cast, token_pair
from tests.notifications.pipeline import make_alert

pytestmark = pytest.mark.django_db


def make_households(cast: Cast, many: int) -> list[Device]:
    """Each with two phones; gives them household by household."""
    later = now() + timedelta(days=30)
    homes = Household.objects.bulk_create(
        [
            Household(neighborhood=cast.place, number=500 + n, name=f"Hộ {n}", address=f"Số {500 + n}")
            for n in range(many)
        ]
    )
    codes = AccessCode.objects.bulk_create(
        [AccessCode(neighborhood=cast.place, household=home, typed_hmac=b"t%031d" % n, qr_hmac=b"q%031d" % n,
                    expires_at=later) for n, home in enumerate(homes)]
    )  # fmt: skip
    return Device.objects.bulk_create(
        [Device(kind="phone", name="Máy", token_hash=token_pair()[1], household=home, code=code, expires_at=later)
         for home, code in zip(homes, codes, strict=True) for _ in range(2)]
    )  # fmt: skip


@pytest.mark.both_databases
def test_delivered_to_81_of_86_households_in_4_seconds(cast: Cast, django_assert_num_queries: Any) -> None:
    phones = make_households(cast, 85)  # and An's
    alert = make_alert(cast, category="utility")
    at = alert.raised_at
    firsts = phones[0::2]
    deliveries_note(
        [
            Note("sent", alert.id, [phone.id for phone in phones], at),
            Note("delivered", alert.id, [phone.id for phone in firsts[:80]], at + timedelta(seconds=1)),
            Note("delivered", alert.id, [cast.an.device.id], at + timedelta(seconds=4)),
            # A second phone of a household that has it already, ten minutes later, and its holder looks.
            Note("seen", alert.id, [phones[1].id], at + timedelta(minutes=10)),
            Note("seen", alert.id, [phone.id for phone in firsts[:40]], at + timedelta(minutes=1)),
            Note("delivered", alert.id, [cast.binh.device.id], at + timedelta(hours=1)),  # the leader is no household
        ]
    )
    for phone in phones[:3]:
        PushSend.objects.create(device=phone, alert=alert, key="k", payload={}, status="sent", due_at=at, expires_at=at)
    with django_assert_num_queries(3):
        found = reach_of(alert, now=now())
    assert found == Reached(households=86, devices=171, delivered=81, seen=40, seconds=4.0, pushed=3)
    status, answer = Api(cast.binh).get(f"/alerts/{alert.id}/reach/")
    assert (status, answer) == (
        200, {"households": 86, "devices": 171, "delivered": 81, "seen": 40, "seconds": 4.0, "pushed": 3}
    )  # fmt: skip


def test_nobody_yet(cast: Cast) -> None:
    alert = make_alert(cast)
    assert reach_of(alert, now=now()) == Reached(households=1, devices=1, delivered=0, seen=0, seconds=None, pushed=0)


@pytest.mark.both_databases
@pytest.mark.parametrize("how", ["revoked", "expired", "left", "code", "guest"])
def test_phones_that_do_not_count_make_no_household(cast: Cast, how: str) -> None:
    first, *_others = make_households(cast, 2)
    past, its_phones = now() - timedelta(minutes=1), Device.objects.filter(household=first.household)
    if how in ("revoked", "expired"):
        its_phones.update(**{{"revoked": "revoked_at", "expired": "expires_at"}[how]: past})
    elif how == "left":
        Household.objects.filter(id=first.household_id).update(left_at=past)
    elif how == "code":
        AccessCode.objects.filter(id=first.code_id).update(revoked_at=past)
    else:
        AccessCode.objects.filter(id=first.code_id).update(kind="guest")
    alert = make_alert(cast)
    deliveries_note([Note("delivered", alert.id, [first.id], now())])
    found = reach_of(alert, now=now())
    assert (found.households, found.devices, found.delivered, found.seconds) == (2, 3, 0, None)


def test_a_broadcast_counts_the_ward_and_camera_health_nobody(cast: Cast) -> None:
    broadcast = make_alert(cast, neighborhood=None, category="fraud")
    assert reach_of(broadcast, now=now()).households == 2  # An's and Cúc's
    assert reach_of(make_alert(cast, category="camera_health"), now=now()).households == 0


def test_a_clock_that_was_set_back_makes_no_negative_seconds(cast: Cast) -> None:
    alert = make_alert(cast)
    deliveries_note([Note("delivered", alert.id, [cast.an.device.id], alert.raised_at - timedelta(seconds=9))])
    assert reach_of(alert, now=now()).seconds == 0.0


def test_only_those_who_decide_about_it_are_told(db: None) -> None:
    world = make_world()
    alert = Alert.objects.create(
        ward_id=world.ids["ward_id"], neighborhood_id=world.ids["neighborhood_id"], category="school_gate",
        source="system", occurred_at=now(), raised_at=now(), expires_at=now() + timedelta(hours=1),
    )  # fmt: skip
    path = f"/alerts/{alert.id}/reach/"
    assert {who for who, person in world.people.items() if Api(person).get(path)[0] == 200} == {"leader", "deputy"}
    Alert.objects.filter(id=alert.id).update(category="theft")
    allowed = {who for who, person in world.people.items() if Api(person).get(path)[0] == 200}
    assert allowed == {"leader", "deputy", "officer", "operator"}
    assert {Api(person).get(path)[0] for person in world.people.values()} == {200, 404}
