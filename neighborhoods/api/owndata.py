"""``/me/data/`` and its kin: what is kept of me, corrected, taken along, and left."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.valid import valid
from neighborhoods import erasure, owndata
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from neighborhoods.api.shapes import MemberShape
from neighborhoods.models import Member


class OwnMemberInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=300, required=False)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)


class OwnMemberShape(serializers.ModelSerializer[Member]):
    class Meta:
        model = Member
        fields = ["id", "name", "phone", "created_at", "left_at"]


class OwnDataView(APIView):
    """Everything that is kept of me and my household, as one JSON document to take along."""

    action = Action.MANAGE_OWN_DATA

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        return Response(owndata.own_data(actor=caller(request), now=now()))


class OwnMemberView(APIView):
    """Correct my own name or telephone number."""

    action = Action.MANAGE_OWN_DATA

    @extend_schema(request=OwnMemberInput, responses=OwnMemberShape)
    def patch(self, request: Request) -> Response:
        wanted = valid(OwnMemberInput, request.data)
        member = owndata.member_correct(actor=caller(request), changes=wanted, now=now())
        return Response(OwnMemberShape(member).data)


class OwnLeaveView(APIView):
    """I leave the household: every phone of mine ends, this one too."""

    action = Action.MANAGE_OWN_DATA

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        owndata.member_leave_own(actor=caller(request), now=now())
        return Response(status=204)


class MemberEraseView(APIView):
    """Forget a member for good: name and telephone number. The fund's books and the audit's ids stay."""

    action = Action.MANAGE_HOUSEHOLDS

    @extend_schema(request=None, responses=MemberShape)
    def post(self, request: Request, member_id: UUID) -> Response:
        return Response(MemberShape(erasure.member_erase(actor=caller(request), member_id=member_id, now=now())).data)
