"""What a ``POST`` answered, kept 24 hours under its ``Idempotency-Key``."""

from django.db import models

from backend.lib.clock import now


class IdempotencyRecord(models.Model):
    """One per caller, route and key. ``status`` is null while the first call is still running.

    An answer may hold a fresh access code, so it is kept encrypted under a key made from the caller's token and the
    ``Idempotency-Key`` itself: neither is stored, so this table alone opens nothing.
    """

    scope_hash = models.BinaryField(max_length=32, unique=True)
    """SHA-256 over caller (the token; the body of who has none), method, path and key."""
    body_hash = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.BinaryField(null=True)
    created_at = models.DateTimeField(default=now, db_index=True)
