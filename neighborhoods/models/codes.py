"""Access codes (mã truy cập), the devices born of them, and the counters that slow guessing down."""

from django.db import models

from backend.lib.clock import now
from backend.lib.ids import new_id
from neighborhoods.models.accounts import Account
from neighborhoods.models.people import Household, Member
from neighborhoods.models.places import Neighborhood


class AccessCode(models.Model):
    """What a household redeems on a phone. Both forms are kept only as keyed HMAC-SHA256 (``codeforms.digest``)."""

    class Kind(models.TextChoices):
        HOUSEHOLD = "household"
        GUEST = "guest"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    neighborhood = models.ForeignKey(Neighborhood, on_delete=models.PROTECT, related_name="codes")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="codes")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.HOUSEHOLD)
    typed_hmac = models.BinaryField(max_length=32, unique=True)
    qr_hmac = models.BinaryField(max_length=32, unique=True)
    hint = models.CharField(max_length=4, blank=True)
    """The last two letters, so that a leader can tell two sheets apart."""
    slots = models.PositiveSmallIntegerField(default=6)
    slots_used = models.PositiveSmallIntegerField(default=0)
    camera_scope = models.JSONField(default=list, blank=True)
    """Camera ids as text; an empty list means every camera of the neighborhood."""
    hours_scope = models.JSONField(default=list, blank=True)
    """Weekly hours in local time, ``[{"days": [0..6], "from": "06:00", "to": "22:00"}]``; empty means always."""
    replay = models.BooleanField(default=True)
    """Whether its devices may look back and keep moments; without it they see the live picture alone."""
    issued_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["issued_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(slots_used__lte=models.F("slots")), name="code_slots_hold"),
        ]


class Device(models.Model):
    """A phone, a staff browser, a wall or (later) an agent: whatever holds one opaque token, stored hashed."""

    class Kind(models.TextChoices):
        PHONE = "phone"
        STAFF = "staff"
        WALL = "wall"
        AGENT = "agent"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=80)
    token_hash = models.BinaryField(max_length=32, unique=True)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, blank=True, related_name="devices")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="devices")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="devices")
    code = models.ForeignKey(AccessCode, on_delete=models.PROTECT, null=True, blank=True, related_name="devices")
    neighborhood = models.ForeignKey(
        Neighborhood, on_delete=models.PROTECT, null=True, blank=True, related_name="walls"
    )
    """Of a wall alone: nobody's but the neighborhood's."""
    slot = models.PositiveSmallIntegerField(null=True, blank=True)
    redeem_key_hash = models.BinaryField(max_length=32, null=True, blank=True)
    """Hash of the ``Idempotency-Key`` it was redeemed with: the same key again mints this slot's token anew."""
    second_factor = models.CharField(max_length=16, blank=True)
    """By which second step its staff sign-in came: ``totp``, ``webauthn`` or ``recovery_codes``."""
    second_factor_at = models.DateTimeField(null=True, blank=True)
    """When. Without it a staff browser acts for nobody (``devices.actor_for``)."""
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["code", "redeem_key_hash"], name="device_one_per_redeem_key"),
            models.CheckConstraint(
                condition=models.Q(household__isnull=False)
                | models.Q(account__isnull=False)
                | models.Q(kind="wall", neighborhood__isnull=False),
                name="device_has_a_holder",
            ),
        ]


class GuessCounter(models.Model):
    """How often something happened, per bucket and window: above all failed redemptions. ``limits.py`` decides."""

    bucket = models.CharField(max_length=100)
    """``source:<address or /64>``, ``known:<…>`` ``place:<neighborhood id>``, ``views:<device id>``."""
    window_start = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bucket", "window_start"], name="guess_bucket_window")]
