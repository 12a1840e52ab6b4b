"""Roots of closed slices, written into the audit: what was recorded is fixed within ten minutes.

One entry per node, ward and run holds the Merkle root (RFC 6962, section 2.1) over the slices that were closed since:
of the ward, because it is a ward's chain that a package of footage quotes. A slice's journal root fixes its bytes, the
entry fixes the journal root, the chain fixes the entry. The leaves are kept beside, so that one slice can be shown to
be among them when the others are long deleted.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from backend.lib import merkle
from backend.lib.errors import Absent
from cameras.models import Slice, SliceBatch
from neighborhoods import audit
from neighborhoods.access import system
from neighborhoods.models import AuditEntry

ACTION, SUBJECT = "slices.rooted", "slice_batch"
LEAF = 16 + 32
MOST = 5000
"""Of one run: 50 cameras close 500 in ten minutes, and what an outage left over goes into the next."""


@dataclass(frozen=True, slots=True)
class Proof:
    """That a slice's root is among those of ``entry``: its leaf climbs by ``path`` to ``entry.data["root"]``."""

    slice_id: UUID
    root: str
    path: list[merkle.Step]
    entry: AuditEntry


def slices_root(*, node_id: UUID, now: datetime) -> int:
    """Write the roots of this node's closed slices that stand in no entry yet; gives how many."""
    with transaction.atomic():
        closed = Slice.objects.filter(node_id=node_id, batch=None).exclude(root="").exclude(state=Slice.State.OPEN)
        if not closed.exists():
            return 0
        waiting = closed.select_for_update(of=("self",)).order_by("camera__neighborhood__ward_id", "id")
        rows = list(waiting.values_list("id", "root", "camera__neighborhood__ward_id")[:MOST])
        acts = []
        for ward_id, group in groupby(rows, key=lambda row: row[2]):
            leaves = [slice_id.bytes + bytes.fromhex(root) for slice_id, root, _ward in group]
            batch = SliceBatch.objects.create(leaves=b"".join(leaves), made_at=now)
            Slice.objects.filter(id__in=[UUID(bytes=leaf[:16]) for leaf in leaves]).update(batch=batch)
            said = {"count": len(leaves), "root": _root(leaves), "node": node_id}
            acts.append(audit.Act(action=ACTION, subject=(SUBJECT, batch.id), ward_id=ward_id, data=said))
        SliceBatch.objects.filter(slices=None).delete()  # their footage is gone: nothing is left to be shown
        audit.record_all(actor=system("recorder"), acts=acts, now=now)
    return len(rows)


def proof_of(slice_id: UUID) -> Proof:
    """Raises ``Absent`` where the slice's root stands in no entry (yet)."""
    row = Slice.objects.select_related("batch").filter(id=slice_id).exclude(batch=None).first()
    entry = _entry(row.batch_id) if row else None
    if row is None or row.batch is None or entry is None:
        raise Absent()
    leaves = _leaves(row.batch)
    index = next(number for number, leaf in enumerate(leaves) if leaf[:16] == slice_id.bytes)
    path = merkle.path_of([merkle.leaf_of(leaf) for leaf in leaves], index)
    return Proof(slice_id, leaves[index][16:].hex(), path, entry)


def slice_roots_verify() -> list[str]:
    """What of the slices no longer fits its audit entry, a sentence each; an empty list is good."""
    entries = {entry.subject: entry for entry in AuditEntry.objects.filter(action=ACTION).iterator(chunk_size=2000)}
    found = []
    for batch in SliceBatch.objects.iterator(chunk_size=50):
        leaves = _leaves(batch)
        entry = entries.get(f"{SUBJECT}:{batch.id}") or _entry(batch.id)  # made while we read
        if entry is None or entry.data.get("root") != _root(leaves):
            found.append(f"slices of batch {batch.id} are not those of its audit entry")
        known = {UUID(bytes=leaf[:16]): leaf[16:].hex() for leaf in leaves}
        found += [
            f"slice {row.id}: its root is not the one that was written into the audit"
            for row in Slice.objects.filter(Q(id__in=known) | Q(batch=batch))  # whatever batch it says it is of now
            if known.get(row.id) != row.root
        ]
    return found


def _entry(batch_id: UUID | None) -> AuditEntry | None:
    return AuditEntry.objects.filter(subject=f"{SUBJECT}:{batch_id}", action=ACTION).first()


def _leaves(batch: SliceBatch) -> list[bytes]:
    raw = bytes(batch.leaves)
    return [raw[at : at + LEAF] for at in range(0, len(raw), LEAF)]


def _root(leaves: list[bytes]) -> str:
    return merkle.root_of([merkle.leaf_of(leaf) for leaf in leaves]).hex()
