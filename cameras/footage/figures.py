"""Footage for the police in figures, counted from the audit chain and from nothing else: whoever has a ward's exported
chain counts the same.

A request belongs to the day it was made, and what became of it to the request: a month is final when its last deadline
is over. Refusal and silence are one figure, as they are one answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any

from django.db.models import Q

from neighborhoods.models import AuditEntry, Ward
from neighborhoods.scopes import Scope, Span

ASKED = "footage.asked"
FOLLOWS = frozenset({
    "footage.signed", "footage.withdrawn", "footage.released", "footage.served", "footage.yes_withdrawn",
    "footage.handed_over", "footage.concluded",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """What of an audit entry is counted."""

    action: str
    at: datetime
    subject: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FootageFigures:
    """Of the requests of a span. Cameras are counted once for each request that asks them."""

    voluntary: int
    demands: int
    urgent: int
    """Of both kinds."""
    cameras: int
    granted: int
    not_granted: int
    """Refused or not answered; neither is told apart. What still waits counts here until it is granted."""
    taken_back: int
    """Requests their asker withdrew; their cameras stand in neither figure before."""
    handed_over: int
    """Packages."""
    used: int
    not_used: int
    """Cameras of which footage left, once the asker said whether it helped."""
    hours_to_grant: float | None
    """From asking to the first camera granted, median; None where nothing was."""


@dataclass(slots=True)
class _Request:
    asked_at: datetime
    kind: str
    cameras: int
    urgent: bool
    granted: set[str] = field(default_factory=set)
    first_at: datetime | None = None
    withdrawn: bool = False
    handed: int = 0
    used: int = 0
    taken: int = 0


def footage_figures(scope: Scope, span: Span) -> FootageFigures | None:
    """Of a ward or more; None of a neighborhood, whose requests are the ward's."""
    if scope.neighborhood_id is not None:
        return None
    rows = AuditEntry.objects.filter(_of(scope), at__gte=span.since)
    asked = rows.filter(action=ASKED, at__lt=span.until)
    found = [*_facts(asked), *_facts(rows.filter(action__in=FOLLOWS))]
    return figures_of(sorted(found, key=lambda one: one.at))


def _of(scope: Scope) -> Q:
    if scope.ward_id is not None:
        return Q(ward_id=scope.ward_id)
    if scope.province_code is not None:
        return Q(ward_id__in=Ward.objects.filter(province_code=scope.province_code).values("id"))
    return Q()


def figures_of(facts: Iterable[Fact]) -> FootageFigures:
    """Count ``facts``, in order of time. What follows on a request that is not among them is left out."""
    requests: dict[str, _Request] = {}
    for fact in facts:
        if fact.action == ASKED:
            requests[fact.subject.partition(":")[2]] = _asked(fact)
        elif request := requests.get(_request_of(fact)):
            _follow(request, fact)
    return _summed(list(requests.values()))


def _asked(fact: Fact) -> _Request:
    return _Request(fact.at, fact.data["kind"], fact.data["cameras"], "urgent" in fact.data["over"])


def _request_of(fact: Fact) -> str:
    kind, _colon, subject_id = fact.subject.partition(":")
    return subject_id if kind == "footage_request" else str(fact.data["request"])


def _follow(request: _Request, fact: Fact) -> None:
    match fact.action:
        case "footage.signed" if fact.data["urgent"]:
            request.granted = {str(number) for number in range(request.cameras)}
            request.first_at = fact.at
        case "footage.released" | "footage.served":
            request.granted.add(str(fact.data["camera"]))
            request.first_at = request.first_at or fact.at
        case "footage.yes_withdrawn":
            request.granted.discard(str(fact.data["camera"]))
        case "footage.withdrawn":
            request.withdrawn = True
        case "footage.handed_over":
            request.handed += 1
        case "footage.concluded":
            request.taken, request.used = fact.data["taken"], fact.data["used"]


def _summed(requests: list[_Request]) -> FootageFigures:
    kept = [one for one in requests if not one.withdrawn]
    cameras, granted = sum(one.cameras for one in kept), sum(len(one.granted) for one in kept)
    waits = [(one.first_at - one.asked_at).total_seconds() / 3600 for one in kept if one.granted and one.first_at]
    return FootageFigures(
        voluntary=sum(one.kind == "voluntary" for one in requests),
        demands=sum(one.kind == "demand" for one in requests),
        urgent=sum(one.urgent for one in requests),
        cameras=cameras,
        granted=granted,
        not_granted=cameras - granted,
        taken_back=len(requests) - len(kept),
        handed_over=sum(one.handed for one in requests),
        used=sum(one.used for one in requests),
        not_used=sum(one.taken - one.used for one in requests),
        hours_to_grant=round(median(waits), 1) if waits else None,
    )


def _facts(rows: Any) -> list[Fact]:
    return [Fact(*row) for row in rows.values_list("action", "at", "subject", "data")]
