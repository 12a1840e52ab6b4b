"""What may happen with a camera, decided from its facts alone. Pure: no database, no clock.

``registry.camera_for`` asks these after ``access.require``; the recorder asks ``may_record`` for every lease.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from cameras.playback import schedule
from neighborhoods.access import Action, Role

ACTIVE, PROPOSED, RETIRED = "active", "proposed", "retired"
PUBLIC, SCHOOL = "public", "school"
RECORDABLE_SOURCES = frozenset({"rtsp"})
"""Source kinds the recorder can take today; ``process`` and ``push`` come with their own issues."""

WATCHING = frozenset({Action.VIEW_LIVE, Action.VIEW_REPLAY, Action.KEEP_SNAPSHOT, Action.VIEW_ALERT_CLIP})
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
    @property
    def legal_record_id(self) -> UUID | None: ...


class SchoolFacts(Protocol):
    """What the hours of a school's camera are read from; ``models.Camera`` has it."""

    @property
    def ownership(self) -> str: ...
    @property
    def school_hours(self) -> Sequence[Mapping[str, object]]: ...


def may_record(camera: Facts) -> bool:
    """Whether the recorder may dial this camera and write what it sends.

    A camera that is proposed has had no leader's tap yet, a retired one is over. Nothing is recorded before somebody
    has signed who answers for it (Law 91/2025; ``neighborhoods.legal``). What lies outside the purpose must never be
    stored, so a camera with masks waits for the source kind that fills them in before anything is written.
    """
    signed = camera.legal_record_id is not None
    return signed and shared(camera) and not camera.masks and camera.source_kind in RECORDABLE_SOURCES


def shared(camera: Facts) -> bool:
    """Whether the camera is the neighborhood's to use: a household that has left shares its camera no more.

    ``registry.cameras_for`` says the same as a condition of a query.
    """
    return camera.state == ACTIVE and camera.owner_left_at is None


def may_show(camera: Facts, action: Action, *, sees_details: bool) -> bool:
    """Whether ``action`` can find this camera: one that is not shared only for those who look after it."""
    return shared(camera) or (sees_details and action not in WATCHING)


def asks_purpose(role: Role, ownership: str) -> bool:
    """Whether who watches under ``role`` must say why before any picture: staff, of a camera that is not public."""
    return role in STAFF and ownership != PUBLIC


def in_private_hours(camera: Facts, at: datetime) -> bool:
    """Whether the camera shows nothing at ``at``, to anybody."""
    return schedule.covers(camera.private_hours, at)


def touches_private_hours(camera: Facts, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether footage of ``[starts_at, ends_at)`` shows anything of private hours; then none of it is shown, ever."""
    return bool(schedule.spans(camera.private_hours, starts_at, ends_at))


def outside_code(code_hours: schedule.Hours, at: datetime) -> bool:
    """Whether ``at`` lies outside the hours of the viewer's code. It allows its hours and nothing else: neither to
    watch at another time, nor inside them to see what was recorded at another time."""
    return bool(schedule.outside(code_hours, at, at + timedelta(microseconds=1)))


def hidden_at(camera: Facts, at: datetime, *, code_hours: schedule.Hours = ()) -> bool:
    """Whether a picture taken at ``at`` is not shown, now or later, to somebody whose code has these hours."""
    return in_private_hours(camera, at) or outside_code(code_hours, at)


def school_hours_for(role: str, camera: SchoolFacts) -> Sequence[Mapping[str, object]] | None:
    """The hours to which ``role`` is bound at this camera: an operator's at a school's. None where there are no such
    bounds; empty where there is no hour."""
    return camera.school_hours if role == Role.OPERATOR and camera.ownership == SCHOOL else None


def closed_spans(role: str, camera: SchoolFacts, starts_at: datetime, ends_at: datetime) -> list[schedule.Span]:
    """What of ``[starts_at, ends_at)`` lies outside the hours in which ``role`` may watch a school's camera."""
    hours = school_hours_for(role, camera)
    return [] if hours is None else schedule.cut([(starts_at, ends_at)], schedule.spans(hours, starts_at, ends_at))


def outside_school_hours(role: str, camera: SchoolFacts, at: datetime) -> bool:
    """Whether ``role`` sees nothing of a school's camera at ``at``."""
    return bool(closed_spans(role, camera, at, at + timedelta(microseconds=1)))


def same_masks(recorded: int, in_force: int) -> bool:
    """Whether footage recorded under one mask version may be shown under another: never, for it shows what the masks in
    force cover. Bytes are served as they were recorded, so no mask reaches the past by itself."""
    return recorded == in_force


FRESH = timedelta(seconds=20)
"""A camera whose last frame is younger is live: the recorder says every 5 s how young it is."""


def status_of(camera: Facts, *, last_frame_at: datetime | None, connecting: bool, now: datetime) -> str:
    """``proposed``, ``retired``, ``live``, ``connecting`` or ``offline``."""
    if camera.state != ACTIVE:
        return camera.state
    if last_frame_at is not None and now - last_frame_at <= FRESH:
        return "live"
    return "connecting" if connecting and last_frame_at is None else "offline"
