"""Two roles on PostgreSQL: one owns the tables and migrates them, the other is the application's and writes rows.

The application's role may read and add to the append-only tables (``triggers.GUARDED``) and do nothing else to them: it
does not own them, so that it can neither change rows nor lift what refuses it. ``MIGRATE_DATABASE_URL`` names the owner
(database ``owner`` of the settings); after each migrate by it the other role gets exactly this (``put_back``).
``deploy/postgres.sql`` makes both.
"""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate

from neighborhoods import triggers

OWNER = "owner"
"""The alias of the database as its owner sees it. There is none where one role does everything."""
READ_ONLY = ("django_migrations",)


def put_back(sender: AppConfig, using: str, **_kwargs: Any) -> None:
    """After a migrate by the owner: what the application's role may, in one transaction."""
    if using != OWNER:
        return
    connection = connections[using]
    role = connection.ops.quote_name(str(settings.DATABASES["default"]["USER"]))
    with transaction.atomic(using=using), connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        guarded, read = tables & set(triggers.GUARDED), tables & set(READ_ONLY)
        for names, may in ((tables - guarded - read, "SELECT, INSERT, UPDATE, DELETE"), (guarded, "SELECT, INSERT"),
                           (read, "SELECT")):  # fmt: skip
            if names:
                listed = ", ".join(connection.ops.quote_name(name) for name in sorted(names))
                cursor.execute(f"REVOKE ALL ON {listed} FROM PUBLIC, {role}")
                cursor.execute(f"GRANT {may} ON {listed} TO {role}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")


def connect(config: AppConfig) -> None:
    post_migrate.connect(put_back, sender=config, dispatch_uid="audit_grants")


def changeable(connection: BaseDatabaseWrapper) -> list[str]:
    """Append-only tables that the connection's role could change, or stop from refusing; none on SQLite."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND pg_table_is_visible(oid) AND ("
            " has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER') OR has_any_column_privilege(oid, 'UPDATE')"
            " OR pg_has_role(relowner, 'MEMBER')) ORDER BY relname",
            [list(triggers.GUARDED)],
        )
        return [name for (name,) in cursor.fetchall()]
