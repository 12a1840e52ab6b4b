"""The clocks of a ward's requests for footage, for whoever keeps its room: how many run, and which runs out first.

An operator is no side of a request: no case, no words, no officer, no camera, and nothing that says who answered what.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from cameras.footage.inforce import POLICY
from cameras.models import FootageRequest
from neighborhoods.access import Action, Actor, Place, require

State = FootageRequest.State


@dataclass(frozen=True, slots=True)
class Clocks:
    """``None`` where nothing runs."""

    running: int
    """Signed or needing no signature, before their deadline."""
    unsigned: int
    """Wait for the officer in charge, before their deadline."""
    next_deadline_at: datetime | None
    reviews: int
    """Urgent releases that an auditor has still to look at."""
    next_review_at: datetime | None
    """When the first of them is due; it may be past."""


def clocks_of(actor: Actor, ward_id: UUID, *, now: datetime) -> Clocks:
    """Raises ``Absent``."""
    require(actor, Action.SEE_ROOM, Place(ward_id=ward_id))
    of_ward = FootageRequest.objects.filter(case__ward_id=ward_id).order_by()
    ahead = Q(deadline_at__gt=now)
    running = list(of_ward.filter(ahead, state__in=(State.OPEN, State.UNSIGNED)).values_list("state", "deadline_at"))
    signed = of_ward.filter(urgent=True, signed_at__isnull=False, reviewed_at=None).values_list("signed_at", flat=True)
    released = [at for at in signed if at is not None]
    return Clocks(
        running=sum(state == State.OPEN for state, _at in running),
        unsigned=sum(state == State.UNSIGNED for state, _at in running),
        next_deadline_at=min((at for _state, at in running), default=None),
        reviews=len(released),
        next_review_at=min(released) + POLICY.review_within if released else None,
    )
