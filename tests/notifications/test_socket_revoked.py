"""A sign-in that is taken back closes its sockets at once, whatever Redis does."""

import signal
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from backend.lib.clock import now
from neighborhoods import revocations
from neighborhoods.access import Grant, Role, system
from neighborhoods.codes import code_revoke
from neighborhoods.devices import device_revoke
from neighborhoods.households import household_leave
from neighborhoods.models import Device, Revocation, RoleGrant
from neighborhoods.roles import role_end
from tests.cast import Cast, make_resident, make_staff
from tests.neighborhoods.conftest import actor
from tests.notifications.sockets import Phone, close_code, happen, open_socket
from tests.pace import allowed
from tests.servers import Valkey
from tests.webserver import WebServer

ADMIN = system("test", Grant(Role.ADMINISTRATOR))
pytestmark = pytest.mark.both_databases


def closes_in_time(phone: Phone, take_back: Callable[[], object]) -> None:
    begun = time.monotonic()
    take_back()
    assert phone.closed() == 4403
    assert time.monotonic() - begun < allowed(2.0)


def test_each_way_of_taking_back_closes_within_two_seconds(live_cast: Cast, server: WebServer) -> None:
    leader = actor(live_cast.binh, now())
    mai = make_resident(live_cast.place, 13, "Hộ bà Mai", "Mai")
    lan = make_resident(live_cast.place, 14, "Hộ bà Lan", "Lan")
    deputy = make_staff("phuc", "Phúc", Role.DEPUTY, live_cast.place)
    grant = RoleGrant.objects.get(account=deputy.account)

    def neighborhood() -> None:
        with transaction.atomic():
            revocations.revoke(Revocation.Kind.NEIGHBORHOOD, live_cast.other_place.id, now=now())

    stays = Phone(server, live_cast.hoa)
    for person, take_back in (
        (live_cast.an, lambda: device_revoke(actor=leader, device_id=live_cast.an.device.id, now=now())),
        (mai, lambda: code_revoke(actor=leader, code_id=mai.device.code_id, now=now())),
        (lan, lambda: household_leave(actor=leader, household_id=lan.household.id, now=now())),
        (deputy, lambda: role_end(actor=ADMIN, grant_id=grant.id, now=now())),
        (live_cast.cuc, neighborhood),
    ):
        closes_in_time(Phone(server, person), take_back)
    with open_socket(server) as again:  # its sign-in was remembered a moment ago
        again.send(f'{{"token": "{live_cast.an.token}"}}')
        assert close_code(again) == 4401
    assert stays.socket.ping().wait(10)


def test_without_redis_both_news_and_ends_come_by_the_poll(
    live_cast: Cast, own_server: WebServer, valkey: Valkey
) -> None:
    phone, other = Phone(own_server, live_cast.an), Phone(own_server, live_cast.binh)
    valkey.kill()
    begun = time.monotonic()
    alert = happen(live_cast)
    assert phone.event()["data"]["alert"]["id"] == str(alert.id)
    assert time.monotonic() - begun < allowed(2.0)
    late = Phone(own_server, live_cast.an)
    leader = actor(live_cast.binh, now())
    closes_in_time(phone, lambda: device_revoke(actor=leader, device_id=live_cast.an.device.id, now=now()))
    assert late.closed() == 4403
    valkey.start()
    other.event()
    happen(live_cast)
    assert {other.event()["seq"], other.event()["seq"], other.event()["seq"]} == {1, 2}
    assert own_server.log.read_text().count("Traceback") == 0


def test_a_frozen_redis_holds_up_nobody_and_no_stop(live_cast: Cast, own_server: WebServer, valkey: Valkey) -> None:
    phone = Phone(own_server, live_cast.an)
    valkey.process.send_signal(signal.SIGSTOP)
    try:
        happen(live_cast)
        assert phone.event(3)["seq"] == 1
        other = Phone(own_server, live_cast.cuc)  # of streams that nobody here has listened to
        happen(live_cast, neighborhood=live_cast.other_place)
        assert other.event(3)["seq"] == 1
        assert own_server.stop() < allowed(8)
        assert phone.closed() == other.closed() == 1012
    finally:
        valkey.process.send_signal(signal.SIGCONT)


def test_a_sign_in_that_ends_by_its_date_closes_with_4401(live_cast: Cast, server: WebServer) -> None:
    Device.objects.filter(id=live_cast.an.device.id).update(expires_at=now() + timedelta(seconds=1.5))
    phone = Phone(server, live_cast.an)
    assert phone.closed() == 4401
    assert now() >= Device.objects.get(id=live_cast.an.device.id).expires_at
