"""Snapshots ("keep this moment"): a frozen clip and its poster, apart from retention. The job row is the truth.

``waiting`` until the recorder's journal passes the end → ``due`` → claimed by a worker (``cutting``, with a heartbeat)
→ ``done`` or ``failed``. ``snapshots_sweep`` moves rows on every second; no task sleeps for footage. However often a
worker dies, one result appears: the clip is written into a folder of the claim's own, renamed once to the snapshot's
id, and the row is finished by a conditional UPDATE that only the claim's holder wins. The cutting: ``cutting.py``.
"""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from backend.lib.clock import from_us, to_us
from backend.lib.errors import Absent, BadInput, Conflict, NotSignedIn
from cameras import recordings, registry, room, rules, viewing, viewminutes
from cameras.models import Camera, Rendition, Snapshot
from neighborhoods import audit
from neighborhoods.access import Action, Actor, system

LONGEST_SIDE_S = 120
REACH = timedelta(hours=24)
AHEAD = timedelta(minutes=2)
"""How far ``at`` may lie ahead: clocks of phones differ, and a moment may just be beginning."""
KEPT_FOR = timedelta(days=30)

GRACE = timedelta(seconds=20)
"""So long after its end a snapshot is cut from what there is: the camera may be down, and a gap is told as one."""
DEAD_AFTER = timedelta(seconds=6)
"""A claim without a heartbeat for this long belongs to a dead worker; three beats were missed."""
ENQUEUE_AGAIN = timedelta(seconds=5)
MOST_ATTEMPTS = 3


def root() -> Path:
    path: Path = settings.CONFIG.snapshot_dir
    return path


def snapshot_request(
    *, actor: Actor, camera_id: UUID, at: datetime, before_s: int, after_s: int, purpose: str = "", now: datetime
) -> Snapshot:
    """Ask for the clip from ``before_s`` before to ``after_s`` after ``at``. It is cut when that is recorded.

    Raises ``Absent``, ``BadInput`` (``at``, lengths, ``purpose``), ``Conflict`` (``private_hours``), and what
    ``room.room_require`` does.
    """
    camera = registry.camera_for(actor, Action.KEEP_SNAPSHOT, camera_id, now=now)
    role = viewing.role_with_purpose(actor, Action.KEEP_SNAPSHOT, camera, purpose)
    if actor.device_id is None:
        raise NotSignedIn()
    if not now - REACH <= at <= now + AHEAD:
        raise _refuse("at", _("From 24 hours ago to two minutes ahead."))
    for field, seconds in (("before_s", before_s), ("after_s", after_s)):
        if not 0 <= seconds <= LONGEST_SIDE_S:
            raise _refuse(field, _("From 0 to 120 seconds."))
    if before_s + after_s == 0:
        raise _refuse("after_s", _("A clip has at least one second."))
    if rules.in_private_hours(camera, at):
        raise Conflict(_("The camera shows nothing in its private hours."), code="private_hours")
    with transaction.atomic():
        room.room_require(actor.device_id)
        snapshot = Snapshot.objects.create(
            camera=camera,
            device_id=actor.device_id,
            at=at,
            starts_at=max(at - timedelta(seconds=before_s), now - REACH),
            ends_at=at + timedelta(seconds=after_s),
            purpose=purpose,
            created_at=now,
        )
        viewminutes.view_minutes_keep(actor=actor, snapshot=snapshot, role=role, now=now)
        audit.record_all(actor=actor, acts=[requested(snapshot)], now=now)
    return snapshot


def snapshot_for_alert(
    *, camera: Camera, at: datetime, before_s: int = 10, after_s: int = 20, now: datetime
) -> Snapshot | None:
    """Keep the moment of an alert: the neighborhood's, so no device's. None where the camera shows nothing then, is
    not shared or is a school's, and where too many are being kept: the alert itself is never held up.

    Part of the verb that raises the alert, in its transaction, which records ``requested(snapshot)`` with its own act.
    """
    if not rules.shared(camera) or camera.ownership == rules.SCHOOL or rules.in_private_hours(camera, at):
        return None
    if not room.has_room_for_alert(camera.neighborhood_id):
        return None
    return Snapshot.objects.create(
        camera=camera,
        device=None,
        at=at,
        starts_at=max(at - timedelta(seconds=before_s), now - REACH),
        ends_at=at + timedelta(seconds=after_s),
        purpose=viewing.Purpose.ALERT,
        created_at=now,
    )


def requested(snapshot: Snapshot) -> audit.Act:
    """That it was asked for, to be recorded."""
    neighborhood = snapshot.camera.neighborhood
    return audit.Act(
        action="snapshot.requested",
        subject=("snapshot", snapshot.id),
        ward_id=neighborhood.ward_id,
        neighborhood_id=neighborhood.id,
        data={"camera": snapshot.camera_id, "at": snapshot.at, "purpose": str(snapshot.purpose)},
    )


def snapshot_for(actor: Actor, snapshot_id: UUID, *, now: datetime) -> Snapshot:
    """One snapshot of the actor's own household (or account), of a camera it may still keep moments of."""
    snapshot = _mine(actor, snapshot_id)
    registry.camera_for(actor, Action.KEEP_SNAPSHOT, snapshot.camera_id, now=now)
    return snapshot


def _mine(actor: Actor, snapshot_id: UUID) -> Snapshot:
    snapshot = snapshots_of(actor).filter(id=snapshot_id).first()
    if snapshot is None:
        raise Absent()
    return snapshot


def snapshots_of(actor: Actor) -> QuerySet[Snapshot]:
    """The household's snapshots; a staff member's own; of a guest those of this phone."""
    if actor.account_id is not None:
        mine = Q(device__account_id=actor.account_id)
    elif actor.home_id is not None:
        mine = Q(device__household_id=actor.home_id)
    else:
        mine = Q(device_id=actor.device_id)
    cameras = registry.cameras_for(actor, Action.KEEP_SNAPSHOT)
    return Snapshot.objects.select_related("camera__neighborhood", "device").filter(mine, camera__in=cameras)


def snapshot_delete(*, actor: Actor, snapshot_id: UUID, now: datetime) -> None:
    """Give a kept moment up: the row, then its files. Raises ``Absent``, ``Conflict`` while it is being cut."""
    snapshot = _mine(actor, snapshot_id)
    _forget(actor, snapshot, "snapshot.deleted", now)


def snapshots_expire(*, now: datetime) -> int:
    """Delete what is older than 30 days (Law 91/2025, Art. 32: only as long as necessary); returns how many."""
    old = Snapshot.objects.select_related("camera__neighborhood").filter(created_at__lt=now - KEPT_FOR)
    found = list(old.exclude(status=Snapshot.Status.CUTTING)[:200])
    for snapshot in found:
        _forget(system("snapshots"), snapshot, "snapshot.expired", now)
    return len(found)


def snapshots_sweep(*, now: datetime) -> list[UUID]:
    """Move rows on, and give the ids a worker should take now. Run every second; running it twice does no harm."""
    if not Snapshot.objects.filter(status__in=room.UNFINISHED).exists():
        return []  # the usual second: one SELECT, and SQLite's one writer is left alone
    _rescue(now)
    _give_up(now)
    _wake(now)
    due = Snapshot.objects.filter(status=Snapshot.Status.READY_TO_CUT)
    waiting = due.filter(Q(heartbeat_at=None) | Q(heartbeat_at__lt=now - ENQUEUE_AGAIN))
    return [
        snapshot_id
        for snapshot_id, seen in waiting.values_list("id", "heartbeat_at")[:100]
        if due.filter(id=snapshot_id, heartbeat_at=seen).update(heartbeat_at=now)
    ]


def _rescue(now: datetime) -> None:
    """Claims of dead workers are free again; the heartbeat is emptied, so that they are enqueued at once."""
    dead = Snapshot.objects.filter(status=Snapshot.Status.CUTTING, heartbeat_at__lt=now - DEAD_AFTER)
    dead.filter(attempts__lt=MOST_ATTEMPTS).update(
        status=Snapshot.Status.READY_TO_CUT, worker="", heartbeat_at=None
    )  # fmt: skip


def _give_up(now: datetime) -> None:
    """Three workers died over it: somebody should look, and the next sweep should not try for ever."""
    dead = Snapshot.objects.filter(
        status=Snapshot.Status.CUTTING, heartbeat_at__lt=now - DEAD_AFTER, attempts__gte=MOST_ATTEMPTS
    )
    for snapshot in dead.select_related("camera__neighborhood"):
        snapshot_failed(snapshot, worker=snapshot.worker, reason="gave_up", now=now)


def _wake(now: datetime) -> None:
    """Waiting rows whose end is recorded (or will not come any more) are due."""
    over = Snapshot.objects.filter(status=Snapshot.Status.WAITING, ends_at__lte=now)
    recorded: dict[UUID, int] = {}
    for snapshot_id, camera_id, ends_at in over.values_list("id", "camera_id", "ends_at"):
        if camera_id not in recorded:
            recorded[camera_id] = recordings.recorded_until_us(camera_id, Rendition.Name.MAIN, now=now)
        if recorded[camera_id] >= to_us(ends_at) or now >= ends_at + GRACE:
            Snapshot.objects.filter(id=snapshot_id, status=Snapshot.Status.WAITING).update(
                status=Snapshot.Status.READY_TO_CUT
            )


def snapshot_done(
    snapshot: Snapshot, *, worker: str, path: str, covers_us: tuple[int, int], size: int, now: datetime
) -> bool:
    """Finish the row; False where another claim has it (then the caller's work was for nothing, and harmless)."""
    with transaction.atomic():
        if not _finish(
            snapshot,
            worker,
            status=Snapshot.Status.DONE,
            path=path,
            bytes=size,
            covers_from=from_us(covers_us[0]),
            covers_to=from_us(covers_us[1]),
            done_at=now,
        ):
            return False
        _record(system("snapshots"), snapshot, "snapshot.done", {"camera": snapshot.camera_id, "bytes": size}, now)
    return True


def snapshot_failed(snapshot: Snapshot, *, worker: str, reason: str, now: datetime) -> bool:
    """Finish the row with a stable reason: ``no_footage``, ``damaged``, ``disk``, ``gave_up``."""
    with transaction.atomic():
        if not _finish(snapshot, worker, status=Snapshot.Status.FAILED, failure=reason, done_at=now):
            return False
        facts = {"camera": snapshot.camera_id, "reason": reason}
        _record(system("snapshots"), snapshot, "snapshot.failed", facts, now)
    return True


def _finish(snapshot: Snapshot, worker: str, **fields: object) -> bool:
    held = Snapshot.objects.filter(id=snapshot.id, status=Snapshot.Status.CUTTING, worker=worker)
    return bool(held.update(**fields))


def _forget(actor: Actor, snapshot: Snapshot, action: str, now: datetime) -> None:
    with transaction.atomic():
        gone = Snapshot.objects.filter(id=snapshot.id).exclude(status=Snapshot.Status.CUTTING).delete()[0]
        if not gone:
            raise Conflict(_("The snapshot is being made just now."), code="not_ready")
        folder = root() / str(snapshot.id)
        transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))
        _record(actor, snapshot, action, {"camera": snapshot.camera_id}, now)


def _refuse(field: str, reason: str) -> BadInput:
    return BadInput(reason, fields={field: [reason]})


def _record(actor: Actor, snapshot: Snapshot, action: str, data: dict[str, object], now: datetime) -> None:
    neighborhood = snapshot.camera.neighborhood
    audit.record(
        actor=actor,
        action=action,
        subject=("snapshot", snapshot.id),
        ward_id=neighborhood.ward_id,
        neighborhood_id=neighborhood.id,
        data=data,
        now=now,
    )
