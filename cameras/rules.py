"""What may happen with a camera, decided from its facts alone. Pure: no database, no clock.

``registry.camera_for`` asks these after ``access.require``; the recorder asks ``may_record`` for every lease.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from cameras.playback import schedule
from neighborhoods.access import Action, Role

ACTIVE, PROPOSED, RETIRED = "active", "proposed", "retired"
PUBLIC = "public"
RECORDABLE_SOURCES = frozenset({"rtsp"})
"""Source kinds the recorder can take today; ``process`` and ``push`` come with their own issues."""

WATCHING = frozenset({Action.VIEW_LIVE, Action.VIEW_REPLAY, Action.KEEP_SNAPSHOT})
"""Actions that show footage: only of an active camera, and not in its private hours."""

STAFF = frozenset({Role.LEADER, Role.DEPUTY, Role.OFFICER, Role.OPERATOR})
"""Those whose office lets them watch, rather than their living there."""


class Facts(Protocol):
    """What a rule reads of a camera; ``models.Camera`` has it."""

    @property
    def state(self) -> str: ...
    @property
    def source_kind(self) -> str: ...
    @property
    def masks(self) -> Sequence[object]: ...
    @property
    def private_hours(self) -> Sequence[Mapping[str, object]]: ...
    @property
    def owner_left_at(self) -> datetime | None: ...


def may_record(camera: Facts) -> bool:
    """Whether the recorder may dial this camera and write what it sends.

    A camera that is proposed has had no leader's tap yet, a retired one is over. What lies outside the purpose must
    never be stored, so a camera with masks waits for the source kind that fills them in before anything is written.
    A household that has left the neighborhood shares its camera no more.
    """
    if camera.masks or camera.owner_left_at is not None:
        return False
    return camera.state == ACTIVE and camera.source_kind in RECORDABLE_SOURCES


def may_show(camera: Facts, action: Action, *, sees_details: bool) -> bool:
    """Whether ``action`` can find this camera: proposed and retired ones only for those who look after it."""
    if action in WATCHING:
        return camera.state == ACTIVE
    return camera.state == ACTIVE or sees_details


def asks_purpose(role: Role, ownership: str) -> bool:
    """Whether who watches under ``role`` must say why before any picture: staff, of a camera that is not public."""
    return role in STAFF and ownership != PUBLIC


def in_private_hours(camera: Facts, at: datetime) -> bool:
    """Whether the camera shows nothing at ``at``, to anybody."""
    return schedule.covers(camera.private_hours, at)


FRESH = timedelta(seconds=20)
"""A camera whose last frame is younger is live: the recorder says every 5 s how young it is."""


def status_of(camera: Facts, *, last_frame_at: datetime | None, connecting: bool, now: datetime) -> str:
    """``proposed``, ``retired``, ``live``, ``connecting`` or ``offline``."""
    if camera.state != ACTIVE:
        return camera.state
    if last_frame_at is not None and now - last_frame_at <= FRESH:
        return "live"
    return "connecting" if connecting and last_frame_at is None else "offline"
