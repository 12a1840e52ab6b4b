"""Cameras that are planned: decided on, counted, and not there yet.

Hà Nội plans 40,200 and has put up 20,400. A planned camera has a place and a purpose and no address, so nothing can be
dialled. Its address comes later (``registration.camera_edit``), and then the approval as for any other.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from backend.lib.errors import Absent
from cameras.models import Camera
from cameras.registration import View, checked, fields_of
from cameras.store import catalog
from neighborhoods import audit
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.models import Neighborhood


def camera_plan(*, actor: Actor, neighborhood_id: UUID, name: str, view: View | None = None, now: datetime) -> Camera:
    """Put a camera of the neighborhood on the plan: proposed, and nobody's house's. Raises ``Absent``, ``BadInput``."""
    facts = checked({"name": name, **fields_of(view or View())})
    with transaction.atomic():
        place = Neighborhood.objects.filter(id=neighborhood_id).first()
        if place is None:
            raise Absent()
        require(actor, Action.APPROVE_CAMERA, Place(place.ward_id, place.id))
        camera = Camera.objects.create(
            neighborhood=place, node=catalog.node_here(), state=Camera.State.PROPOSED, created_by_id=actor.account_id,
            created_at=now, **facts,
        )  # fmt: skip
        audit.record(
            actor=actor,
            action="camera.planned",
            subject=("camera", camera.id),
            ward_id=place.ward_id,
            neighborhood_id=place.id,
            data={"ownership": camera.ownership, "purpose": camera.purpose},
            now=now,
        )
    return camera
