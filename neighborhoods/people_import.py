"""Import of households from a file: read and looked through first, then all or nothing.

The first step keeps what the lines say and tells what each would do. The second decides anew under the neighborhood's
lock: where the answer is another one (somebody has changed the list meanwhile), nothing is written and the leader looks
again. One entry of the audit counts what was done; the lines themselves are forgotten.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from backend.lib.tables import read_table
from backend.lib.text import folded
from neighborhoods import audit, jobs
from neighborhoods.access import Action, Actor, require
from neighborhoods.history import numbers_used
from neighborhoods.households import lead_twin
from neighborhoods.importing.columns import columns_of, is_heading
from neighborhoods.importing.lines import Line, lines_of
from neighborhoods.importing.plan import Known, Outcome, Plan, Verdict, plan
from neighborhoods.models import Household, HouseholdImport, HouseholdRegistration, Job, Member, Neighborhood
from neighborhoods.neighborhood_changes import neighborhood_held
from neighborhoods.places import neighborhood_for, place_of

Settle = Callable[[dict[str, Any]], None]

KIND = "households.import"
MOST_LINES = 3000
BATCH = 300
KEPT = timedelta(days=1)
ASIDE = 20_000
"""Above any number of twins that one address ever has."""


def import_read(*, actor: Actor, neighborhood_id: UUID, data: bytes, name: str, now: datetime) -> HouseholdImport:
    """Read a CSV or XLSX and say what each line would do. Nothing of the list is changed.

    Raises ``Absent``, ``BadInput`` (``table_unreadable``, ``table_too_large``).
    """
    place = neighborhood_for(actor, Action.MANAGE_HOUSEHOLDS, neighborhood_id)
    table = read_table(data, name=name, most_rows=MOST_LINES, is_heading=is_heading)
    columns = columns_of(table.headings)
    lines = list(lines_of(table.rows, columns))
    if not lines:
        reason = _("There is no household below the headings of this file.")
        raise BadInput(reason, code="table_unreadable", fields={"file": [reason]})
    found = _plan(place, lines)
    with transaction.atomic():
        made = HouseholdImport.objects.create(
            neighborhood=place,
            file_name=name[:120],
            lines=[line.as_json() for line in lines],
            report=[one.as_json() for one in found.told],
            unread=[*columns.unread, *columns.sensitive][:60],
            created_by_id=actor.account_id,
            created_at=now,
            **{verdict.value: found.count(verdict) for verdict in Verdict},
        )
        _record(actor, "households.import_read", made, now)
    return made


def import_for(actor: Actor, import_id: UUID) -> HouseholdImport:
    """Load and authorise; absent and forbidden are the same ``Absent``."""
    found = HouseholdImport.objects.select_related("neighborhood").filter(id=import_id).first()
    if found is None:
        raise Absent()
    require(actor, Action.MANAGE_HOUSEHOLDS, place_of(found.neighborhood))
    return found


def import_start(*, actor: Actor, import_id: UUID, now: datetime, without_refused: bool = False) -> Job:
    """Have a list that was read put in, as a job. ``without_refused``: its refused lines are left out, knowingly.

    Raises ``Absent``, ``Conflict`` (``import_applied``, ``import_refused`` where lines are refused, ``import_empty``).
    """
    found = import_for(actor, import_id)
    _check(found, without_refused=without_refused)
    arguments = {"import": str(found.id), "without_refused": without_refused}
    return jobs.job_start(
        actor=actor, kind=KIND, neighborhood_id=found.neighborhood_id, arguments=arguments, now=now,
        once=f"{KIND}:{found.neighborhood_id}",
    )  # fmt: skip


def run(job_run: jobs.JobRun) -> dict[str, Any]:
    """The job: everything in one transaction, its outcome with it."""
    wanted = UUID(job_run.arguments["import"])
    job_run.progress(0, 1)
    with transaction.atomic():
        result = import_apply(
            actor=job_run.actor,
            import_id=wanted,
            without_refused=bool(job_run.arguments["without_refused"]),
            now=job_run.now(),
            settle=job_run.settle,
        )
    return result


def import_apply(
    *, actor: Actor, import_id: UUID, now: datetime, without_refused: bool = False, settle: Settle | None = None
) -> dict[str, Any]:
    """Put the list in, all of it or nothing; says how many households were added and changed, and how many people.

    Raises as ``import_start`` does, and ``Conflict`` (``import_stale``) where the list is no longer the one the report
    was made against. ``settle`` is given the result inside the transaction.
    """
    with transaction.atomic():
        found = import_for(actor, import_id)
        place = neighborhood_held(found.neighborhood_id)
        if not HouseholdImport.objects.filter(id=found.id, applied_at=None).update(applied_at=now, lines=[], report=[]):
            raise _applied()
        _check(found, without_refused=without_refused)
        made = _plan(place, [Line.from_json(raw) for raw in found.lines])
        if [one.as_json() for one in made.told] != found.report:
            raise Conflict(
                _("The list of households was changed meanwhile. Look at the file again."), code="import_stale"
            )
        people = _write(place, made, now)
        result = {"added": found.added, "changed": found.changed, "people": people, "left_out": found.refused}
        if settle is not None:
            settle(result)
        _record(actor, "households.imported", found, now, people=people)
    return result


def imports_expire(*, now: datetime) -> int:
    """Forget lists that were read a day ago, applied or not; returns how many."""
    return HouseholdImport.objects.filter(created_at__lt=now - KEPT).delete()[0]


def _check(found: HouseholdImport, *, without_refused: bool) -> None:
    if found.applied_at is not None:
        raise _applied()
    if found.refused and not without_refused:
        reason = _("%(n)d lines are refused. Correct them in the file, or leave them out knowingly.")
        raise Conflict(reason % {"n": found.refused}, code="import_refused")
    if not found.added and not found.changed:
        raise Conflict(_("This file changes nothing."), code="import_empty")


def _applied() -> Conflict:
    return Conflict(_("This file was put in already."), code="import_applied")


def _plan(place: Neighborhood, lines: list[Line]) -> Plan:
    living = place.households.filter(left_at=None).prefetch_related("members", "registrations").order_by("number")
    return plan(lines, [_known(one) for one in living], numbers_used(place))


def _known(one: Household) -> Known:
    here = [member for member in one.members.all() if member.left_at is None]
    there = [each for each in one.registrations.all() if each.ended_at is None]
    return Known(
        id=one.id,
        number=one.number,
        name=one.name,
        address=one.address,
        key=one.address_key,
        members={member.folded: (member.id, member.phone) for member in here},
        registrations={(each.kind, folded(each.reference)) for each in there},
    )


def _write(place: Neighborhood, made: Plan, now: datetime) -> int:
    """Everything the plan says, in few statements; how many people came new."""
    _readdress(place, [one for one in made.outcomes if one.new_address])
    homes = _insert_households(place, made, now)
    people = [
        Member(household_id=home, name=name, phone=phone, created_at=now)
        for one, home in zip(made.outcomes, homes, strict=True)
        for name, phone in one.people.values()
    ]
    Member.objects.bulk_create(people, batch_size=BATCH)
    phones = {member: phone for one in made.outcomes for member, phone in one.phones.items()}
    changed = list(Member.objects.filter(id__in=phones))
    for member in changed:
        member.phone = phones[member.id]
    Member.objects.bulk_update(changed, ["phone"], batch_size=BATCH)
    registrations = [
        HouseholdRegistration(household_id=home, kind=kind, reference=reference[:80], created_at=now)
        for one, home in zip(made.outcomes, homes, strict=True)
        for kind, reference in one.registrations
    ]
    HouseholdRegistration.objects.bulk_create(registrations, batch_size=BATCH)
    return len(people)


def _insert_households(place: Neighborhood, made: Plan, now: datetime) -> list[UUID]:
    """The households of the plan, those that are new inserted; their ids in its order."""
    used = numbers_used(place) | {one.number for one in made.outcomes if one.number}
    fresh = max(used, default=0)
    new, ids = [], []
    for one in made.outcomes:
        if one.known is not None:
            ids.append(one.known.id)
            continue
        number = one.number
        if number is None:
            number = fresh = fresh + 1
        new.append(Household(neighborhood=place, number=number, name=one.name, address=one.address, created_at=now))
        ids.append(new[-1].id)
    Household.objects.bulk_create(new, batch_size=BATCH)
    return ids


def _readdress(place: Neighborhood, outcomes: list[Outcome]) -> None:
    """Others' addresses first become nobody's, so that a household may get what another one leaves."""
    homes = {home.id: home for home in place.households.filter(id__in=[one.known.id for one in outcomes if one.known])}
    for aside, home in enumerate(homes.values(), start=ASIDE):
        Household.objects.filter(id=home.id).update(address_twin=aside)
    for one in outcomes:
        if one.known is not None:
            home = homes[one.known.id]
            former, home.address, home.address_twin = home.address_key, one.new_address, 0
            home.save(update_fields=["address", "address_twin"])
            lead_twin(place.id, former)


def _record(actor: Actor, action: str, found: HouseholdImport, now: datetime, **facts: object) -> None:
    counts = {verdict.value: getattr(found, verdict.value) for verdict in Verdict}
    audit.record(
        actor=actor,
        action=action,
        subject=("import", found.id),
        ward_id=found.neighborhood.ward_id,
        neighborhood_id=found.neighborhood_id,
        data={**counts, **facts},
        now=now,
    )
