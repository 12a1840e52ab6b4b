"""Where a finished snapshot is watched: a view session of the device that asks, used again while it lives."""

from datetime import datetime, timedelta

from django.conf import settings

from cameras import viewing
from cameras.models import Snapshot, ViewSession
from cameras.playback import addresses
from cameras.playback.tokens import token_mint
from neighborhoods.access import Actor
from neighborhoods.models import Revocation

REUSED = timedelta(minutes=5)
"""A page that polls opens one session, not one per poll."""


def clip_urls(actor: Actor, snapshot: Snapshot, *, address: str, now: datetime) -> dict[str, str | None]:
    """``clip_url`` and ``poster_url``; both null until the snapshot is done."""
    if snapshot.status != Snapshot.Status.DONE:
        return {"clip_url": None, "poster_url": None}
    session = _living(actor, snapshot, address, now)
    if session is None:
        session = viewing.view_open_snapshot(actor=actor, snapshot=snapshot, address=address, now=now).session
    base = f"{snapshot.camera.node.base_url}/hls/{token_mint(session.id, settings.SECRETS.session_key)}"
    return {"clip_url": f"{base}/clip.m3u8", "poster_url": f"{base}/poster.jpg"}


def _living(actor: Actor, snapshot: Snapshot, address: str, now: datetime) -> ViewSession | None:
    """This device's young session for the clip, unless the camera was taken back since. (Whatever else is taken back
    ends the device's sign-in, so that it does not come here.)"""
    if actor.device_id is None:
        return None
    session = (
        ViewSession.objects.filter(
            device_id=actor.device_id,
            camera_id=snapshot.camera_id,
            mode=ViewSession.Mode.SNAPSHOT,
            data__snapshot=str(snapshot.id),
            ended_at=None,
            ends_at__gt=now + REUSED,
            created_at__gt=now - REUSED,
        )
        .order_by("-created_at")
        .first()
    )
    if session is None or addresses.normal(address) not in session.client_addresses:
        return None
    later = Revocation.objects.filter(id__gt=session.revocation_floor, subject_id__in=session.subjects.values())
    return None if later.exists() else session
