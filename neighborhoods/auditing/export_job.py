"""An auditor takes their ward's chain along: long work whose file is the export."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, Conflict
from neighborhoods import audit, jobs
from neighborhoods.access import Action, Actor, Place, reach, require
from neighborhoods.auditing.export import export_lines, starts
from neighborhoods.models import AuditEntry, AuditHead, Job, Ward

JOB = "audit_export"
WARD = "ward:"
MOST_ENTRIES = 100_000
"""In one file, some 60 MB, made in memory. Whoever needs more takes a later ``since``, or the operator's command."""


def ward_for(actor: Actor, ward_id: UUID) -> Ward:
    """A ward whose audit the actor may read; absent and forbidden are the same ``Absent``."""
    require(actor, Action.SEE_AUDIT, Place(ward_id=ward_id))
    ward = Ward.objects.filter(id=ward_id).first()
    if ward is None:
        raise Absent()
    return ward


def wards_audited(actor: Actor) -> list[Ward]:
    """Every ward whose audit the actor may read."""
    to = reach(actor, Action.SEE_AUDIT)
    found = Ward.objects.order_by("code")
    return list(found if to.everywhere else found.filter(id__in=to.ward_ids))


def heads_of(actor: Actor, ward_id: UUID) -> QuerySet[AuditHead]:
    """The signed heads of one ward's chain."""
    return AuditHead.objects.filter(chain=audit.chain_of(ward_for(actor, ward_id).id))


def head_for(actor: Actor, head_id: UUID) -> AuditHead:
    """One head of a chain that the actor may read; absent and forbidden are the same ``Absent``."""
    head = AuditHead.objects.filter(id=head_id).first()
    if head is None:
        raise Absent()
    ward = head.chain.removeprefix(WARD) if head.chain.startswith(WARD) else None
    require(actor, Action.SEE_AUDIT, Place(ward_id=UUID(ward) if ward else None))
    return head


def export_start(*, actor: Actor, ward_id: UUID, since: date | None, now: datetime) -> Job:
    """Ask for the ward's chain, whole or from the head of the day ``since`` on.

    Raises ``Absent``, ``Conflict`` (``no_head_that_day``, ``export_too_long``, ``job_running``, ``too_many_jobs``).
    """
    chain = audit.chain_of(ward_for(actor, ward_id).id)
    if since and not AuditHead.objects.filter(chain=chain, day=since).exists():
        raise Conflict(_("No head was signed on that day. Choose another."), code="no_head_that_day")
    if AuditEntry.objects.filter(chain=chain, seq__gt=starts([chain], since)[chain]).count() > MOST_ENTRIES:
        raise Conflict(_("That is more than one file holds. Choose a later day to begin with."), code="export_too_long")
    return jobs.job_start(
        actor=actor,
        kind=JOB,
        neighborhood_id=None,
        arguments={"ward": str(ward_id), "since": since.isoformat() if since else None},
        once=f"audit-export:{ward_id}",
        action=Action.SEE_AUDIT,
        now=now,
    )


def export_run(run: jobs.JobRun) -> dict[str, Any]:
    actor, now = run.actor, run.now()
    ward = ward_for(actor, UUID(run.arguments["ward"]))
    since = date.fromisoformat(run.arguments["since"]) if run.arguments["since"] else None
    chain, key = audit.chain_of(ward.id), settings.SECRETS.signing_key
    raw = b"".join(export_lines([chain], key=key, now=now, since=since))
    run.keep(raw, f"audit-{ward.code}-{now:%Y-%m-%d}.jsonl", "application/x-ndjson")
    result = {"bytes": len(raw)}
    with transaction.atomic():
        run.settle(result)
        audit.record(
            actor=actor,
            action="audit.exported",
            subject=("ward", ward.id),
            ward_id=ward.id,
            neighborhood_id=None,
            data={"since": run.arguments["since"], "bytes": len(raw)},
            now=now,
        )
    return result
