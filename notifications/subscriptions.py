"""A phone's Web Push subscription: made by its browser, kept by us, forgotten when either of them is gone."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from backend.lib.errors import BadInput, Conflict, NotSignedIn
from neighborhoods import audit
from neighborhoods.access import Actor, system
from neighborhoods.models import Device
from notifications.carriers import encryption, push_on
from notifications.carriers.endpoints import endpoint_of
from notifications.carriers.vapid import public_key
from notifications.models import PushSubscription

FORGOTTEN_AT_ONCE = 200


def push_key() -> str:
    """Our public key, which a page subscribes with. Raises ``Conflict`` (``push_off``)."""
    _require_on()
    return public_key(settings.SECRETS.vapid_key)


def push_subscribe(*, actor: Actor, endpoint: str, p256dh: str, auth: str, now: datetime) -> PushSubscription:
    """Keep the browser's subscription for the caller's own device, in place of an earlier one. Twice is once.

    Raises ``Conflict`` (``push_off``), ``EndpointRefused``, ``BadInput`` (keys), ``NotSignedIn``.
    """
    _require_on()
    if actor.device_id is None:
        raise NotSignedIn()
    endpoint_of(endpoint, settings.CONFIG.list_of("PUSH_HOSTS"))
    _check_keys(p256dh, auth)
    with transaction.atomic():
        Device.objects.select_for_update().get(id=actor.device_id)
        # A browser that signed in anew has a new device and the old subscription: it would ring twice.
        PushSubscription.objects.filter(endpoint=endpoint).exclude(device_id=actor.device_id).delete()
        kept = PushSubscription.objects.filter(device_id=actor.device_id).first()
        if kept is not None and (kept.endpoint, kept.p256dh, kept.auth) == (endpoint, p256dh, auth):
            return kept
        made, _created = PushSubscription.objects.update_or_create(
            device_id=actor.device_id,
            defaults={
                "endpoint": endpoint, "p256dh": p256dh, "auth": auth, "created_at": now, "failed_since": None,
            },
        )  # fmt: skip
        _record(actor, "push.subscribed", made, now)
    return made


def push_unsubscribe(*, actor: Actor, now: datetime) -> None:
    """Forget the caller's device's subscription; where there is none, nothing happens."""
    if actor.device_id is None:
        return
    with transaction.atomic():
        kept = PushSubscription.objects.filter(device_id=actor.device_id).first()
        if kept is None or not PushSubscription.objects.filter(id=kept.id).delete()[0]:
            return
        _record(actor, "push.unsubscribed", kept, now)


def push_subscription_forget(subscription: PushSubscription, *, reason: str, now: datetime) -> bool:
    """The push service knows it no longer (``gone``), or its device has ended (``device``). False where the browser
    has subscribed anew meanwhile, or somebody else forgot it."""
    with transaction.atomic():
        same = PushSubscription.objects.filter(id=subscription.id, endpoint=subscription.endpoint)
        if not same.delete()[0]:
            return False
        _record(system("push"), "push.forgotten", subscription, now, reason=reason)
    return True


def push_subscriptions_tidy(*, now: datetime) -> int:
    """Forget the subscriptions of devices that have ended; returns how many."""
    ended = Q(device__revoked_at__isnull=False) | Q(device__expires_at__lte=now)
    found = list(PushSubscription.objects.select_related("device").filter(ended)[:FORGOTTEN_AT_ONCE])
    return sum(push_subscription_forget(one, reason="device", now=now) for one in found)


def _require_on() -> None:
    if not push_on(settings.CONFIG):
        raise Conflict(_("Messages to sleeping phones are not switched on here."), code="push_off")


def _check_keys(p256dh: str, auth: str) -> None:
    for field, check, text in (
        ("keys.p256dh", encryption.receiver_key, p256dh), ("keys.auth", encryption.auth_secret, auth)
    ):  # fmt: skip
        try:
            check(text)
        except ValueError:
            why = _("That is not a key a browser gives for push.")
            raise BadInput(why, fields={field: [why]}) from None


def _record(actor: Actor, action: str, subscription: PushSubscription, now: datetime, **data: object) -> None:
    device = Device.objects.select_related("household__neighborhood").get(id=subscription.device_id)
    place = device.household.neighborhood if device.household else None
    audit.record(
        actor=actor,
        action=action,
        subject=("device", device.id),
        ward_id=place.ward_id if place else actor.ward_id,
        neighborhood_id=place.id if place else actor.neighborhood_id,
        data=data,
        now=now,
    )
