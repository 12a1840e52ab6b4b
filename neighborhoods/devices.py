"""Devices: from a token to an actor, and the end of a device.

``signed_in`` is the one way from a token to an actor. A device stops counting when it is revoked, when its own end has
come, when its household or member has left, when its account is closed or holds no role in force. A staff browser that
came by a password alone counts for nothing but ``WITHOUT_SECOND_FACTOR``.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from backend.lib.errors import Absent
from neighborhoods import audit, revocations, tokens
from neighborhoods.access import Action, Actor, Grant, Place, Role
from neighborhoods.models import AccessCode, Device, Household, Neighborhood, Revocation, RoleGrant

SEEN_EVERY = timedelta(minutes=1)
LOOKING_BACK = frozenset({Action.VIEW_REPLAY, Action.KEEP_SNAPSHOT, Action.VIEW_ALERT_CLIP})
"""What a code for the live picture alone leaves out."""
OTHER_CAMERAS = frozenset({Action.VIEW_ALERT_CLIP})
"""What a code for some cameras leaves out: an alert's clips are of any camera."""

WITHOUT_SECOND_FACTOR = frozenset({Role.STREET_WORKER})
"""A street worker raises alerts and reads her own, which wait for the leader's yes before words or clip of theirs reach
anybody. She does it on the telephone in her hand, so a second step on the same telephone would guard nothing."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    actor: Actor
    device: Device


def actor_of(token: str, *, now: datetime) -> Actor | None:
    """Who holds ``token``, or None where nobody may with it."""
    found = signed_in(token, now=now)
    return found.actor if found else None


def signed_in(token: str, *, now: datetime) -> SignedIn | None:
    """The actor and the device behind ``token``: one SELECT for a household's phone, two for staff.

    ``last_seen_at`` is touched at most once a minute.
    """
    if not token.startswith(tokens.PREFIX):
        return None
    device = _living(now).filter(token_hash=tokens.hash_of(token)).first()
    actor = actor_for(device, now=now) if device else None
    if device is None or actor is None:
        return None
    if is_unseen(device, now=now):
        devices_touch([device.id], now=now)
    return SignedIn(actor, device)


def signed_in_all(hashes: Collection[bytes], *, now: datetime) -> dict[bytes, SignedIn]:
    """The same for many at once, by the hash of each token (``tokens.hash_of``); one SELECT, and one for each of staff.

    It only reads: the caller touches those that are ``is_unseen`` when nobody waits.
    """
    found = {}
    for device in _living(now).filter(token_hash__in=list(hashes)):
        actor = actor_for(device, now=now)
        if actor is not None:
            found[bytes(device.token_hash)] = SignedIn(actor, device)
    return found


def is_unseen(device: Device, *, now: datetime) -> bool:
    """Whether ``last_seen_at`` is to be touched."""
    return device.last_seen_at is None or device.last_seen_at <= now - SEEN_EVERY


def devices_touch(device_ids: Collection[UUID], *, now: datetime) -> None:
    """These devices are here. Within a minute after another touch nothing is written."""
    stale = Q(last_seen_at=None) | Q(last_seen_at__lte=now - SEEN_EVERY)
    Device.objects.filter(stale, id__in=device_ids).update(last_seen_at=now)


def actor_by_id(device_id: UUID, *, now: datetime) -> Actor | None:
    """The actor of a device that has shown its token before (a view session's), as the rows say now."""
    device = _living(now).filter(id=device_id).first()
    return actor_for(device, now=now) if device else None


def _living(now: datetime) -> QuerySet[Device]:
    joined = Device.objects.select_related("household__neighborhood", "member", "account", "code", "neighborhood")
    return joined.filter(revoked_at=None, expires_at__gt=now)


def actor_for(device: Device, *, now: datetime) -> Actor | None:
    """The actor a living device stands for; None where its holder has left or holds no role in force."""
    if device.account is not None:
        return _staff_actor(device, now)
    if device.neighborhood is not None:
        return _wall_actor(device, device.neighborhood)
    household, code = device.household, device.code
    if household is None or household.left_at or (device.member and device.member.left_at):
        return None
    if code is not None and code.revoked_at is not None:
        return None
    return Actor(
        pseudonym=f"device:{device.id}",
        grants=_grants_of(household, code),
        device_id=device.id,
        household_id=household.id,
        household_name=household.name,
        member_id=device.member_id,
        code_id=device.code_id,
        neighborhood_id=household.neighborhood_id,
        ward_id=household.neighborhood.ward_id,
        camera_scope=frozenset(UUID(text) for text in code.camera_scope) if code else frozenset(),
        hours_scope=tuple(code.hours_scope) if code else (),
        without=_without(code),
        expires_at=device.expires_at,
    )


def _grants_of(household: Household, code: AccessCode | None) -> tuple[Grant, ...]:
    """A guest watches as a resident does; what is the household's (its phones, its cameras) is none of theirs."""
    resident = Grant(Role.RESIDENT, neighborhood_id=household.neighborhood_id)
    if code is not None and code.kind == AccessCode.Kind.GUEST:
        return (resident,)
    return (Grant(Role.OWNER, household_id=household.id), resident)


def _without(code: AccessCode | None) -> frozenset[Action]:
    """What the code takes from the roles."""
    if code is None:
        return frozenset()
    return (frozenset() if code.replay else LOOKING_BACK) | (OTHER_CAMERAS if code.camera_scope else frozenset())


def _wall_actor(device: Device, place: Neighborhood) -> Actor:
    """A shared screen: nobody's. Its name is laid over the picture, as a household's is."""
    return Actor(
        pseudonym=f"device:{device.id}",
        grants=(Grant(Role.WALL, neighborhood_id=place.id),),
        device_id=device.id,
        household_name=device.name,
        neighborhood_id=place.id,
        ward_id=place.ward_id,
        expires_at=device.expires_at,
    )


def _staff_actor(device: Device, now: datetime) -> Actor | None:
    account = device.account
    if account is None or not account.is_active:
        return None
    joined = in_force(now).select_related("neighborhood", "household__neighborhood")
    rows = list(joined.filter(account=account, household__left_at=None))
    if device.second_factor_at is None:
        rows = [row for row in rows if row.role in WITHOUT_SECOND_FACTOR]
    if not rows:
        return None
    first = next((row for row in rows if row.neighborhood_id), rows[0])
    return Actor(
        pseudonym=f"account:{account.id}",
        grants=tuple(grant_of(row) for row in rows),
        device_id=device.id,
        account_id=account.id,
        neighborhood_id=first.neighborhood_id,
        ward_id=ward_of(first),
        expires_at=min([device.expires_at, *(row.ends_at for row in rows)]),
    )


def grant_of(row: RoleGrant) -> Grant:
    """A role in force as the table of rules reads it."""
    return Grant(
        Role(row.role), ward_id=row.ward_id, neighborhood_id=row.neighborhood_id, household_id=row.household_id
    )


def ward_of(row: RoleGrant) -> UUID | None:
    """The ward in which a role is held; None for the platform's."""
    place = row.household.neighborhood if row.household else row.neighborhood
    return place.ward_id if place else row.ward_id


def in_force(now: datetime) -> QuerySet[RoleGrant]:
    """The roles that count at ``now``."""
    return RoleGrant.objects.filter(starts_at__lte=now, ends_at__gt=now, ended_at=None)


def place_of(device: Device) -> Place:
    """Where a household's device or a wall belongs. A staff device belongs to its account alone and has no place."""
    if device.neighborhood is not None:
        return Place(ward_id=device.neighborhood.ward_id, neighborhood_id=device.neighborhood_id)
    household = device.household
    if household is None:
        return Place()
    return Place(
        ward_id=household.neighborhood.ward_id,
        neighborhood_id=household.neighborhood_id,
        owner_household_id=household.id,
    )


def devices_of(actor: Actor, *, now: datetime) -> QuerySet[Device]:
    """The phones of the actor's household, or a staff member's own browsers, that still count; a guest's own phone."""
    if actor.account_id:
        mine = Q(account_id=actor.account_id)
    elif actor.home_id:
        mine = Q(household_id=actor.home_id)
    else:
        mine = Q(id=actor.device_id)
    joined = Device.objects.select_related("member", "code", "household__neighborhood")
    return joined.filter(mine, revoked_at=None, expires_at__gt=now).order_by("id")


def device_revoke(*, actor: Actor, device_id: UUID, now: datetime) -> Device:
    """Cut one device off: by its holder, its own account, or the leader. Twice is once.

    A household's phone cuts itself, those of the same member, and its guests'; another member's are that member's or
    the leader's to cut. Raises ``Absent`` where the actor may not, or where there is no such device.
    """
    with transaction.atomic():
        device = _for_cutting(actor, device_id)
        if device_end(device, now=now):
            place = place_of(device)
            audit.record(
                actor=actor,
                action="device.revoked",
                subject=("device", device.id),
                ward_id=place.ward_id or actor.ward_id,
                neighborhood_id=place.neighborhood_id or actor.neighborhood_id,
                data={"household": device.household_id, "account": device.account_id},
                now=now,
            )
    return device


def device_end(device: Device, *, now: datetime) -> bool:
    """Mark ``device`` revoked and insert its ``Revocation``; False where it was already. The caller audits."""
    if not Device.objects.filter(id=device.id, revoked_at=None).update(revoked_at=now):
        return False
    device.revoked_at = now
    revocations.revoke(Revocation.Kind.DEVICE, device.id, now=now)
    return True


def devices_end(found: QuerySet[Device], *, now: datetime) -> list[UUID]:
    """The same for several; gives the ids of those that were still living.

    Every row is taken, in order, before the first revocation: one after the other, two verbs could each hold the
    revocations' lock or a row that the other waits for (``locks.py``).
    """
    living = list(found.filter(revoked_at=None).order_by("id").select_for_update().values_list("id", flat=True))
    Device.objects.filter(id__in=living).update(revoked_at=now)
    for device_id in living:
        revocations.revoke(Revocation.Kind.DEVICE, device_id, now=now)
    return living


def cuts(actor: Actor, device: Device) -> bool:
    """Whether ``actor`` may cut ``device`` off; its household, member and code are joined."""
    if device.id == actor.device_id:
        return True
    if device.account_id is not None:
        return device.account_id == actor.account_id or actor.role_at(Place(), Action.MANAGE_PLATFORM) is not None
    role = actor.role_at(place_of(device), Action.CUT_DEVICES)
    if role is Role.OWNER:
        own = device.member_id is not None and device.member_id == actor.member_id
        return own or (device.code is not None and device.code.kind == AccessCode.Kind.GUEST)
    return role is not None


def _for_cutting(actor: Actor, device_id: UUID) -> Device:
    joined = Device.objects.select_related("household__neighborhood", "neighborhood", "code")
    device = joined.filter(id=device_id).first()
    if device is None or not cuts(actor, device):
        raise Absent()
    return device
