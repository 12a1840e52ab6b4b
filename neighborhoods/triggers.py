"""Append-only triggers on the audit chain: the database itself refuses UPDATE, DELETE and TRUNCATE.

Put back after every migrate, because Django's table rebuild on SQLite drops them without a word; ``checks.py`` fails
while they are missing. ``lifted`` is the one way round, for tests that empty tables or forge rows.

On SQLite a ``REPLACE`` deletes rows without firing DELETE triggers (https://www.sqlite.org/lang_conflict.html), so an
insert over an existing row is refused too. TRUNCATE is PostgreSQL's alone.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate

from neighborhoods.models import AuditEntry

logger = logging.getLogger(__name__)

TABLE = AuditEntry._meta.db_table
REFUSAL = "the audit chain is append-only"

SQLITE = {
    "audit_no_update": f"BEFORE UPDATE ON {TABLE}",
    "audit_no_delete": f"BEFORE DELETE ON {TABLE}",
    "audit_no_replace": (
        f"BEFORE INSERT ON {TABLE} WHEN EXISTS"  # noqa: S608  (a constant)
        f" (SELECT 1 FROM {TABLE} WHERE id = NEW.id OR (chain = NEW.chain AND seq = NEW.seq))"
    ),
}
POSTGRES = {
    "audit_no_change": f"BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW",
    "audit_no_truncate": f"BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT",
}
FUNCTION = f"""
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def wanted(connection: BaseDatabaseWrapper) -> dict[str, str]:
    return POSTGRES if connection.vendor == "postgresql" else SQLITE


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of triggers that are not in force; an empty list where the table itself is not there yet."""
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return []
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled IN ('O', 'A')", [TABLE]
            )
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [TABLE])
        there = {row[0] for row in cursor.fetchall()}
    return sorted(set(wanted(connection)) - there)


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the missing triggers in force."""
    gone = missing(connection)
    with connection.cursor() as cursor:
        if gone and connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
        for name in gone:
            when = wanted(connection)[name]
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {TABLE}")  # one that was disabled
                cursor.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION audit_refuse()")
            else:
                cursor.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END")


def remove(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for name in set(wanted(connection)) - set(missing(connection)):
            on = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{on}")


@contextmanager
def lifted(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """For tests alone: the chain may be changed inside the block, and is guarded again after it."""
    connection = connections[using]
    remove(connection)
    try:
        yield
    finally:
        install(connection)


def put_back(sender: AppConfig, using: str = DEFAULT_DB_ALIAS, **_kwargs: Any) -> None:
    """After every migrate. Says so where the table was already in use without them."""
    connection = connections[using]
    gone = missing(connection)
    if gone and AuditEntry.objects.using(using).exists():
        logger.warning("audit triggers were missing and are put back: %s", ", ".join(gone))
    install(connection)


def connect(config: AppConfig) -> None:
    post_migrate.connect(put_back, sender=config, dispatch_uid="audit_triggers")
