"""The memory of the last events, so that ten thousand phones that come back at once cost no query each."""

import json
from bisect import bisect_right
from dataclasses import dataclass
from uuid import UUID

from notifications import feed
from notifications.hub.frames import text_frame
from notifications.models import Event

RAISED = "alert.raised"
MOST_EVENTS, MOST_BYTES = 4_096, 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Ready:
    """An event as it goes out. ``raised`` is the alert's id where the event is the first word of an alert.
    ``takes_back``: what was remembered until then may say words that rows no longer do."""

    id: int
    stream_id: UUID
    seq: int
    frame: bytes
    raised: UUID | None
    takes_back: bool = False


def ready_of(event: Event) -> Ready:
    raised = event.alert_id if event.kind == RAISED else None
    takes_back = event.kind == feed.WITHDRAWN
    return Ready(event.id, event.stream_id, event.seq, text_frame(feed.wire(event)), raised, takes_back)


def ready_from(event_id: int, text: str, alert: str) -> Ready:
    """Of what the channel layer brought. Raises ``ValueError`` or ``KeyError`` for what is no event."""
    said = json.loads(text)
    raised = UUID(alert) if alert and said["kind"] == RAISED else None
    takes_back = said["kind"] == feed.WITHDRAWN
    return Ready(event_id, UUID(said["stream"]), int(said["seq"]), text_frame(text), raised, takes_back)


class Ring:
    """Events in order of id, without a hole: every event after ``complete_after`` up to ``head`` is here."""

    def __init__(self, *, most_events: int = MOST_EVENTS, most_bytes: int = MOST_BYTES) -> None:
        self._most_events, self._most_bytes = most_events, most_bytes
        self._ids: list[int] = []
        self._events: list[Ready] = []
        self._bytes = 0
        self._seqs: dict[UUID, int] = {}
        self.complete_after = 0
        self.head = 0

    def begin(self, complete_after: int) -> None:
        """Nothing is here yet, and nothing up to ``complete_after`` will be."""
        self.complete_after = self.head = complete_after

    def append(self, ready: Ready) -> None:
        """``ready`` must be the next event there is; the oldest go where there is no room."""
        self._ids.append(ready.id)
        self._events.append(ready)
        self._bytes += len(ready.frame)
        self._seqs[ready.stream_id] = ready.seq
        self.head = ready.id
        if len(self._ids) > self._most_events or self._bytes > self._most_bytes:
            self._forget(max(1, len(self._ids) // 4))  # in blocks: taking from a list's front moves all the rest

    def after(self, event_id: int) -> list[Ready]:
        """Everything later, in order. Only whole where ``event_id`` is ``complete_after`` or higher."""
        return self._events[bisect_right(self._ids, event_id) :]

    def newest_seq(self, stream_id: UUID) -> int:
        """``seq`` of the stream's newest event that was ever here, forgotten or not; 0 where there was none."""
        return self._seqs.get(stream_id, 0)

    def forget(self) -> None:
        """All there is: from here on replays come from rows."""
        if self._ids:
            self._forget(len(self._ids))

    def _forget(self, count: int) -> None:
        self._bytes -= sum(len(ready.frame) for ready in self._events[:count])
        self.complete_after = self._ids[count - 1]
        del self._ids[:count], self._events[:count]
