"""Celery's side of the people: each task calls one verb."""

import logging
from uuid import UUID

from celery import shared_task
from django.conf import settings

from backend.lib import clock
from neighborhoods import (
    audit_chain,
    belongings,
    guesses,
    heldcodes,
    idempotency,
    jobs,
    outbox,
    papers,
    people_import,
    walls,
)
from neighborhoods.auditing import copies
from neighborhoods.fund import bank_rows, bank_statements

logger = logging.getLogger(__name__)


@shared_task
def answers_expire() -> None:
    """Forget what repeated POSTs were answered more than 24 hours ago."""
    idempotency.expire(now=clock.now())


@shared_task
def guesses_expire() -> None:
    """Forget failed tries, and places of redemption, that are too old to count."""
    guesses.expire(now=clock.now())


@shared_task
def pairings_expire() -> None:
    """Forget screens that asked to be let in a day ago."""
    walls.pairings_expire(now=clock.now())


@shared_task
def outbox_expire() -> None:
    """Forget news that was told a week ago."""
    outbox.outbox_expire(now=clock.now())


@shared_task
def audit_check() -> None:
    """Verify every audit chain and sign its head, once a day has ended."""
    config, key = settings.CONFIG, settings.SECRETS.signing_key
    earlier = config.list_of("AUDIT_KEYS")
    for fault in audit_chain.audit_check(config.audit_head_file, key=key, now=clock.now(), earlier=earlier):
        logger.error("audit: %s", fault)


@shared_task
def audit_copies_leave() -> None:
    """Put the signed heads where the operator wants copies; what fails is tried again in an hour."""
    for copy in copies.copies_leave(now=clock.now()):
        logger.error("audit: the heads of %s did not leave (%s): %s", copy.day, copy.way, copy.trouble)


@shared_task
def jobs_tick() -> None:
    """Hand out the jobs that wait, those of dead workers included."""
    for job_id in jobs.jobs_sweep(now=clock.now()):
        job_run.delay(str(job_id))


@shared_task
def job_run(job_id: str) -> None:
    """Do one job."""
    jobs.job_run(UUID(job_id), now=clock.now, beating=True)


@shared_task
def jobs_expire() -> None:
    """Remove what jobs left when its time is over: secrets within the hour."""
    jobs.jobs_expire(now=clock.now())


@shared_task
def held_codes_expire() -> None:
    """Forget the secrets of codes whose sheet nobody printed within the hour."""
    heldcodes.expire(now=clock.now())


@shared_task
def bank_messages_expire() -> None:
    """Forget banks' messages after 30 days, strangers' words after 90, and statements that were read a day ago."""
    bank_rows.raws_expire(now=clock.now())
    bank_rows.strangers_forget(now=clock.now())
    bank_statements.statements_expire(now=clock.now())


@shared_task
def imports_expire() -> None:
    """Forget lists of households that were read a day ago."""
    people_import.imports_expire(now=clock.now())


@shared_task
def papers_sweep() -> None:
    """Remove files of papers that a crash left without a row."""
    papers.sweep(now=clock.now())


@shared_task
def places_tidy() -> None:
    """What reached a neighborhood in the moment it was merged into another goes after the others."""
    for table, rows in belongings.late_ones_move().items():
        logger.warning("places: %d late rows of %s went on to where their neighborhood was merged", rows, table)
