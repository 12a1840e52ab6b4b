"""``manage.py audit_export FILE``: every chain, or one ward's, as a file that ``auditing/verify.py`` checks alone."""

from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.lib.clock import now
from neighborhoods import audit
from neighborhoods.auditing import heads, verify
from neighborhoods.auditing.export import chains_all, export_lines
from neighborhoods.models import AuditHead, Ward


class Command(BaseCommand):
    help = "Write the audit chains with their signed heads to FILE, which must not be there yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--ward", help="code of a ward, for its chain alone")
        parser.add_argument("--since", type=date.fromisoformat, help="begin after the heads of this day")

    def handle(self, *args: Any, **options: Any) -> None:
        key, since = settings.SECRETS.signing_key, options["since"]
        chains = chains_all()
        if options["ward"]:
            ward = Ward.objects.filter(code=options["ward"]).first()
            if ward is None:
                raise CommandError(f"There is no ward {options['ward']}.")
            chains = [audit.chain_of(ward.id)]
        if since and not AuditHead.objects.filter(day=since, chain__in=chains).exists():
            raise CommandError(f"No head was signed on {since}.")
        try:
            with options["file"].open("xb") as out:
                options["file"].chmod(0o600)
                out.writelines(export_lines(chains, key=key, now=now(), since=since))
        except FileExistsError:
            raise CommandError(f"{options['file']} is there already.") from None
        self.stdout.write(f"{len(chains)} chains: {options['file']}")
        self.stdout.write(f"key {verify.fingerprint(heads.public_of(key))}; check with {verify.__file__}")
