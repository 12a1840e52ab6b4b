"""The cameras of a story: entered, approved, heard by the recorder, watched, and looked at for a case.

Their addresses are of a block kept for documentation (RFC 5737), which is nobody's. Told under a ``NODE_NAME`` of its
own, a story's cameras are no recorder's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from backend.lib.clock import to_us
from backend.lib.ids import new_id
from backend.scenarios.cast import leader
from backend.scenarios.replay import Replay
from cameras import cases, health, planning, registration, viewminutes
from cameras.ingest.rows import Rows
from cameras.models import Camera, Case, Extraction, Rendition
from cameras.playback.sessions import Viewer, Watched
from cameras.playback.viewjournal import MINUTE_US, ViewJournal, bring_home
from cameras.registration import View
from cameras.store import catalog
from neighborhoods.access import Actor
from neighborhoods.models import Neighborhood

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def camera(place: Neighborhood, number: int, *, view: View, household_id: UUID | None = None, now: datetime) -> Camera:
    """A camera with an address, approved at once, as a leader's are."""
    return registration.camera_add(
        actor=leader(place), neighborhood_id=place.id, name=f"Camera {number}", url=address(number),
        owner_household_id=household_id, view=view, now=now,
    )  # fmt: skip


def planned(place: Neighborhood, number: int, *, view: View, now: datetime) -> Camera:
    """One that is decided on and not there."""
    return planning.camera_plan(
        actor=leader(place), neighborhood_id=place.id, name=f"Camera {number}", view=view, now=now
    )


def address(number: int) -> str:
    """A camera's address in 198.51.100.0/24."""
    return f"rtsp://198.51.100.{number % 250 + 1}/{number}"


def listen(replay: Replay, deployed: Sequence[UUID], working: int, *, now: datetime) -> None:
    """The recorder heard the first ``working`` of them just now and none of the others; who is silent is told so.

    It goes the recorder's own way (``ingest.rows``), and the tick that looks after silent cameras.
    """
    mains = dict(Rendition.objects.filter(camera_id__in=deployed).values_list("camera_id", "id"))
    rows = Rows(catalog.node_here().id)
    for index, camera_id in enumerate(deployed):
        heard, key = index < working, str(mains[camera_id])
        state, reason = ("live", "") if heard else ("retrying", "unreachable")
        rows.take({"op": "health", "key": key, "state": state, "reason": reason}, now)
        if heard:
            measured = {"codec": "avc1.64001f", "width": 1920, "height": 1080, "keyframe_ms": 2000}
            facts = {"bitrate_bps": 2_000_000, "last_frame_us": to_us(now)}
            rows.take({"op": "measured", "key": key, **measured, **facts}, now)
    replay.each("the recorder", [rows], lambda _n, each: each.write(now))
    replay.each("silent cameras", [now], lambda _n, at: health.health_tick(now=at))


@dataclass(frozen=True, slots=True)
class Watch:
    """Somebody who watches a camera for whole minutes from ``starts_at`` on."""

    viewer: Viewer
    camera_id: UUID
    starts_at: datetime
    minutes: int


def watch(replay: Replay, folder: Path, watches: Sequence[Watch]) -> None:
    """The media processes' own way: noted in a journal as the bytes go out, brought home, chained into the audit."""
    journal = ViewJournal(folder, "scenario")
    for one in watches:
        session = _session(one)
        for minute in range(one.minutes):
            start = to_us(one.starts_at) // MINUTE_US * MINUTE_US + minute * MINUTE_US
            journal.note(session, one.camera_id, start, start + 1, start, MINUTE_US)
    journal.close()
    for path in sorted(folder.glob("*.log")):
        bring_home(path)
    replay.each("view minutes", [replay.ends_at], lambda _n, now: viewminutes.view_minutes_chain(now=now))


def _session(one: Watch) -> Watched:
    return Watched(
        id=new_id(), device_id=new_id(), mode="live", camera_id=one.camera_id, rendition="main", windows=(), away=(),
        target_s=2, mask_version=0, subjects=frozenset(), floor=0, ends_at=one.starts_at + 4 * HOUR, addresses=[],
        viewer=one.viewer, counts_as="live", data={},
    )  # fmt: skip


def extraction(officer: Actor, case: Case, camera_id: UUID, *, reason: str, now: datetime) -> Extraction:
    """An officer looks through an hour of a camera, some hours back."""
    return cases.extraction_record(
        actor=officer, case_id=case.id, camera_id=camera_id, starts_at=now - 3 * HOUR, ends_at=now - 2 * HOUR,
        reason=reason, now=now,
    )  # fmt: skip
