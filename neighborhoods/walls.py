"""The wall (màn hình chính): pairing a shared screen by RFC 8628, and the end of it.

The screen asks for a pair of codes and shows the short one; a leader types or scans it on the phone, names the place
and lets it in; the screen, which asks every five seconds, is then given a token of its own. It is a device of the
neighborhood: it only watches live (``Role.WALL``), and ends within two seconds when it is cut.

The device code holds 256 random bits and is kept as SHA-256. The user code has eight letters of section 6.1's alphabet,
34.5 bits: it is kept keyed, lives ten minutes, and whoever may enter it at all (a leader) misses twenty times an hour
at the most. Whoever lets a screen in sees its letters, since when it asks, and whether it asks from the same network:
a link somebody sent (section 5.4) then looks wrong.
"""

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict, TooMany
from backend.lib.text import clean_name
from neighborhoods import audit, codeforms, counters, devices, limits
from neighborhoods.access import Action, Actor, Place, reach, require
from neighborhoods.models import Device, Neighborhood, WallPairing

EXPIRES_IN = timedelta(minutes=10)
INTERVAL_S = 5
SLOWER_S = 5
"""What every hasty poll adds for good (RFC 8628, section 3.5)."""
KEPT = timedelta(days=1)
LIFETIME = timedelta(days=365)
MOST_WALLS = 20
PAIR_RULE = limits.Rule(30, timedelta(hours=1), timedelta(minutes=5))
"""Of one address. A screen left alone asks anew every ten minutes, so five of them behind one router go on."""
GUESS_RULE = limits.Rule(20, timedelta(hours=1), timedelta(minutes=5))
"""Of one account: 20 * 24 tries a day against one waiting code are a chance of 2e-8."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A pairing and its two codes, which exist nowhere else. Never log or store it."""

    pairing: WallPairing
    device_code: str
    user_code: str

    def __repr__(self) -> str:
        return f"Pair({self.pairing.id}, …)"


@dataclass(frozen=True, slots=True)
class Found:
    """What a leader is shown before deciding. ``same_network``: the screen asked from the leader's own address."""

    pairing: WallPairing
    user_code: str
    same_network: bool


def pairing_open(*, address: str, now: datetime) -> Pair:
    """A screen asks to be let in. ``address`` is its own. Raises ``TooMany``."""
    device_code = secrets.token_urlsafe(32)
    letters = "".join(secrets.choice(codeforms.ALPHABET) for _n in range(codeforms.LETTERS))
    source = _keyed(address)
    with transaction.atomic():
        _charge(f"wall-pair:{source}", PAIR_RULE, now)
        pairing = WallPairing.objects.create(
            device_hash=_hash(device_code),
            user_hmac=_user_digest(letters),
            source=source,
            interval_s=INTERVAL_S,
            created_at=now,
            expires_at=now + EXPIRES_IN,
        )
    return Pair(pairing, device_code, spelled(letters))


def pairing_find(*, actor: Actor, user_code: str, address: str, now: datetime) -> Found:
    """The waiting pairing of these letters, for whoever may let it in somewhere. It changes nothing.

    Raises ``Absent`` (no right), ``BadInput`` (``wall_code``: wrong and expired look alike), ``TooMany``.
    """
    if not actor.may(Action.MANAGE_WALLS):
        raise Absent()
    pairing = _waiting(actor, user_code, now)
    return Found(pairing, spelled(_letters(user_code)), same_network=pairing.source == _keyed(address))


def wall_approve(*, actor: Actor, user_code: str, neighborhood_id: UUID, name: str, now: datetime) -> WallPairing:
    """Let the screen in at ``neighborhood_id`` under ``name`` ("Nhà ông Tư"). Its token is made when it next asks.

    Raises ``Absent``, ``BadInput`` (``wall_code``, name), ``Conflict`` (``too_many_walls``), ``TooMany``.
    """
    name = clean_name(name, longest=80)
    place = _place(actor, neighborhood_id)
    pairing = _waiting(actor, user_code, now)
    with transaction.atomic():
        Neighborhood.objects.select_for_update(no_key=True).get(
            id=place.id
        )  # two at once are counted one after the other
        pending = WallPairing.objects.filter(neighborhood=place, state=WallPairing.State.APPROVED, expires_at__gt=now)
        if _living(now).filter(neighborhood=place).count() + pending.count() >= MOST_WALLS:
            raise Conflict(_("Twenty screens are connected already. Cut one off first."), code="too_many_walls")
        _decide(actor, pairing, WallPairing.State.APPROVED, now, neighborhood=place, name=name)
        _record(actor, "wall.approved", ("wall_pairing", pairing.id), place, now)
    return pairing


def wall_deny(*, actor: Actor, user_code: str, neighborhood_id: UUID, now: datetime) -> None:
    """Turn the screen away; it is told so. Raises as ``wall_approve`` does."""
    place = _place(actor, neighborhood_id)
    pairing = _waiting(actor, user_code, now)
    with transaction.atomic():
        _decide(actor, pairing, WallPairing.State.DENIED, now)
        _record(actor, "wall.denied", ("wall_pairing", pairing.id), place, now)


def walls_for(actor: Actor, *, now: datetime) -> QuerySet[Device]:
    """The screens that are let in, where the actor may manage them."""
    to = reach(actor, Action.MANAGE_WALLS)
    return _living(now).filter(neighborhood_id__in=to.neighborhood_ids).select_related("neighborhood").order_by("id")


def wall_revoke(*, actor: Actor, wall_id: UUID, now: datetime) -> Device:
    """Cut a screen off: its pictures end within two seconds. Twice is once. Raises ``Absent``."""
    with transaction.atomic():
        wall = Device.objects.select_related("neighborhood").filter(id=wall_id, kind=Device.Kind.WALL).first()
        if wall is None or wall.neighborhood is None:
            raise Absent()
        require(actor, Action.MANAGE_WALLS, devices.place_of(wall))
        if devices.device_end(wall, now=now):
            _record(actor, "wall.revoked", ("device", wall.id), wall.neighborhood, now)
    return wall


def pairings_expire(*, now: datetime) -> int:
    """Forget what is over since a day. Returns how many."""
    return WallPairing.objects.filter(expires_at__lt=now - KEPT).delete()[0]


def spelled(letters: str) -> str:
    return f"{letters[:4]}-{letters[4:]}"


def _place(actor: Actor, neighborhood_id: UUID) -> Neighborhood:
    place = Neighborhood.objects.filter(id=neighborhood_id).first()
    if place is None:
        raise Absent()
    require(actor, Action.MANAGE_WALLS, Place(ward_id=place.ward_id, neighborhood_id=place.id))
    return place


def _waiting(actor: Actor, user_code: str, now: datetime) -> WallPairing:
    """The pairing that waits under these letters. A miss is charged, and a hit is not."""
    digest = _user_digest(_letters(user_code))
    found = WallPairing.objects.filter(
        user_hmac=digest, state=WallPairing.State.WAITING, expires_at__gt=now
    ).first()  # fmt: skip
    if found is None:
        with transaction.atomic():
            _charge(f"wall-guess:{actor.account_id or actor.device_id}", GUESS_RULE, now)
        reason = _("That code is not on any screen just now. Read it off the screen again.")
        raise BadInput(reason, code="wall_code", fields={"user_code": [reason]})
    with transaction.atomic():  # who has missed too often is not let in by a hit either; what this counts goes back
        _charge(f"wall-guess:{actor.account_id or actor.device_id}", GUESS_RULE, now)
        transaction.set_rollback(True)
    return found


def _decide(actor: Actor, pairing: WallPairing, state: WallPairing.State, now: datetime, **facts: object) -> None:
    """Once: of two leaders at once the second is told that there is no such code any more."""
    decided = WallPairing.objects.filter(id=pairing.id, state=WallPairing.State.WAITING).update(
        state=state, decided_at=now, decided_by_id=actor.account_id, **facts
    )
    if not decided:
        raise Conflict(_("Somebody has decided about this screen just now."), code="wall_decided")
    pairing.refresh_from_db()


def _living(now: datetime) -> QuerySet[Device]:
    return Device.objects.filter(kind=Device.Kind.WALL, revoked_at=None, expires_at__gt=now)


def _charge(bucket: str, rule: limits.Rule, now: datetime) -> None:
    verdict = counters.count(bucket, rule, now=now)
    if not verdict.allowed:
        raise TooMany(_("Too many tries from here. Wait a while."), retry_after_s=verdict.retry_after_s)


def _letters(user_code: str) -> str:
    """As typed on any keyboard: lower case, spaces, dashes and Telex letters are all right."""
    plain = unicodedata.normalize("NFKC", user_code.translate(codeforms.TELEX)).upper()
    return "".join(sign for sign in plain if sign.isascii() and sign.isalnum())[:64]


def _user_digest(letters: str) -> bytes:
    return codeforms.digest("wall", letters)


def _hash(device_code: str) -> bytes:
    return hashlib.sha256(device_code.encode()).digest()


def _keyed(address: str) -> str:
    text = f"wall:{limits.source_of(address)}".encode()
    return hmac.new(settings.SECRETS.pepper, text, hashlib.sha256).hexdigest()[:32]


def _record(actor: Actor, action: str, subject: audit.Subject, place: Neighborhood, now: datetime) -> None:
    audit.record(
        actor=actor, action=action, subject=subject, ward_id=place.ward_id, neighborhood_id=place.id, now=now
    )  # fmt: skip
