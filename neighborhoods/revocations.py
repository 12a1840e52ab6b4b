"""Taking back. One row per act; every process that serves bytes or sockets polls for new ones every 0.5 s.

The lock is held to commit, so that ids rise in commit order and no lower id appears after a higher one was seen: a
poller that remembers the last id it saw misses nothing.

Subjects: ``device``, ``household``, ``code``, ``camera`` and ``neighborhood`` by their row's id; ``role`` by the
**account's** id (whoever held it), so that every view opened under any of the person's roles ends and is asked anew.
"""

from datetime import datetime
from uuid import UUID

from neighborhoods import locks, nudges
from neighborhoods.models import Revocation

CHANNEL = "matpho:revoked"


def revoke(kind: Revocation.Kind | str, subject_id: UUID, *, now: datetime) -> int:
    """Insert a revocation and return its id. Call it before ``audit.record``, after the verb's own rows.

    On commit the id is published on ``matpho:revoked``, best effort: that only brings the next poll forward.
    Raises ``ValueError`` for an unknown kind and ``RuntimeError`` outside a transaction.
    """
    kind = Revocation.Kind(kind)
    locks.hold(["revocations"])
    row = Revocation.objects.create(kind=kind, subject_id=subject_id, at=now)
    nudges.on_commit(CHANNEL, str(row.id))
    return row.id


def last_id() -> int:
    """The id of the newest revocation; 0 where there is none. A view session remembers it at birth."""
    return Revocation.objects.order_by("-id").values_list("id", flat=True).first() or 0


def after(last_id: int) -> list[tuple[int, str, UUID]]:
    """Id, kind and subject of every later revocation, in order of id: what every poller asks."""
    found = Revocation.objects.filter(id__gt=last_id).order_by("id")
    return list(found.values_list("id", "kind", "subject_id"))
