"""``manage.py check_store``: rows = files = journals, and repair of what a kill left."""

import sys
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backend.lib.clock import now
from cameras.store.catalog import node_here
from cameras.store.check import SETTLE_S, store_check
from cameras.store.marker import NotThisStore
from neighborhoods.access import system

FORCE_HELP = "this is the store, and what is missing in it is gone: also let go of many slices at once"


class Command(BaseCommand):
    help = "Compare the store's files and journals with the database and repair what a kill left. May run any time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only report")
        parser.add_argument("--hashes", action="store_true", help="read all footage and compare every hash")
        parser.add_argument("--force", action="store_true", help=FORCE_HELP)
        parser.add_argument("--settle", type=float, default=SETTLE_S, help="leave alone what is younger, in seconds")

    def handle(self, *, dry_run: bool, hashes: bool, force: bool, settle: float, **_: object) -> None:
        root = settings.CONFIG.store_dir
        root.mkdir(parents=True, exist_ok=True)
        try:
            report = store_check(
                actor=system("check_store"), root=root, node_id=node_here().id, now=now(), repair=not dry_run,
                hashes=hashes, force=force, settle_s=settle,
            )  # fmt: skip
        except NotThisStore as error:
            raise CommandError(f"{error} Nothing was changed; --force goes on all the same.") from None
        for finding in report.findings:
            done = "repaired" if finding.repaired else "NOT REPAIRED"
            self.stdout.write(f"{finding.kind}: {finding.subject}: {finding.detail} ({done})")
        self.stdout.write(
            f"{report.slices} slices compared, {report.writing} being written, {len(report.findings)} findings, "
            f"{len(report.unrepaired)} not repaired"
        )
        if report.withheld:
            self.stdout.write(
                f"{report.withheld} slices would have left the store. So many at once look like a disk that is not "
                "mounted or a database from an older copy; if they are really gone, --force lets them go."
            )
        if report.unrepaired:
            sys.exit(1)
