"""The audit chain: one per ward, one for the platform. ``record`` is the last statement of every verb.

Each entry's hash covers the previous entry's hash, so that a changed byte or a missing row is found by
``audit_chain.verify`` (``manage.py audit_verify``). Triggers refuse to change or delete rows (``triggers.py``).

The chain's lock is taken here and held to commit. Whatever a verb still wants to change must come before, or two verbs
could wait for each other; see ``locks.py`` for the order.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from neighborhoods import locks, outbox
from neighborhoods.access import Actor
from neighborhoods.models import AuditEntry

GENESIS = "0" * 64
"""The previous hash of a chain's first entry."""

PLATFORM = "platform"

Subject = tuple[str, UUID | str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One entry to be written, before it has its place in the chain."""

    action: str
    subject: Subject
    ward_id: UUID | None = None
    neighborhood_id: UUID | None = None
    data: Mapping[str, object] | None = None


def chain_of(ward_id: UUID | None) -> str:
    return PLATFORM if ward_id is None else f"ward:{ward_id}"


def record(
    *,
    actor: Actor,
    action: str,
    subject: Subject,
    ward_id: UUID | None,
    neighborhood_id: UUID | None,
    data: Mapping[str, object] | None = None,
    now: datetime,
) -> AuditEntry:
    """Write one audit entry and its outbox row (topic = ``action``) in the verb's transaction.

    ``data`` holds declared facts: text, integers, booleans, UUIDs, aware datetimes, and lists or dicts of them. Never a
    name, token, code or password. Raises ``RuntimeError`` outside a transaction, ``TypeError`` for other data.
    """
    act = Act(action=action, subject=subject, ward_id=ward_id, neighborhood_id=neighborhood_id, data=data)
    return record_all(actor=actor, acts=[act], now=now)[0]


def record_all(*, actor: Actor, acts: Sequence[Act], now: datetime) -> list[AuditEntry]:
    """Several entries at once; the chains of several wards are locked in order, so that two verbs never deadlock."""
    locks.hold(chain_of(act.ward_id) for act in acts)
    return [_append(actor, act, now) for act in acts]


def _append(actor: Actor, act: Act, now: datetime) -> AuditEntry:
    chain = chain_of(act.ward_id)
    head = AuditEntry.objects.filter(chain=chain).order_by("-seq").values_list("seq", "hash").first()
    seq, previous = (head[0] + 1, head[1]) if head else (1, GENESIS)
    data = plain(act.data or {})
    entry = AuditEntry(
        chain=chain,
        seq=seq,
        at=now,
        ward_id=act.ward_id,
        neighborhood_id=act.neighborhood_id,
        actor=actor.pseudonym,
        action=act.action,
        subject=f"{act.subject[0]}:{act.subject[1]}",
        data=data,
        previous_hash=previous,
    )
    entry.hash = entry_hash(entry)
    entry.save(force_insert=True)
    news = {"audit": str(entry.id), "actor": entry.actor, "subject": entry.subject, "data": data}
    outbox.add(topic=act.action, neighborhood_id=act.neighborhood_id, payload=news, now=now)
    return entry


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256, in hex, over the previous hash and the canonical JSON of every other field."""
    return hashlib.sha256(entry.previous_hash.encode() + canonical(entry_fields(entry))).hexdigest()


def entry_fields(entry: AuditEntry) -> dict[str, object]:
    """What the hash covers besides the previous hash, as it is exported too."""
    return {
        "id": str(entry.id),
        "chain": entry.chain,
        "seq": entry.seq,
        "at": instant(entry.at),
        "ward_id": str(entry.ward_id) if entry.ward_id else None,
        "neighborhood_id": str(entry.neighborhood_id) if entry.neighborhood_id else None,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "data": entry.data,
    }


def instant(at: datetime) -> str:
    """ISO 8601 in UTC with microseconds: the one spelling of a moment in what is hashed and signed."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def canonical(value: object) -> bytes:
    """One spelling per value: sorted keys, no spaces, UTF-8. Floats never reach it (``plain``)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def plain(value: object) -> object:
    """``value`` as JSON that both databases give back unchanged.

    Floats are refused: PostgreSQL's ``jsonb`` may spell a number anew, and the hash would no longer match.
    """
    match value:
        case None | bool() | int() | str():
            return value
        case UUID():
            return str(value)
        case datetime():
            if value.tzinfo is None:
                raise TypeError(f"audit data takes aware datetimes only, got {value!r}")
            return instant(value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    raise TypeError(f"audit data takes text, integers, booleans, UUIDs and datetimes, got {type(value).__name__}")
