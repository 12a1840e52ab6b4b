"""``/households/`` and ``/members/``: the leader's list of the neighborhood."""

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
from neighborhoods.api.shapes import HouseholdShape, MemberShape
from neighborhoods.households import (
    household_create,
    household_for,
    household_leave,
    household_update,
    households_for,
)
from neighborhoods.models import Household, Member
from neighborhoods.people import member_create, member_for, member_leave, member_update, members_for
from neighborhoods.searching import LONGEST, households_matching, narrow


class HouseholdInput(serializers.Serializer[Any]):
    neighborhood = serializers.UUIDField(source="neighborhood_id")
    name = serializers.CharField(max_length=300)
    address = serializers.CharField(max_length=400)


class HouseholdPatch(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=300, required=False)
    address = serializers.CharField(max_length=400, required=False)


class MemberInput(serializers.Serializer[Any]):
    household = serializers.UUIDField(source="household_id")
    name = serializers.CharField(max_length=300)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)


class MemberPatch(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=300, required=False)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)


class HouseholdFilter(filters.FilterSet):  # type: ignore[misc]
    q = filters.CharFilter(method="by_words", max_length=LONGEST, help_text="name, address, number, or who lives there")
    neighborhood = filters.UUIDFilter(field_name="neighborhood_id")
    left = filters.BooleanFilter(field_name="left_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Household
        fields: list[str] = []

    def by_words(self, rows: QuerySet[Household], _name: str, text: str) -> QuerySet[Household]:
        return households_matching(rows, text)


class MemberFilter(filters.FilterSet):  # type: ignore[misc]
    q = filters.CharFilter(method="by_words", max_length=LONGEST, help_text="part of the name")
    household = filters.UUIDFilter(field_name="household_id")
    left = filters.BooleanFilter(field_name="left_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Member
        fields: list[str] = []

    def by_words(self, rows: QuerySet[Member], _name: str, text: str) -> QuerySet[Member]:
        return narrow(rows, text)


class HouseholdsView(ListAPIView[Household]):
    action = {"GET": Action.SEE_HOUSEHOLDS, "POST": Action.MANAGE_HOUSEHOLDS}
    serializer_class = HouseholdShape
    filterset_class = HouseholdFilter
    queryset = Household.objects.none()

    def get_queryset(self) -> QuerySet[Household]:
        return households_for(caller(self.request))

    @extend_schema(request=HouseholdInput, responses={201: HouseholdShape})
    def post(self, request: Request) -> Response:
        wanted = valid(HouseholdInput, request.data)
        household = household_create(actor=caller(request), now=now(), **wanted)
        return Response(HouseholdShape(household).data, status=201)


class HouseholdView(APIView):
    action = {"GET": Action.SEE_HOUSEHOLDS, "PATCH": Action.MANAGE_HOUSEHOLDS}

    @extend_schema(responses=HouseholdShape)
    def get(self, request: Request, household_id: UUID) -> Response:
        return Response(HouseholdShape(household_for(caller(request), Action.SEE_HOUSEHOLDS, household_id)).data)

    @extend_schema(request=HouseholdPatch, responses=HouseholdShape)
    def patch(self, request: Request, household_id: UUID) -> Response:
        wanted = valid(HouseholdPatch, request.data)
        household = household_update(actor=caller(request), household_id=household_id, now=now(), **wanted)
        return Response(HouseholdShape(household).data)


class HouseholdLeaveView(APIView):
    """The household moved away: its codes and devices end at once."""

    action = Action.MANAGE_HOUSEHOLDS

    @extend_schema(request=None, responses=HouseholdShape)
    def post(self, request: Request, household_id: UUID) -> Response:
        household = household_leave(actor=caller(request), household_id=household_id, now=now())
        return Response(HouseholdShape(household).data)


class MembersView(ListAPIView[Member]):
    action = {"GET": Action.SEE_HOUSEHOLDS, "POST": Action.MANAGE_HOUSEHOLDS}
    serializer_class = MemberShape
    filterset_class = MemberFilter
    queryset = Member.objects.none()

    def get_queryset(self) -> QuerySet[Member]:
        return members_for(caller(self.request))

    @extend_schema(request=MemberInput, responses={201: MemberShape})
    def post(self, request: Request) -> Response:
        wanted = valid(MemberInput, request.data)
        member = member_create(actor=caller(request), now=now(), **wanted)
        return Response(MemberShape(member).data, status=201)


class MemberView(APIView):
    action = {"GET": Action.SEE_HOUSEHOLDS, "PATCH": Action.MANAGE_HOUSEHOLDS}

    @extend_schema(responses=MemberShape)
    def get(self, request: Request, member_id: UUID) -> Response:
        return Response(MemberShape(member_for(caller(request), Action.SEE_HOUSEHOLDS, member_id)).data)

    @extend_schema(request=MemberPatch, responses=MemberShape)
    def patch(self, request: Request, member_id: UUID) -> Response:
        wanted = valid(MemberPatch, request.data)
        member = member_update(actor=caller(request), member_id=member_id, now=now(), **wanted)
        return Response(MemberShape(member).data)


class MemberLeaveView(APIView):
    """The member left the household: their devices end at once."""

    action = Action.MANAGE_HOUSEHOLDS

    @extend_schema(request=None, responses=MemberShape)
    def post(self, request: Request, member_id: UUID) -> Response:
        return Response(MemberShape(member_leave(actor=caller(request), member_id=member_id, now=now())).data)
