"""How a socket joins: where its cursor stands, what it missed, and from there on everything as it comes.

The log decides, not the moment: a listener is subscribed at an id, and everything after that id is written to it in
order, first what is remembered and then what comes. So nothing falls between replay and live, and nothing comes twice.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from backend.lib.errors import BadInput
from notifications import cursors
from notifications.hub import rows, signals
from notifications.hub.codes import Close
from notifications.hub.hub import Hub
from notifications.hub.listeners import Listener

PAGE = 100
LONGEST_REPLAY = 2_000
"""Events; whoever missed more asks for the state, which is shorter."""

Ask = Callable[..., Awaitable[Any]]
"""Runs a function of ``rows`` in a thread. Raises ``Unavailable`` where the database is silent."""


async def join(hub: Hub, listener: Listener, since: str | None, *, kept: timedelta, ask: Ask) -> None:
    """Subscribe an admitted listener after ``since``; without one, after everything there is now.

    Raises ``BadInput`` for what is no cursor of ours and ``Unavailable`` where the database falls silent.
    """
    await hub.reach(listener.signed.newest)  # so that the heads it is greeted with are those it has been given
    last_id = hub.ring.head if since is None else await _start(hub, listener, since, kept, ask)
    if last_id is None:
        last_id = hub.ring.head
        listener.wire.write_frame(signals.reload(last_id, hub.now()))
    hub.subscribe(listener, last_id)


async def _start(hub: Hub, listener: Listener, since: str, kept: timedelta, ask: Ask) -> int | None:
    """From where memory goes on, after what only the rows hold has been written; None for "load the state anew"."""
    try:
        cursor = cursors.unpack(since)
    except ValueError:
        raise BadInput() from None
    if not await hub.reach(cursor.event_id) or _is_old(cursor.at, hub.now(), kept):
        return None
    if cursor.event_id >= hub.ring.complete_after:
        return cursor.event_id
    where: rows.Start = await ask(rows.start_of, since, hub.now())
    return None if where.reload else await _replay(hub, listener, where.last_id, ask)


def _is_old(at: datetime, now: datetime, kept: timedelta) -> bool:
    return at < now - kept


async def _replay(hub: Hub, listener: Listener, last_id: int, ask: Ask) -> int | None:
    """Write from rows until memory goes on. The phone's pace is the pace: one page at most waits for it."""
    stream_ids = [ref.id for ref in listener.signed.streams]
    replayed = 0
    while last_id < hub.ring.complete_after:
        page: rows.Page = await ask(rows.page_after, last_id, stream_ids, PAGE)
        replayed += len(page.events)
        if replayed > LONGEST_REPLAY:
            return None
        for ready in page.events:
            await listener.wire.drained()
            if not hub.fresh():
                listener.wire.end(Close.TRY_LATER)
                return last_id
            if not listener.wire.write_frame(ready.frame):
                return last_id
            if ready.raised is not None:
                hub.told(ready.raised, listener)
        last_id = page.read_to
    return last_id
