"""The daily heads: for each chain the number and hash of its last entry as a day ended, signed by this installation.

Signed once a day, after everything was verified (``audit_chain.verify_and_sign``); a row is never written again. Of
days on which the machine stood still the last ``MOST_MISSED`` get theirs later, and ``at`` says when. The line of a
head (``line_of``) is the same in an export, in the second store and in the mail.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import transaction
from django.db.models import Max

from backend.lib.clock import VIETNAM, vietnam_day
from neighborhoods import locks
from neighborhoods.audit import canonical, instant
from neighborhoods.auditing import verify
from neighborhoods.models import AuditEntry, AuditHead

LOCK = "audit-heads"
MOST_MISSED = 31
"""Days that are caught up. A clock that was once years ahead must not use the years up: the next head covers them."""

Marks = dict[str, dict[int, set[str]]]
"""Chain → number → every hash that was signed for that entry: one, where nobody has written anything anew."""
Line = dict[str, object]


def heads_sign(*, key: bytes, now: datetime) -> list[AuditHead]:
    """Sign what is due, and give it: nothing where the day that ended last has its heads already.

    ``key``: the Ed25519 private key, 32 bytes. Verify first: what is signed counts as what was.
    """
    with transaction.atomic():
        locks.hold([LOCK])
        chains = AuditEntry.objects.order_by("chain").values_list("chain", flat=True).distinct()
        found = [head for day in days_due(now) for chain in chains if (head := _head(chain, day, key, now))]
        return AuditHead.objects.bulk_create(found)


def days_due(now: datetime) -> list[date]:
    """Days in Vietnam that have ended without a head, the oldest first."""
    yesterday = vietnam_day(now) - timedelta(days=1)
    last = AuditHead.objects.filter(day__lte=yesterday).aggregate(last=Max("day"))["last"]
    if last is None:
        return [yesterday]
    missed = min((yesterday - last).days, MOST_MISSED)
    return [yesterday - timedelta(days=back) for back in reversed(range(missed))]


def _head(chain: str, day: date, key: bytes, now: datetime) -> AuditHead | None:
    """Of entries that took their moment before midnight and their number after it, the next day's head speaks."""
    ended = datetime.combine(day + timedelta(days=1), time(), VIETNAM).astimezone(UTC)
    last = AuditEntry.objects.filter(chain=chain, at__lt=ended).order_by("-seq").first()
    if last is None:
        return None
    private = Ed25519PrivateKey.from_private_bytes(key)
    head = AuditHead(chain=chain, day=day, seq=last.seq, hash=last.hash, at=now, key=public_of(key).hex())
    head.signature = private.sign(canonical(_body(head))).hex()
    return head


def public_of(key: bytes) -> bytes:
    """The raw public half of a private ``key``."""
    return Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def fingerprint_of(head: AuditHead) -> str:
    """Of the key that signed ``head``, as it stands on paper."""
    return verify.fingerprint(bytes.fromhex(head.key))


def _body(head: AuditHead) -> Line:
    return {
        "kind": verify.HEAD, "chain": head.chain, "day": head.day.isoformat(), "seq": head.seq, "hash": head.hash,
        "at": instant(head.at), "key": head.key,
    }  # fmt: skip


def line_of(head: AuditHead) -> Line:
    """The head as everybody outside gets it, signature included; ``verify.is_signed`` checks it."""
    return _body(head) | {"signature": head.signature}


def day_file(day: date) -> bytes:
    """All heads of ``day``, a canonical line each; empty where there are none. The same bytes each time."""
    return b"".join(canonical(line_of(head)) + b"\n" for head in AuditHead.objects.filter(day=day).order_by("chain"))


def marks(keys: Collection[str]) -> tuple[Marks, list[str]]:
    """What the heads say of their entries; a sentence for each that no key of ``keys`` (fingerprints) has signed."""
    found: Marks = {}
    faults = []
    for head in AuditHead.objects.order_by("day", "chain").iterator(chunk_size=2000):
        if not verify.is_signed(line_of(head)):
            faults.append(f"{head.chain} #{head.seq}: the head of {head.day} does not bear its signature")
        elif fingerprint_of(head) not in keys:
            faults.append(f"{head.chain} #{head.seq}: the head of {head.day} is signed by key {fingerprint_of(head)}")
        found.setdefault(head.chain, {}).setdefault(head.seq, set()).add(head.hash)
    return found, faults


def days_signed(*, first: date | None = None) -> Iterator[date]:
    """Days that have heads, the oldest first."""
    rows = AuditHead.objects.filter(day__gte=first) if first else AuditHead.objects.all()
    yield from rows.order_by("day").values_list("day", flat=True).distinct()
