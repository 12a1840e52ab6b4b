"""Named locks held until the transaction commits, so that rows appear in the order of their numbers.

PostgreSQL: ``pg_advisory_xact_lock`` on the first 64 bits of the name's SHA-256. SQLite: nothing to take, because
``transaction_mode=IMMEDIATE`` already gives the transaction the one writer lock at ``BEGIN``.

Order, so that two verbs never wait for each other: rows first, then the quotas of ``cameras.footage.holds``, then
``revocations``, then the audit chains by name, and last ``feed``, which only the dispatcher takes
(``notifications.dispatching``). ``odd_uses`` comes before all of them: its one verb takes rows of its own alone.
``audit-heads`` (``auditing.heads``) is held with no other.
"""

import hashlib
from collections.abc import Iterable

from django.db import connection


def key_of(name: str) -> int:
    """``name`` as PostgreSQL's signed 64-bit lock key."""
    return int.from_bytes(hashlib.sha256(f"matpho:{name}".encode()).digest()[:8], "big", signed=True)


def hold(names: Iterable[str]) -> None:
    """Take every lock of ``names``, in order of name, until the surrounding transaction ends."""
    if not connection.in_atomic_block:
        raise RuntimeError("A lock held to commit needs a transaction: call the verb inside transaction.atomic()")
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for name in sorted(set(names)):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key_of(name)])
