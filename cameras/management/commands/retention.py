"""``manage.py retention``: delete what is due, once. Celery does the same on its schedule."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backend.lib.clock import now
from cameras.store.catalog import node_here
from cameras.store.marker import NotThisStore
from cameras.store.retention import Limits, retention_run
from neighborhoods.access import system


class Command(BaseCommand):
    help = "Delete footage that is past its camera's retention or over the store's limits; what is held stays."

    def handle(self, **_: object) -> None:
        config = settings.CONFIG
        config.store_dir.mkdir(parents=True, exist_ok=True)
        limits = Limits(max_bytes=int(config.STORE_MAX_BYTES), headroom_bytes=int(config.STORE_HEADROOM_BYTES))
        try:
            removed = retention_run(
                actor=system("retention"), root=config.store_dir, node_id=node_here().id, limits=limits, now=now()
            )
        except NotThisStore as error:
            raise CommandError(f"{error} Nothing was deleted.") from None
        reasons = ", ".join(f"{count} by {reason}" for reason, count in sorted(removed.by_reason.items())) or "none"
        self.stdout.write(f"{removed.slices} slices and {removed.bytes} bytes deleted: {reasons}")
        if removed.short_bytes:
            self.stdout.write(f"{removed.short_bytes} bytes over the limits remain, held or being written")
