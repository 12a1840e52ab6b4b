"""How a camera is, in one state: what the recorder wrote last, believed only as far as its last frame is young.

A recorder that is dead leaves its last words standing, so that "live" in a row proves nothing (``rules.status_of``).
"""

from dataclasses import dataclass
from datetime import datetime

from cameras import rules
from cameras.health import OFFLINE_AFTER
from cameras.models import Camera, Rendition


@dataclass(frozen=True, slots=True)
class State:
    """``name`` and ``reason`` are codes, put into words by ``words.health`` and ``words.health_reason``."""

    name: str
    reason: str = ""
    since: datetime | None = None
    """Since when there has been no picture; None while there is one, or none is expected yet."""


def state_of(camera: Camera, main: Rendition | None, *, now: datetime) -> State:
    """The state of a camera that is active or proposed, told by its main rendition."""
    if main is None:
        return State("planned" if camera.state == rules.PROPOSED else "unknown")
    if camera.gave_way_at is not None:
        return State("gave_way", "gave_way", camera.gave_way_at)
    connecting = main.health in (Rendition.Health.NEW, Rendition.Health.CONNECTING)
    status = rules.status_of(camera, last_frame_at=main.last_frame_at, connecting=connecting, now=now)
    since = main.last_frame_at or camera.approved_at or camera.created_at
    if status == "connecting" and now - since <= OFFLINE_AFTER:
        return State(main.health)
    if status not in ("connecting", "offline"):
        return State(status)
    if main.health == Rendition.Health.REFUSED:
        return State("refused", main.health_reason, since)
    if main.health == Rendition.Health.RETRYING:
        return State("retrying", main.health_reason, since)
    if main.health == Rendition.Health.CONNECTING and now - main.health_since <= OFFLINE_AFTER:
        return State("retrying", "", since)
    return State("silent", "recorder_silent", since)
