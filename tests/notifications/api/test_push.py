"""Subscribing over the API: what is taken, what is refused, and that nothing is while push is off."""

from dataclasses import replace
from typing import Any

import pytest

from backend.lib.clock import now
from neighborhoods.devices import device_revoke
from neighborhoods.models import AuditEntry
from notifications.carriers.vapid import public_key
from notifications.models import PushSubscription
from notifications.subscriptions import push_subscriptions_tidy
from tests.cameras.api.conftest import Api
from tests.cast import Cast
from tests.neighborhoods.conftest import actor
from tests.notifications.pushing import push, push_service
from tests.notifications.pushservice import Phone, PushService

__all__ = ["push", "push_service"]
pytestmark = pytest.mark.django_db
PATH = "/push-subscriptions/"


def body(url: str, phone: Phone | None = None, **keys: Any) -> dict[str, Any]:
    return {"endpoint": url, "expirationTime": None, "keys": (phone or Phone()).keys | keys}


@pytest.mark.both_databases
def test_a_phone_subscribes_changes_and_leaves(cast: Cast, push: PushService) -> None:
    an, phone = Api(cast.an), Phone()
    status, first = an.post(PATH, body(push.url("/one"), phone))
    assert status == 201 and sorted(first) == ["created_at", "id"]
    assert an.post(PATH, body(push.url("/one"), phone)) == (201, first)
    assert an.post(PATH, body(push.url("/two")))[0] == 201
    kept = PushSubscription.objects.get()
    assert (kept.device, kept.endpoint) == (cast.an.device, push.url("/two"))
    assert an.get("/me/notifications/")[1]["subscribed"] is True
    assert [an.delete(PATH)[0] for _ in range(2)] == [204, 204]
    assert not PushSubscription.objects.exists()
    assert an.get("/me/notifications/")[1]["subscribed"] is False
    entries = AuditEntry.objects.filter(action__startswith="push.").order_by("seq")
    assert [entry.action for entry in entries] == ["push.subscribed", "push.subscribed", "push.unsubscribed"]
    assert {(entry.subject, str(entry.data)) for entry in entries} == {(f"device:{cast.an.device.id}", "{}")}
    assert {entry.neighborhood_id for entry in entries} == {cast.place.id}


def test_a_browser_that_signed_in_anew_does_not_ring_twice(cast: Cast, push: PushService) -> None:
    phone = Phone()
    for person in (cast.an, cast.binh):
        assert Api(person).post(PATH, body(push.url("/same"), phone))[0] == 201
    assert PushSubscription.objects.get().device == cast.binh.device


def test_the_key_to_subscribe_with_is_the_installations_own(cast: Cast, push: PushService, settings: Any) -> None:
    status, answer = Api(cast.an).get("/push-key/")
    assert (status, answer) == (200, {"key": public_key(settings.SECRETS.vapid_key)})
    assert len(answer["key"]) == 87


@pytest.mark.parametrize(
    "off", [{"PUSH": "0"}, {"PUSH_SUBJECT": ""}, {"PUSH_SUBJECT": "mailto:root@localhost"}, {"PUSH": "yes please"}]
)
def test_nothing_is_taken_while_push_is_off(cast: Cast, push: PushService, settings: Any, off: dict[str, str]) -> None:
    settings.CONFIG = replace(settings.CONFIG, **off)
    an = Api(cast.an)
    for status, problem in (an.get("/push-key/"), an.post(PATH, body(push.url()))):
        assert (status, problem["code"]) == (409, "push_off")
    assert an.delete(PATH)[0] == 204


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/x", "http://127.0.0.1:1/x", "https://fcm.googleapis.com.evil.vn/x", "file:///etc/passwd",
     "https://a@fcm.googleapis.com/x", "https://fcm.googleapis.com:22/x", "https://fcm.googleapis.com/a b",
     "https://fcm.googleapis.com/" + "x" * 990, " https://fcm.googleapis.com/x", "https://fcm.googleapis.com/\u202e",
     "http\u017f://fcm.googleapis.com/x", "https://a.push.services.mo\u017filla.com/x"],
)  # fmt: skip
def test_an_address_that_is_no_push_service_is_refused(cast: Cast, push: PushService, url: str) -> None:
    status, problem = Api(cast.an).post(PATH, body(url))
    assert status == 400 and list(problem["errors"]) == ["endpoint"], problem
    assert not PushSubscription.objects.exists()


BAD: list[Any] = [
    {"p256dh": "AAAA"}, {"p256dh": ""}, {"p256dh": "B" * 87}, {"p256dh": None}, {"p256dh": "Ω" * 87}, {"auth": "AAAA"},
    {"auth": "A" * 41}, {"auth": "!" * 22}, {"auth": 5}, {"more": "x"}, {"p256dh": "A" * 100_000},
]  # fmt: skip


@pytest.mark.parametrize("keys", BAD, ids=lambda keys: str(keys)[:30])
def test_keys_that_no_browser_gives_are_refused(cast: Cast, push: PushService, keys: dict[str, Any]) -> None:
    status, problem = Api(cast.an).post(PATH, body(push.url(), **keys))
    assert status == 400 and problem["errors"], problem
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize("sent", [{}, [], "x", {"endpoint": 5, "keys": []}, {"keys": None}])
def test_what_is_no_subscription_is_400(cast: Cast, push: PushService, sent: Any) -> None:
    assert Api(cast.an).post(PATH, sent)[0] == 400


def test_a_device_cut_off_loses_its_subscription_with_the_next_tidying(cast: Cast, push: PushService) -> None:
    an = Api(cast.an)
    an.post(PATH, body(push.url()))
    device_revoke(actor=actor(cast.an, now()), device_id=cast.an.device.id, now=now())
    assert an.post(PATH, body(push.url()))[0] == 401
    assert push_subscriptions_tidy(now=now()) == 1 and not PushSubscription.objects.exists()
