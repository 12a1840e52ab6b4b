"""``manage.py rebuild_index``: the recordings' rows from the files, after losing the database."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backend.lib.clock import now
from cameras.management.commands.check_store import FORCE_HELP
from cameras.store.catalog import node_here
from cameras.store.check import SETTLE_S
from cameras.store.marker import NotThisStore
from cameras.store.rebuild import index_rebuild
from neighborhoods.access import system


class Command(BaseCommand):
    help = "Write the row of every recorded slice that has none, from its journal. Restore cameras and people first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help=FORCE_HELP)
        parser.add_argument("--settle", type=float, default=SETTLE_S, help="leave alone what is younger, in seconds")

    def handle(self, *, force: bool, settle: float, **_: object) -> None:
        root = settings.CONFIG.store_dir
        root.mkdir(parents=True, exist_ok=True)
        try:
            rebuilt = index_rebuild(
                actor=system("rebuild_index"), root=root, node_id=node_here().id, now=now(), force=force,
                settle_s=settle,
            )  # fmt: skip
        except NotThisStore as error:
            raise CommandError(f"{error} Nothing was changed; --force goes on all the same.") from None
        report = rebuilt.report
        for finding in report.unrepaired:
            self.stdout.write(f"{finding.kind}: {finding.subject}: {finding.detail}")
        quarantined = sum(finding.kind == "unknown_camera" and finding.repaired for finding in report.findings)
        self.stdout.write(
            f"{rebuilt.rows} rows written, {rebuilt.leases} generations raised, {quarantined} slices of unknown "
            f"cameras quarantined, {report.writing} being written"
        )
        if report.withheld:
            self.stdout.write(
                f"{report.withheld} slices stay where they are, without a row. Restore their cameras and run this "
                "again, or let them leave the store with --force."
            )
