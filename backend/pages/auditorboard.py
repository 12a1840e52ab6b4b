"""An auditor's home made ready for a template: what waits, what runs, how the audit stands. It only reads."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from backend.figures.open_month import months_of
from backend.lib.clock import vietnam_day
from backend.pages import footagewords
from cameras.footage import reading
from cameras.footage.inforce import POLICY
from cameras.models import FootageRequest
from cameras.oddlooks import odd_uses_unlooked
from neighborhoods.access import Actor
from neighborhoods.auditing.copies import copies_failing, copies_left
from neighborhoods.auditing.export_job import heads_of
from neighborhoods.auditing.letters import grouped
from neighborhoods.models import AuditCopy, AuditHead, Ward

MOST_ROWS = 6
MONTHS = 6
HEAD_LATE = timedelta(days=2)
"""A day's head is signed the morning after."""
State, Kind = FootageRequest.State, FootageRequest.Kind


@dataclass(frozen=True, slots=True)
class Review:
    """An urgent release that waits for its review."""

    request: FootageRequest
    left: str
    late: bool


@dataclass(frozen=True, slots=True)
class Running:
    """Before their deadline, as the ward's room counts them."""

    requests: int
    demands: int
    unsigned: int
    first: str
    """How long the first of them to run out has; empty where nothing runs."""


@dataclass(frozen=True, slots=True)
class Desk:
    reviews: list[Review]
    """The first to be due first, ``MOST_ROWS`` at most."""
    waiting: int
    within_hours: int
    odd: int
    """Odd uses that came since this auditor last read the list."""
    running: Running
    head: AuditHead | None
    head_hash: str
    head_late: bool
    copies: list[tuple[str, AuditCopy | None]]
    """Of each way in use, the newest day that has left the machine."""
    failing: list[AuditCopy]
    months: list[date]


def desk_of(actor: Actor, ward: Ward, *, now: datetime) -> Desk:
    """Raises ``Absent`` where the actor does not audit the ward."""
    of_ward = reading.requests_for(actor).filter(case__ward_id=ward.id)
    reviews = _to_review(of_ward, actor.account_id)
    head = heads_of(actor, ward.id).order_by("-day").first()
    return Desk(
        reviews=[_review(one, now) for one in reviews[:MOST_ROWS]],
        waiting=reviews.count(),
        within_hours=int(POLICY.review_within.total_seconds() // 3600),
        odd=odd_uses_unlooked(actor, ward.id).count(),
        running=_running(of_ward, now),
        head=head,
        head_hash=grouped(head.hash) if head else "",
        head_late=head is not None and head.day < vietnam_day(now) - HEAD_LATE,
        copies=list(copies_left().items()),
        failing=copies_failing(now=now),
        months=months_of(ward, most=MONTHS, now=now),
    )


def _to_review(of_ward: QuerySet[FootageRequest], account_id: UUID | None) -> QuerySet[FootageRequest]:
    """Nobody reviews what they asked or signed themselves."""
    released = of_ward.filter(urgent=True, signed_at__isnull=False, reviewed_at=None)
    return released.exclude(asked_by_id=account_id).exclude(signed_by_id=account_id).order_by("signed_at")


def _review(request: FootageRequest, now: datetime) -> Review:
    assert request.signed_at is not None  # noqa: S101  (``_to_review`` takes no other)
    return Review(request, *footagewords.left_until(request.signed_at + POLICY.review_within, now=now))


def _running(of_ward: QuerySet[FootageRequest], now: datetime) -> Running:
    ahead = of_ward.filter(deadline_at__gt=now, state__in=(State.OPEN, State.UNSIGNED))
    rows = list(ahead.order_by("deadline_at").values_list("kind", "state", "deadline_at"))
    signed = [kind for kind, state, _at in rows if state == State.OPEN]
    return Running(
        requests=sum(kind == Kind.VOLUNTARY for kind in signed),
        demands=sum(kind == Kind.DEMAND for kind in signed),
        unsigned=len(rows) - len(signed),
        first=footagewords.left_until(rows[0][2], now=now)[0] if rows else "",
    )
