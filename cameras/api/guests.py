"""``/guest-codes/``: a household lets its visitors see its own cameras, and takes that back."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.valid import valid
from cameras.guests import guest_code_issue
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from neighborhoods.api.shapes import CodeShape, IssuedShape, hours_field
from neighborhoods.guestcodes import MOST_DEVICES, guest_code_revoke, guest_codes_of
from neighborhoods.models import AccessCode


class GuestCodeInput(serializers.Serializer[Any]):
    cameras = serializers.ListField(source="camera_ids", child=serializers.UUIDField(), min_length=1, max_length=50)
    replay = serializers.BooleanField(required=False, help_text="look back too, and keep moments; false")
    hours = hours_field(source="hours_scope")
    devices = serializers.IntegerField(min_value=1, max_value=MOST_DEVICES, required=False, help_text="phones; 2")
    expires_at = serializers.DateTimeField(required=False, help_text="the phones end then; 7 days, at most 30")


class GuestCodesView(ListAPIView[AccessCode]):
    """Those of my household that were not taken back."""

    action = Action.MANAGE_GUEST_CODES
    serializer_class = CodeShape
    queryset = AccessCode.objects.none()

    def get_queryset(self) -> QuerySet[AccessCode]:
        return guest_codes_of(caller(self.request)).prefetch_related("devices")

    @extend_schema(request=GuestCodeInput, responses={201: IssuedShape})
    def post(self, request: Request) -> Response:
        wanted = valid(GuestCodeInput, request.data)
        issued = guest_code_issue(actor=caller(request), now=now(), **wanted)
        return Response(IssuedShape(issued).data, status=201)


class GuestCodeRevokeView(APIView):
    """Take it back. Its phones have no picture within two seconds."""

    action = Action.MANAGE_GUEST_CODES

    @extend_schema(request=None, responses=CodeShape)
    def post(self, request: Request, guest_code_id: UUID) -> Response:
        return Response(CodeShape(guest_code_revoke(actor=caller(request), code_id=guest_code_id, now=now())).data)
