"""When all that is left on a full disk is held, new recording gives way to it: held footage is never deleted.

Each run of retention that finds no room pauses a quarter of the node's cameras, those that were let in first before the
others. So the cameras write together, from the first run on, what they write in four minutes, and that fits the bytes
which retention keeps free. Once there is room again they come back the same way, the newest pause first. Whoever leads
and the ward's operators hear of both.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.db.models import F

from cameras import rules
from cameras.models import Camera
from neighborhoods import audit
from neighborhoods.access import Actor

SHARE = 4
"""One of so many cameras a run."""
ROOM_BYTES = 1_000_000_000
"""Beyond its limits the store has so much room before a camera comes back; else it would be paused a minute later."""


def recording_balance(*, actor: Actor, node_id: UUID, short_bytes: int, room_bytes: int, now: datetime) -> int:
    """Pause cameras of a node while its store is ``short_bytes`` over its limits, or let them record again where it has
    ``room_bytes`` left within them; gives how many."""
    with transaction.atomic():
        rows = Camera.objects.select_for_update(of=("self",), no_key=True).select_related("neighborhood")
        node = rows.filter(node_id=node_id, state=rules.ACTIVE)
        if short_bytes > 0:
            chosen = _part(node.filter(gave_way_at=None).order_by(F("approved_at").asc(nulls_first=True), "id"))
            action, gave_way_at = "recording.gave_way", now
        elif room_bytes > ROOM_BYTES:
            chosen = _part(node.exclude(gave_way_at=None).order_by("-gave_way_at", "-approved_at", "id"))
            action, gave_way_at = "recording.resumed", None
        else:
            return 0
        if chosen:
            Camera.objects.filter(id__in=[camera.id for camera in chosen]).update(gave_way_at=gave_way_at)
            audit.record_all(actor=actor, acts=_acts(action, chosen), now=now)
    return len(chosen)


def _part(cameras: Iterable[Camera]) -> list[Camera]:
    found = list(cameras)
    return found[: -(-len(found) // SHARE)]


def _acts(action: str, cameras: list[Camera]) -> list[audit.Act]:
    """One for each neighborhood, which those who lead it hear of, and one for each ward, for its operators."""
    acts = []
    for neighborhood_id, group in groupby(sorted(cameras, key=_place), key=_place):
        rows = list(group)
        acts.append(_act(action, "neighborhood", neighborhood_id, rows, neighborhood_id))
    for ward_id, group in groupby(sorted(cameras, key=_ward), key=_ward):
        acts.append(_act(f"{action}_ward", "ward", ward_id, list(group), None))
    return acts


def _act(action: str, kind: str, subject_id: UUID, rows: list[Camera], neighborhood_id: UUID | None) -> audit.Act:
    return audit.Act(
        action=action, subject=(kind, subject_id), ward_id=rows[0].neighborhood.ward_id,
        neighborhood_id=neighborhood_id, data={"cameras": sorted(camera.id for camera in rows)},
    )  # fmt: skip


def _place(camera: Camera) -> UUID:
    return camera.neighborhood_id


def _ward(camera: Camera) -> UUID:
    return camera.neighborhood.ward_id
