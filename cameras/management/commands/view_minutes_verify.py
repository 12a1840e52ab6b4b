"""``manage.py view_minutes_verify``: the chained view minutes still are what the audit says (see ``audit_verify``)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cameras.viewminutes import view_minutes_verify


class Command(BaseCommand):
    help = "Check the view minutes against the audit chain: exit 1 and say which entry no longer fits."

    def handle(self, *args: Any, **options: Any) -> None:
        faults = view_minutes_verify()
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} audit entries do not match their view minutes.")
        self.stdout.write("Every chained view minute is as it was.")
