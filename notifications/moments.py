"""The moment of an alert on record: which cameras, asking ``cameras.snapshots`` for their clips, and opening those.

The cameras somebody named, three at the most; else the nearest that face the place (``facing``). A clip goes from 10 s
before to 20 s after, is cut by Celery like every kept moment, and shows no private hours. Until it is released it is
the stewards'; every view of it is a view session, and so on record.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.lib.clock import iso
from backend.lib.errors import Absent, Conflict
from cameras import clips, rules, snapshots
from cameras.models import Camera, Snapshot
from neighborhoods import audit
from neighborhoods.access import Action, Actor, require
from notifications import facing, readers, telling
from notifications.facing import Eye, Place
from notifications.models import Alert, AlertClip

MOST_NAMED = 3
_BOX_DEG = 0.002
"""A little more than ``facing.WITHIN_M`` anywhere in Việt Nam: what the index leaves to be measured."""


def clips_ask(alert: Alert, named: Sequence[Camera], place: Place | None, *, now: datetime) -> list[audit.Act]:
    """Ask for the alert's clips, in the transaction that raises it; gives what that transaction is to record."""
    if alert.neighborhood_id is None:
        return []
    acts = []
    for camera in list(named)[:MOST_NAMED] or _facing(alert.neighborhood_id, place):
        snapshot = snapshots.snapshot_for_alert(camera=camera, at=alert.occurred_at, now=now)
        if snapshot is not None:
            AlertClip.objects.create(alert=alert, camera=camera, snapshot=snapshot)
            acts.append(snapshots.requested(snapshot))
    return acts


def alert_of_snapshot(snapshot_id: UUID) -> UUID | None:
    """The id of the alert whose moment this is; None where it is somebody's own."""
    return AlertClip.objects.filter(snapshot_id=snapshot_id).values_list("alert_id", flat=True).first()


def alert_clip_ready(*, actor: Actor, snapshot_id: UUID, now: datetime) -> Alert | None:
    """A clip is done, or failed: every phone is told by an update of the alert. None where it is no alert's."""
    alert_id = alert_of_snapshot(snapshot_id)
    if alert_id is None:
        return None
    with transaction.atomic():
        alert = Alert.objects.select_for_update(of=("self",), no_key=True).get(id=alert_id)
        alert.version += 1
        alert.save(update_fields=["version"])
        audit.record(
            actor=actor,
            action="alert.clip",
            subject=("alert", alert.id),
            ward_id=alert.ward_id,
            neighborhood_id=alert.neighborhood_id,
            data={"alert": alert.id, "snapshot": snapshot_id},
            now=now,
        )
    return alert


def alert_clip_open(*, actor: Actor, alert_id: UUID, address: str, now: datetime) -> list[dict[str, Any]]:
    """Open the alert's clips that are ready, of the cameras the actor's code reaches, each in a view session.

    Raises ``Absent`` for who may not read the alert, or not yet its clip, and ``Conflict``: ``not_ready``,
    ``no_footage``, or the hours in which nothing is shown.
    """
    alert = readers.alert_for(actor, alert_id)
    require(actor, Action.VIEW_ALERT_CLIP, readers.place_of(alert))
    if not (telling.clip_is_out(alert) or readers.is_steward(actor, alert)):
        raise Absent()
    found = list(AlertClip.objects.select_related("snapshot__camera__node", "camera").filter(alert=alert))
    state = telling.clip_state(clip.snapshot for clip in found)
    if state == "coming":
        raise Conflict(_("The snapshot is not ready yet."), code="not_ready")
    if state != "ready":
        raise Conflict(_("There is no picture of that moment."), code="no_footage")
    return _opened(actor, found, address, now)


def _opened(actor: Actor, found: Sequence[AlertClip], address: str, now: datetime) -> list[dict[str, Any]]:
    opened, hours = [], None
    for clip in found:
        if clip.snapshot is None or clip.snapshot.status != Snapshot.Status.DONE:
            continue
        try:
            urls = clips.clip_urls(actor, clip.snapshot, address=address, now=now)
        except Absent:  # the code does not reach this camera, or it is shared no more
            continue
        except Conflict as error:
            hours = error
            continue
        opened.append(_shape(clip, clip.snapshot) | urls)
    if opened:
        return opened
    raise hours or Absent()


def _shape(clip: AlertClip, snapshot: Snapshot) -> dict[str, Any]:
    return {
        "camera": str(clip.camera_id),
        "camera_name": clip.camera.name,
        "from": iso(snapshot.covers_from or snapshot.starts_at),
        "to": iso(snapshot.covers_to or snapshot.ends_at),
    }


def _facing(neighborhood_id: UUID, place: Place | None) -> list[Camera]:
    if place is None:
        return []
    found = {camera.id: camera for camera in near(neighborhood_id, place, _BOX_DEG) if rules.shared(camera)}
    chosen = facing.choose(place, [eye for camera in found.values() if (eye := eye_of(camera)) is not None])
    return [found[eye.id] for eye in chosen]


def near(neighborhood_id: UUID, place: Place, degrees: float) -> QuerySet[Camera]:
    """The neighborhood's cameras in a box of so many degrees to each side; never a school's, whose moment and name are
    no alert's."""
    rows = Camera.objects.select_related("neighborhood", "owner_household").exclude(ownership=rules.SCHOOL)
    return rows.filter(
        neighborhood_id=neighborhood_id,
        state=rules.ACTIVE,
        latitude__range=(place.lat - degrees, place.lat + degrees),
        longitude__range=(place.lon - degrees, place.lon + degrees),
    )


def eye_of(camera: Camera) -> Eye | None:
    """Where it stands and looks; a camera that turns may look anywhere."""
    if camera.latitude is None or camera.longitude is None:
        return None
    turns = camera.kind == Camera.Kind.PTZ
    return Eye(camera.id, Place(camera.latitude, camera.longitude), None if turns else camera.bearing_deg)
