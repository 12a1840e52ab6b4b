"""``manage.py migrate``: Django's own, as the role that owns the tables where there is one (``grants.py``)."""

from typing import Any

from django.core.management.commands.migrate import Command as Migrate

from neighborhoods import grants


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        with grants.as_owner():
            super().handle(*args, **options)
