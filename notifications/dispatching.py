"""From the outbox to the feed: each piece of news becomes its events, once, whoever dies and however many dispatch.

One transaction a row: the claim (a conditional UPDATE), what the news causes (``reactions``), then the feed's lock, the
events and what is pushed. So a kill leaves either nothing or all of it, and ids of events rise in the order of commits.
The feed's lock is the last that is taken: whoever holds it waits for nobody.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from neighborhoods import locks, outbox
from neighborhoods.models import OutboxRow
from notifications import feed, pushes, rules, streams, telling
from notifications.models import Alert, Event, Stream
from notifications.reactions import REACTIONS
from notifications.rules import AlertFacts, Draft, News, View

log = logging.getLogger(__name__)

BATCH = 200
OPEN_STREAMS = (Stream.Kind.NEIGHBORHOOD, Stream.Kind.WARD)
"""Where the open view is told."""
HEARD = rules.HEARD | REACTIONS.keys()

Tell = Callable[[Sequence[Event]], None]
"""Called after the commit with the events of one piece of news. It may lose them."""


def _to_nobody(events: Sequence[Event]) -> None:
    return None


def dispatch_once(*, now: datetime, tell: Tell = _to_nobody) -> int:
    """Tell every row that is due, oldest first; returns how many were told. Rows of which nobody hears are done.

    A row that fails is put off and logged; the others go on. Raises ``DatabaseError`` where the database is away.
    """
    told = 0
    while rows := outbox.rows_due(topics=HEARD, now=now, limit=BATCH):
        for row in rows:
            told += _attempt(row, now, tell)
        if len(rows) < BATCH:
            break
    outbox.rows_ignore(heard=HEARD, now=now)
    return told


def _attempt(row: OutboxRow, now: datetime, tell: Tell) -> bool:
    """Tell one row; False where another dispatcher has, or where it failed."""
    try:
        events = _told(row, now)
    except Exception:
        again = outbox.row_postpone(row, now=now)  # raises where it is the database that fails
        log.exception("outbox row %s (%s) is not told; again at %s", row.id, row.topic, again.isoformat())
        return False
    if events:
        tell(events)
    return events is not None


def _told(row: OutboxRow, now: datetime) -> list[Event] | None:
    with transaction.atomic():
        if not outbox.row_claim(row.id, now=now):
            return None
        news = _read(row)
        if row.topic in REACTIONS:
            REACTIONS[row.topic](news, now)
        if row.topic not in rules.HEARD:
            return []
        locks.hold(["feed"])
        alert = _alert_of(news)
        if alert is not None:
            news = replace(news, alert=_facts(alert))
            if row.topic == feed.WITHDRAWN:
                _take_back(alert)
        events = _write(row, rules.decide(news), alert, now)
        pushes.pushes_plan(events, now=now)
        return events


def _read(row: OutboxRow) -> News:
    """The row as news. What the audit wrote stands under ``data``; news that is no act is its own data."""
    payload = row.payload
    return News(
        topic=row.topic,
        subject=str(payload.get("subject", "")),
        data=payload.get("data", payload),
        neighborhood_id=row.neighborhood_id,
    )


def _alert_of(news: News) -> Alert | None:
    """The alert as it stands now, read under the feed's lock: what is told later is never older."""
    if news.topic not in rules.ALERT_TOPICS:
        return None
    return telling.alerts_with_facts().filter(id=UUID(news.subject.removeprefix("alert:"))).first()


def _facts(alert: Alert) -> AlertFacts:
    return AlertFacts(
        id=alert.id,
        ward_id=alert.ward_id,
        neighborhood_id=alert.neighborhood_id,
        category=alert.category,
        escalation=alert.escalation,
    )


def _write(row: OutboxRow, drafts: Sequence[Draft], alert: Alert | None, now: datetime) -> list[Event]:
    """The events, each with the next number of its stream; each view of the alert is made once."""
    heard = streams.rows_for([(Stream.Kind(draft.stream_kind), draft.subject_id) for draft in drafts])
    views = {view: _view(alert, view) for view in {draft.view for draft in drafts} if view != View.DATA}
    return [
        _append(
            stream,
            kind=draft.kind,
            at=row.at,
            data={"alert": views[draft.view]} if draft.view in views else dict(draft.data),
            alert=alert,
            outbox_id=row.id,
            created_at=now,
        )
        for stream, draft in zip(heard, drafts, strict=True)
    ]


def _view(alert: Alert | None, view: View) -> dict[str, object]:
    assert alert is not None  # noqa: S101  (rules draft views of alerts only)
    return telling.full_view(alert) if view == View.FULL else telling.open_view(alert)


def _take_back(alert: Alert) -> None:
    """The earlier events of a withdrawn alert say no more than it says now. Under the feed's lock: what is told later
    is made of the alert as it stands, so that none with the words can follow."""
    events = Event.objects.filter(alert=alert, stream__kind__in=OPEN_STREAMS)
    events.update(data={"alert": telling.open_view(alert)})


def _append(stream: Stream, **fields: object) -> Event:
    stream.head += 1
    stream.save(update_fields=["head"])
    return Event.objects.create(stream=stream, seq=stream.head, **fields)
