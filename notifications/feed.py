"""The feed: events as rows, as text, and page by page. ``dispatching`` writes them, and takes back
the words of what is withdrawn."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Min
from django.utils.translation import gettext as _

from backend.lib.clock import iso
from backend.lib.errors import BadInput
from neighborhoods.access import Actor
from notifications import cursors, streams
from notifications.models import Event, Stream

WITHDRAWN = "alert.withdrawn"
"""The one kind of event that changes earlier ones: it takes back the words that they say."""

MOST = 200
"""Events of one page."""


def wire(event: Event) -> str:
    """The event as every reader gets it, over HTTP, sockets and the channel layer: one JSON object, the only place
    where it is written. Made from a row just written or read back, the text is the same."""
    return json.dumps(shape(event), separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def shape(event: Event) -> dict[str, Any]:
    """``{stream, seq, kind, at, data, cursor}``."""
    return {
        "stream": str(event.stream_id),
        "seq": event.seq,
        "kind": event.kind,
        "at": iso(event.at),
        "data": event.data,
        "cursor": cursors.pack(event.id, event.created_at),
    }


def head_id() -> int:
    """The id of the newest event; 0 where there is none. Every event up to it can be seen by whoever sees it."""
    return Event.objects.order_by("-id").values_list("id", flat=True).first() or 0


def heads(stream_ids: Iterable[UUID]) -> dict[str, int]:
    """``seq`` of each stream's newest event, by the stream's id as text; 0 where there is none."""
    rows = Stream.objects.filter(id__in=list(stream_ids)).values_list("id", "head")
    return {str(stream_id): head for stream_id, head in rows}


def events_after(last_id: int, *, limit: int, stream_ids: Collection[UUID] | None = None) -> list[Event]:
    """Events with a higher id, in order of id: of all streams (the hub's feeder), or of these."""
    found = Event.objects.filter(id__gt=last_id)
    if stream_ids is not None:
        found = found.filter(stream_id__in=stream_ids)
    return list(found.order_by("id")[:limit])


@dataclass(frozen=True, slots=True)
class Position:
    """Where a reader goes on. ``reload``: something it has not read may be gone; it asks for the state first."""

    last_id: int
    reload: bool


def position(since: str, *, now: datetime) -> Position:
    """What a cursor means now; an empty one is the beginning of what is kept.

    Raises ``BadInput`` for text that is no cursor of ours.
    """
    if not since:
        return Position(0, reload=False)
    try:
        cursor = cursors.unpack(since)
    except ValueError:
        raise BadInput(
            _("“since” is not a cursor this feed gave out: leave it out, or take the one of the last answer."),
            fields={"since": [_("Not a cursor of this feed.")]},
        ) from None
    old = cursor.at < now - _kept()
    return Position(cursor.event_id, reload=old or _is_gone(cursor.event_id))


def _kept() -> timedelta:
    return timedelta(days=int(settings.CONFIG.FEED_DAYS))


def _is_gone(last_id: int) -> bool:
    """Whether events after ``last_id`` have been deleted, or ``last_id`` is of another database (a backup put back).

    Who saw the feed empty (0) has nothing before the first event, whatever its id: ids have gaps, and the newest event
    is never deleted, so a feed that had events is not empty again.
    """
    oldest = Event.objects.aggregate(oldest=Min("id"))["oldest"]
    return last_id > head_id() or (oldest is not None and 0 < last_id < oldest - 1)


@dataclass(frozen=True)
class Page:
    results: list[Event]
    cursor: str
    """Where to go on."""
    more: bool
    reload: bool
    heads: dict[str, int]

    def shape(self) -> dict[str, Any]:
        """As it is answered."""
        return {**vars(self), "results": [shape(event) for event in self.results]}


def feed_page(actor: Actor, since: str, *, limit: int = MOST, now: datetime) -> Page:
    """Events of all streams that ``actor`` reads, after the cursor ``since``, oldest first.

    Heads are read first, then the newest id, then the events: so a page is never behind the heads it names, and its
    cursor never ahead of what it holds. Raises ``BadInput``.
    """
    where = position(since, now=now)
    own = streams.rows_of(actor)
    own_heads = {str(stream.id): stream.head for stream in own}
    newest = head_id()
    if where.reload:
        return Page([], cursors.pack(newest, now), more=False, reload=True, heads=own_heads)
    ids = [stream.id for stream in own]
    found = [one for one in events_after(where.last_id, limit=limit + 1, stream_ids=ids) if one.id <= newest]
    results, more = found[:limit], len(found) > limit
    last_id = results[-1].id if more else newest
    return Page(results, cursors.pack(last_id, now), more=more, reload=False, heads=own_heads)


def events_expire(*, now: datetime) -> int:
    """Delete events older than ``FEED_DAYS``; returns how many.

    Always from the beginning and without a hole, so that the lowest id tells which cursors are too old, whatever clocks
    did; and never the newest, whose id is the feed's head.
    """
    kept = Event.objects.filter(created_at__gte=now - _kept()).aggregate(first=Min("id"))["first"]
    end = head_id() if kept is None else kept
    return Event.objects.filter(id__lt=end).delete()[0]
