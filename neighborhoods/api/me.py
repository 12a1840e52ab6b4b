"""``/me/``: who am I, my household's phones."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.errors import Absent
from backend.lib.valid import valid
from neighborhoods.access import Action, Actor
from neighborhoods.api.authentication import caller, callers_device
from neighborhoods.api.shapes import (
    DeviceShape,
    HouseholdShape,
    MemberBrief,
    NeighborhoodShape,
    ScopesShape,
    scopes_of,
)
from neighborhoods.devices import device_revoke, devices_of
from neighborhoods.models import Device, Household, Member, Neighborhood
from neighborhoods.people import device_claim


class RoleShape(serializers.Serializer[Any]):
    role = serializers.CharField()
    ward = serializers.UUIDField(allow_null=True, source="ward_id")
    neighborhood = serializers.UUIDField(allow_null=True, source="neighborhood_id")
    household = serializers.UUIDField(allow_null=True, source="household_id")


class AccountShape(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    username = serializers.CharField()
    display_name = serializers.CharField()


class MyHouseholdShape(HouseholdShape):
    address = serializers.CharField(allow_null=True, help_text="null for a guest")
    created_at = serializers.DateTimeField(allow_null=True, help_text="null for a guest")


class MeShape(serializers.Serializer[Any]):
    device = DeviceShape()
    member = MemberBrief(allow_null=True)
    members = MemberBrief(many=True, help_text="of my household: who I may say I am; none for a guest")
    household = MyHouseholdShape(allow_null=True)
    neighborhood = NeighborhoodShape(allow_null=True)
    account = AccountShape(allow_null=True)
    roles = RoleShape(many=True)
    actions = serializers.ListField(child=serializers.CharField(), help_text="what I may do somewhere")
    scopes = ScopesShape()
    expires_at = serializers.DateTimeField()


class MeInput(serializers.Serializer[Any]):
    member = serializers.UUIDField(help_text="which member of the household holds this phone")


class MeView(APIView):
    action = Action.SEE_SELF

    @extend_schema(responses=MeShape)
    def get(self, request: Request) -> Response:
        return Response(me(caller(request), callers_device(request)))

    @extend_schema(request=MeInput, responses=MeShape)
    def patch(self, request: Request) -> Response:
        wanted = valid(MeInput, request.data)
        device_claim(actor=caller(request), device=callers_device(request), member_id=wanted["member"], now=now())
        return Response(me(caller(request), callers_device(request)))


class MyDevicesView(ListAPIView[Device]):
    """My household's phones; for staff, their own browsers."""

    action = Action.SEE_SELF
    serializer_class = DeviceShape
    queryset = Device.objects.none()

    def get_queryset(self) -> Any:
        return devices_of(caller(self.request), now=now())

    def get_serializer_context(self) -> dict[str, Any]:
        asks = {"current": callers_device(self.request).id, "actor": caller(self.request)}
        return {**super().get_serializer_context(), **asks}


class MyDeviceView(APIView):
    action = Action.SEE_SELF

    @extend_schema(responses={204: None})
    def delete(self, request: Request, device_id: UUID) -> Response:
        moment = now()
        if not devices_of(caller(request), now=moment).filter(id=device_id).exists():
            raise Absent()
        device_revoke(actor=caller(request), device_id=device_id, now=moment)
        return Response(status=204)


def me(actor: Actor, device: Device) -> dict[str, Any]:
    """``MeShape`` of whoever asks."""
    places = Neighborhood.objects.select_related("ward")
    place = places.filter(id=actor.neighborhood_id).first() if actor.neighborhood_id else None
    members = (
        Member.objects.filter(household_id=actor.home_id, left_at=None) if actor.home_id else Member.objects.none()
    )
    allowed = sorted(action.value for action in Action if actor.may(action))
    facts = {
        "device": device,
        "member": device.member,
        "members": members,
        "household": _as_told(device.household, at_home=actor.home_id is not None),
        "neighborhood": place,
        "account": device.account,
        "roles": actor.grants,
        "actions": allowed,
        "scopes": scopes_of(device),
        "expires_at": actor.expires_at,
    }
    shaped: dict[str, Any] = MeShape(facts, context={"current": device.id, "actor": actor}).data
    return shaped


def _as_told(household: Household | None, *, at_home: bool) -> Household | dict[str, Any] | None:
    """A guest is told neither where the household lives nor since when."""
    if household is None or at_home:
        return household
    told = {name: getattr(household, name) for name in ("id", "number", "name", "neighborhood", "left_at")}
    return told | {"address": None, "address_twin": 0, "created_at": None}
