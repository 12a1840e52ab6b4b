"""Cameras that fall silent, and come back, as news. The recorder writes what it hears; this notices what is not heard.

A recorder that is dead cannot say that its cameras are silent, so the age of the last frame decides and nothing else.
What was told last stands on the camera (``offline_since``), so each outage is told once, however often the tick runs.
"""

from datetime import datetime, timedelta

from django.db import transaction

from cameras import rules
from cameras.models import Camera, Rendition
from neighborhoods import outbox

OFFLINE_AFTER = timedelta(seconds=60)
"""A router that restarts takes less; a shorter silence is a gap in the recording and no news."""


def health_tick(*, now: datetime) -> int:
    """Tell every camera that went silent (``camera.offline``) or came back (``camera.online``); returns how many."""
    told = 0
    mains = Rendition.objects.select_related("camera__owner_household").filter(
        name=Rendition.Name.MAIN, camera__state=rules.ACTIVE
    )
    for main in mains:
        camera = main.camera
        if not rules.shared(camera):
            continue  # its household has left: nobody is to look after it
        if camera.gave_way_at is not None:
            continue  # told otherwise: there is nothing wrong with it
        since = main.last_frame_at or camera.approved_at or camera.created_at
        silent = now - since > OFFLINE_AFTER
        if silent and camera.offline_since is None:
            told += _tell(camera, "camera.offline", since, main.health_reason, now)
        elif not silent and camera.offline_since is not None and main.last_frame_at is not None:
            told += _tell(camera, "camera.online", None, "", now)
    return told


def _tell(camera: Camera, topic: str, since: datetime | None, reason: str, now: datetime) -> int:
    with transaction.atomic():
        before = Camera.objects.filter(id=camera.id, offline_since=camera.offline_since)
        if not before.update(offline_since=since):
            return 0
        payload: dict[str, object] = {"camera": str(camera.id), "reason": reason}
        outbox.add(topic=topic, neighborhood_id=camera.neighborhood_id, payload=payload, now=now)
    return 1
