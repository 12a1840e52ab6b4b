"""The treasurer's monthly statement as long work: the month on paper, with the names of those who sign it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend.lib.clock import vietnam_day
from neighborhoods import jobs
from neighborhoods.access import Action, Actor, Role
from neighborhoods.fund.campaigns import campaign_for
from neighborhoods.fund.month_paper import month_paper
from neighborhoods.fund.month_statement import file_name, month_read, statement_of
from neighborhoods.models import Campaign, Job, RoleGrant

JOB = "fund_statement"


def statement_start(*, actor: Actor, campaign_id: UUID, year: int, month: int, now: datetime) -> Job:
    """Ask for the month's statement with the names of those who sign it. The job's file is the PDF."""
    campaign = campaign_for(actor, Action.TEND_FUND, campaign_id)
    first = month_read(year, month, today=vietnam_day(now))
    return jobs.job_start(
        actor=actor,
        kind=JOB,
        neighborhood_id=campaign.neighborhood_id,
        arguments={"campaign": str(campaign.id), "year": first.year, "month": first.month},
        now=now,
    )


def statement_run(run: jobs.JobRun) -> dict[str, Any]:
    campaign = campaign_for(run.actor, Action.TEND_FUND, UUID(run.arguments["campaign"]))
    first, today = date(run.arguments["year"], run.arguments["month"], 1), vietnam_day(run.now())
    people = {role: _holder(campaign, role, run.now()) for role in (Role.TREASURER, Role.LEADER)}
    statement = statement_of(campaign, first, today=today, treasurer=people[Role.TREASURER], leader=people[Role.LEADER])
    paper = month_paper(statement, run.progress)
    run.keep(paper, file_name(campaign, first), "application/pdf")
    return {"lines": len(statement.money_in) + len(statement.money_out)}


def _holder(campaign: Campaign, role: Role, now: datetime) -> str:
    """Whoever holds the role now; empty where nobody does, for a hand to write it."""
    grants = RoleGrant.objects.filter(
        neighborhood_id=campaign.neighborhood_id, role=role, ended_at=None, ends_at__gt=now
    )
    return grants.order_by("-starts_at").values_list("account__display_name", flat=True).first() or ""
