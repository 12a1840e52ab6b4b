"""``manage.py ledger_verify``: recompute every fund's book, and compare it with receipts, papers, the audit."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from neighborhoods.fund import verification
from neighborhoods.models import Campaign, LedgerEntry


class Command(BaseCommand):
    help = "Check the books: exit 1 and say where, if an amount, a number or a paper is not as it was written."

    def handle(self, *args: Any, **options: Any) -> None:
        faults = verification.faults()
        entries, campaigns = LedgerEntry.objects.count(), Campaign.objects.count()
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} faults in {entries} entries of {campaigns} campaigns.")
        self.stdout.write(f"{entries} entries in {campaigns} campaigns: whole.")
