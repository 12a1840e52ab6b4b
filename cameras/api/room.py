"""``/wards/{id}/room/``: which cameras hang in the ward's operations room."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.valid import valid
from cameras import roomwall
from cameras.api.fields import StrictSerializer
from cameras.models import Camera
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller


class RoomCameraShape(serializers.ModelSerializer[Camera]):
    neighborhood = serializers.UUIDField(source="neighborhood_id")

    class Meta:
        model = Camera
        fields = ["id", "name", "neighborhood"]


class RoomShape(serializers.Serializer[Any]):
    cameras = RoomCameraShape(many=True, help_text="in the order in which they hang")


class RoomInput(StrictSerializer):
    cameras = serializers.ListField(
        child=serializers.UUIDField(), max_length=100, help_text=f"public ones of the ward, {roomwall.MOST} at the most"
    )


class RoomView(APIView):
    action = {"GET": Action.SEE_ROOM, "PUT": Action.CHOOSE_ROOM_CAMERAS}

    @extend_schema(responses=RoomShape)
    def get(self, request: Request, ward_id: UUID) -> Response:
        """What hangs there, as the caller may watch it."""
        return Response(RoomShape({"cameras": roomwall.room_cameras(caller(request), ward_id)}).data)

    @extend_schema(request=RoomInput, responses=RoomShape)
    def put(self, request: Request, ward_id: UUID) -> Response:
        """Hang these and no others."""
        wanted = valid(RoomInput, request.data)
        chosen = roomwall.room_choose(
            actor=caller(request), ward_id=ward_id, camera_ids=wanted["cameras"], now=now()
        )  # fmt: skip
        return Response(RoomShape({"cameras": chosen}).data)
