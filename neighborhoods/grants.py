"""Two roles on PostgreSQL: one owns the tables and migrates them, the other is the application's and writes rows.

The application's role may read and add to the append-only tables (``triggers.GUARDED``) and do nothing else to them:
it does not own them, so that it can neither change rows nor lift what refuses it. ``MIGRATE_DATABASE_URL`` names the
owner; after each migrate by it the other role gets exactly this (``put_back``). ``deploy/postgres.sql`` makes both.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dj_database_url
from django.apps import AppConfig
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate

from neighborhoods import triggers

READ_ONLY = ("django_migrations",)
CHANGEABLE = (
    "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND pg_table_is_visible(oid) AND ("
    " has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER') OR has_any_column_privilege(oid, 'UPDATE')"
    " OR pg_has_role(relowner, 'MEMBER')) ORDER BY relname"
)
"""Of the tables named, those that whoever asks could change: by a right on it or a column, or by being its owner."""
PLACES = ("USER", "PASSWORD", "HOST", "PORT", "NAME")


@contextmanager
def as_owner() -> Iterator[None]:
    """Inside the block the database is opened by the owner of its tables, where there is one beside the application.

    The one connection, and not a second alias: a migration that moves rows may ask for no alias, and would wait for
    the owner's lock for ever.
    """
    if not settings.CONFIG.MIGRATE_DATABASE_URL:
        yield
        return
    connection = connections[DEFAULT_DB_ALIAS]
    kept = {name: connection.settings_dict[name] for name in PLACES}
    owner = dict(dj_database_url.parse(settings.CONFIG.MIGRATE_DATABASE_URL))
    connection.close()
    connection.settings_dict.update({name: owner[name] for name in PLACES})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(kept)


def application_role() -> str:
    """The role that serves, whoever the database is opened by just now."""
    return str(dj_database_url.parse(settings.CONFIG.database_url)["USER"])


def put_back(sender: AppConfig, using: str, **_kwargs: Any) -> None:
    """After a migrate by the owner: what the application's role may, in one transaction."""
    connection = connections[using]
    if not settings.CONFIG.MIGRATE_DATABASE_URL or connection.vendor != "postgresql":
        return
    role = connection.ops.quote_name(application_role())
    with transaction.atomic(using=using), connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        guarded, read = tables & set(triggers.GUARDED), tables & set(READ_ONLY)
        for names, may in (
            (tables - guarded - read, "SELECT, INSERT, UPDATE, DELETE"),
            (guarded, "SELECT, INSERT"),
            (read, "SELECT"),
        ):
            if names:
                listed = ", ".join(connection.ops.quote_name(name) for name in sorted(names))
                cursor.execute(f"REVOKE ALL ON {listed} FROM PUBLIC, {role}")
                cursor.execute(f"GRANT {may} ON {listed} TO {role}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")


def connect(config: AppConfig) -> None:
    post_migrate.connect(put_back, sender=config, dispatch_uid="audit_grants")


def changeable(connection: BaseDatabaseWrapper) -> list[str]:
    """Append-only tables that the application's role could change, or stop from refusing; none on SQLite, and none
    while the owner migrates."""
    if connection.vendor != "postgresql" or connection.settings_dict["USER"] != application_role():
        return []
    with connection.cursor() as cursor:
        cursor.execute(CHANGEABLE, [list(triggers.GUARDED)])
        return [name for (name,) in cursor.fetchall()]
