"""Streams: one audience each. Who reads which is decided here, from the table of rules in ``access``."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from neighborhoods.access import RULES, Action, Actor, Grant, reach
from neighborhoods.models import Neighborhood
from notifications.models import Stream

Kind = Stream.Kind
Reads = tuple[Kind, UUID]


def stream_of(kind: Kind | str, subject_id: UUID) -> Stream:
    """The stream's row; made where it is the first time anybody asks. Raises ``ValueError`` for an unknown kind."""
    return rows_for([(Kind(kind), subject_id)])[0]


def streams_of(actor: Actor) -> list[Reads]:
    """What ``actor`` reads, in a settled order. Of whom nothing is told, nothing.

    Whoever sees alerts in a neighborhood reads it and its ward; who stewards them there reads ``stewards`` too. Whoever
    has a ward reads its broadcasts and, stewarding, ``duty``, but none of its neighborhoods. A household is its own
    phones': a guest of it is none. What is told of a school's cameras is its staff's, by the table for schools.
    """
    found: set[Reads] = {(Kind.HOUSEHOLD, each) for each in reach(actor, Action.SEE_DEVICES).household_ids}
    found |= {(Kind.SCHOOL, each) for each in reach(actor, Action.HEAR_NEWS, at_school=True).household_ids}
    seeing = [grant for grant in actor.grants if Action.SEE_ALERTS in RULES[grant.role]]
    for grant in seeing:
        steward = Action.STEWARD_ALERTS in RULES[grant.role]
        if grant.neighborhood_id is not None:
            found.add((Kind.NEIGHBORHOOD, grant.neighborhood_id))
            if steward:
                found.add((Kind.STEWARDS, grant.neighborhood_id))
        elif grant.ward_id is not None and steward:
            found.add((Kind.DUTY, grant.ward_id))
    found |= {(Kind.WARD, ward_id) for ward_id in _wards(actor, seeing)}
    return sorted(found)


def rows_of(actor: Actor) -> list[Stream]:
    """The rows of all that ``actor`` reads, ``head`` included; those nothing was ever told on are made."""
    return rows_for(streams_of(actor))


def rows_for(wanted: list[Reads]) -> list[Stream]:
    """In the order of ``wanted``, made where missing. Two processes that make the same stream at once make one.

    Missing ones go in by one statement and in a settled order, so that two who make the same never deadlock.
    """
    found = _found(wanted)
    missing = sorted(set(wanted) - found.keys())
    if missing:
        rows = [Stream(kind=kind, subject_id=subject_id) for kind, subject_id in missing]
        Stream.objects.bulk_create(rows, ignore_conflicts=True)
        found |= _found(missing)
    return [found[reads] for reads in wanted]


def _wards(actor: Actor, grants: Iterable[Grant]) -> set[UUID]:
    """The wards of all ``grants``. Only of a leader of several neighborhoods the database is asked."""
    own = {grant.ward_id for grant in grants if grant.ward_id is not None}
    places = {grant.neighborhood_id for grant in grants if grant.neighborhood_id is not None}
    if not places:
        return own
    if places == {actor.neighborhood_id} and actor.ward_id is not None:
        return own | {actor.ward_id}
    return own | set(Neighborhood.objects.filter(id__in=places).values_list("ward_id", flat=True))


def _found(wanted: list[Reads]) -> dict[Reads, Stream]:
    if not wanted:
        return {}
    these = Q()
    for kind, subject_id in wanted:
        these |= Q(kind=kind, subject_id=subject_id)
    return {(Kind(row.kind), row.subject_id): row for row in Stream.objects.filter(these)}
