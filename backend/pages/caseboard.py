"""The case log made ready for a template: cases, what was looked through for each, and its requests for footage."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from backend.pages import casewords, footagewords
from cameras import cases
from cameras.footage import reading
from cameras.footage.reading import Asked
from cameras.models import Case, Extraction, FootageRequest
from neighborhoods.access import Action, Actor, Place

SHOWN = 30


@dataclass(frozen=True, slots=True)
class CaseRow:
    case: Case
    kind: str
    outcome: str
    """Empty while it is open."""
    taken: int
    """Extractions in all."""
    used: int


@dataclass(frozen=True, slots=True)
class TakenRow:
    """An extraction. ``helped``: what of it, in words."""

    extraction: Extraction
    reason: str
    outcome: str
    helped: str


@dataclass(frozen=True, slots=True)
class RequestRow:
    request: FootageRequest
    kind: str
    left: str
    """Time to the deadline, in words; empty for one that was taken back."""
    late: bool
    asked: Asked | None


def case_rows(
    actor: Actor, *, ward_id: UUID | None = None, still_open: bool | None = None, before: UUID | None = None,
    most: int = SHOWN,
) -> tuple[list[CaseRow], UUID | None]:  # fmt: skip
    """The newest cases (older than ``before``), and the id after which there are more."""
    found = cases.cases_of_ward(actor, ward_id, still_open=still_open)
    if before is not None:
        found = found.filter(id__lt=before)
    used = Count("extractions", filter=Q(extractions__outcome=Extraction.Outcome.USED))
    listed = list(found.annotate(taken=Count("extractions"), used=used)[: most + 1])
    kinds, outcomes = footagewords.case_kinds(), casewords.outcomes()
    rows = [
        CaseRow(case, kinds.get(case.kind, case.kind), outcomes.get(case.outcome or "", ""), case.taken, case.used)
        for case in listed[:most]
    ]
    return rows, rows[-1].case.id if len(listed) > most else None


def taken_rows(actor: Actor, case: Case) -> list[TakenRow]:
    """What was looked through for a case."""
    reasons, uses, helps = footagewords.reasons(), casewords.uses(), casewords.helps()
    return [
        TakenRow(
            one, reasons.get(one.reason, one.reason), uses.get(one.outcome or "", ""),
            ", ".join(helps.get(word, word) for word in one.what_helped),
        )
        for one in cases.extractions_of(actor, case.id)
    ]  # fmt: skip


def request_rows(actor: Actor, found: list[FootageRequest], *, now: datetime) -> list[RequestRow]:
    """Requests as their asker's side may know them."""
    kinds = footagewords.kinds()
    rows = []
    for request in found:
        left, late = footagewords.left(request, now=now)
        withdrawn = request.state == FootageRequest.State.WITHDRAWN
        asked = reading.seen_by(actor, request, now=now).asked
        rows.append(RequestRow(request, kinds[request.kind], "" if withdrawn else left, late, asked))
    return rows


def requests_of(actor: Actor, case: Case, *, now: datetime) -> list[RequestRow]:
    """A case's requests; none for a reader who is no side of them."""
    return request_rows(actor, list(reading.requests_for(actor).filter(case=case)), now=now)


def records(actor: Actor, case: Case) -> bool:
    """Whether the reader writes in the log of that case."""
    return actor.role_at(Place(ward_id=case.ward_id), Action.RECORD_CASES) is not None
