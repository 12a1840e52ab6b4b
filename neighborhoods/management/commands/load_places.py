"""``manage.py load_places``: the 34 provinces and 3,321 communes of the official list, put in or brought up to it."""

from typing import Any

from django.core.management.base import BaseCommand

from backend.lib.clock import now
from neighborhoods.access import Grant, Role, system
from neighborhoods.placeload import places_load


class Command(BaseCommand):
    help = "Load the official provinces and communes; loading them again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = places_load(actor=system("places", Grant(Role.ADMINISTRATOR)), now=now())
        self.stdout.write(
            f"{loaded.provinces} provinces; wards: {loaded.added} added, {loaded.renamed} renamed, "
            f"{loaded.unchanged} unchanged."
        )
        if loaded.unknown:
            self.stdout.write(f"Not on the official list, left alone: {', '.join(loaded.unknown)}")
