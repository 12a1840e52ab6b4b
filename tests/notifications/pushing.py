"""What the tests of push share: push switched on towards a service of their own, and phones that subscribed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from backend.lib.clock import now
from neighborhoods.access import Role
from neighborhoods.models import Neighborhood, Ward
from notifications.dispatching import dispatch_once
from notifications.models import Alert, Preferences, PushSend, PushSubscription
from tests.cast import Person, make_staff
from tests.notifications.pipeline import tell_of
from tests.notifications.pushservice import Phone, PushService

_numbers = count(1)


@pytest.fixture(scope="session")
def push_service() -> Iterator[PushService]:
    service = PushService()
    yield service
    service.stop()


@pytest.fixture
def push(push_service: PushService, settings: Any) -> PushService:
    """Push switched on, and the service as if nobody had spoken to it."""
    push_service.got.clear()
    push_service.answers.clear()
    settings.CONFIG = replace(
        settings.CONFIG, PUSH="1", PUSH_SUBJECT="mailto:it@phuong.vn",
        PUSH_HOSTS=f"{push_service.entry},fcm.googleapis.com",
    )  # fmt: skip
    return push_service


def subscribe(service: PushService, person: Person, path: str = "", **wishes: Any) -> Phone:
    """Give a person's device a subscription, written directly, at a path of its own."""
    phone = Phone()
    PushSubscription.objects.create(
        device=person.device, endpoint=service.url(path or f"/{next(_numbers)}"), **phone.keys
    )
    if wishes:
        Preferences.objects.create(device=person.device, **wishes)
    return phone


def staff(role: Role, where: Neighborhood | Ward) -> Person:
    return make_staff(f"{role.value}-{next(_numbers)}", role.value, role, where)


def tell(alert: Alert, topic: str = "alert.raised", *, at: datetime | None = None) -> list[PushSend]:
    """Dispatch news of ``alert``; gives what is to be pushed of it and was not before."""
    before = set(PushSend.objects.values_list("id", flat=True))
    moment = at or now()
    tell_of(alert, topic, at=moment)
    assert dispatch_once(now=moment) == 1
    while dispatch_once(now=moment):  # to whom it is pushed
        pass
    return list(PushSend.objects.exclude(id__in=before).order_by("device_id"))


def heard_by(rows: list[PushSend]) -> set[object]:
    return {row.device_id for row in rows}
