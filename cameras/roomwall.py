"""The wall of a ward's operations room: some of its public cameras, chosen by its operators, one choice for the ward.

Only what the fund or the ward bought hangs there. A household's own camera, or a school's, is watched one at a time and
for a reason (``rules.asks_purpose``), and a wall states none. What is no longer public, shared or in the ward is left
out when the wall is read.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import BadInput
from cameras import registry
from cameras.models import Camera, RoomCamera
from neighborhoods import audit
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.models import Ward

MOST = 16
"""As many pictures as one pair of eyes goes over, and as a small machine's posters keep up with."""


def room_cameras(actor: Actor, ward_id: UUID) -> QuerySet[Camera]:
    """The wall as ``actor`` may watch it, in its order, ``MOST`` at the most. Raises ``Absent``."""
    require(actor, Action.SEE_ROOM, Place(ward_id=ward_id))
    return _public(actor, ward_id).filter(room__ward_id=ward_id).order_by("room__position", "id")[:MOST]


def cameras_to_choose(actor: Actor, ward_id: UUID) -> QuerySet[Camera]:
    """Every camera that may hang there, by place and name. Raises ``Absent``."""
    require(actor, Action.CHOOSE_ROOM_CAMERAS, Place(ward_id=ward_id))
    return _public(actor, ward_id).order_by("neighborhood__name", "name", "id")


def room_choose(*, actor: Actor, ward_id: UUID, camera_ids: Sequence[UUID], now: datetime) -> list[Camera]:
    """Hang these cameras, in this order, and no others. The same again is no act and leaves no entry.

    Raises ``Absent``, ``BadInput`` (too many, twice the same, one that is not public or not of the ward).
    """
    require(actor, Action.CHOOSE_ROOM_CAMERAS, Place(ward_id=ward_id))
    if len(camera_ids) > MOST:
        raise _wrong(_("At most %(most)d cameras hang in the room.") % {"most": MOST})
    if len(set(camera_ids)) < len(camera_ids):
        raise _wrong(_("Each camera once."))
    with transaction.atomic():
        Ward.objects.select_for_update(no_key=True).get(id=ward_id)  # of two at once the second's stands
        found = {camera.id: camera for camera in _public(actor, ward_id).filter(id__in=camera_ids)}
        if len(found) < len(camera_ids):
            raise _wrong(_("Only public cameras of the ward hang in the room. Choose again."))
        before = RoomCamera.objects.filter(ward_id=ward_id)
        if list(before.values_list("camera_id", flat=True)) == list(camera_ids):
            return [found[each] for each in camera_ids]
        before.delete()
        RoomCamera.objects.filter(camera_id__in=camera_ids).delete()  # it hung in another ward's before its place moved
        RoomCamera.objects.bulk_create(
            RoomCamera(camera_id=each, ward_id=ward_id, position=position) for position, each in enumerate(camera_ids)
        )
        audit.record(
            actor=actor, action="room.chosen", subject=("ward", ward_id), ward_id=ward_id, neighborhood_id=None,
            data={"cameras": list(camera_ids)}, now=now,
        )  # fmt: skip
    return [found[each] for each in camera_ids]


def _public(actor: Actor, ward_id: UUID) -> QuerySet[Camera]:
    rows = registry.cameras_for(actor, Action.VIEW_LIVE)
    return rows.filter(neighborhood__ward_id=ward_id, ownership=Camera.Ownership.PUBLIC)


def _wrong(reason: str) -> BadInput:
    return BadInput(reason, fields={"cameras": [reason]})
