"""``/households/{id}/registrations/``: several registrations of one address, one household all the same."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.valid import valid
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from neighborhoods.households import household_for
from neighborhoods.models import HouseholdRegistration
from neighborhoods.registrations import registration_add, registration_end


class RegistrationInput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=HouseholdRegistration.Kind.choices)
    reference = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="the leader's own words; never an identity number"
    )


class RegistrationShape(serializers.ModelSerializer[HouseholdRegistration]):
    class Meta:
        model = HouseholdRegistration
        fields = ["id", "kind", "reference", "created_at", "ended_at"]


class RegistrationsView(APIView):
    action = {"GET": Action.SEE_HOUSEHOLDS, "POST": Action.MANAGE_HOUSEHOLDS}

    @extend_schema(responses=RegistrationShape(many=True))
    def get(self, request: Request, household_id: UUID) -> Response:
        household = household_for(caller(request), Action.SEE_HOUSEHOLDS, household_id)
        return Response(RegistrationShape(household.registrations.all(), many=True).data)

    @extend_schema(request=RegistrationInput, responses={201: RegistrationShape})
    def post(self, request: Request, household_id: UUID) -> Response:
        wanted = valid(RegistrationInput, request.data)
        made = registration_add(actor=caller(request), household_id=household_id, now=now(), **wanted)
        return Response(RegistrationShape(made).data, status=201)


class RegistrationEndView(APIView):
    action = Action.MANAGE_HOUSEHOLDS

    @extend_schema(request=None, responses=RegistrationShape)
    def post(self, request: Request, registration_id: UUID) -> Response:
        ended = registration_end(actor=caller(request), registration_id=registration_id, now=now())
        return Response(RegistrationShape(ended).data)
