"""``manage.py audit_verify``: recompute every audit chain, compare with the signed heads, and sign the new ones."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.lib.clock import now
from neighborhoods import audit_chain


class Command(BaseCommand):
    help = "Check the audit chains: exit 1 and say where, if a byte was changed or a row is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-sign", action="store_true", help="leave the signed heads as they are")

    def handle(self, *args: Any, **options: Any) -> None:
        path, key = settings.CONFIG.audit_head_file, settings.SECRETS.signing_key
        report, faults = audit_chain.verify_and_sign(
            path, key=key, now=now(), sign=not options["no_sign"], earlier=settings.CONFIG.list_of("AUDIT_KEYS")
        )
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} faults in {report.entries} entries; the heads are not signed anew.")
        self.stdout.write(f"{report.entries} entries in {len(report.heads)} chains: whole.")
