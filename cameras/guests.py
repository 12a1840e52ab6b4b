"""Guests of a household see those of its own cameras that the household chose (``neighborhoods.guestcodes``)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from backend.lib.errors import Absent
from cameras.models import Camera
from neighborhoods import guestcodes, hours
from neighborhoods.access import Actor
from neighborhoods.codes import Issued


def own_cameras(actor: Actor) -> QuerySet[Camera]:
    """What the actor's household may show its guests: its own cameras that are neither retired nor a school's."""
    if actor.home_id is None:
        return Camera.objects.none()
    mine = Camera.objects.filter(owner_household_id=actor.home_id).exclude(ownership=Camera.Ownership.SCHOOL)
    return mine.exclude(state=Camera.State.RETIRED).order_by("name")


def guest_code_issue(
    *,
    actor: Actor,
    camera_ids: Collection[UUID],
    replay: bool = False,
    hours_scope: Sequence[hours.Hours] = (),
    devices: int = guestcodes.DEVICES,
    expires_at: datetime | None = None,
    now: datetime,
) -> Issued:
    """A code for a guest of the actor's household. Raises ``Absent`` for a camera that is not its own, and what
    ``guestcodes.guest_code_issue`` does."""
    chosen = set(camera_ids)
    if own_cameras(actor).filter(id__in=chosen).count() != len(chosen):
        raise Absent()
    return guestcodes.guest_code_issue(
        actor=actor, camera_ids=chosen, replay=replay, hours_scope=hours_scope, devices=devices,
        expires_at=expires_at, now=now,
    )  # fmt: skip
