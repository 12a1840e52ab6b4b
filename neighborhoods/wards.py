"""A ward gets another name, is merged into another, or divided. Its neighborhoods go with it, with all they have."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput
from backend.lib.text import clean_name
from neighborhoods import audit, belongings, revocations
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.history import Change, clean_decision, past_of, until_day
from neighborhoods.models import Neighborhood, Revocation, RoleGrant, Ward
from neighborhoods.neighborhood_changes import moved_acts, neighborhood_held, relocate
from neighborhoods.places import kind_of, ward_create, ward_held


def ward_rename(
    *, actor: Actor, ward_id: UUID, name: str, now: datetime, decision: str = "", until: date | None = None
) -> Ward:
    """Call it otherwise from ``until`` on, as when a commune becomes a ward; its code and id stay.

    Raises ``Absent``, ``BadInput``, ``Conflict`` (``place_closed``).
    """
    require(actor, Action.MANAGE_PLATFORM, Place())
    name, decision, day = clean_name(name), clean_decision(decision), until_day(until, now)
    with transaction.atomic():
        ward = ward_held(ward_id)
        if ward.name != name:
            past_of(ward, Change.RENAMED, until=day, decision=decision, now=now).save()
            ward.name, ward.kind = name, kind_of(name)
            ward.save(update_fields=["name", "kind"])
            audit.record_all(actor=actor, acts=[_act("ward.renamed", ward)], now=now)
    return ward


def ward_merge(
    *, actor: Actor, ward_id: UUID, into_id: UUID, now: datetime, decision: str = "", until: date | None = None
) -> Ward:
    """Put a ward into another: its neighborhoods get codes of that one, its officers serve there. It stays as a closed
    row that leads on; its code is never used again. Returns the other. Raises as ``ward_rename`` does."""
    require(actor, Action.MANAGE_PLATFORM, Place())
    decision, day = clean_decision(decision), until_day(until, now)
    if ward_id == into_id:
        reason = _("Choose another ward than itself.")
        raise BadInput(reason, fields={"into": [reason]})
    with transaction.atomic():
        held = {one: ward_held(one) for one in sorted((ward_id, into_id))}
        source, target = held[ward_id], held[into_id]
        held_places = Neighborhood.objects.select_for_update(no_key=True).filter(ward=source).order_by("id")
        places = sorted(held_places, key=lambda place: place.code)
        for place in places:
            relocate(place, target, until=day, decision=decision, now=now)
        accounts = set(RoleGrant.objects.filter(ward=source, ended_at=None).values_list("account_id", flat=True))
        moved = belongings.all_of_ward(source.id, target.id)
        past_of(source, Change.MERGED, until=day, decision=decision, now=now, into_id=target.id).save()
        source.closed_at, source.merged_into = now, target
        source.save(update_fields=["closed_at", "merged_into"])
        _end_views(places, now, accounts)
        acts = [act for place in places for act in moved_acts(place, source.id)]
        acts.append(_act("ward.merged", source, into=target.id, neighborhoods=len(places), moved=moved))
        audit.record_all(actor=actor, acts=acts, now=now)
    return target


def ward_split(
    *, actor: Actor, ward_id: UUID, code: str, name: str, neighborhood_ids: Collection[UUID], now: datetime,
    decision: str = "", until: date | None = None,
) -> Ward:  # fmt: skip
    """Make a new ward, under its official ``code``, of some of one's neighborhoods. Its officers are appointed anew.

    Raises ``Absent`` where one is not of it, ``BadInput``, ``Conflict`` (``ward_exists``, ``place_closed``).
    """
    require(actor, Action.MANAGE_PLATFORM, Place())
    decision, day = clean_decision(decision), until_day(until, now)
    if not neighborhood_ids:
        reason = _("Choose the neighborhoods that go to the new ward.")
        raise BadInput(reason, fields={"neighborhoods": [reason]})
    with transaction.atomic():
        source = ward_held(ward_id)
        places = [neighborhood_held(one) for one in sorted(set(neighborhood_ids))]
        if any(place.ward_id != source.id for place in places):
            raise Absent()
        made = ward_create(
            actor=actor, code=code, name=name, province_code=source.province_code, province_name=source.province_name,
            now=now,
        )  # fmt: skip
        past = past_of(made, Change.SPLIT, until=day, decision=decision, now=now)
        past.former_place_id = source.id
        past.save()
        for place in places:
            relocate(place, made, until=day, decision=decision, now=now)
        _end_views(places, now)
        acts = [act for place in places for act in moved_acts(place, source.id)]
        acts.append(_act("ward.split", source, into=made.id, neighborhoods=len(places)))
        audit.record_all(actor=actor, acts=acts, now=now)
    return made


def _end_views(places: Collection[Neighborhood], now: datetime, accounts: Collection[UUID] = ()) -> None:
    """What is watched there ends and is asked anew, for other officers see it now."""
    for place in places:
        revocations.revoke(Revocation.Kind.NEIGHBORHOOD, place.id, now=now)
    for account in sorted(accounts):
        revocations.revoke(Revocation.Kind.ROLE, account, now=now)


def _act(action: str, ward: Ward, **facts: object) -> audit.Act:
    return audit.Act(action=action, subject=("ward", ward.id), ward_id=ward.id, data=facts)
