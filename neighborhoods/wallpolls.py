"""The screen's own half of RFC 8628: it asks with its device code until there is an answer, and gets its token once.

The errors are those of section 3.5 and of RFC 6749, section 5.2, under exactly their names.
"""

import hashlib
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.errors import BadInput
from neighborhoods import audit, tokens
from neighborhoods.access import Actor
from neighborhoods.models import Device, WallPairing
from neighborhoods.sessions import Redeemed
from neighborhoods.walls import LIFETIME, SLOWER_S

PENDING, SLOW_DOWN, EXPIRED, DENIED, INVALID = (
    "authorization_pending", "slow_down", "expired_token", "access_denied", "invalid_grant",
)  # fmt: skip
JITTER = timedelta(seconds=1)
"""A poll may come this much early: networks do not keep time."""


class PairingRefused(BadInput):
    """No token (yet). ``code`` is the RFC's ``error``."""

    title = "The screen is not connected"


def pairing_poll(*, device_code: str, now: datetime) -> Redeemed:
    """The screen's token, once, after a leader has let it in. Raises ``PairingRefused``."""
    digest = hashlib.sha256(device_code.encode()).digest()
    if not WallPairing.objects.filter(device_hash=digest).exists():  # anybody asks: SQLite's one writer is left alone
        raise PairingRefused(_explain(INVALID), code=INVALID)
    with transaction.atomic():
        pairing = WallPairing.objects.select_for_update(of=("self",)).filter(device_hash=digest).first()
        refused = _judge(pairing, now)
        if pairing is not None and refused in (PENDING, SLOW_DOWN):
            pairing.polled_at = now
            pairing.interval_s += SLOWER_S if refused == SLOW_DOWN else 0
            pairing.save(update_fields=["polled_at", "interval_s"])
        redeemed = _birth(pairing, now) if pairing is not None and not refused else None
    if redeemed is None:
        raise PairingRefused(_explain(refused), code=refused)
    return redeemed


def _judge(pairing: WallPairing | None, now: datetime) -> str:
    """The RFC's error; empty where a token is due."""
    if pairing is None or pairing.state == WallPairing.State.TAKEN:
        return INVALID
    if pairing.state == WallPairing.State.DENIED:
        return DENIED
    if pairing.expires_at <= now:
        return EXPIRED
    if pairing.state == WallPairing.State.APPROVED:
        return ""
    soonest = (pairing.polled_at or pairing.created_at) + timedelta(seconds=pairing.interval_s) - JITTER
    return SLOW_DOWN if pairing.polled_at is not None and now < soonest else PENDING


def _birth(pairing: WallPairing, now: datetime) -> Redeemed:
    token = tokens.mint()
    device = Device.objects.create(
        kind=Device.Kind.WALL,
        name=pairing.name,
        token_hash=tokens.hash_of(token),
        neighborhood_id=pairing.neighborhood_id,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    pairing.state, pairing.device = WallPairing.State.TAKEN, device
    pairing.save(update_fields=["state", "device"])
    assert device.neighborhood is not None  # noqa: S101  (wall_approved_has_a_place)
    audit.record(
        actor=Actor(pseudonym=f"device:{device.id}"),
        action="wall.paired",
        subject=("device", device.id),
        ward_id=device.neighborhood.ward_id,
        neighborhood_id=device.neighborhood_id,
        data={"pairing": pairing.id},
        now=now,
    )
    return Redeemed(device, token)


def _explain(refused: str) -> str:
    return {
        PENDING: _("The leader has not let this screen in yet."),
        SLOW_DOWN: _("Ask less often: five seconds more between two tries."),
        EXPIRED: _("The code on the screen is over. Ask for a new one."),
        DENIED: _("The leader has turned this screen away."),
    }.get(refused, _("This screen's code is not known, or was used already."))
