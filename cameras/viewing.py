"""Watching is an act: verbs that open and end view sessions. Each writes its audit entry in its own transaction.

Every opening verb may also raise ``TooMany``: a device opens only so many (``openings``).

A session is born in this order, all in one transaction: the newest revocation's id is read (the *floor*), then the
device and the camera are read again. A revocation committed before the floor is seen by those reads; a later one has a
higher id and ends the session. So nothing falls between.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.clock import to_us
from backend.lib.errors import Absent, BadInput, Conflict, NotSignedIn
from cameras import openings, registry, rules
from cameras.models import Camera, Rendition, Snapshot, ViewMinute, ViewSession
from cameras.playback import addresses, schedule
from cameras.playback.sessions import IDLE_S, LONGEST
from cameras.playback.targets import LONGEST_SEGMENT_S, target_duration
from cameras.playback.tokens import token_mint
from cameras.store import catalog
from neighborhoods import audit, devices, nudges, revocations
from neighborhoods.access import Action, Actor, Role, require
from neighborhoods.models import Neighborhood, Revocation

REACH = timedelta(hours=24)
"""How far back a resident (and, until searches with a reason come, a leader) may look."""
LOOKBACK = timedelta(seconds=90)
"""How far before its birth a live session may show: the playlist's window and what a slow player still asks for."""
MAX_FRAME_WIDTH = 1920
_EDGE = timedelta(seconds=LONGEST_SEGMENT_S + 5)


class Purpose(StrEnum):
    """Why staff watch a private camera: a closed list, kept on the session and on every view minute."""

    INCIDENT = "incident"
    ALERT = "alert"
    COMPLAINT = "complaint"
    MAINTENANCE = "maintenance"
    PATROL = "patrol"


@dataclass(frozen=True, slots=True)
class Opened:
    session: ViewSession
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Birth:
    """What every opening verb reads first: the floor, then the device and the camera as they are after it."""

    floor: int
    actor: Actor
    device_id: UUID
    camera: Camera | None
    role: str
    purpose: str
    address: str
    now: datetime


def view_open_live(
    *, actor: Actor, camera_id: UUID, quality: str = "main", purpose: str = "", address: str, now: datetime
) -> Opened:
    """Open the live picture. Raises ``Absent``, ``BadInput`` (quality, purpose), ``Conflict`` (hours)."""
    with transaction.atomic():
        birth, camera = _birth(actor, Action.VIEW_LIVE, camera_id, purpose, address, now)
        rendition = _rendition(camera, quality)
        ends_at = _ends_at(birth, camera)
        session = _create(
            birth,
            mode=ViewSession.Mode.LIVE,
            rendition=rendition.name,
            target_duration_s=target_duration(rendition.keyframe_ms),
            ends_at=ends_at,
            **_span(birth, camera, now - LOOKBACK, ends_at),
        )
        return _opened(birth, session, "live.m3u8")


def view_open_playback(
    *,
    actor: Actor,
    camera_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    quality: str = "main",
    purpose: str = "",
    address: str,
    now: datetime,
) -> Opened:
    """Open a range of the past, cut to what the role reaches and around private hours.

    Raises ``Absent``, ``BadInput`` (range, quality, purpose) and ``Conflict`` (``no_footage``, hours).
    """
    if starts_at >= ends_at:
        raise BadInput(_("The range ends before it starts."), code="bad_range", fields={"to": [_("Later than from.")]})
    starts_at, ends_at = max(starts_at, now - REACH), min(ends_at, now)
    if starts_at >= ends_at:
        raise BadInput(_("Only the last 24 hours can be watched."), code="out_of_reach")
    with transaction.atomic():
        birth, camera = _birth(actor, Action.VIEW_REPLAY, camera_id, purpose, address, now)
        rendition = _rendition(camera, quality)
        span = _span(birth, camera, starts_at, ends_at)
        _require_recorded(camera, rendition, span, starts_at, ends_at)
        session = _create(
            birth, mode=ViewSession.Mode.PLAYBACK, rendition=rendition.name, ends_at=_ends_at(birth, camera), **span
        )
        return _opened(birth, session, "vod.m3u8")


def view_open_released(
    *, actor: Actor, camera: Camera, reason: str, starts_at: datetime, ends_at: datetime, address: str, now: datetime
) -> Opened:
    """Open a range of the past that was released for a case; that it was, and to whom, is asked by the caller.
    ``reason``, of the request, is the view's purpose.

    Raises ``Conflict`` (``no_footage``).
    """
    with transaction.atomic():
        bare = _birth_without_camera(actor, reason, address, now)
        birth = replace(bare, camera=camera, role=Role.OFFICER)
        rendition = _rendition(camera, Rendition.Name.MAIN)
        span = _span(birth, camera, starts_at, ends_at)
        _require_recorded(camera, rendition, span, starts_at, ends_at)
        session = _create(
            birth, mode=ViewSession.Mode.PLAYBACK, rendition=rendition.name, ends_at=_ends_at(birth, None), **span
        )
        return _opened(birth, session, "vod.m3u8")


def view_open_frame(
    *,
    actor: Actor,
    camera_id: UUID,
    at: datetime | None,
    width: int = 640,
    purpose: str = "",
    address: str,
    now: datetime,
) -> Opened:
    """Open one frame: the key frame at or before ``at``, or the newest. ``width`` is its greatest width in pixels."""
    if not 16 <= width <= MAX_FRAME_WIDTH:
        raise BadInput(_("The width is not possible."), fields={"width": [_("From 16 to 1920.")]})
    if at is not None and not now - REACH <= at <= now:
        raise BadInput(_("Only the last 24 hours can be watched."), code="out_of_reach")
    with transaction.atomic():
        action = Action.VIEW_LIVE if at is None else Action.VIEW_REPLAY
        birth, camera = _birth(actor, action, camera_id, purpose, address, now)
        rendition = _rendition(camera, Rendition.Name.MAIN)
        instant = at or now
        span = _span(birth, camera, instant - (LOOKBACK if at is None else _EDGE), instant + timedelta(microseconds=1))
        if not span["windows"] or schedule.covers(camera.private_hours, instant):
            raise _hidden(birth, instant)
        session = _create(
            birth,
            mode=ViewSession.Mode.FRAME,
            rendition=rendition.name,
            data={"at_us": to_us(at) if at else None, "width": width},
            ends_at=_ends_at(birth, camera),
            **span,
        )
        return _opened(birth, session, "frame.jpg")


def view_open_grid(*, actor: Actor, address: str, now: datetime) -> Opened:
    """Open the posters of every camera the actor may see. One per device, given again while it lives.

    It states no purpose, so it shows staff no poster of a private camera (``registry.asks_purpose``).
    """
    with transaction.atomic():
        birth = _birth_without_camera(actor, "", address, now)
        if not birth.actor.may(Action.VIEW_LIVE):
            raise Absent()
        known = _living_grid(birth)
        if known is not None:
            ViewSession.objects.filter(id=known.id).update(last_used_at=now)
            return Opened(known, _path(known, ""), known.ends_at)
        session = _create(birth, mode=ViewSession.Mode.GRID, ends_at=_ends_at(birth, None))
        return _opened(birth, session, "")


def view_open_snapshot(*, actor: Actor, snapshot: Snapshot, address: str, now: datetime) -> Opened:
    """Open a finished snapshot's clip. Who may see the snapshot at all was asked where it was loaded.

    Raises ``Conflict``: not ready, or all of it lies in private hours or outside the code's.
    """
    if snapshot.status != Snapshot.Status.DONE:
        raise Conflict(_("The snapshot is not ready yet."), code="not_ready")
    kept, clip = (Action.KEEP_SNAPSHOT, ViewMinute.Mode.SNAPSHOT), (Action.VIEW_ALERT_CLIP, ViewMinute.Mode.ALERT)
    action, counts_as = kept if snapshot.device_id else clip
    with transaction.atomic():
        birth, camera = _birth(actor, action, snapshot.camera_id, snapshot.purpose, address, now)
        span = _span(birth, camera, snapshot.starts_at - _EDGE, snapshot.ends_at + _EDGE)
        if not span["windows"]:
            raise _hidden(birth, snapshot.at)
        session = _create(
            birth,
            mode=ViewSession.Mode.SNAPSHOT,
            data={"snapshot": str(snapshot.id), "path": snapshot.path, "counts_as": counts_as},
            ends_at=_ends_at(birth, camera),
            **span,
        )
        return _opened(birth, session, "clip.m3u8")


def snapshot_views_end(snapshot_ids: Collection[UUID], *, keep_devices: Collection[UUID] = (), now: datetime) -> int:
    """End every view of these clips but those of ``keep_devices``, in the verb that takes them back; gives how many.

    Players stop within two seconds (``playback.watcher``).
    """
    open_ones = ViewSession.objects.filter(
        mode=ViewSession.Mode.SNAPSHOT, data__snapshot__in=[str(one) for one in snapshot_ids], ended_at=None
    ).exclude(device_id__in=keep_devices)
    ended = list(open_ones.values_list("id", flat=True))
    for session_id in ended:
        nudges.on_commit(revocations.CHANNEL, f"view:{session_id}")
    return ViewSession.objects.filter(id__in=ended).update(ended_at=now)


def view_end(*, actor: Actor, session_id: UUID, now: datetime) -> None:
    """End a session of the actor's own device. Twice is once; raises ``Absent`` for anybody else's."""
    with transaction.atomic():
        session = ViewSession.objects.select_related("camera__neighborhood").filter(id=session_id).first()
        if session is None or session.device_id != actor.device_id:
            raise Absent()
        if not ViewSession.objects.filter(id=session_id, ended_at=None).update(ended_at=now):
            return
        nudges.on_commit(revocations.CHANNEL, f"view:{session_id}")
        _record(actor, session, "view.ended", {"mode": session.mode}, now)


def _birth(
    actor: Actor, action: Action, camera_id: UUID, purpose: str, address: str, now: datetime
) -> tuple[_Birth, Camera]:
    bare = _birth_without_camera(actor, purpose, address, now)
    camera = registry.camera_for(bare.actor, action, camera_id, now=now)
    role = role_with_purpose(bare.actor, action, camera, purpose)
    return replace(bare, camera=camera, role=role), camera


def role_with_purpose(actor: Actor, action: Action, camera: Camera, purpose: str) -> Role:
    """The role under which ``actor`` watches, who says why where that is asked: staff of a camera that is not public.

    Raises ``Absent`` and ``BadInput`` (``purpose_required``, or a purpose that is none).
    """
    if purpose and purpose not in set(Purpose):
        raise BadInput(_("Unknown purpose."), fields={"purpose": [", ".join(Purpose)]})
    role = require(actor, action, registry.place_of(camera))
    if rules.asks_purpose(role, camera.ownership) and not purpose:
        raise BadInput(_("Say why you watch a private camera."), code="purpose_required",
                       fields={"purpose": [", ".join(Purpose)]})  # fmt: skip
    return role


def _birth_without_camera(actor: Actor, purpose: str, address: str, now: datetime) -> _Birth:
    floor, device_id = revocations.last_id(), actor.device_id
    current = devices.actor_by_id(device_id, now=now) if device_id else None
    if current is None or device_id is None:
        raise NotSignedIn()
    role = next((grant.role for grant in current.grants if grant.role is not Role.OWNER), Role.RESIDENT)
    return _Birth(floor, current, device_id, None, role, purpose, addresses.normal(address), now)


def _rendition(camera: Camera, quality: str) -> Rendition:
    rendition = camera.renditions.filter(name=quality).first() if quality in Rendition.Name.values else None
    if rendition is None:
        raise BadInput(_("The camera has no such picture."), fields={"quality": [_("Choose main.")]})
    return rendition


def _ends_at(birth: _Birth, camera: Camera | None) -> datetime:
    """Four hours on at the most; earlier at the next boundary of camera's or code's hours, or the sign-in's end."""
    ends = [birth.now + LONGEST, birth.actor.expires_at, schedule.next_boundary(birth.actor.hours_scope, birth.now)]
    if camera is not None:
        ends.append(schedule.next_boundary(camera.private_hours, birth.now))
        ends.append(schedule.next_boundary(rules.school_hours_for(birth.role, camera) or (), birth.now))
    return min(end for end in ends if end is not None)


def _span(birth: _Birth, camera: Camera, starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    """The session's windows, and the private hours (of a school's camera, to an operator, all but its hours) around
    them that no served segment may touch.

    What lies outside the code's hours is cut from the windows; ``playback.rows`` asks the code for it again.
    """
    around = (starts_at - _EDGE, ends_at + _EDGE)
    private = schedule.spans(camera.private_hours, *around) + rules.closed_spans(birth.role, camera, *around)
    windows = schedule.cut([(starts_at, ends_at)], private)
    windows = schedule.cut(windows, schedule.outside(birth.actor.hours_scope, starts_at, ends_at))
    return {"windows": _micros(windows), "away": _micros(private)}


def _require_recorded(
    camera: Camera, rendition: Rendition, span: dict[str, Any], starts_at: datetime, ends_at: datetime
) -> None:
    """Raises ``Conflict`` where nothing of the range may be shown."""
    found = catalog.slices_between(camera.id, rendition.name, starts_at, ends_at)
    if not span["windows"] or not any(rules.same_masks(one.mask_version, camera.mask_version) for one in found):
        raise Conflict(_("Nothing was recorded in that range."), code="no_footage")


def _hidden(birth: _Birth, at: datetime) -> Conflict:
    if schedule.outside(birth.actor.hours_scope, at, at + timedelta(microseconds=1)):
        return Conflict(_("Your code does not show that hour."), code="outside_hours")
    return Conflict(_("The camera shows nothing in its private hours."), code="private_hours")


def _micros(found: list[schedule.Span]) -> list[list[int]]:
    return [[to_us(start), to_us(end)] for start, end in found]


def _create(birth: _Birth, *, away: object = (), data: dict[str, Any] | None = None, **fields: Any) -> ViewSession:
    openings.opening_charge(birth.device_id, now=birth.now)
    camera, actor = birth.camera, birth.actor
    subjects = {
        Revocation.Kind.DEVICE: actor.device_id,
        Revocation.Kind.HOUSEHOLD: actor.household_id,
        Revocation.Kind.ROLE: actor.account_id,
        Revocation.Kind.CODE: actor.code_id,
        Revocation.Kind.CAMERA: camera.id if camera else None,
        Revocation.Kind.NEIGHBORHOOD: camera.neighborhood_id if camera else actor.neighborhood_id,
    }
    return ViewSession.objects.create(
        device_id=birth.device_id,
        camera=camera,
        purpose=birth.purpose,
        mask_version=camera.mask_version if camera else 0,
        subjects={kind.value: str(subject) for kind, subject in subjects.items() if subject},
        revocation_floor=birth.floor,
        client_addresses=[birth.address],
        data={**(data or {}), "role": birth.role, "away": away or []},
        created_at=birth.now,
        last_used_at=birth.now,
        **fields,
    )


def _living_grid(birth: _Birth) -> ViewSession | None:
    """The device's grid session where it may simply be used on."""
    session = (
        ViewSession.objects.filter(
            device_id=birth.device_id, mode=ViewSession.Mode.GRID, ended_at=None,
            ends_at__gt=birth.now + timedelta(seconds=IDLE_S), last_used_at__gt=birth.now - timedelta(seconds=IDLE_S),
        ).order_by("-created_at").first()
    )  # fmt: skip
    if session is None or birth.address not in session.client_addresses:
        return None
    later = Revocation.objects.filter(id__gt=session.revocation_floor)
    touched = any(later.filter(kind=kind, subject_id=subject).exists() for kind, subject in session.subjects.items())
    return None if touched else session


def _opened(birth: _Birth, session: ViewSession, name: str) -> Opened:
    facts = {"mode": session.mode, "camera": session.camera_id, "rendition": session.rendition, "role": birth.role,
             "purpose": session.purpose, "windows": session.windows}  # fmt: skip
    _record(birth.actor, session, "view.opened", facts, birth.now)
    return Opened(session, _path(session, name), session.ends_at)


def _record(actor: Actor, session: ViewSession, action: str, facts: dict[str, Any], now: datetime) -> None:
    place: Neighborhood | None = session.camera.neighborhood if session.camera else None
    audit.record(
        actor=actor,
        action=action,
        subject=("view", session.id),
        ward_id=place.ward_id if place else actor.ward_id,
        neighborhood_id=place.id if place else actor.neighborhood_id,
        data=facts,
        now=now,
    )


def _path(session: ViewSession, name: str) -> str:
    base = session.camera.node.base_url if session.camera else ""
    return f"{base}/hls/{token_mint(session.id, settings.SECRETS.session_key)}/{name}"
