"""Reading the audit chains: verification, and the signed head that shows a cut-off tail.

A chain alone cannot show that its last rows were removed. So the heads of all chains are signed (Ed25519, the
installation's key): the newest in ``<DATA_DIR>/audit-head.json``, each day's in a row (``auditing.heads``), of which
copies leave the machine (``auditing.copies``), because whoever holds the key and the database could write all of it
anew. ``tasks.audit_check`` does it every day.

Rows too many for the chain stand outside it, and only their root in it (view minutes). Whoever keeps such rows adds how
they are compared to ``COMPARISONS``, so that one command and one daily task look at everything.
"""

import base64
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from itertools import groupby
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction

from backend.lib import privatefile
from backend.lib.clock import VIETNAM, iso, vietnam_day
from neighborhoods import audit, triggers
from neighborhoods.access import system
from neighborhoods.audit import GENESIS, canonical, entry_hash
from neighborhoods.auditing import heads
from neighborhoods.auditing import verify as offline
from neighborhoods.auditing.heads import Marks
from neighborhoods.models import AuditEntry

Heads = dict[str, tuple[int, str]]
"""Chain → number and hash of its last entry."""

COMPARISONS: list[Callable[[], list[str]]] = []
"""Each gives a sentence for everything that no longer is what its audit entry says. Added in ``AppConfig.ready``: those
who keep the rows know us, and not we them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a chain. ``seq`` is where it shows."""

    chain: str
    seq: int
    what: str

    def __str__(self) -> str:
        return f"{self.chain} #{self.seq}: {self.what}"


@dataclass(slots=True)
class Report:
    entries: int = 0
    heads: Heads = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def verify(signed: Heads | None = None, daily: Marks | None = None) -> Report:
    """Recompute every chain from its first entry; compare with ``signed`` and ``daily`` heads where there are any."""
    report = Report()
    rows = AuditEntry.objects.order_by("chain", "seq").iterator(chunk_size=2000)
    pending = {chain: {seq: set(hashes) for seq, hashes in of.items()} for chain, of in (daily or {}).items()}
    for chain, (seq, hash_) in (signed or {}).items():
        pending.setdefault(chain, {}).setdefault(seq, set()).add(hash_)
    for chain, entries in groupby(rows, key=lambda entry: entry.chain):
        expected = pending.pop(chain, {})
        report.faults += _walk(chain, entries, expected, report)
    for chain, of in pending.items():
        report.faults.append(Fault(chain, max(of), "the whole chain is missing, though its head was signed"))
    return report


def _walk(chain: str, entries: Iterable[AuditEntry], signed: dict[int, set[str]], report: Report) -> Iterator[Fault]:
    seq, previous = 0, GENESIS
    for entry in entries:
        if entry.seq != seq + 1:
            missing = f"{seq + 1}" if entry.seq == seq + 2 else f"{seq + 1} to {entry.seq - 1}"
            yield Fault(chain, entry.seq, f"missing before it: {missing}")
        elif entry.previous_hash != previous:
            yield Fault(chain, entry.seq, "does not follow the entry before it")
        if entry_hash(entry) != entry.hash:
            yield Fault(chain, entry.seq, "was changed")
        if signed.get(entry.seq, set()) - {entry.hash}:
            yield Fault(chain, entry.seq, "is not the entry whose hash was signed")
        seq, previous = entry.seq, entry.hash
        report.entries += 1
    last = max(signed, default=0)
    if seq < last:
        yield Fault(chain, last, f"entries {seq + 1} to {last} are missing at the end, though signed")
    report.heads[chain] = (seq, previous)


def verify_and_sign(
    path: Path, *, key: bytes, now: datetime, sign: bool = True, earlier: Collection[str] = ()
) -> tuple[Report, list[str]]:
    """Check triggers, every chain against the heads signed last (at ``path``) and daily, and the rows whose roots stand
    in one; sign the new heads where all is whole.

    ``earlier``: fingerprints of keys that signed before this one. Returns the report and every fault as a sentence.
    Nothing is signed over a fault: the old heads are what shows it.
    """
    faults = [f"trigger {name} is not in force" for name in triggers.missing(connection)]
    signed = None
    try:
        signed = heads_read(path, key=key)
    except ValueError as error:
        faults.append(str(error))
    daily, unsigned = heads.marks({offline.fingerprint(heads.public_of(key)), *earlier})
    report = verify(signed, daily)
    faults += [*unsigned, *(str(fault) for fault in report.faults)]
    for compare in COMPARISONS:
        faults += compare()
    if sign and not faults:
        heads_write(path, report.heads, key=key, now=now)
        heads.heads_sign(key=key, now=now)
    return report, faults


def audit_check(path: Path, *, key: bytes, now: datetime, earlier: Collection[str] = ()) -> list[str]:
    """What runs by itself every hour and finds something to do once a day: faults are told as an entry
    ``audit.damaged`` of the platform's chain and as news, and no head is signed until they are gone.

    The entry only counts them: what exactly is wrong is for whoever runs ``manage.py audit_verify``.
    """
    if not heads.days_due(now) or _told_today(now):
        return []
    _report, faults = verify_and_sign(path, key=key, now=now, earlier=earlier)
    if faults:
        with transaction.atomic():
            audit.record(
                actor=system("audit"),
                action="audit.damaged",
                subject=("audit", audit.PLATFORM),
                ward_id=None,
                neighborhood_id=None,
                data={"faults": len(faults)},
                now=now,
            )
    return faults


def _told_today(now: datetime) -> bool:
    begun = datetime.combine(vietnam_day(now), time(), VIETNAM)
    return AuditEntry.objects.filter(chain=audit.PLATFORM, action="audit.damaged", at__gte=begun).exists()


def heads_write(path: Path, heads: Heads, *, key: bytes, now: datetime) -> None:
    """Sign ``heads`` and put them at ``path``, replacing what is there in one step."""
    body = {"at": iso(now), "heads": {chain: list(head) for chain, head in sorted(heads.items())}}
    signature = Ed25519PrivateKey.from_private_bytes(key).sign(canonical(body))
    text = json.dumps(body | {"signature": base64.b64encode(signature).decode()}, indent=1)
    privatefile.write(path, text)


def heads_read(path: Path, *, key: bytes) -> Heads | None:
    """The heads signed last; None where none were. Raises ``ValueError`` where the file is not what was signed."""
    try:
        raw = json.loads(path.read_text())
        body = {"at": raw["at"], "heads": raw["heads"]}
        signature = base64.b64decode(raw["signature"])
        Ed25519PrivateKey.from_private_bytes(key).public_key().verify(signature, canonical(body))
        return {chain: (int(seq), str(digest)) for chain, (seq, digest) in raw["heads"].items()}
    except FileNotFoundError:
        return None
    except (KeyError, TypeError, ValueError, InvalidSignature) as error:
        raise ValueError(f"{path.name} is damaged or was not signed by this installation") from error
