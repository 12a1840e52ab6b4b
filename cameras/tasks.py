"""Celery's side of the cameras: each task takes ids and calls one verb. Rows are the truth, messages only carry ids."""

import logging
from datetime import timedelta
from uuid import UUID

import redis
from celery import shared_task
from django.conf import settings

from backend.lib import clock
from cameras import cutting, health, leftovers, odduses, posters, snapshots, viewsessions, watching
from cameras.footage import packages
from cameras.store import catalog, givingway, inits, retention, roots
from cameras.store.marker import NotThisStore
from cameras.viewminutes import view_minutes_chain
from neighborhoods.access import system

log = logging.getLogger(__name__)


@shared_task
def posters_tick() -> None:
    """Renew the posters of the cameras somebody looks at."""
    with redis.Redis.from_url(settings.CONFIG.redis_url, socket_timeout=2, socket_connect_timeout=2) as client:
        looked = posters.looked_at(client)
    if looked:
        posters.posters_refresh(looked, now=clock.now())


@shared_task
def snapshots_tick() -> None:
    """Move snapshots on, and hand out those that are due."""
    for snapshot_id in snapshots.snapshots_sweep(now=clock.now()):
        snapshot_cut.delay(str(snapshot_id))


@shared_task
def snapshot_cut(snapshot_id: str) -> None:
    """Cut one snapshot."""
    cutting.snapshot_cut(UUID(snapshot_id), now=clock.now)


@shared_task
def snapshots_expire() -> None:
    """Give up kept moments whose time is over."""
    snapshots.snapshots_expire(now=clock.now())


@shared_task
def snapshots_tidy() -> None:
    """Remove what kills left of kept moments that were given up."""
    leftovers.leftovers_sweep(actor=system("snapshots"), now=clock.now())


@shared_task
def retention_run() -> None:
    """Delete footage of this node that is due."""
    config = settings.CONFIG
    limits = retention.Limits(
        max_bytes=int(config.STORE_MAX_BYTES or 0), headroom_bytes=int(config.STORE_HEADROOM_BYTES or 0)
    )
    actor, node_id, moment = system("retention"), catalog.node_here().id, clock.now()
    try:
        removed = retention.retention_run(
            actor=actor, root=config.store_dir, node_id=node_id, limits=limits, now=moment
        )
    except NotThisStore as error:
        log.error("%s Nothing is deleted.", error)
        return
    givingway.recording_balance(
        actor=actor, node_id=node_id, short_bytes=removed.short_bytes, room_bytes=removed.room_bytes, now=moment
    )


@shared_task
def inits_sweep() -> None:
    """Remove init segments of this node that no slice names any more."""
    root, node_id = settings.CONFIG.store_dir, catalog.node_here().id
    try:
        inits.inits_sweep(actor=system("retention"), root=root, node_id=node_id, now=clock.now())
    except NotThisStore as error:
        log.error("%s Nothing is deleted.", error)


@shared_task
def evidence_expire() -> None:
    """Delete the files of packages whose time is over."""
    packages.packages_expire(now=clock.now())


@shared_task
def slice_roots_tick() -> None:
    """Write the roots of slices that were closed into the audit."""
    roots.slices_root(node_id=catalog.node_here().id, now=clock.now())


@shared_task
def view_minutes_tick() -> None:
    """Chain the view minutes of past hours into the audit."""
    view_minutes_chain(now=clock.now())


@shared_task
def odd_uses_tick() -> None:
    """Notice watching that somebody should look at."""
    odduses.odd_uses_notice(now=clock.now())


@shared_task
def odd_uses_expire() -> None:
    """Forget odd uses that nobody follows up any more."""
    odduses.odd_uses_expire(now=clock.now())


@shared_task
def view_sessions_expire() -> None:
    """Forget view sessions whose purpose is over."""
    keep = timedelta(days=int(settings.CONFIG.VIEW_SESSION_DAYS))
    viewsessions.view_sessions_expire(keep=keep, now=clock.now())


@shared_task
def health_tick() -> None:
    """Tell which cameras fell silent or came back."""
    health.health_tick(now=clock.now())


@shared_task
def motion_tick() -> None:
    """Tell where something moves before a camera in its watch hours."""
    watching.motion_tick(now=clock.now())
