"""``/roles/``: who holds which role until when, ending one, handing it over, and helping who lost their second step."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.valid import valid
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from neighborhoods.api.invitations import InvitationIssuedShape
from neighborhoods.api.shapes import NeighborhoodBrief, WardShape
from neighborhoods.factors import second_factor_reset
from neighborhoods.invitations import handover_invite, password_link
from neighborhoods.models import Account, RoleGrant
from neighborhoods.roles import role_end, role_handover, roles_for


class AccountBrief(serializers.ModelSerializer[Account]):
    class Meta:
        model = Account
        fields = ["id", "username", "display_name"]


class RoleGrantShape(serializers.ModelSerializer[RoleGrant]):
    account = AccountBrief()
    neighborhood = NeighborhoodBrief(allow_null=True)
    ward = WardShape(allow_null=True)
    household = serializers.UUIDField(source="household_id", allow_null=True)

    class Meta:
        model = RoleGrant
        fields = [
            "id", "role", "unit", "account", "neighborhood", "ward", "household", "starts_at", "ends_at", "ended_at",
        ]  # fmt: skip


class RoleFilter(filters.FilterSet):  # type: ignore[misc]
    neighborhood = filters.UUIDFilter(field_name="neighborhood_id")
    ended = filters.BooleanFilter(field_name="ended_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = RoleGrant
        fields: list[str] = []


class HandoverInput(serializers.Serializer[Any]):
    """One of the two: somebody who has an account, or the name of somebody to invite."""

    account = serializers.UUIDField(required=False, allow_null=True)
    name = serializers.CharField(max_length=300, required=False, allow_blank=True)

    def validate(self, facts: dict[str, Any]) -> dict[str, Any]:
        if bool(facts.get("account")) == bool(facts.get("name", "").strip()):
            raise serializers.ValidationError({"account": [self.fields["account"].error_messages["required"]]})
        return facts


class HandoverShape(serializers.Serializer[Any]):
    role = RoleGrantShape(allow_null=True, help_text="the new grant; null while the invitation is open")
    invited = InvitationIssuedShape(allow_null=True)


class RolesView(ListAPIView[RoleGrant]):
    action = Action.MANAGE_ROLES
    serializer_class = RoleGrantShape
    filterset_class = RoleFilter
    queryset = RoleGrant.objects.none()

    def get_queryset(self) -> QuerySet[RoleGrant]:
        return roles_for(caller(self.request))


class RoleEndView(APIView):
    """End a role before its day: its holder's open pictures and sockets end within two seconds."""

    action = Action.MANAGE_ROLES

    @extend_schema(request=None, responses=RoleGrantShape)
    def post(self, request: Request, grant_id: UUID) -> Response:
        return Response(RoleGrantShape(role_end(actor=caller(request), grant_id=grant_id, now=now())).data)


class RoleHandoverView(APIView):
    """Pass a role on, at once to an account, or by invitation: then the old one ends when it is accepted."""

    action = Action.MANAGE_ROLES

    @extend_schema(request=HandoverInput, responses={201: HandoverShape})
    def post(self, request: Request, grant_id: UUID) -> Response:
        wanted = valid(HandoverInput, request.data)
        account_id, role, invited = wanted.get("account"), None, None
        passing: dict[str, Any] = {"actor": caller(request), "grant_id": grant_id, "now": now()}
        if account_id:
            role = role_handover(account_id=account_id, **passing)
        else:
            invited = handover_invite(name=wanted["name"], **passing)
        shape = HandoverShape({"role": role, "invited": invited}, context={"request": request})
        return Response(shape.data, status=201)


class SecondFactorResetView(APIView):
    """Forget the second step of somebody who lost it, and sign them out everywhere. Never one's own."""

    action = Action.MANAGE_ROLES

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, grant_id: UUID) -> Response:
        second_factor_reset(actor=caller(request), grant_id=grant_id, now=now())
        return Response(status=204)


class PasswordLinkView(APIView):
    """A link by which somebody who lost password and telephone begins anew. Never for oneself."""

    action = Action.MANAGE_ROLES

    @extend_schema(request=None, responses={201: InvitationIssuedShape})
    def post(self, request: Request, grant_id: UUID) -> Response:
        issued = password_link(actor=caller(request), grant_id=grant_id, now=now())
        return Response(InvitationIssuedShape(issued, context={"request": request}).data, status=201)
