"""Watch hours (giờ canh): weekly hours in which a camera is looked at for movement. Off until somebody asks for it.

Looked at is what is recorded: the last three key frames, which stand in the store anyway. So nothing is lost with a
worker, and no picture is kept but in this process's memory, where those that the next look needs again stay decoded.
Only pictures that anybody might see count: never those of private hours or under other masks.
"""

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import cv2
import numpy as np
from django.db import transaction
from django.db.models import Q

from backend.lib.clock import from_us, iso, to_us
from cameras import frames, motion, rules
from cameras.frames import KeyFrame
from cameras.models import Camera, Rendition
from cameras.motion import Grey
from cameras.playback import schedule
from neighborhoods import outbox

log = logging.getLogger(__name__)

TOPIC = "camera.motion"
QUIET = timedelta(minutes=5)
"""After it was told, a camera is not looked at for so long: who was told is looking."""
LOOKS = 3
APART_US, TOO_FAR_US = 1_500_000, 12_000_000
"""Of two pictures that are compared: nearer a slow walk does not show, and further apart the recording has a hole."""
QUALITY = 85
BUDGET_S = 2.0
"""A tick takes no longer, so that clips of alerts never wait behind it: of more cameras than that each
is looked at now and then, whichever the dice say."""

_decoded: dict[tuple[UUID, int], Grey] = {}
"""By camera and instant (µs), of the last tick: of three pictures two are the next look's too."""


def motion_tick(*, now: datetime) -> int:
    """Look at every camera whose watch hours it is, and tell where something moves; returns how many were told.

    Without such a camera it is one SELECT. One camera's fault never touches another.
    """
    told, until = 0, time.monotonic() + BUDGET_S
    kept: dict[tuple[UUID, int], Grey] = {}
    for camera in _watched(now):
        try:
            keys = _keys(camera, now)
            pictures = {(camera.id, key.wall_us): _grey(camera.id, key) for key in keys}
            kept |= {at: picture for at, picture in pictures.items() if picture is not None}
            seen = [picture for picture in pictures.values() if picture is not None]
            if len(seen) == LOOKS and motion.moving(seen):
                told += _tell(camera, keys[0].wall_us, now)
        except Exception:  # one unit of a worker's work
            log.exception("watching camera %s", camera.id)
        if time.monotonic() > until:
            log.warning("there are more cameras to watch than one tick looks at")
            break
    _decoded.clear()
    _decoded.update(kept)
    return told


def watches(camera: Camera, at: datetime) -> bool:
    """Whether somebody wants to know what moves before it at ``at``. Private hours come first."""
    return schedule.covers(camera.watch_hours, at) and not rules.in_private_hours(camera, at)


def _watched(now: datetime) -> Iterator[Camera]:
    asked = Camera.objects.select_related("owner_household").filter(_free(now), state=rules.ACTIVE)
    for camera in asked.exclude(watch_hours=[]).order_by("?"):
        if rules.shared(camera) and watches(camera, now):
            yield camera


def _free(now: datetime) -> Q:
    """Not told lately. A clock that was set back silences nobody."""
    return Q(motion_told_at=None) | Q(motion_told_at__lte=now - QUIET) | Q(motion_told_at__gt=now)


def _keys(camera: Camera, now: datetime) -> list[KeyFrame]:
    """The last three key frames that may be compared, in order of time; fewer where there are none."""
    fresh_us = to_us(now - rules.FRESH)

    def allowed(start_us: int, end_us: int) -> bool:
        start = from_us(start_us)
        return schedule.covers(camera.watch_hours, start) and not rules.touches_private_hours(
            camera, start, from_us(end_us)
        )

    chosen: list[KeyFrame] = []
    for key in frames.key_frames(
        camera.id, Rendition.Name.MAIN, to_us(now), mask_version=camera.mask_version, allowed=allowed
    ):
        gap = chosen[-1].wall_us - key.wall_us if chosen else APART_US
        if gap > TOO_FAR_US or (not chosen and key.wall_us < fresh_us):
            break
        if gap >= APART_US:
            chosen.append(key)
        if len(chosen) == LOOKS:
            break
    return chosen[::-1]


def _grey(camera_id: UUID, key: KeyFrame) -> Grey | None:
    """The picture in grey; None where it cannot be decoded. The camera's bytes are the decoding child's alone: what
    comes back is a small JPEG of the child's own making."""
    known = _decoded.get((camera_id, key.wall_us))
    if known is not None:
        return known
    still = frames.still_of(key, width=motion.WIDTH, quality=QUALITY)
    if still is None:
        return None
    picture = cv2.imdecode(np.frombuffer(still.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    return None if picture is None else np.asarray(picture, dtype=np.uint8)


def _tell(camera: Camera, since_us: int, now: datetime) -> int:
    """Write the news, once in ``QUIET``; not where the camera's rules have changed while its pictures were decoded."""
    with transaction.atomic():
        held = Camera.objects.select_for_update(no_key=True).get(id=camera.id)
        if _rules(held) != _rules(camera):
            return 0
        if not Camera.objects.filter(_free(now), id=camera.id).update(motion_told_at=now):
            return 0
        owner = None if held.ownership == rules.SCHOOL else held.owner_household_id  # told to those who lead, in words
        payload: dict[str, object] = {"camera": str(camera.id), "at": iso(from_us(since_us))}
        payload |= {"household": str(owner)} if owner else {}
        outbox.add(topic=TOPIC, neighborhood_id=camera.neighborhood_id, payload=payload, now=now)
    return 1


def _rules(camera: Camera) -> tuple[object, ...]:
    return camera.state, camera.mask_version, camera.private_hours, camera.watch_hours
