"""A bank's statement, for what no messenger told: read and looked through first, taken in after a yes.

Matching and sameness are the webhook's. Taking in goes in portions, each its own transaction, so that a long list never
holds up who gives money at that moment; begun again after a kill it finds what it took in and goes on.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, Conflict
from backend.lib.tables import read_table
from neighborhoods import audit, jobs, sealing
from neighborhoods.access import Actor
from neighborhoods.fund import bank_statement_lines, memo
from neighborhoods.fund.bank_accounts import account_locked, bank_account_for, bank_account_held
from neighborhoods.fund.bank_messages import Transfer
from neighborhoods.fund.bank_rows import readings_of, transfer_receive
from neighborhoods.fund.bank_sameness import STATEMENT, known_row, sameness_of
from neighborhoods.fund.bank_statement_lines import Line, Said
from neighborhoods.models import BankAccount, BankStatement, Campaign, Household, Job

KIND = "bank_statement"
SEALED_FOR = "bank statement"
MOST_LINES = 3000
PORTION = 10
"""Lines in one transaction: on SQLite nobody else writes meanwhile."""
KEPT = timedelta(days=1)
COUNTS = ("booked", "queued", "known", "out", "unreadable")
LOOKED_AT = 200
"""Lines the preview shows."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A line and what would become of it: one of ``COUNTS``. ``candidate`` is whom its words name, if anybody."""

    line: Line
    outcome: str
    candidate: memo.Candidate | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    statement: BankStatement
    looked: list[Looked]


def statement_read(*, actor: Actor, account_id: UUID, data: bytes, name: str, now: datetime) -> Preview:
    """Read a statement and say what each line would do. Nothing is booked.

    Raises ``Absent``, ``BadInput`` (``table_unreadable``, ``table_too_large``), ``Conflict`` (``bank_account_closed``).
    """
    account = bank_account_for(actor, account_id)
    table = read_table(data, name=name, most_rows=MOST_LINES, is_heading=bank_statement_lines.is_heading)
    looked = _look(account, bank_statement_lines.lines_of(table))
    counts = {name: sum(one.outcome == name for one in looked) for name in COUNTS}
    kept = json.dumps(bank_statement_lines.to_json([one.line for one in looked])).encode()
    with transaction.atomic():
        bank_account_held(actor, account_id)
        statement = BankStatement.objects.create(
            account=account, file_name=name[:120], lines=sealing.seal(SEALED_FOR, kept), counts=counts,
            read_by_id=actor.account_id, created_at=now,
        )  # fmt: skip
        _record(actor, statement, account, "bank_statement.read", now, **counts)
    return Preview(statement, looked)


def statement_apply(*, actor: Actor, statement_id: UUID, now: datetime) -> Job:
    """Take it in. Raises ``Absent``, ``Conflict``: ``statement_applied``, ``bank_account_closed``, ``job_running``."""
    statement = statement_for(actor, statement_id)
    if statement.applied_at is not None:
        raise Conflict(_("This statement has been taken in already."), code="statement_applied")
    if statement.account.closed_at is not None:
        raise Conflict(_("This account is closed."), code="bank_account_closed")
    return jobs.job_start(
        actor=actor, kind=KIND, neighborhood_id=statement.account.neighborhood_id,
        arguments={"statement": str(statement.id)}, now=now, once=f"{KIND}:{statement.account_id}",
    )  # fmt: skip


def statement_for(actor: Actor, statement_id: UUID) -> BankStatement:
    """One statement; absent and forbidden are the same ``Absent``."""
    statement = BankStatement.objects.select_related("account__neighborhood").filter(id=statement_id).first()
    if statement is None:
        raise Absent()
    bank_account_for(actor, statement.account_id)
    return statement


def run(job: jobs.JobRun) -> dict[str, Any]:
    """The job: portion after portion, then the statement is done and forgets its lines."""
    actor = job.actor
    statement = statement_for(actor, UUID(job.arguments["statement"]))
    coming = [line.transfer for line in lines_kept(statement) if line.transfer]
    counts = dict.fromkeys(("booked", "queued", "known"), 0)
    taken: set[UUID] = set()
    for start in range(0, len(coming), PORTION):
        with transaction.atomic():
            account = bank_account_held(actor, statement.account_id)
            for transfer in coming[start : start + PORTION]:
                counts[_take(account, transfer, taken, job.now())] += 1
        job.progress(min(start + PORTION, len(coming)), len(coming))
    with transaction.atomic():
        account = account_locked(statement.account_id)
        now = job.now()
        BankStatement.objects.filter(id=statement.id, applied_at=None).update(applied_at=now, lines=b"")
        result = {**counts, "account": str(account.id)}
        job.settle(result)
        _record(actor, statement, account, "bank_statement.applied", now, **counts)
    return result


def lines_kept(statement: BankStatement) -> list[Line]:
    """Its lines of money that came in; none once it was taken in."""
    if not statement.lines:
        return []
    return bank_statement_lines.from_json(json.loads(sealing.unseal(SEALED_FOR, statement.lines)))


def statements_expire(*, now: datetime) -> int:
    """Forget statements that were read a day ago, taken in or not; returns how many."""
    return BankStatement.objects.filter(created_at__lt=now - KEPT).delete()[0]


def _take(account: BankAccount, transfer: Transfer, taken: set[UUID], now: datetime) -> str:
    received = transfer_receive(account=account, transfer=transfer, came_by=STATEMENT, now=now, taken=taken)
    taken.add(received.row.id)
    if received.known:
        return "known"
    return "booked" if received.payment else "queued"


def _look(account: BankAccount, lines: list[Line]) -> list[Looked]:
    """What would become of each line, by the rules of ``transfer_receive``, which decides anew."""
    place = account.neighborhood
    coming = [line.transfer for line in lines if line.transfer]
    readings = iter(readings_of([one.content for one in coming], place.id, place.selector))
    campaigns = set(Campaign.objects.filter(neighborhood=place, closed_at=None).values_list("code", flat=True))
    living = set(Household.objects.filter(neighborhood=place, left_at=None).values_list("number", flat=True))
    taken: set[UUID] = set()
    told: set[str] = set()
    looked = []
    for line in lines:
        if line.transfer is None:
            looked.append(Looked(line, "out" if line.said is Said.OUT else "unreadable"))
            continue
        reading = next(readings)
        known = known_row(account, line.transfer, came_by=STATEMENT, taken=taken)
        again = _again(line.transfer, told)
        if known is not None:
            taken.add(known.id)
        one = reading.candidates[0] if len(reading.candidates) == 1 else None
        sure = reading.certainty is memo.Certainty.EXACT and one is not None
        booked = sure and one is not None and one.campaign in campaigns and one.household in living
        looked.append(Looked(line, "known" if known or again else "booked" if booked else "queued", one))
    return looked


def _again(transfer: Transfer, told: set[str]) -> bool:
    """Whether an earlier line of the file has the same reference, day and amount."""
    if not transfer.reference:
        return False
    before = (same := sameness_of(transfer)) in told
    told.add(same)
    return before


def _record(
    actor: Actor, statement: BankStatement, account: BankAccount, action: str, now: datetime, **facts: object
) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=("bank_statement", statement.id),
        ward_id=account.neighborhood.ward_id,
        neighborhood_id=account.neighborhood_id,
        data=facts,
        now=now,
    )
