"""Posters for the grid: the newest key frame of every camera somebody looks at, never more than ten seconds old.

The media path marks a camera as looked at (``matpho:looked:<id>`` in Redis, 30 s). A tick every two seconds renews
those cameras' posters that are four seconds old: 4 s, a tick, a key frame and its fragment make 9 s at the most.
Written beside and renamed, so that nobody ever reads half a picture.
"""

import logging
import os
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import redis
from django.conf import settings

from backend.lib.clock import from_us, to_us
from cameras import frames, rules
from cameras.models import Camera, Rendition

log = logging.getLogger(__name__)

KEY = "matpho:looked:"
WIDTH, QUALITY = 640, 72
RENEW_S = 4.0


def poster_path(camera_id: UUID) -> Path:
    folder: Path = settings.CONFIG.poster_dir
    return folder / f"{camera_id}.jpg"


def looked_at(client: "redis.Redis") -> list[UUID]:
    """Cameras whose posters somebody looks at now."""
    found = []
    for key in client.scan_iter(match=f"{KEY}*", count=500):
        text = (key.decode() if isinstance(key, bytes) else str(key)).removeprefix(KEY)
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def posters_refresh(camera_ids: Iterable[UUID], *, now: datetime) -> int:
    """Renew what is old of these cameras' posters; returns how many. One camera's fault never touches another."""
    count = 0
    for camera in Camera.objects.filter(id__in=list(camera_ids), state=rules.ACTIVE):
        try:
            count += poster_refresh(camera, now=now)
        except Exception:  # one unit of a worker's work
            log.exception("poster of camera %s", camera.id)
    return count


def poster_refresh(camera: Camera, *, now: datetime) -> bool:
    """Write the camera's poster from its newest key frame; False where it is fresh, private, or there is none newer.

    Footage of private hours or under other masks makes none, also when those hours are over. The file's time is the
    picture's own (the wall clock of its frame), so its age is the picture's age.
    """
    path = poster_path(camera.id)
    if _renewed(path) or rules.in_private_hours(camera, now):
        return False
    key = frames.key_frame(
        camera.id,
        Rendition.Name.MAIN,
        to_us(now),
        mask_version=camera.mask_version,
        allowed=lambda start, end: not rules.touches_private_hours(camera, from_us(start), from_us(end)),
    )
    if key is None or (path.exists() and path.stat().st_mtime_ns // 1000 >= key.wall_us):
        return False
    still = frames.still_of(key, width=WIDTH, quality=QUALITY)
    if still is None:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}")
    draft.write_bytes(still.jpeg)
    os.utime(draft, ns=(time.time_ns(), still.wall_us * 1000))
    draft.rename(path)
    if _changed(camera):  # meanwhile: whoever changed it has forgotten the poster before this one was there
        poster_forget(camera.id)
        return False
    return True


def _changed(camera: Camera) -> bool:
    """Whether the camera's mask or private hours are others than when it was read."""
    now = Camera.objects.filter(id=camera.id).values_list("mask_version", "private_hours").first()
    return now != (camera.mask_version, camera.private_hours)


def poster_forget(camera_id: UUID) -> None:
    """Remove a poster: the camera's mask or private hours have changed, and the old picture may show what must not."""
    poster_path(camera_id).unlink(missing_ok=True)


def _renewed(path: Path) -> bool:
    """Whether it was written within the last four seconds: the change time is the rename's, and nobody can set it."""
    try:
        return time.time() - path.stat().st_ctime < RENEW_S
    except FileNotFoundError:
        return False
