"""``/invitations/``: inviting, taking back, and what the invited person's page asks: what is it, and yes.

The link's secret comes in bodies only, never in a path: paths are logged.
"""

from typing import Any
from uuid import UUID

import segno
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.public import PUBLIC
from backend.lib.valid import valid
from neighborhoods.access import Action, Role
from neighborhoods.api.authentication import caller
from neighborhoods.api.sessions import signed_by_password
from neighborhoods.api.shapes import NeighborhoodBrief, WardShape
from neighborhoods.factors import proof
from neighborhoods.invitations import (
    InvitationIssued,
    invitation_accept,
    invitation_make,
    invitation_open,
    invitation_revoke,
    invitations_for,
)
from neighborhoods.models import Invitation
from neighborhoods.roles import IN_HOUSEHOLD, IN_NEIGHBORHOOD, IN_WARD

INVITED_TO = sorted(IN_NEIGHBORHOOD | IN_WARD | IN_HOUSEHOLD | {Role.ADMINISTRATOR})


class InvitationShape(serializers.ModelSerializer[Invitation]):
    """An invitation without its secret, which is told once."""

    neighborhood = NeighborhoodBrief(allow_null=True)
    ward = WardShape(allow_null=True)
    household = serializers.UUIDField(source="household_id", allow_null=True)

    class Meta:
        model = Invitation
        fields = [
            "id", "role", "neighborhood", "ward", "household", "unit", "name", "replaces", "created_at", "expires_at",
            "used_at", "revoked_at",
        ]  # fmt: skip


class InvitationIssuedShape(serializers.Serializer[Any]):
    """The one answer that carries the secret. Wants the request in its context, for the link's host."""

    invitation = InvitationShape()
    token = serializers.CharField()
    link = serializers.SerializerMethodField(help_text="the secret is in its fragment, which reaches no server")
    qr = serializers.SerializerMethodField(help_text="the link drawn, as a data: address of an SVG")

    def get_link(self, issued: InvitationIssued) -> str:
        return f"{self.context['request'].build_absolute_uri('/invite')}#{issued.token}"

    def get_qr(self, issued: InvitationIssued) -> str:
        return segno.make(self.get_link(issued), error="m", micro=False).svg_data_uri(scale=6, border=4, light="#fff")


class InvitationFilter(filters.FilterSet):  # type: ignore[misc]
    neighborhood = filters.UUIDFilter(field_name="neighborhood_id")

    class Meta:
        model = Invitation
        fields: list[str] = []


class InvitationInput(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=INVITED_TO)
    name = serializers.CharField(max_length=300, help_text="whom it is for")
    neighborhood = serializers.UUIDField(source="neighborhood_id", required=False, allow_null=True)
    ward = serializers.UUIDField(source="ward_id", required=False, allow_null=True)
    household = serializers.UUIDField(
        source="household_id", required=False, allow_null=True, help_text="a school's address, for its staff"
    )
    unit = serializers.CharField(max_length=300, required=False, allow_blank=True, help_text="an officer's")


class InvitationToken(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=100, write_only=True)


class AcceptInput(InvitationToken):
    """A new account's fields; none of them where one has signed in with a password already."""

    username = serializers.CharField(max_length=150, required=False)
    password = serializers.CharField(max_length=200, trim_whitespace=False, write_only=True, required=False)
    display_name = serializers.CharField(max_length=300, required=False, allow_blank=True)


class InvitationShown(serializers.Serializer[Any]):
    role = serializers.CharField()
    neighborhood = NeighborhoodBrief(allow_null=True)
    ward = WardShape(allow_null=True)
    household = serializers.CharField(source="household.name", default=None, help_text="a school's, of its staff")
    unit = serializers.CharField(allow_blank=True)
    name = serializers.CharField(help_text="whom it is for")
    invited_by = serializers.CharField(allow_null=True)
    handover = serializers.SerializerMethodField(help_text="the role passes from who holds it now")
    username = serializers.CharField(source="renews.username", default=None, help_text="of a link for a new password")

    def get_handover(self, invitation: Invitation) -> bool:
        return invitation.replaces_id is not None


class AcceptedShape(serializers.Serializer[Any]):
    username = serializers.CharField(source="account.username")
    role = serializers.CharField(source="grant.role", default=None)


class InvitationsView(ListAPIView[Invitation]):
    action = Action.MANAGE_ROLES
    serializer_class = InvitationShape
    filterset_class = InvitationFilter
    queryset = Invitation.objects.none()

    def get_queryset(self) -> QuerySet[Invitation]:
        return invitations_for(caller(self.request))

    @extend_schema(request=InvitationInput, responses={201: InvitationIssuedShape})
    def post(self, request: Request) -> Response:
        wanted = valid(InvitationInput, request.data)
        facts = wanted | {"role": Role(wanted["role"])}
        issued = invitation_make(actor=caller(request), now=now(), **facts)
        return Response(InvitationIssuedShape(issued, context={"request": request}).data, status=201)


class InvitationRevokeView(APIView):
    action = Action.MANAGE_ROLES

    @extend_schema(request=None, responses=InvitationShape)
    def post(self, request: Request, invitation_id: UUID) -> Response:
        taken_back = invitation_revoke(actor=caller(request), invitation_id=invitation_id, now=now())
        return Response(InvitationShape(taken_back).data)


class InvitationLookView(APIView):
    """What a link invites to, before one says yes. It is not used by looking."""

    action = PUBLIC
    authentication_classes: list[Any] = []

    @extend_schema(request=InvitationToken, responses=InvitationShown, auth=[])
    def post(self, request: Request) -> Response:
        wanted = valid(InvitationToken, request.data)
        return Response(InvitationShown(invitation_open(wanted["token"], now=now())).data)


class InvitationAcceptView(APIView):
    """Say yes, with a new account or with a sign-in of allauth's a moment ago. Then comes the second step."""

    action = PUBLIC
    authentication_classes: list[Any] = []

    @extend_schema(
        request=AcceptInput,
        responses={201: AcceptedShape},
        parameters=[OpenApiParameter("X-Session-Token", str, OpenApiParameter.HEADER)],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        facts, moment = valid(AcceptInput, request.data), now()
        if "password" not in facts:
            invitation_open(facts["token"], now=moment)
            signed = signed_by_password(request)
            proof(signed.session, signed.account, now=moment)
            facts = {"token": facts["token"], "account": signed.account}
        return Response(AcceptedShape(invitation_accept(now=moment, **facts)).data, status=201)
