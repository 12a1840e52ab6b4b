"""``manage.py footage_usb PACKAGE FOLDER``: a package of footage onto a USB stick, read back and counted as fetched."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.lib.clock import now
from backend.lib.errors import MatPhoError
from cameras.footage.stick import package_copy


class Command(BaseCommand):
    help = "Copy a package onto a stick. Its number stands on the officer's page; it counts as a fetch."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("package", type=UUID)
        parser.add_argument("folder", type=Path, help="where the stick is mounted")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            folder = package_copy(options["package"], options["folder"], now=now(), progress=self.stdout.write)
        except MatPhoError as error:
            raise CommandError(error.detail) from None
        except OSError as error:
            raise CommandError(f"{error.strerror}: {error.filename}") from None
        self.stdout.write(f"{folder}")
