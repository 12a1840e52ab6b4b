"""Two neighborhoods become one, and one becomes two. Nothing that hung on them is lost (``belongings``).

Households keep their numbers where they can. Where two have the same, the one that comes gets the next free number and
the old one stays in its history. Two households that come to one address both stay: the second is the first's twin
until the leader has said which is right.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from backend.lib.text import clean_name
from neighborhoods import audit, belongings, revocations
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.history import Change, clean_decision, numbers_used, past_of, until_day
from neighborhoods.models import BankAccount, Campaign, Household, Neighborhood, PlaceHistory, Revocation
from neighborhoods.neighborhood_changes import neighborhood_held
from neighborhoods.places import neighborhood_insert, ward_held

LONGEST_CODE = 6
BATCH = 200


@dataclass(frozen=True, slots=True)
class Merged:
    neighborhood: Neighborhood
    renumbered: list[Household]
    """Those that have another number now."""
    twins: list[Household]
    """Those whose address another household has already."""


def neighborhood_merge(
    *, actor: Actor, neighborhood_id: UUID, into_id: UUID, now: datetime, decision: str = "", until: date | None = None
) -> Merged:
    """Put a neighborhood into another of its ward: households, codes, cameras, roles, campaigns, papers go with it.

    It stays as a closed row that leads on. Who held a role there holds it in the other one; the administrator ends
    what is too much. What is watched there ends and is asked anew. Raises ``Absent``, ``BadInput``, ``Conflict``
    (``place_closed``, ``other_ward``).
    """
    require(actor, Action.MANAGE_PLATFORM, Place())
    decision, day = clean_decision(decision), until_day(until, now)
    with transaction.atomic():
        source, target = _both(neighborhood_id, into_id)
        coming = list(source.households.order_by("number"))
        former = {home.id: home.number for home in coming}
        past = [
            past_of(home, Change.MOVED, until=day, decision=decision, now=now, into_id=target.id) for home in coming
        ]
        _settle(coming, target)
        _name_apart(source, target, now)
        past.append(past_of(source, Change.MERGED, until=day, decision=decision, now=now, into_id=target.id))
        renumbered = [home for home in coming if home.number != former[home.id]]
        _keep(past, {home.id for home in renumbered})
        moved = belongings.all_moved(source.id, target.id)
        source.closed_at, source.merged_into = now, target
        source.save(update_fields=["closed_at", "merged_into"])
        revocations.revoke(Revocation.Kind.NEIGHBORHOOD, source.id, now=now)
        twins = [home for home in coming if home.address_twin and home.left_at is None]
        facts = {"households": len(coming), "renumbered": len(renumbered), "twins": len(twins), "moved": moved}
        _record(actor, "neighborhood.merged", source, now, into=target.id, **facts)
    return Merged(target, renumbered, twins)


def neighborhood_split(
    *, actor: Actor, neighborhood_id: UUID, household_ids: Collection[UUID], name: str, now: datetime,
    selector: str | None = None, decision: str = "", until: date | None = None,
) -> Neighborhood:  # fmt: skip
    """Make a new neighborhood of some of one's households: their numbers, codes, phones and cameras go with them; the
    fund, its ledger and the roles stay where they are.

    Raises ``Absent`` where a household is not of it, ``BadInput``, ``Conflict``.
    """
    require(actor, Action.MANAGE_PLATFORM, Place())
    name, decision, day = clean_name(name), clean_decision(decision), until_day(until, now)
    with transaction.atomic():
        ward_id = Neighborhood.objects.filter(id=neighborhood_id).values_list("ward_id", flat=True).first()
        if ward_id is None:
            raise Absent()
        ward, source = ward_held(ward_id), neighborhood_held(neighborhood_id)  # in the order of a merge of wards
        if source.ward_id != ward.id:
            raise Conflict(_("This place was changed meanwhile. Look at it again."), code="place_changed")
        made = neighborhood_insert(ward, name=name, selector=selector, now=now)
        going = list(source.households.filter(id__in=set(household_ids)).order_by("number"))
        if len(going) != len(set(household_ids)):
            raise Absent()
        if not going or not source.households.filter(left_at=None).exclude(id__in=[one.id for one in going]).exists():
            reason = _("Choose some of the households, and leave some.")
            raise BadInput(reason, fields={"households": [reason]})
        past = [past_of(home, Change.MOVED, until=day, decision=decision, now=now, into_id=made.id) for home in going]
        past.append(past_of(made, Change.SPLIT, until=day, decision=decision, now=now))
        past[-1].former_place_id = source.id
        _settle(going, made)
        _keep(past)
        moved = belongings.moved_with([home.id for home in going], source.id, made.id)
        revocations.revoke(Revocation.Kind.NEIGHBORHOOD, source.id, now=now)
        _record(actor, "neighborhood.split", source, now, into=made.id, households=len(going), moved=moved)
    return made


def _both(source_id: UUID, target_id: UUID) -> tuple[Neighborhood, Neighborhood]:
    """Both held, in the order of their ids, so that two merges never wait for each other."""
    if source_id == target_id:
        reason = _("Choose another neighborhood than itself.")
        raise BadInput(reason, fields={"into": [reason]})
    held = {one: neighborhood_held(one) for one in sorted((source_id, target_id))}
    source, target = held[source_id], held[target_id]
    if source.ward_id != target.ward_id:
        raise Conflict(_("They are in two wards. Move one of them first."), code="other_ward")
    return source, target


def _settle(homes: Sequence[Household], target: Neighborhood) -> None:
    """Households are ``target``'s, each under a number that is free there and, living, at a place of its address."""
    numbers = numbers_used(target)
    fresh = count(max((*numbers, *(home.number for home in homes)), default=0) + 1)
    living = target.households.filter(left_at=None)
    addresses = set(living.values_list("address_key", "address_twin"))
    derived: list[str] = []
    for home in homes:
        home.neighborhood = target
        if home.number in numbers:
            home.number = next(fresh)
        numbers.add(home.number)
        if home.left_at is None:
            home.address_twin = next(n for n in count() if (home.address_key, n) not in addresses)
            addresses.add((home.address_key, home.address_twin))
        derived = home.derive()
    Household.objects.bulk_update(homes, ["neighborhood", "number", "address_twin", *derived], batch_size=BATCH)


def _name_apart(source: Neighborhood, target: Neighborhood, now: datetime) -> None:
    """What may be there only once: a campaign whose code is taken gets another, an account that both have is closed."""
    taken = set(target.campaigns.values_list("code", flat=True)) | set(source.campaigns.values_list("code", flat=True))
    for campaign in source.campaigns.filter(code__in=target.campaigns.values("code")).order_by("id"):
        stems = (f"{campaign.code[: LONGEST_CODE - len(str(n))]}{n}" for n in count(2))
        campaign.code = next(code for code in stems if code not in taken)
        taken.add(campaign.code)
        Campaign.objects.filter(id=campaign.id).update(code=campaign.code)
    for account in target.bank_accounts.filter(closed_at=None):
        same = source.bank_accounts.filter(bank_bin=account.bank_bin, account_number=account.account_number)
        BankAccount.objects.filter(id__in=same.filter(closed_at=None).values("id")).update(closed_at=now)


def _keep(past: Iterable[PlaceHistory], renumbered: Collection[UUID] = ()) -> None:
    rows = list(past)
    for row in rows:
        if row.household_id in renumbered:
            row.change = Change.RENUMBERED
    PlaceHistory.objects.bulk_create(rows, batch_size=BATCH)


def _record(actor: Actor, action: str, place: Neighborhood, now: datetime, **facts: object) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=("neighborhood", place.id),
        ward_id=place.ward_id,
        neighborhood_id=place.id,
        data=facts,
        now=now,
    )
