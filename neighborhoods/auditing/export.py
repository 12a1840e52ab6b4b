"""A chain as a file that stands alone: JSON Lines with every entry, the signed heads, and a seal over all of it.

    {"kind": "matpho-audit/1", "at": …, "chains": […], "since": day or null}
    {"kind": "matpho-audit-head/1", "chain", "day", "seq", "hash", "at", "key", "signature"}   one a day
    {"kind": "entry", …every field, "previous_hash", "hash"}                                   one an act
    {"kind": "matpho-audit-seal/1", "at", "heads", "sha256", "key", "signature"}

Each line is the one canonical spelling of its value. ``since`` names a day whose heads begin it: the first entry
follows them. ``auditing/verify.py`` checks it, alone.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from neighborhoods.audit import GENESIS, canonical, entry_fields, instant
from neighborhoods.auditing import verify
from neighborhoods.auditing.heads import line_of, public_of
from neighborhoods.models import AuditEntry, AuditHead


def chains_all() -> list[str]:
    return list(AuditEntry.objects.order_by("chain").values_list("chain", flat=True).distinct())


def starts(chains: Sequence[str], since: date | None) -> dict[str, int]:
    """Chain → number of the last entry that the export leaves out. A chain that had no head by then is there whole."""
    whole = dict.fromkeys(chains, 0)
    if since is None:
        return whole
    return whole | dict(AuditHead.objects.filter(chain__in=chains, day=since).values_list("chain", "seq"))


def export_lines(chains: Sequence[str], *, key: bytes, now: datetime, since: date | None = None) -> Iterator[bytes]:
    """The export, line by line. ``key``: Ed25519 private key of 32 bytes, for the seal."""
    whole = hashlib.sha256()
    first = starts(chains, since)
    ends: dict[str, list[object]] = {}

    def line(value: Mapping[str, object]) -> bytes:
        raw = canonical(value) + b"\n"
        whole.update(raw)
        return raw

    header = {"kind": verify.EXPORT, "at": instant(now), "chains": list(chains)}
    yield line(header | {"since": since.isoformat() if since else None})
    for chain in chains:
        ends[chain] = [0, GENESIS]
        heads = AuditHead.objects.filter(chain=chain).order_by("day")
        for head in (heads.filter(day__gte=since) if since else heads).iterator(chunk_size=2000):
            if head.day == since:
                ends[chain] = [head.seq, head.hash]
            yield line(line_of(head))
    for chain in chains:
        entries = AuditEntry.objects.filter(chain=chain, seq__gt=first[chain]).order_by("seq")
        for entry in entries.iterator(chunk_size=2000):
            own = {"kind": verify.ENTRY, "previous_hash": entry.previous_hash, "hash": entry.hash}
            yield line(own | entry_fields(entry))
            ends[chain] = [entry.seq, entry.hash]
    seal = {"kind": verify.SEAL, "at": instant(now), "heads": ends, "sha256": whole.hexdigest()}
    seal |= {"key": public_of(key).hex()}
    signature = Ed25519PrivateKey.from_private_bytes(key).sign(canonical(seal))
    yield canonical(seal | {"signature": signature.hex()}) + b"\n"
