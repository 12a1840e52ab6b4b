"""Signing in and out: a code or a staff sign-in becomes a device with a token of its own.

Redemption does the same work for every code: one charge to the limiter, one conditional UPDATE that claims a slot, one
SELECT for a repeated request. Wrong, expired, used-up and revoked codes match no row in the same statement, so that
they answer alike in body and in time.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput
from backend.lib.text import clean_name
from neighborhoods import access, audit, codeforms, codes, devices, factors, guesses, revocations, tokens
from neighborhoods.access import Actor
from neighborhoods.models import AccessCode, Account, Device, Neighborhood, Revocation

PHONE_LIFETIME = timedelta(days=365)
STAFF_LIFETIME = timedelta(days=14)
REPEATABLE_FOR = timedelta(hours=24)
"""How long the same ``Idempotency-Key`` mints the same slot's token anew."""


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A device and its token, which exists nowhere else. Never log or store it."""

    device: Device
    token: str

    def __repr__(self) -> str:
        return f"Redeemed({self.device.id}, …)"


class CodeRefused(BadInput):
    """Wrong, expired, used up, revoked or unreadable: one error, one body."""

    code, title = "code_refused", "That code does not work"


def session_redeem(
    *, code: str, device_name: str, source: str, idempotency_key: str | None = None, now: datetime
) -> Redeemed:
    """Turn a code (typed or QR) into a device and its token. ``source`` is the client's address.

    The same ``idempotency_key`` with the same code within 24 hours mints the token of the same slot anew and kills the
    first. Raises ``CodeRefused``, ``TooMany`` with ``retry_after_s``, ``BadInput`` for the device's name.
    """
    name = clean_name(device_name, field="device_name", longest=80)
    wanted = codeforms.read(code)
    selected = Neighborhood.objects.filter(selector=wanted.selector).values_list("id", "ward_id").first()
    place_id = selected[0] if selected else None
    charged = guesses.charge(address=source, neighborhood_id=place_id, typed=wanted.typed, now=now)
    key_hash = _key_hash(wanted, idempotency_key)
    redeemed = _redeem(wanted, name, key_hash, source, charged, now)
    if redeemed is None:
        if charged.tell_leader and selected:
            _tell_of_guessing(selected[0], selected[1], now)
        raise CodeRefused(_("That code does not work. Look at your sheet again, or ask your leader for a new one."))
    return redeemed


def _redeem(
    wanted: codeforms.Read, name: str, key_hash: bytes | None, source: str, charged: guesses.Charge, now: datetime
) -> Redeemed | None:
    with transaction.atomic():
        matching = AccessCode.objects.filter(**_match(wanted))
        claimed = matching.filter(codes.redeemable(now)).update(slots_used=F("slots_used") + 1)
        # The UPDATE held the code's row (SQLite: the writer lock) from here on, so that of two equal requests at once
        # the second sees the first one's device.
        earlier = _earlier(wanted, key_hash, now)
        if earlier is None and not claimed:
            return None
        code_row = matching.select_related("household__neighborhood").get()
        household = code_row.household
        guesses.give_back(charged)  # rows come before the revocations' lock, which a repeat takes (locks.py)
        guesses.remember_place(address=source, neighborhood_id=household.neighborhood_id, now=now)
        if earlier is None:
            redeemed = _birth(code_row, name, key_hash, now)
        else:
            if claimed:
                matching.update(slots_used=F("slots_used") - 1)
            redeemed = _mint_anew(earlier, now)
        audit.record(
            actor=Actor(pseudonym=f"device:{redeemed.device.id}"),
            action="device.redeemed" if earlier is None else "device.redeemed_again",
            subject=("device", redeemed.device.id),
            ward_id=household.neighborhood.ward_id,
            neighborhood_id=household.neighborhood_id,
            data={"household": household.id, "code": redeemed.device.code_id, "slot": redeemed.device.slot},
            now=now,
        )
    return redeemed


def _match(wanted: codeforms.Read) -> dict[str, bytes]:
    return {"typed_hmac" if wanted.typed else "qr_hmac": wanted.digest}


def _earlier(wanted: codeforms.Read, key_hash: bytes | None, now: datetime) -> Device | None:
    """The living device this very request made before. Without a key it asks for a key that nothing has."""
    return (
        Device.objects.select_related("household__neighborhood")
        .filter(
            **{f"code__{field}": value for field, value in _match(wanted).items()},
            code__revoked_at=None,
            redeem_key_hash=key_hash or b"",
            revoked_at=None,
            created_at__gt=now - REPEATABLE_FOR,
        )
        .first()
    )


def _birth(code: AccessCode, name: str, key_hash: bytes | None, now: datetime) -> Redeemed:
    token = tokens.mint()
    if key_hash is not None:  # of a device that ended, or older than a day: the key starts afresh
        Device.objects.filter(code=code, redeem_key_hash=key_hash).update(redeem_key_hash=None)
    guest = code.kind == AccessCode.Kind.GUEST  # and ends with the code
    device = Device.objects.create(
        kind=Device.Kind.PHONE,
        name=name,
        token_hash=tokens.hash_of(token),
        household=code.household,
        code=code,
        slot=code.slots_used,
        redeem_key_hash=key_hash,
        created_at=now,
        expires_at=min(code.expires_at, now + codes.LONGEST_GUEST) if guest else now + PHONE_LIFETIME,
    )
    return Redeemed(device, token)


def _mint_anew(device: Device, now: datetime) -> Redeemed:
    """Another token for the same slot. What the first token opened ends with it."""
    token = tokens.mint()
    device.token_hash = tokens.hash_of(token)
    device.save(update_fields=["token_hash"])
    revocations.revoke(Revocation.Kind.DEVICE, device.id, now=now)
    return Redeemed(device, token)


def _key_hash(wanted: codeforms.Read, key: str | None) -> bytes | None:
    """The key as it is kept: keyed by the code too, so that equal keys of two people never meet."""
    if not key:
        return None
    return hmac.new(settings.SECRETS.pepper, b"redeem:" + wanted.digest + key.encode(), hashlib.sha256).digest()


def _tell_of_guessing(neighborhood_id: UUID, ward_id: UUID, now: datetime) -> None:
    """An audit entry and outbox row ``code.guessing``, once a day: the leader is told at 200 failures."""
    with transaction.atomic():
        if guesses.first_telling(neighborhood_id, now=now):
            audit.record(
                actor=access.system("limiter"),
                action="code.guessing",
                subject=("neighborhood", neighborhood_id),
                ward_id=ward_id,
                neighborhood_id=neighborhood_id,
                now=now,
            )


def session_staff(*, account: Account, factor: str | None, device_name: str, now: datetime) -> Redeemed:
    """Exchange a finished staff sign-in for our own token. ``factor`` is what ``factors.proof`` found.

    Raises ``Absent`` where the account holds no role now; ``SecondFactorNeeded`` or ``SecondFactorEnrol`` where it came
    by a password alone and holds a role that asks for more.
    """
    name = clean_name(device_name, field="device_name", longest=80)
    held = set(devices.in_force(now).filter(account=account).values_list("role", flat=True))
    if not held:
        raise Absent(_("This account holds no role just now."))
    if held - devices.WITHOUT_SECOND_FACTOR:
        factors.factor_demand(account, factor)
    with transaction.atomic():
        token = tokens.mint()
        device = Device.objects.create(
            kind=Device.Kind.STAFF,
            name=name,
            token_hash=tokens.hash_of(token),
            account=account,
            second_factor=factor or "",
            second_factor_at=now if factor else None,
            created_at=now,
            expires_at=now + STAFF_LIFETIME,
        )
        actor = devices.actor_for(device, now=now)
        if actor is None:
            raise Absent(_("This account holds no role just now."))
        audit.record(
            actor=actor,
            action="staff.signed_in",
            subject=("device", device.id),
            ward_id=actor.ward_id,
            neighborhood_id=actor.neighborhood_id,
            data={"account": account.id, "factor": factor or "none"},
            now=now,
        )
    return Redeemed(device, token)


def session_end(*, actor: Actor, device: Device, now: datetime) -> None:
    """Sign out: this device ends. The slot of its code stays used."""
    with transaction.atomic():
        if devices.device_end(device, now=now):
            audit.record(
                actor=actor,
                action="device.signed_out",
                subject=("device", device.id),
                ward_id=actor.ward_id,
                neighborhood_id=actor.neighborhood_id,
                data={"household": device.household_id, "account": device.account_id},
                now=now,
            )
