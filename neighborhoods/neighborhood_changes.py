"""A neighborhood gets another name, another ward, or a place on the map. Its id, its selector and all that hangs on it
stay.

The selector stands on every printed code, so it never changes.
"""

import math
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput
from backend.lib.text import clean_name
from neighborhoods import audit, belongings, revocations
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.history import Change, clean_decision, past_of, until_day
from neighborhoods.models import Neighborhood, Revocation, Ward
from neighborhoods.places import closed, code_mint, neighborhood_for, ward_held


def neighborhood_held(neighborhood_id: UUID) -> Neighborhood:
    """The neighborhood, held until commit. Raises ``Absent``, ``Conflict`` where it was merged into another.

    Its key is not held: whoever holds a household and hangs something on the place would wait for us, and we for them.
    """
    held = Neighborhood.objects.select_for_update(of=("self",), no_key=True).select_related("ward")
    found = held.filter(id=neighborhood_id).first()
    if found is None:
        raise Absent()
    if found.closed_at is not None:
        raise closed()
    return found


def neighborhood_rename(
    *, actor: Actor, neighborhood_id: UUID, name: str, now: datetime, decision: str = "", until: date | None = None
) -> Neighborhood:
    """Call it otherwise from ``until`` on (today if not said); the name it had is kept. The same name changes nothing.

    Raises ``Absent``, ``BadInput``, ``Conflict`` (``place_closed``).
    """
    require(actor, Action.MANAGE_PLATFORM, Place())
    name, decision, day = clean_name(name), clean_decision(decision), until_day(until, now)
    with transaction.atomic():
        place = neighborhood_held(neighborhood_id)
        if place.name != name:
            past_of(place, Change.RENAMED, until=day, decision=decision, now=now).save()
            place.name = name
            place.save(update_fields=["name"])
            audit.record(
                actor=actor,
                action="neighborhood.renamed",
                subject=("neighborhood", place.id),
                ward_id=place.ward_id,
                neighborhood_id=place.id,
                now=now,
            )
    return place


def neighborhood_locate(
    *, actor: Actor, neighborhood_id: UUID, middle: tuple[float, float] | None, now: datetime
) -> Neighborhood:
    """Say where on the map its middle lies (latitude, longitude in degrees, WGS 84); None takes it off the map.

    Raises ``Absent``, ``BadInput`` with fields, ``Conflict`` (``place_closed``).
    """
    if middle is not None and not (math.isfinite(sum(middle)) and abs(middle[0]) <= 90 and abs(middle[1]) <= 180):
        raise BadInput(_("That place is not on the map."), fields={"location": [_("That place is not on the map.")]})
    place = neighborhood_for(actor, Action.LOCATE_PLACE, neighborhood_id)
    with transaction.atomic():
        place = neighborhood_held(place.id)
        latitude, longitude = middle or (None, None)
        if (place.latitude, place.longitude) != (latitude, longitude):
            place.latitude, place.longitude = latitude, longitude
            place.save(update_fields=["latitude", "longitude"])
            audit.record(
                actor=actor,
                action="neighborhood.located",
                subject=("neighborhood", place.id),
                ward_id=place.ward_id,
                neighborhood_id=place.id,
                now=now,
            )
    return place


def neighborhood_move(
    *, actor: Actor, neighborhood_id: UUID, ward_id: UUID, now: datetime, decision: str = "", until: date | None = None
) -> Neighborhood:
    """It belongs to another ward, under a code of that one. Who served the old ward sees nothing of it any more: what
    is watched there ends and is asked anew. Raises ``Absent``, ``BadInput``, ``Conflict`` (``place_closed``)."""
    require(actor, Action.MANAGE_PLATFORM, Place())
    decision, day = clean_decision(decision), until_day(until, now)
    with transaction.atomic():
        ward = ward_held(ward_id)
        place = neighborhood_held(neighborhood_id)
        if place.ward_id == ward.id:
            raise BadInput(
                _("It belongs to that ward already."), fields={"ward": [_("It belongs to that ward already.")]}
            )
        former = place.ward_id
        relocate(place, ward, until=day, decision=decision, now=now)
        revocations.revoke(Revocation.Kind.NEIGHBORHOOD, place.id, now=now)
        audit.record_all(actor=actor, acts=moved_acts(place, former), now=now)
    return place


def relocate(place: Neighborhood, ward: Ward, *, until: date, decision: str, now: datetime) -> None:
    """Give ``place`` to ``ward``, both held. Revocations and audit are the caller's."""
    past_of(place, Change.MOVED, until=until, decision=decision, now=now, into_id=ward.id).save()
    place.ward, place.code = ward, code_mint(ward)
    place.save(update_fields=["ward", "code"])
    belongings.ward_follows(place.id, ward.id)


def moved_acts(place: Neighborhood, former_ward_id: UUID) -> list[audit.Act]:
    """One entry in the chain of either ward, so that each tells its whole story."""
    data = {"from": former_ward_id, "to": place.ward_id, "code": place.code}
    return [
        audit.Act(
            action=action, subject=("neighborhood", place.id), ward_id=ward_id, neighborhood_id=place.id, data=data
        )
        for action, ward_id in (("neighborhood.moved_away", former_ward_id), ("neighborhood.moved", place.ward_id))
    ]
