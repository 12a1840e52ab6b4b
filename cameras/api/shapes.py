"""What cameras, recordings and snapshots look like on the wire. Output only: writes go to verbs."""

from typing import Any

from rest_framework import serializers

from cameras import brands, viewing
from cameras.api.fields import Instant, QuerySerializer, StrictSerializer
from cameras.models import Camera, Snapshot

STATUSES = ["live", "connecting", "offline", "active", "proposed", "retired"]


def purpose_field() -> serializers.ChoiceField:
    return serializers.ChoiceField(
        choices=[(one.value, one.name) for one in viewing.Purpose],
        required=False,
        allow_blank=True,
        help_text="staff say why they watch a private camera, or keep a moment of it",
    )


class Place(serializers.Serializer[Any]):
    """WGS 84, degrees."""

    lat = serializers.FloatField(min_value=-90, max_value=90)
    lon = serializers.FloatField(min_value=-180, max_value=180)


class PlaceInput(StrictSerializer, Place):
    pass


class SpanShape(serializers.Serializer[Any]):
    """``from`` is a word of Python's, so the fields are named here."""

    def get_fields(self) -> dict[str, Any]:
        return {"from": Instant(allow_null=True), "to": Instant(allow_null=True)}


class RenditionShape(serializers.Serializer[Any]):
    name = serializers.ChoiceField(choices=["main", "sub"])
    codec = serializers.CharField(help_text="RFC 6381; empty until measured")
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class RenditionHealthShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    health = serializers.CharField()
    health_since = Instant()
    keyframe_ms = serializers.IntegerField()
    bitrate_bps = serializers.IntegerField()


class DetailsShape(serializers.Serializer[Any]):
    """Only for those who look after the camera."""

    owner_household = serializers.UUIDField(allow_null=True)
    make, model, firmware = serializers.CharField(), serializers.CharField(), serializers.CharField()
    certificate = serializers.CharField(help_text="number of its security certificate")
    certificate_rule = serializers.CharField(help_text="the rule it was issued under, such as QCVN 135:2024")
    private_hours = serializers.ListField(child=serializers.DictField())
    watch_hours = serializers.ListField(child=serializers.DictField(), help_text="looked at for movement; empty: never")
    school_hours = serializers.ListField(
        child=serializers.DictField(), help_text="in which operators may watch a school's camera; empty: never"
    )
    retention_hours = serializers.IntegerField()
    retention_bytes = serializers.IntegerField(allow_null=True)
    approved_at = Instant(allow_null=True)
    renditions = RenditionHealthShape(many=True)


class CameraShape(serializers.Serializer[Any]):
    """One camera, as the caller may know it: a neighbour's place is rounded and its outages are not told."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    neighborhood = serializers.UUIDField()
    ownership = serializers.ChoiceField(choices=Camera.Ownership.choices)
    purpose = serializers.ChoiceField(choices=Camera.Purpose.choices)
    kind = serializers.ChoiceField(choices=Camera.Kind.choices)
    location = Place(allow_null=True)
    bearing_deg = serializers.IntegerField(allow_null=True, help_text="clockwise from north")
    status = serializers.ChoiceField(choices=STATUSES, help_text="`active` where outages are not told")
    last_seen_at = Instant(allow_null=True)
    health_reason = serializers.CharField(help_text="stable word; empty while it is live or not told")
    poster_url = serializers.CharField(allow_null=True, help_text="while this device's grid is open (`POST /grid/`)")
    recorded = SpanShape(help_text="`to` is null where outages are not told")
    masked = serializers.BooleanField()
    private_now = serializers.BooleanField(help_text="in its private hours it shows nothing to anybody")
    renditions = RenditionShape(many=True)
    mine = serializers.BooleanField(help_text="of the caller's own household")
    details = DetailsShape(allow_null=True)


class SourceFields(serializers.Serializer[Any]):
    url = serializers.CharField(max_length=500, required=False, trim_whitespace=False, help_text="rtsp:// or rtsps://")
    brand = serializers.ChoiceField(choices=sorted(brands.PATHS), required=False, help_text="instead of `url`")
    host = serializers.CharField(max_length=255, required=False, trim_whitespace=False, help_text="with `brand`")
    user = serializers.CharField(max_length=128, required=False, allow_blank=True, trim_whitespace=False)
    password = serializers.CharField(
        max_length=128, required=False, allow_blank=True, trim_whitespace=False, write_only=True,
        help_text="kept encrypted; never in an answer",
    )  # fmt: skip


class ViewFields(serializers.Serializer[Any]):
    ownership = serializers.ChoiceField(choices=Camera.Ownership.choices, required=False)
    purpose = serializers.ChoiceField(choices=Camera.Purpose.choices, required=False)
    kind = serializers.ChoiceField(choices=Camera.Kind.choices, required=False)
    make = serializers.CharField(max_length=80, required=False, allow_blank=True, help_text="who built it")
    model = serializers.CharField(max_length=80, required=False, allow_blank=True)
    firmware = serializers.CharField(max_length=80, required=False, allow_blank=True)
    certificate = serializers.CharField(max_length=120, required=False, allow_blank=True, help_text="its number")
    certificate_rule = serializers.CharField(
        max_length=80, required=False, allow_blank=True, help_text="the rule it was issued under"
    )
    location = PlaceInput(required=False, allow_null=True)
    bearing_deg = serializers.IntegerField(min_value=0, max_value=359, required=False, allow_null=True)
    private_hours = serializers.ListField(child=serializers.DictField(), required=False, max_length=21)


class ProbeInput(StrictSerializer, SourceFields):
    """Either `url`, or `brand` and `host`."""


class CameraInput(StrictSerializer, SourceFields, ViewFields):
    """Either `url`, or `brand` and `host`. A resident's camera is proposed and waits for the leader."""

    name = serializers.CharField(max_length=200, trim_whitespace=False)
    neighborhood = serializers.UUIDField(required=False, help_text="the caller's own where left out")
    owner_household = serializers.UUIDField(
        required=False, allow_null=True, help_text="leaders; a resident's is theirs"
    )


class CameraPlanInput(StrictSerializer, ViewFields):
    """A camera that is to come: no address yet. It is entered with `PATCH`, then the camera is approved."""

    name = serializers.CharField(max_length=200, trim_whitespace=False)
    neighborhood = serializers.UUIDField(required=False, help_text="the caller's own where left out")


class CameraChanges(StrictSerializer, SourceFields, ViewFields):
    """What is left out stays. `url` (or `brand` and `host`) takes `user` and `password` with it."""

    name = serializers.CharField(max_length=200, required=False, trim_whitespace=False)
    owner_household = serializers.UUIDField(
        required=False, help_text="leaders: the address of the school whose camera it is, once, where nobody owns it"
    )
    retention_hours = serializers.IntegerField(min_value=1, max_value=24 * 90, required=False)
    retention_bytes = serializers.IntegerField(min_value=0, max_value=2**62, required=False, allow_null=True)
    watch_hours = serializers.ListField(
        child=serializers.DictField(), required=False, max_length=21,
        help_text="hours as of `private_hours`, in which movement is told; a household's camera: by the household",
    )  # fmt: skip
    school_hours = serializers.ListField(
        child=serializers.DictField(), required=False, max_length=21,
        help_text="hours as of `private_hours`, in which the ward's operators may watch a school's camera",
    )  # fmt: skip


class CameraQuery(QuerySerializer):
    near = serializers.CharField(max_length=60, required=False, help_text="`lat,lon` in degrees")
    radius_m = serializers.IntegerField(min_value=1, max_value=50_000, required=False, help_text="with `near`; 500")
    neighborhood = serializers.UUIDField(required=False)
    ward = serializers.UUIDField(required=False)
    status = serializers.ChoiceField(choices=STATUSES, required=False)
    ownership = serializers.ChoiceField(choices=Camera.Ownership.choices, required=False)
    purpose = serializers.ChoiceField(choices=Camera.Purpose.choices, required=False)
    kind = serializers.ChoiceField(choices=Camera.Kind.choices, required=False)
    q = serializers.CharField(max_length=80, required=False, help_text="words of the name, with or without diacritics")

    def validate_near(self, text: str) -> tuple[float, float]:
        parts = text.split(",")
        try:
            lat, lon = (float(part) for part in parts)
        except ValueError:
            raise serializers.ValidationError("lat,lon") from None
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            raise serializers.ValidationError("-90..90,-180..180")
        return lat, lon


class ProbeShape(serializers.Serializer[Any]):
    codec = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    fps = serializers.FloatField()
    keyframe_ms = serializers.IntegerField(help_text="0: only one key frame came while we looked")
    bitrate_bps = serializers.IntegerField()
    snapshot = serializers.CharField(allow_null=True, help_text="`data:image/jpeg;base64,…`")
    advice = serializers.ListField(child=serializers.CharField(), help_text="for people")
    advice_codes = serializers.ListField(child=serializers.CharField(), help_text="the same, as stable words")


class RangeQuery(QuerySerializer):
    def get_fields(self) -> dict[str, Any]:
        return {"from": Instant(required=False), "to": Instant(required=False)}


class GapShape(SpanShape):
    def get_fields(self) -> dict[str, Any]:
        reasons = ["no_footage", "private_hours", "outside_hours"]
        return {**super().get_fields(), "reason": serializers.ChoiceField(choices=reasons)}


class RecordingsShape(serializers.Serializer[Any]):
    ranges = SpanShape(many=True)
    gaps = GapShape(many=True)


class SummaryQuery(QuerySerializer):
    tz = serializers.CharField(max_length=60, required=False, help_text="IANA name; Asia/Ho_Chi_Minh")


class SnapshotInput(StrictSerializer):
    at = Instant()
    before_s = serializers.IntegerField(min_value=0, max_value=120)
    after_s = serializers.IntegerField(min_value=0, max_value=120)
    purpose = purpose_field()


class SnapshotAccepted(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Snapshot.Status.choices)


class SnapshotShape(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    camera = serializers.UUIDField(source="camera_id")
    status = serializers.ChoiceField(choices=Snapshot.Status.choices)
    at = Instant()
    poster_url = serializers.CharField(allow_null=True, default=None)
    clip_url = serializers.CharField(allow_null=True, default=None, help_text="HLS; a view session of its own")
    covers = serializers.SerializerMethodField(help_text="what the clip really shows, once done")
    failure = serializers.CharField(help_text="`no_footage`, `damaged`, `disk`, `gave_up`; empty otherwise")
    created_at = Instant()
    done_at = Instant(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": Instant(source="starts_at"), "to": Instant(source="ends_at")}

    def get_covers(self, snapshot: Snapshot) -> SpanShape:
        return SpanShape({"from": snapshot.covers_from, "to": snapshot.covers_to}).data  # type: ignore[return-value]
