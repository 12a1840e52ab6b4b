"""What the hub itself says: hello, heartbeat, reload. Texts, framed."""

import json
from collections.abc import Sequence
from datetime import datetime

from backend.lib.clock import iso
from notifications import cursors
from notifications.hub.frames import text_frame
from notifications.hub.listeners import Channel, Listener


def hello(listener: Listener, head: int, now: datetime) -> bytes:
    """Sent when a reader has been caught up: from here on it gets events as they come."""
    streams = ",".join(f'{{"id":"{channel.text}","kind":"{channel.kind}"}}' for channel in listener.channels)
    return text_frame(
        f'{{"kind":"hello","cursor":"{cursors.pack(head, now)}","heads":{{{_heads(listener.channels)}}}'
        f',"streams":[{streams}]}}'
    )


def reload(head: int, now: datetime) -> bytes:
    """The cursor is of no use: ask for the state, and go on from this one."""
    return text_frame(json.dumps({"kind": "reload", "cursor": cursors.pack(head, now)}))


class Heartbeats:
    """Those of one instant: what is the same in all of them is written once."""

    def __init__(self, head: int, now: datetime) -> None:
        self._begin = f'{{"kind":"heartbeat","at":"{iso(now)}","cursor":"{cursors.pack(head, now)}","heads":{{'

    def frame(self, listener: Listener) -> bytes:
        return text_frame(f"{self._begin}{_heads(listener.channels)}}}}}")


def _heads(channels: Sequence[Channel]) -> str:
    """Each stream's newest ``seq``; by hand, because ten thousand of them every 15 s are written."""
    return ",".join(f'"{channel.text}":{channel.head}' for channel in channels)
