"""Rows of the desk and of "my data", made ready for a template; nothing is decided here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.pages import datawords
from neighborhoods import desklist, erasure
from neighborhoods.access import Actor
from neighborhoods.models import DataRequest, Member

CLOSED_SHOWN_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One request. ``left`` says how long there is, ``late`` whether that is over."""

    request: DataRequest
    kind: str
    state: str
    who: str
    contact: str
    due: str
    left: str
    late: bool
    waits_for_answer: bool
    ground: str
    erasable: list[Member]
    """Whom the leader may erase by it: the asker, or, where a household asked, whoever of it was meant."""


def open_rows(actor: Actor, *, now: datetime) -> list[DeskRow]:
    """What somebody must do something about, the most urgent first."""
    rows = desklist.most_urgent_first(desklist.data_requests_for(actor)).prefetch_related("household__members")
    return _rows(rows, now)


def closed_rows(actor: Actor, *, now: datetime) -> list[DeskRow]:
    """What was closed lately, the newest first."""
    rows = desklist.data_requests_for(actor).filter(closed_at__gt=now - CLOSED_SHOWN_FOR).order_by("-closed_at")
    return _rows(rows, now)


def _rows(rows: Iterable[DataRequest], now: datetime) -> list[DeskRow]:
    kinds, states, grounds = datawords.kinds(), datawords.states(), datawords.grounds()
    return [_row(row, kinds, states, grounds, now) for row in rows]


def _row(
    row: DataRequest, kinds: dict[str, str], states: dict[str, str], grounds: dict[str, str], now: datetime
) -> DeskRow:
    due = desklist.next_due(row)
    left, late = datawords.time_left(due, now=now)
    who = " · ".join(str(part) for part in (row.member, row.household) if part) or row.asker_name or erasure.ERASED
    is_open = row.closed_at is None
    return DeskRow(
        request=row,
        kind=kinds.get(row.kind, row.kind),
        state=states.get(row.state, row.state),
        who=who,
        contact=row.asker_contact or (row.member.phone if row.member else ""),
        due=datawords.day(due),
        left=left if is_open else "",
        late=late and is_open,
        waits_for_answer=row.state == DataRequest.State.RECEIVED,
        ground=grounds.get(row.ground, ""),
        erasable=_erasable(row),
    )


def _erasable(row: DataRequest) -> list[Member]:
    if row.kind != DataRequest.Kind.DELETE or row.closed_at is not None:
        return []
    meant = [row.member] if row.member else list(row.household.members.all()) if row.household else []
    return [member for member in meant if member.name != erasure.ERASED]
