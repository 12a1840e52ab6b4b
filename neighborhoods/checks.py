"""System checks that look at the database: ``manage.py check --database default``, and before every migrate."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

from neighborhoods import grants, triggers


@register(Tags.database)
def audit_is_append_only(
    *, app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Fails where the audit's or the ledger's table is there and one of its triggers is not."""
    return [
        Error(
            f"The audit chain or the ledger can be changed: {', '.join(gone)} missing.",
            hint=(
                "Find out who dropped them. `manage.py migrate --skip-checks` puts them back;"
                " then `audit_verify` and `ledger_verify`."
            ),
            id="neighborhoods.E001",
        )
        for alias in databases or []
        if (gone := triggers.missing(connections[alias]))
    ]


@register(Tags.database)
def application_cannot_change_it(
    *, app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Warns on PostgreSQL where the application's own role could change the audit or the ledger."""
    return [
        Warning(
            f"The application's role could change the audit chain or the ledger: {', '.join(named)}.",
            hint="Give the tables an owner of their own: deploy/postgres.sql, and MIGRATE_DATABASE_URL.",
            id="neighborhoods.W001",
        )
        for alias in databases or []
        if (named := grants.changeable(connections[alias]))
    ]
