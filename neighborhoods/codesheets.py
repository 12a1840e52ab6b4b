"""Sheets of codes on paper: one of a fresh code, or those of a whole neighborhood at once, as a job.

A sheet needs the code's secrets, which exist only for an hour and once (``heldcodes``). The job holds those of every
code it issues until its paper is written: killed in between it finds them again and issues no second code.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from neighborhoods import audit, codepaper, codes, heldcodes, households, jobs
from neighborhoods.access import Action, Actor
from neighborhoods.models import AccessCode, HeldCode, Household, Job
from neighborhoods.places import neighborhood_for

KIND = "codes.print"
MOST_HOUSEHOLDS = 1000
PDF = "application/pdf"


def sheet_take(*, actor: Actor, code_id: UUID, join_url: str, now: datetime) -> bytes:
    """The sheet of a fresh code as PDF: within an hour of its issue, and once. ``join_url``: the code page's address.

    Raises ``Absent``, ``Conflict`` (``code_revoked``, ``sheet_gone``: nobody can print it again, so it is reissued).
    """
    with transaction.atomic():
        code = codes.code_for(actor, code_id)
        require_held(code, now=now)
        secrets = heldcodes.take(code.id, now=now)
        if secrets is None:
            raise _gone()
        audit.record(
            actor=actor,
            action="code.printed",
            subject=("code", code.id),
            ward_id=code.neighborhood.ward_id,
            neighborhood_id=code.neighborhood_id,
            data={"household": code.household_id},
            now=now,
        )
    return codepaper.sheets([codepaper.facts(code, secrets, join_url=join_url)])


def require_held(code: AccessCode, *, now: datetime) -> None:
    """Raise where there is no sheet any more, and say why."""
    if code.revoked_at is not None:
        raise Conflict(_("This code was taken back. Issue a new one instead."), code="code_revoked")
    if not HeldCode.objects.filter(code=code, expires_at__gt=now).exists():
        raise _gone()


def codes_print(
    *, actor: Actor, neighborhood_id: UUID, household_ids: Collection[UUID] | None, join_url: str, now: datetime
) -> Job:
    """Ask for codes and their sheets: for every household without a living code, or for those chosen.

    A chosen household that has a code gets new secrets for it: its old sheet is dead, its phones go on. Raises
    ``Absent``, ``BadInput`` (too many, or a household of elsewhere), ``Conflict`` (``nothing_to_print``,
    ``job_running``).
    """
    place = neighborhood_for(actor, Action.MANAGE_CODES, neighborhood_id)
    living = Household.objects.filter(neighborhood=place, left_at=None).order_by("number")
    if household_ids is None:
        found = list(living.exclude(_has_code(now)).values_list("id", flat=True))
    else:
        found = list(living.filter(id__in=household_ids).values_list("id", flat=True))
        if len(found) != len(set(household_ids)):
            raise Absent()
    if not found:
        raise Conflict(_("Every household has a code. Choose those whose sheet is to be made anew."),
                       code="nothing_to_print")  # fmt: skip
    if len(found) > MOST_HOUSEHOLDS:
        reason = _("At most %(most)d households at a time.") % {"most": MOST_HOUSEHOLDS}
        raise BadInput(reason, fields={"households": [reason]})
    arguments = {
        "households": [str(one) for one in found], "chosen": household_ids is not None, "join_url": join_url,
    }  # fmt: skip
    return jobs.job_start(
        actor=actor,
        kind=KIND,
        neighborhood_id=place.id,
        arguments=arguments,
        now=now,
        once=f"{KIND}:{place.id}",
        action=Action.MANAGE_CODES,
    )


def run(job_run: jobs.JobRun) -> dict[str, Any]:
    """The job: a code for each household, each in a transaction of its own, then all sheets in one file."""
    wanted = [UUID(text) for text in job_run.arguments["households"]]
    for number, household_id in enumerate(wanted):
        job_run.progress(number, len(wanted))
        _code_for_paper(job_run, household_id)
    held = heldcodes.held_by(job_run.job.id)
    found = AccessCode.objects.select_related("household", "neighborhood__ward").filter(id__in=held, revoked_at=None)
    rows = found.order_by("household__number")
    join_url = str(job_run.arguments["join_url"])
    facts = [codepaper.facts(code, held[code.id], join_url=join_url) for code in rows]
    result = {"codes": len(facts), "skipped": len(wanted) - len(facts), "pages": codepaper.pages_of(len(facts))}
    if facts:
        job_run.keep(codepaper.sheets(facts), _("Code sheets.pdf"), PDF, secret=True)
    job_run.progress(len(wanted), len(wanted))
    with transaction.atomic():
        heldcodes.drop(held)
        job_run.settle(result)
    return result


def _code_for_paper(job_run: jobs.JobRun, household_id: UUID) -> None:
    """One code of this household, held by the job. An earlier attempt's is kept; who has moved away gets none."""
    job_id, moment = job_run.job.id, job_run.now()
    with transaction.atomic():
        try:
            households.living_household(household_id)  # held to commit: two never give it a code at once
        except Absent:
            return
        if HeldCode.objects.filter(job_id=job_id, code__household_id=household_id, code__revoked_at=None).exists():
            return
        living = _living_codes(moment).filter(household_id=household_id).order_by("-issued_at").first()
        if living is None:
            codes.code_issue(actor=job_run.actor, household_id=household_id, job_id=job_id, now=moment)
        elif job_run.arguments["chosen"]:
            codes.code_reissue(actor=job_run.actor, code_id=living.id, job_id=job_id, now=moment)


def without_code(households_here: Iterable[Household], *, now: datetime) -> set[UUID]:
    """Of these households: those without a living code."""
    ids = [household.id for household in households_here]
    return set(ids) - set(_living_codes(now).filter(household_id__in=ids).values_list("household_id", flat=True))


def _has_code(now: datetime) -> Exists:
    return Exists(_living_codes(now).filter(household=OuterRef("pk")))


def _living_codes(now: datetime) -> Any:
    return AccessCode.objects.filter(Q(kind=AccessCode.Kind.HOUSEHOLD), Q(revoked_at=None), Q(expires_at__gt=now))


def _gone() -> Conflict:
    reason = _("The sheet can be printed once, within an hour. Issue the code anew and print it then.")
    return Conflict(reason, code="sheet_gone")
