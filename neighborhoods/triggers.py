"""Append-only tables: the database itself refuses UPDATE, DELETE and TRUNCATE of the audit chain, of its signed heads
and of the ledger.

Put back after every migrate, because Django's table rebuild on SQLite drops them without a word; ``checks.py`` fails
while they are missing. ``lifted`` is the one way round, for tests that empty tables or forge rows.

On SQLite a ``REPLACE`` deletes rows without firing DELETE triggers (https://www.sqlite.org/lang_conflict.html), so an
insert over an existing row is refused too, whichever of its unique values it meets. TRUNCATE is PostgreSQL's alone.

Of the ledger one thing more: an entry that takes another back is its mirror image, which is a question about two rows
that no CHECK can ask.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate

from neighborhoods.models import AuditEntry, AuditHead, LedgerEntry

logger = logging.getLogger(__name__)

TABLE = AuditEntry._meta.db_table
HEADS = AuditHead._meta.db_table
LEDGER = LedgerEntry._meta.db_table
GUARDED = (TABLE, HEADS, LEDGER)
"""The append-only tables. Of these the application's role on PostgreSQL may not even ask (``grants.py``)."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger of one table. ``refusal`` is what the database says; on PostgreSQL a function says it."""

    table: str
    when: str
    """Everything between the trigger's name and its body."""
    refusal: str
    function: str = ""


AUDIT_SAYS = "the audit chain is append-only"
HEADS_SAY = "the signed heads are append-only"
LEDGER_SAYS = "the ledger is append-only"
MIRROR_SAYS = "a reversal is the same amount with the sides exchanged"
TAKEN = " OR ".join(
    ["id = NEW.id", "(campaign_id = NEW.campaign_id AND number = NEW.number)", "reverses_id = NEW.reverses_id"]
    + [f"({one}_id = NEW.{one}_id AND (reverses_id IS NULL) = (NEW.reverses_id IS NULL))"
       for one in ("payment", "refund", "expense")]
)  # fmt: skip
"""Every way in which a row of the ledger can meet another."""
SAME = ("campaign_id", "kind", "amount", "payment_id", "refund_id", "expense_id")


def _mirrors(equal: str) -> str:
    """Whether the row that NEW takes back is its mirror image, and takes nothing back itself."""
    pairs = [(name, name) for name in SAME] + [("debit", "credit"), ("credit", "debit")]
    alike = " AND ".join(f"{theirs} {equal} NEW.{ours}" for theirs, ours in pairs)
    return f"EXISTS (SELECT 1 FROM {LEDGER} WHERE id = NEW.reverses_id AND reverses_id IS NULL AND {alike})"  # noqa: S608


SQLITE = {
    "audit_no_update": Trigger(TABLE, f"BEFORE UPDATE ON {TABLE}", AUDIT_SAYS),
    "audit_no_delete": Trigger(TABLE, f"BEFORE DELETE ON {TABLE}", AUDIT_SAYS),
    "audit_no_replace": Trigger(
        TABLE,
        f"BEFORE INSERT ON {TABLE} WHEN EXISTS"  # noqa: S608  (a constant)
        f" (SELECT 1 FROM {TABLE} WHERE id = NEW.id OR (chain = NEW.chain AND seq = NEW.seq))",
        AUDIT_SAYS,
    ),
    "audit_head_no_update": Trigger(HEADS, f"BEFORE UPDATE ON {HEADS}", HEADS_SAY),
    "audit_head_no_delete": Trigger(HEADS, f"BEFORE DELETE ON {HEADS}", HEADS_SAY),
    "audit_head_no_replace": Trigger(
        HEADS,
        f"BEFORE INSERT ON {HEADS} WHEN EXISTS"  # noqa: S608  (a constant)
        f" (SELECT 1 FROM {HEADS} WHERE id = NEW.id OR (chain = NEW.chain AND day = NEW.day))",
        HEADS_SAY,
    ),
    "ledger_no_update": Trigger(LEDGER, f"BEFORE UPDATE ON {LEDGER}", LEDGER_SAYS),
    "ledger_no_delete": Trigger(LEDGER, f"BEFORE DELETE ON {LEDGER}", LEDGER_SAYS),
    "ledger_no_replace": Trigger(
        LEDGER,
        f"BEFORE INSERT ON {LEDGER} WHEN EXISTS (SELECT 1 FROM {LEDGER} WHERE {TAKEN})",  # noqa: S608  (a constant)
        LEDGER_SAYS,
    ),
    "ledger_mirror": Trigger(
        LEDGER, f"BEFORE INSERT ON {LEDGER} WHEN NEW.reverses_id IS NOT NULL AND NOT {_mirrors('IS')}", MIRROR_SAYS
    ),
}
POSTGRES = {
    "audit_no_change": Trigger(
        TABLE, f"BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW", AUDIT_SAYS, function="audit_refuse"
    ),
    "audit_no_truncate": Trigger(
        TABLE, f"BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT", AUDIT_SAYS, function="audit_refuse"
    ),
    "audit_head_no_change": Trigger(
        HEADS, f"BEFORE UPDATE OR DELETE ON {HEADS} FOR EACH ROW", HEADS_SAY, function="audit_head_refuse"
    ),
    "audit_head_no_truncate": Trigger(
        HEADS, f"BEFORE TRUNCATE ON {HEADS} FOR EACH STATEMENT", HEADS_SAY, function="audit_head_refuse"
    ),
    "ledger_no_change": Trigger(
        LEDGER, f"BEFORE UPDATE OR DELETE ON {LEDGER} FOR EACH ROW", LEDGER_SAYS, function="ledger_refuse"
    ),
    "ledger_no_truncate": Trigger(
        LEDGER, f"BEFORE TRUNCATE ON {LEDGER} FOR EACH STATEMENT", LEDGER_SAYS, function="ledger_refuse"
    ),
    "ledger_mirror": Trigger(
        LEDGER, f"BEFORE INSERT ON {LEDGER} FOR EACH ROW WHEN (NEW.reverses_id IS NOT NULL)", MIRROR_SAYS,
        function="ledger_mirror_check",
    ),
}  # fmt: skip
RAISE = "RAISE EXCEPTION '{}' USING ERRCODE = 'integrity_constraint_violation';"
BODIES = {
    "audit_refuse": RAISE.format(AUDIT_SAYS),
    "audit_head_refuse": RAISE.format(HEADS_SAY),
    "ledger_refuse": RAISE.format(LEDGER_SAYS),
    "ledger_mirror_check": (
        f"IF NOT {_mirrors('IS NOT DISTINCT FROM')} THEN {RAISE.format(MIRROR_SAYS)} END IF; RETURN NEW;"
    ),
}


def wanted(connection: BaseDatabaseWrapper) -> dict[str, Trigger]:
    """Every trigger by its name, of tables that are there or not."""
    return POSTGRES if connection.vendor == "postgresql" else SQLITE


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of triggers that are not in force; none of a table that is not there yet."""
    asked = wanted(connection)
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
                " WHERE relname = ANY(%s) AND pg_table_is_visible(tgrelid) AND tgenabled IN ('O', 'A')",
                [list(GUARDED)],
            )
        else:
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (%s, %s, %s)", list(GUARDED)
            )
        there = {row[0] for row in cursor.fetchall()}
    return sorted(name for name, one in asked.items() if one.table in tables and name not in there)


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the missing triggers in force."""
    asked = wanted(connection)
    with connection.cursor() as cursor:
        for name in missing(connection):
            one = asked[name]
            if connection.vendor == "postgresql":
                cursor.execute(
                    f"CREATE OR REPLACE FUNCTION {one.function}() RETURNS trigger LANGUAGE plpgsql AS"
                    f" $$ BEGIN {BODIES[one.function]} END $$"
                )
                cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {one.table}")  # one that was disabled
                cursor.execute(f"CREATE TRIGGER {name} {one.when} EXECUTE FUNCTION {one.function}()")
            else:
                cursor.execute(f"CREATE TRIGGER {name} {one.when} BEGIN SELECT RAISE(ABORT, '{one.refusal}'); END")


def remove(connection: BaseDatabaseWrapper) -> None:
    asked = wanted(connection)
    with connection.cursor() as cursor:
        for name in set(asked) - set(missing(connection)):
            on = f" ON {asked[name].table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


@contextmanager
def lifted(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """For tests alone: the tables may be changed inside the block, and are guarded again after it."""
    connection = connections[using]
    remove(connection)
    try:
        yield
    finally:
        install(connection)


def put_back(sender: AppConfig, using: str = DEFAULT_DB_ALIAS, **_kwargs: Any) -> None:
    """After every migrate. Says so where a table was already in use without them."""
    connection = connections[using]
    gone = missing(connection)
    tables = {wanted(connection)[name].table for name in gone}
    models = [model for model in (AuditEntry, AuditHead, LedgerEntry) if model._meta.db_table in tables]
    if any(model._default_manager.using(using).exists() for model in models):
        logger.warning("triggers were missing and are put back: %s", ", ".join(gone))
    install(connection)


def connect(config: AppConfig) -> None:
    post_migrate.connect(put_back, sender=config, dispatch_uid="audit_triggers")
