"""``manage.py audit_head``: the heads of a day, to be printed and signed by hand. A page for each chain."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from neighborhoods.auditing.head_paper import head_text, heads_paper
from neighborhoods.auditing.letters import chain_names
from neighborhoods.models import AuditHead, Ward


class Command(BaseCommand):
    help = "Print the signed heads of the audit chains: on the terminal, or as PDF with a QR."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", type=date.fromisoformat, help="like 2026-11-30; the day signed last if not said")
        parser.add_argument("--ward", help="code of a ward, for its chain alone")
        parser.add_argument("--pdf", type=Path, metavar="FILE", help="write the pages there")

    def handle(self, *args: Any, **options: Any) -> None:
        names = chain_names()
        heads = AuditHead.objects.order_by("day", "chain")
        if options["ward"]:
            ward = Ward.objects.filter(code=options["ward"]).first()
            heads = heads.filter(chain=f"ward:{ward.id}" if ward else "")
        day: date | None = options["day"] or heads.values_list("day", flat=True).last()
        found = [(head, names.get(head.chain, head.chain)) for head in heads.filter(day=day)] if day else []
        if not found:
            raise CommandError("No head was signed there. They are signed when a day has ended.")
        if options["pdf"]:
            options["pdf"].write_bytes(heads_paper(found))
            self.stdout.write(f"{len(found)} pages of {day}: {options['pdf']}")
        else:
            self.stdout.write("\n".join(head_text(head, name) for head, name in found))
