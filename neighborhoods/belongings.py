"""What hangs on a neighborhood or a ward, so that nothing is left behind when they are merged or divided.

Each entry is a model with its column. Parts above add theirs in ``AppConfig.ready``: they know us, and not we them. A
test looks at every column of every table that names a neighborhood: it is here, or in ``STAYS`` with its reason.
"""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Model

from neighborhoods import history
from neighborhoods.models import (
    AccessCode,
    BankAccount,
    Campaign,
    DataRequest,
    Device,
    HouseholdImport,
    Invitation,
    Job,
    Neighborhood,
    Paper,
    RoleGrant,
    WallPairing,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Belonging:
    model: type[Model]
    column: str = "neighborhood"
    household: str = ""
    """The column that names the household it is of, where it follows that household when a neighborhood is divided."""

    @property
    def label(self) -> str:
        return f"{self.model._meta.label}.{self.column}"


MOVES: list[Belonging] = [
    Belonging(AccessCode, household="household"),
    Belonging(BankAccount),
    Belonging(Campaign),
    Belonging(DataRequest, household="household"),
    Belonging(Device),
    Belonging(HouseholdImport),
    Belonging(Invitation),
    Belonging(Job),
    Belonging(Paper),
    Belonging(RoleGrant),
    Belonging(WallPairing),
]

OF_WARD: list[Belonging] = [Belonging(Invitation, "ward"), Belonging(Paper, "ward"), Belonging(RoleGrant, "ward")]
"""What goes with a whole ward. Its neighborhoods are moved one by one."""

WARD_FOLLOWS: list[Belonging] = []
"""Rows that name a neighborhood and beside it its ward: who serves the ward reads them by that."""

STAYS = {
    "neighborhoods.Household.neighborhood": "moved by the verbs themselves, which give it its number",
    "neighborhoods.PlaceHistory.neighborhood": "tells of that very place",
    "neighborhoods.LegalRecord.neighborhood": "was signed for that place; who leads the new one signs anew",
    "neighborhoods.Neighborhood.merged_into": "leads on to the next",
    "neighborhoods.Neighborhood.ward": "moved by the verbs themselves, which give it its code",
    "neighborhoods.PlaceHistory.ward": "tells of that very place",
    "neighborhoods.Ward.merged_into": "leads on to the next",
}


def all_moved(source: UUID, target: UUID) -> dict[str, int]:
    """Everything of neighborhood ``source`` is ``target``'s; says how many rows of each table."""
    return _update(MOVES, source, target)


def all_of_ward(source: UUID, target: UUID) -> dict[str, int]:
    """Everything of ward ``source`` but its neighborhoods is ``target``'s."""
    return _update(OF_WARD, source, target)


def ward_follows(neighborhood_id: UUID, ward_id: UUID) -> None:
    """The neighborhood is another ward's now, and what was told of it too: who served the old one reads it no more."""
    for each in WARD_FOLLOWS:
        each.model._default_manager.filter(**{each.column: neighborhood_id}).update(ward=ward_id)


def late_ones_move() -> dict[str, int]:
    """What was written to a neighborhood in the very moment it was merged, by somebody who had read it before, goes
    after the others. Usually there is nothing, and SQLite's one writer is left alone."""
    moved: dict[str, int] = {}
    for place in Neighborhood.objects.exclude(closed_at=None).select_related("merged_into"):
        for each in MOVES:
            if each.model._default_manager.filter(**{each.column: place.id}).exists():
                moved |= _late(each, place)
    return moved


def _late(each: Belonging, place: Neighborhood) -> dict[str, int]:
    """What cannot go, because its like is there already, keeps nothing else back."""
    try:
        with transaction.atomic():
            return _update([each], place.id, history.neighborhood_now(place).id)
    except IntegrityError:
        log.exception("places: late rows of %s cannot go on from %s", each.label, place.id)
        return {}


def moved_with(households: Collection[UUID], source: UUID, target: UUID) -> dict[str, int]:
    """What follows these households goes from neighborhood ``source`` to ``target`` with them."""
    return _update((each for each in MOVES if each.household), source, target, list(households))


def _update(
    which: Iterable[Belonging], source: UUID, target: UUID, households: list[UUID] | None = None
) -> dict[str, int]:
    moved = {}
    for each in which:
        rows = each.model._default_manager.filter(**{each.column: source})
        if households is not None:
            rows = rows.filter(**{f"{each.household}__in": households})
        moved[each.label] = rows.update(**{each.column: target})
    return {label: count for label, count in moved.items() if count}
