"""Hints: ready events go out on the channel layer, from a thread of the dispatcher's own.

Redis may be stopped, flushed or frozen (SIGSTOP): nothing waits for it, and what cannot be said at once is dropped. The
hubs find the rows within half a second.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Sequence
from typing import Any

from channels.layers import get_channel_layer

from notifications import feed
from notifications.models import Event

log = logging.getLogger(__name__)

TIMEOUT_S = 0.5
MOST_WAITING = 1000


def group_of(stream_id: object) -> str:
    """The channel layer's group of a stream."""
    return f"stream.{stream_id}"


def message_of(event: Event) -> dict[str, Any]:
    """What a hub receives: enough to keep order by, and the text to frame. ``alert`` is empty for other events."""
    return {
        "type": "feed.event",
        "id": event.id,
        "stream": str(event.stream_id),
        "alert": str(event.alert_id or ""),
        "text": feed.wire(event),
    }


class Publisher:
    """A daemon thread with one event loop. ``publish`` never blocks; ``stop`` gives it a moment to finish."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._queue: asyncio.Queue[tuple[str, dict[str, Any]] | None] = asyncio.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def publish(self, events: Sequence[Event]) -> None:
        """From any thread: leave events for the layer, in order."""
        for event in events:
            self._leave((group_of(event.stream_id), message_of(event)))

    def stop(self, timeout_s: float = TIMEOUT_S) -> None:
        self._leave(None)
        self._thread.join(timeout_s)

    def _leave(self, item: tuple[str, dict[str, Any]] | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._take, item)

    def _take(self, item: tuple[str, dict[str, Any]] | None) -> None:
        if self._queue.full():
            self._forget()
        self._queue.put_nowait(item)

    def _forget(self) -> None:
        while not self._queue.empty():
            self._queue.get_nowait()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._talk())
        self._loop.close()

    async def _talk(self) -> None:
        layer = get_channel_layer()
        while item := await self._queue.get():
            group, message = item
            try:
                await asyncio.wait_for(layer.group_send(group, message), TIMEOUT_S)
            except Exception as error:  # noqa: BLE001  (a hint, logged with its id: whatever Redis does, the row stands)
                log.debug("event %s is not published: %s", message["id"], type(error).__name__)
                self._forget_but_the_end()
        with contextlib.suppress(Exception):
            await asyncio.wait_for(layer.flush(), TIMEOUT_S)

    def _forget_but_the_end(self) -> None:
        """While Redis is away, what piles up is old news when it is back."""
        ended = False
        while not self._queue.empty():
            ended |= self._queue.get_nowait() is None
        if ended:
            self._queue.put_nowait(None)
