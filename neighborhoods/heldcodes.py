"""The hour in which a sheet can still be made of a fresh code.

``codes`` keeps only keyed hashes, so nobody could print a code a second time. Between the moment it is issued and the
moment its sheet is printed the secrets are held here, encrypted under a key of the secrets file, for an hour at the
most, and given out once.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from neighborhoods import sealing
from neighborhoods.models import AccessCode, HeldCode

HELD_FOR = timedelta(hours=1)
PURPOSE = "held-code"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Both forms of one code. Never log or store it."""

    typed: str
    qr: str

    def __repr__(self) -> str:
        return "Secrets(…)"


def hold(code: AccessCode, secrets: Secrets, *, job_id: UUID | None = None, now: datetime) -> None:
    """Hold the secrets of a code that was just issued, in its transaction; those from before go."""
    sealed = sealing.seal(PURPOSE, json.dumps([secrets.typed, secrets.qr]).encode())
    HeldCode.objects.update_or_create(
        code=code, defaults={"sealed": sealed, "job_id": job_id, "expires_at": now + HELD_FOR}
    )


def held_by(job_id: UUID) -> dict[UUID, Secrets]:
    """What a job holds, by code."""
    rows = HeldCode.objects.filter(job_id=job_id).values_list("code_id", "sealed")
    return {code_id: _open(sealed) for code_id, sealed in rows}


def take(code_id: UUID, *, now: datetime) -> Secrets | None:
    """Give out and forget; None where they are gone. Of two at once one gets them."""
    row = HeldCode.objects.filter(code_id=code_id, expires_at__gt=now).first()
    if row is None or not HeldCode.objects.filter(code_id=code_id, sealed=row.sealed).delete()[0]:
        return None
    return _open(row.sealed)


def drop(code_ids: Iterable[UUID]) -> None:
    """Forget, unprinted or printed."""
    HeldCode.objects.filter(code_id__in=list(code_ids)).delete()


def expire(*, now: datetime) -> int:
    """Forget what was held for an hour; returns how many."""
    return HeldCode.objects.filter(expires_at__lte=now).delete()[0]


def _open(sealed: bytes | memoryview) -> Secrets:
    typed, qr = json.loads(sealing.unseal(PURPOSE, sealed))
    return Secrets(typed, qr)
