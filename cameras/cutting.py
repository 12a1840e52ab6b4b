"""Cutting one due snapshot: claim, copy, poster, rename, finish. Runs in a Celery worker.

Whatever kills it, what is left is either a draft folder that the next attempt removes, or the finished folder that the
next attempt adopts: ``rename`` is the one moment at which a clip exists.
"""

import logging
import os
import shutil
import socket
from pathlib import Path
from uuid import UUID, uuid4

from django.db.models import F

from backend.lib.clock import Now, to_us
from backend.lib.heartbeat import heartbeat
from cameras import frames, leftovers, snapshots
from cameras.models import Snapshot
from cameras.store.copy import Copied, FootageDamaged, copied_in, copy
from cameras.store.journal import Journal, JournalDamaged
from cameras.store.layout import INDEX, fsync_path
from cameras.stretch import stretch_of

log = logging.getLogger(__name__)

POSTER, POSTER_WIDTH = "poster.jpg", 960


def snapshot_cut(snapshot_id: UUID, *, now: Now) -> bool:
    """Cut one snapshot that is due. False where somebody else has it, or it is done. Raises nothing foreseeable."""
    worker = f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid4().hex[:12]}"
    claimed = Snapshot.objects.filter(id=snapshot_id, status=Snapshot.Status.READY_TO_CUT).update(
        status=Snapshot.Status.CUTTING, worker=worker, heartbeat_at=now(), attempts=F("attempts") + 1
    )
    if not claimed:
        return False
    snapshot = Snapshot.objects.select_related("camera__neighborhood").get(id=snapshot_id)
    with heartbeat(Snapshot.objects.filter(id=snapshot_id, worker=worker), now):
        finished = _work(snapshot, worker, now)
    if not finished:  # the claim was lost; perhaps because the moment was given up while this worker stood still
        leftovers.clip_forget(snapshot_id)
    return finished


def _work(snapshot: Snapshot, worker: str, now: Now) -> bool:
    """Cut and finish the row; False where the claim was lost meanwhile."""
    try:
        copied = _finished(snapshot) or _cut(snapshot, worker)
    except (FootageDamaged, JournalDamaged) as error:
        log.error("snapshot %s: %s", snapshot.id, error)
        return snapshots.snapshot_failed(snapshot, worker=worker, reason="damaged", now=now())
    except OSError as error:
        log.error("snapshot %s: %s", snapshot.id, error.strerror)
        return snapshots.snapshot_failed(snapshot, worker=worker, reason="disk", now=now())
    if copied is None:
        return snapshots.snapshot_failed(snapshot, worker=worker, reason="no_footage", now=now())
    covers = (copied.from_us, copied.to_us)
    return snapshots.snapshot_done(
        snapshot, worker=worker, path=str(snapshot.id), covers_us=covers, size=copied.bytes, now=now()
    )


def _finished(snapshot: Snapshot) -> Copied | None:
    """An earlier attempt's clip, where it was renamed but the row was not finished."""
    folder = snapshots.root() / str(snapshot.id)
    return copied_in(folder) if folder.is_dir() else None


def _cut(snapshot: Snapshot, worker: str) -> Copied | None:
    """Copy into a draft, rename. None where nothing of the window is recorded."""
    home = snapshots.root()
    home.mkdir(parents=True, exist_ok=True)
    for leftover in home.glob(f".{snapshot.id}.*"):
        shutil.rmtree(leftover, ignore_errors=True)
    found = stretch_of(snapshot.camera, snapshot.starts_at, snapshot.ends_at).pieces
    if not found:
        return None
    draft = home / f".{snapshot.id}.{worker.rpartition(':')[2]}"
    draft.mkdir()
    try:
        copied = copy(found, draft)
        _write_poster(snapshot, copied, draft / POSTER)
        fsync_path(draft)
        _rename_once(draft, home / str(snapshot.id))
        fsync_path(home)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return copied_in(home / str(snapshot.id))


def _rename_once(draft: Path, target: Path) -> None:
    """``rename(2)`` refuses a folder that is not empty: a second worker's clip never replaces the first's."""
    try:
        draft.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        log.info("snapshot %s was finished by another worker", target.name)


def _write_poster(snapshot: Snapshot, copied: Copied, path: Path) -> None:
    """The key frame nearest before the moment itself. A clip whose frames cannot be decoded is kept without one."""
    keys = [key for media in copied.media for key in frames.keys_of(Journal.open(media.with_suffix(INDEX)))]
    key = frames.nearest_before(keys, to_us(snapshot.at))
    still = frames.still_of(key, width=POSTER_WIDTH) if key else None
    if still is None:
        log.warning("snapshot %s: no picture could be decoded", snapshot.id)
        return
    path.write_bytes(still.jpeg)
    fsync_path(path)
