"""Many sign-ins at once follow the same rules as one, and are remembered no longer than they hold."""

import asyncio
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.lib.clock import now
from neighborhoods import devices, tokens
from neighborhoods.models import AccessCode, Account, Device, Household, RoleGrant
from notifications.hub import rows
from notifications.hub.signins import SignIns
from notifications.models import Stream
from tests.cast import Cast, Person, make_resident

pytestmark = pytest.mark.both_databases


def all_of(cast: Cast) -> list[Person]:
    return [cast.an, cast.binh, cast.cuc, cast.dung, cast.hoa]


@pytest.mark.django_db
def test_many_are_signed_in_as_one_would_be(cast: Cast) -> None:
    people = [*all_of(cast), *(make_resident(cast.place, 20 + n, f"Hộ {n}", f"Người {n}") for n in range(6))]
    Device.objects.filter(id=people[5].device.id).update(revoked_at=now())
    Device.objects.filter(id=people[6].device.id).update(expires_at=now())
    Household.objects.filter(id=people[7].household.id).update(left_at=now())
    AccessCode.objects.filter(id=people[8].device.code_id).update(revoked_at=now())
    Account.objects.filter(id=cast.hoa.account.id).update(is_active=False)
    RoleGrant.objects.filter(account=cast.dung.account).update(ended_at=now())
    moment = now()
    hashes = [tokens.hash_of(person.token) for person in people]
    many = devices.signed_in_all([*hashes, tokens.hash_of("mp_nobodys")], now=moment)
    one_by_one = {
        key: found
        for key, person in zip(hashes, people, strict=True)
        if (found := devices.signed_in(person.token, now=moment))
    }
    assert len(many) == 5
    assert {key: found.actor for key, found in many.items()} == {key: one.actor for key, one in one_by_one.items()}


@pytest.mark.django_db
def test_a_hundred_phones_cost_as_many_queries_as_ten(cast: Cast) -> None:
    people = [make_resident(cast.place, 100 + n, f"Hộ {n}", f"Người {n}") for n in range(100)]
    hashes = [tokens.hash_of(person.token) for person in people]
    rows.sign_in(hashes, now())  # makes the streams of their households
    asked = []
    for several in (hashes[:10], hashes):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            signed, unseen = rows.sign_in(several, now())
        assert len(signed) == len(unseen) == len(several)
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 4
    assert Stream.objects.filter(kind="household").count() == 100


def expire(device: Device) -> None:
    Device.objects.filter(id=device.id).update(expires_at=now() - timedelta(seconds=1))
    connection.close()  # this thread's own


@pytest.mark.django_db(transaction=True)
async def test_a_sign_in_is_remembered_until_it_is_taken_back_or_too_old(live_cast: Cast) -> None:
    clock = 100.0
    seen: list = []
    signins = SignIns(asyncio.get_running_loop(), now=now, monotonic=lambda: clock, seen=seen.extend)
    signins.start()
    try:
        first, again = await asyncio.gather(*(signins.signed(live_cast.an.token) for _ in range(2)))
        assert first is again is not None and seen == [live_cast.an.device.id]
        assert {ref.kind for ref in first.streams} == {"household", "neighborhood", "ward"}
        await asyncio.to_thread(expire, live_cast.an.device)
        assert await signins.signed(live_cast.an.token) is first, "half a minute old at the most"
        signins.revoked([(1, "household", live_cast.an.household.id)])
        assert await signins.signed(live_cast.an.token) is None
        bình = await signins.signed(live_cast.binh.token)
        clock += 31
        signins.tidy()
        assert await signins.signed(live_cast.binh.token) is not bình
        assert await signins.signed("no token of ours") is None
        assert [await signins.signed(text) for text in ("mp_\ud800", "mp_ờ")] == [None, None], "and no error"
    finally:
        signins.stop()
        signins._thread.join(5)
