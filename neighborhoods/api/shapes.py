"""What people, places, devices and codes look like on the wire. Output only: writes go to verbs, not to serializers."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from neighborhoods.devices import cuts
from neighborhoods.models import AccessCode, Device, Household, Member, Neighborhood, Ward


def hours_field(source: str | None = None) -> serializers.ListField:
    """Weekly hours in local time; the rules are in ``neighborhoods.hours``."""
    return serializers.ListField(source=source, child=serializers.DictField(), required=False, max_length=21)


class WardShape(serializers.ModelSerializer[Ward]):
    class Meta:
        model = Ward
        fields = ["id", "code", "name", "kind", "province_code", "province_name", "closed_at", "merged_into"]


class LocationShape(serializers.Serializer[Any]):
    """WGS 84, degrees."""

    lat = serializers.FloatField(min_value=-90, max_value=90)
    lon = serializers.FloatField(min_value=-180, max_value=180)


class NeighborhoodShape(serializers.ModelSerializer[Neighborhood]):
    ward = WardShape()
    location = serializers.SerializerMethodField(help_text="its middle, as those who lead it say")

    class Meta:
        model = Neighborhood
        fields = ["id", "code", "selector", "name", "ward", "location", "closed_at", "merged_into"]

    @extend_schema_field(LocationShape(allow_null=True))
    def get_location(self, place: Neighborhood) -> dict[str, float | None] | None:
        return None if place.latitude is None else {"lat": place.latitude, "lon": place.longitude}


class NeighborhoodBrief(serializers.ModelSerializer[Neighborhood]):
    class Meta:
        model = Neighborhood
        fields = ["id", "code", "name"]


class HouseholdBrief(serializers.ModelSerializer[Household]):
    class Meta:
        model = Household
        fields = ["id", "number", "name"]


class HouseholdShape(serializers.ModelSerializer[Household]):
    neighborhood = NeighborhoodBrief()
    address_twin = serializers.IntegerField(
        help_text="above 0: another household has the address too, since neighborhoods were merged"
    )

    class Meta:
        model = Household
        fields = ["id", "number", "name", "address", "address_twin", "neighborhood", "created_at", "left_at"]


class MemberBrief(serializers.ModelSerializer[Member]):
    class Meta:
        model = Member
        fields = ["id", "name"]


class MemberShape(serializers.ModelSerializer[Member]):
    household = HouseholdBrief()

    class Meta:
        model = Member
        fields = ["id", "name", "phone", "household", "created_at", "left_at"]


class DeviceShape(serializers.ModelSerializer[Device]):
    member = MemberBrief(allow_null=True)
    current = serializers.SerializerMethodField()
    guest = serializers.SerializerMethodField()
    cuttable = serializers.SerializerMethodField()

    class Meta:
        model = Device
        fields = [
            "id", "kind", "name", "member", "current", "guest", "cuttable", "created_at", "last_seen_at", "expires_at",
        ]  # fmt: skip

    def get_current(self, device: Device) -> bool:
        """Whether this is the device that asks."""
        return bool(self.context.get("current") == device.id)

    def get_guest(self, device: Device) -> bool:
        """Whether it came by a guest's code."""
        return device.code is not None and device.code.kind == AccessCode.Kind.GUEST

    def get_cuttable(self, device: Device) -> bool:
        """Whether who asks may cut it off: one's own and one's guests'; another member's is theirs, or the leader's."""
        actor = self.context.get("actor")
        return actor is not None and cuts(actor, device)


class CodeDeviceShape(serializers.ModelSerializer[Device]):
    class Meta:
        model = Device
        fields = ["id", "name", "slot", "created_at", "last_seen_at", "revoked_at"]


class CodeShape(serializers.ModelSerializer[AccessCode]):
    """A code without its secrets: they are shown once, when it is issued."""

    household = HouseholdBrief()
    devices = CodeDeviceShape(many=True)

    class Meta:
        model = AccessCode
        fields = [
            "id", "household", "kind", "hint", "slots", "slots_used", "camera_scope", "hours_scope", "replay",
            "issued_at",
            "expires_at", "revoked_at", "devices",
        ]  # fmt: skip


class IssuedShape(serializers.Serializer[Any]):
    """The one answer that carries a code's secrets."""

    typed = serializers.CharField(help_text="HG7-BCDF-GHJK, to be read out or typed")
    qr = serializers.CharField(help_text="text of the QR on the sheet")
    code = CodeShape()


class ScopesShape(serializers.Serializer[Any]):
    cameras = serializers.ListField(child=serializers.UUIDField(), help_text="empty: every camera of the neighborhood")
    hours = hours_field()
    replay = serializers.BooleanField(help_text="whether it may look back; without it the live picture alone")


def scopes_of(device: Device) -> dict[str, Any]:
    """What the device's code bounds it to; nothing for staff."""
    if device.code is None:
        return {"cameras": [], "hours": [], "replay": True}
    code = device.code
    return {"cameras": code.camera_scope, "hours": code.hours_scope, "replay": code.replay}
