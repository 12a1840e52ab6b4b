"""Camera (mắt camera: one view), its renditions, and the node that holds its bytes."""

from datetime import datetime
from uuid import UUID

from django.db import models

from backend.lib.clock import now
from backend.lib.ids import new_id
from neighborhoods.models import Account, Household, Neighborhood


class MediaNode(models.Model):
    """A machine that holds cameras' bytes. One node is the default; a city adds more."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=40, unique=True)
    base_url = models.CharField(max_length=200, blank=True)
    """Where its ``/hls/`` is reached; empty means the same origin as the page."""


class Camera(models.Model):
    class Ownership(models.TextChoices):
        PUBLIC = "public"  # bought by the fund or the ward
        HOUSEHOLD = "household"
        BUSINESS = "business"
        AGENCY = "agency"
        SCHOOL = "school"  # or kindergarten: outside every household's code (``access.AT_SCHOOLS``)

    class Purpose(models.TextChoices):
        SECURITY = "security"
        TRAFFIC = "traffic"
        URBAN_ORDER = "urban_order"
        DEFENCE = "defence"
        ENVIRONMENT = "environment"

    class Kind(models.TextChoices):
        FIXED = "fixed"
        PTZ = "ptz"

    class SourceKind(models.TextChoices):
        RTSP = "rtsp"
        PROCESS = "process"
        PUSH = "push"

    class State(models.TextChoices):
        """Lifecycle, not health: a camera that is down is still ``active``."""

        PROPOSED = "proposed"
        ACTIVE = "active"
        RETIRED = "retired"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    neighborhood = models.ForeignKey(Neighborhood, on_delete=models.PROTECT, related_name="cameras")
    node = models.ForeignKey(MediaNode, on_delete=models.PROTECT, related_name="cameras")
    owner_household = models.ForeignKey(
        Household, on_delete=models.PROTECT, null=True, blank=True, related_name="cameras"
    )
    name = models.CharField(max_length=80)
    ownership = models.CharField(max_length=12, choices=Ownership, default=Ownership.PUBLIC)
    purpose = models.CharField(max_length=12, choices=Purpose, default=Purpose.SECURITY)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.FIXED)
    make = models.CharField(max_length=40, blank=True)
    """Who built it, as people write it: for figures and upkeep; nothing here depends on it."""
    model = models.CharField(max_length=40, blank=True)
    firmware = models.CharField(max_length=40, blank=True)
    certificate = models.CharField(max_length=60, blank=True)
    """Number of its security certificate, and in ``certificate_rule`` the rule it was issued under (QCVN 135:2024)."""
    certificate_rule = models.CharField(max_length=40, blank=True)
    source_kind = models.CharField(max_length=8, choices=SourceKind, default=SourceKind.RTSP)
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    bearing_deg = models.PositiveSmallIntegerField(null=True, blank=True)
    mask_version = models.PositiveIntegerField(default=0)
    masks = models.JSONField(default=list, blank=True)
    private_hours = models.JSONField(default=list, blank=True)
    """Weekly hours, local time, in which nothing is shown: ``[{"days": [0..6], "from": "22:00", "to": "05:00"}]``."""
    watch_hours = models.JSONField(default=list, blank=True)
    """Weekly hours of the same form, in which it is looked at for movement (``watching``); empty: never."""
    school_hours = models.JSONField(default=list, blank=True)
    """Weekly hours of the same form, in which the ward's operators may watch a school's camera; empty: never."""
    retention_hours = models.PositiveIntegerField(default=24 * 7)
    retention_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    """Bytes this camera may keep; null means only age and the store's own limit count."""
    created_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=now)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)
    offline_since = models.DateTimeField(null=True, blank=True)
    """Since when it gives no picture, as last told in an outbox row; null while it does (``health.health_tick``)."""
    gave_way_at = models.DateTimeField(null=True, blank=True)
    """Since when it is not recorded because the disk is full of what is held (``givingway``); null while it is."""
    motion_told_at = models.DateTimeField(null=True, blank=True)
    """When movement before it was last told (``watching.motion_tick``)."""

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["latitude", "longitude"], name="camera_place")]

    def __str__(self) -> str:
        return self.name

    @property
    def owner_left_at(self) -> datetime | None:
        """When the household that owns it left the neighborhood; None for the others."""
        return self.owner_household.left_at if self.owner_household else None

    @property
    def kept_hours(self) -> int:
        """Hours its footage is kept: its own, and never more than the signed record says to everybody who passes."""
        record = self.neighborhood.legal_record
        return min(self.retention_hours, record.retention_days * 24) if record else self.retention_hours

    @property
    def legal_record_id(self) -> UUID | None:
        """The signed record under which it may be recorded; None where the neighborhood has none."""
        return self.neighborhood.legal_record_id


class Rendition(models.Model):
    """One stream of a camera, main or sub, with its source and what the recorder last measured of it."""

    class Name(models.TextChoices):
        MAIN = "main"
        SUB = "sub"

    class Health(models.TextChoices):
        NEW = "new"
        CONNECTING = "connecting"
        LIVE = "live"
        RETRYING = "retrying"
        REFUSED = "refused"  # wrong password or address: retried slowly, somebody has to act

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    camera = models.ForeignKey(Camera, on_delete=models.CASCADE, related_name="renditions")
    name = models.CharField(max_length=4, choices=Name, default=Name.MAIN)
    source_url = models.CharField(max_length=500)
    """Without user and password; those are in ``credentials``."""
    private_allowed = models.BooleanField(default=False)
    """Whether it may lead into a private network: where a leader or operator named it, not where a resident did.

    Asked at every dial, since a name may lead elsewhere tomorrow."""
    credentials = models.BinaryField(blank=True, default=bytes)
    """``user:password`` under ``secrets.camera_keys`` (MultiFernet); empty where the camera asks for none."""
    codec = models.CharField(max_length=40, blank=True)
    """RFC 6381, such as ``avc1.64001f``."""
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    keyframe_ms = models.PositiveIntegerField(default=0)
    """Measured distance between key frames; 0 until measured."""
    bitrate_bps = models.PositiveIntegerField(default=0)
    health = models.CharField(max_length=12, choices=Health, default=Health.NEW)
    health_reason = models.CharField(max_length=120, blank=True)
    """A stable code such as ``unauthorized``, ``unreachable``, ``no_media``; never text from the camera."""
    health_since = models.DateTimeField(default=now)
    last_frame_at = models.DateTimeField(null=True, blank=True)
    clock_error_ms = models.BigIntegerField(null=True, blank=True)
    """The camera's clock minus the server's, by its RTCP sender reports; null where it sends none. Decades, where its
    clock was never set."""
    clock_measured_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["camera", "name"], name="rendition_name_once")]
