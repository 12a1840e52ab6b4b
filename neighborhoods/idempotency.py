"""The same ``Idempotency-Key`` within 24 hours gets the first answer again, and the act happens once."""

import base64
import hashlib
import hmac
import json
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from backend.lib.errors import Conflict
from neighborhoods.models import IdempotencyRecord

KEPT = timedelta(hours=24)
STUCK = timedelta(minutes=2)
"""A first call that has not answered by then died with its process: the key is free again."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content_type: str
    body: str
    cookies: str = ""
    """As ``Set-Cookie`` spells them, one a line."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to answer for a key. ``earlier`` is the first answer where there already is one."""

    record: IdempotencyRecord
    key: bytes
    earlier: Answer | None = None


def _digest(*parts: str | bytes) -> bytes:
    hashed = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        hashed.update(len(raw).to_bytes(8, "big") + raw)
    return hashed.digest()


def claim(*, caller: str, method: str, path: str, key: str, body: bytes, now: datetime) -> Claim:
    """Take the key, or find what it was answered. ``caller`` is the token, or what stands for who has none.

    Raises ``Conflict`` while the first call still runs (``in_progress``) or where the body is another one
    (``idempotency_key_reused``).
    """
    scope, sealed_by = _digest(caller, method, path, key), hmac.digest(caller.encode(), key.encode(), "sha256")
    body_hash = _digest(body)
    IdempotencyRecord.objects.filter(scope_hash=scope, created_at__lt=now - KEPT).delete()
    IdempotencyRecord.objects.filter(scope_hash=scope, status=None, created_at__lt=now - STUCK).delete()
    try:
        with transaction.atomic():
            record = IdempotencyRecord.objects.create(scope_hash=scope, body_hash=body_hash, created_at=now)
        return Claim(record, sealed_by)
    except IntegrityError:
        found = IdempotencyRecord.objects.filter(scope_hash=scope).first()
    if found is None or found.status is None:
        raise Conflict(
            _("The first call with this Idempotency-Key is still running."), code="in_progress", retry_after_s=1
        )
    if not hmac.compare_digest(bytes(found.body_hash), body_hash):
        raise Conflict(_("This Idempotency-Key came with another body before."), code="idempotency_key_reused")
    return Claim(found, sealed_by, _open(bytes(found.answer or b""), sealed_by))


def keep(claimed: Claim, answer: Answer) -> None:
    """Remember the first answer. Only of acts that happened: after a refusal the same key may try again."""
    sealed = _fernet(claimed.key).encrypt(json.dumps(astuple(answer)).encode())
    IdempotencyRecord.objects.filter(pk=claimed.record.pk).update(status=answer.status, answer=sealed)


def free(claimed: Claim) -> None:
    """Nothing happened: the same key may try again."""
    IdempotencyRecord.objects.filter(pk=claimed.record.pk, status=None).delete()


def expire(*, now: datetime) -> int:
    """Forget what is older than 24 hours; returns how many."""
    return IdempotencyRecord.objects.filter(created_at__lt=now - KEPT).delete()[0]


def _fernet(key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key))


def _open(sealed: bytes, key: bytes) -> Answer:
    parts: list[Any] = json.loads(_fernet(key).decrypt(sealed))
    return Answer(*parts)
