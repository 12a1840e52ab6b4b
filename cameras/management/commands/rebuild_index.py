"""``manage.py rebuild_index``: the recordings' rows from the files, after losing the database."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand

from backend.lib.clock import now
from cameras.store.catalog import node_here
from cameras.store.check import SETTLE_S
from cameras.store.rebuild import index_rebuild
from neighborhoods.access import system


class Command(BaseCommand):
    help = "Write the row of every recorded slice that has none, from its journal. Restore cameras and people first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--settle", type=float, default=SETTLE_S, help="leave alone what is younger, in seconds")

    def handle(self, *, settle: float, **_: object) -> None:
        root = settings.CONFIG.store_dir
        root.mkdir(parents=True, exist_ok=True)
        rebuilt = index_rebuild(
            actor=system("rebuild_index"), root=root, node_id=node_here().id, now=now(), settle_s=settle
        )
        for finding in rebuilt.report.unrepaired:
            self.stdout.write(f"{finding.kind}: {finding.subject}: {finding.detail}")
        quarantined = sum(finding.kind == "unknown_camera" for finding in rebuilt.report.findings)
        self.stdout.write(
            f"{rebuilt.rows} rows written, {rebuilt.leases} generations raised, {quarantined} slices of unknown "
            f"cameras quarantined, {rebuilt.report.writing} being written"
        )
