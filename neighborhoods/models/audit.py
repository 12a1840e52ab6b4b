"""The audit chain and the outbox. Rows are added by the last statement of a verb, in its transaction."""

from django.db import models

from backend.lib.clock import now
from backend.lib.ids import new_id


class AuditEntry(models.Model):
    """One act. Triggers refuse UPDATE, DELETE and TRUNCATE (``triggers.py``).

    ``hash`` = SHA-256 over the previous hash and the canonical JSON of the other fields (``audit.entry_hash``).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    chain = models.CharField(max_length=48)
    """``ward:<ward id>`` or ``platform``."""
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    ward_id = models.UUIDField(null=True)
    neighborhood_id = models.UUIDField(null=True)
    actor = models.CharField(max_length=80)
    """A pseudonym: ``account:<id>``, ``device:<id>``, ``system:<part>``. Names live elsewhere and can be erased."""
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    """``<kind>:<id>`` of what was acted on."""
    data = models.JSONField(default=dict)
    """Declared facts of the act. Never a name, token, code or password."""
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["chain", "seq"]
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="audit_chain_seq_once")]
        # The leader's first page asks for the last guessing in a table that holds every act of years.
        indexes = [models.Index(fields=["action", "neighborhood_id", "at"], name="audit_by_action")]


class AuditHead(models.Model):
    """The head of one chain as a day ended, signed. As append-only as the chain (``triggers.py``).

    Heads of the days before say what stood there when they were signed; copies of them are outside the machine.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    chain = models.CharField(max_length=48)
    day = models.DateField()
    """In Vietnam."""
    seq = models.PositiveBigIntegerField()
    """The highest of the entries that were made before the day ended."""
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    """When it was signed: the morning after, or later where the machine stood still."""
    key = models.CharField(max_length=64)
    """The public key, raw, in hex."""
    signature = models.CharField(max_length=128)
    """Ed25519, in hex, over the canonical JSON of ``auditing.heads.line_of`` without its signature."""

    class Meta:
        ordering = ["day", "chain"]
        constraints = [models.UniqueConstraint(fields=["chain", "day"], name="audit_head_once")]
        indexes = [models.Index(fields=["day"], name="audit_head_by_day")]


class AuditCopy(models.Model):
    """One day's heads on their way out of the machine, by one way. Tried again until they have left."""

    class Way(models.TextChoices):
        FOLDER = "folder", "Second store"
        MAIL = "mail", "Mail"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    way = models.CharField(max_length=10, choices=Way.choices)
    day = models.DateField()
    left_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=200, blank=True)
    """Why it did not leave, the last time it was tried."""

    class Meta:
        ordering = ["day", "way"]
        constraints = [models.UniqueConstraint(fields=["way", "day"], name="audit_copy_once")]


class OutboxRow(models.Model):
    """News travelling up: written by a verb, read by notifications."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(default=now)
    topic = models.CharField(max_length=60)
    """``<noun>.<what happened>``, such as ``code.revoked`` or ``camera.offline``."""
    neighborhood_id = models.UUIDField(null=True)
    payload = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(default=0)
    """How often telling it failed. It is tried again later each time; the others do not wait for it."""
    due_at = models.DateTimeField(default=now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["id"], condition=models.Q(done_at__isnull=True), name="outbox_waiting")]
