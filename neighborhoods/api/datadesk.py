"""``/data-requests/``: a resident asks and follows; the leader enters, answers, puts off once, finishes, refuses."""

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
from neighborhoods import datadesk, desklist
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from neighborhoods.api.shapes import HouseholdBrief, MemberBrief
from neighborhoods.models import DataRequest


class AskInput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=DataRequest.Kind.choices)
    words = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    camera = serializers.UUIDField(source="camera_id", required=False, allow_null=True, default=None)


class EnterInput(AskInput):
    neighborhood = serializers.UUIDField(source="neighborhood_id")
    household = serializers.UUIDField(source="household_id", required=False, allow_null=True)
    member = serializers.UUIDField(source="member_id", required=False, allow_null=True)
    asker_name = serializers.CharField(max_length=300, required=False, allow_blank=True)
    asker_contact = serializers.CharField(max_length=300, required=False, allow_blank=True)
    other_party = serializers.BooleanField(required=False, help_text="somebody else must act too: 20 days, not 15")
    received_at = serializers.DateTimeField(required=False, help_text="where it was earlier; now if not said")


class AnswerInput(serializers.Serializer[Any]):
    answer = serializers.CharField(max_length=2000)
    other_party = serializers.BooleanField(required=False)


class ExtendInput(serializers.Serializer[Any]):
    days = serializers.IntegerField(min_value=1, max_value=datadesk.LONGEST_EXTENSION_DAYS)
    reason = serializers.CharField(max_length=600)


class FinishInput(serializers.Serializer[Any]):
    outcome = serializers.CharField(max_length=2000)


class RefuseInput(FinishInput):
    ground = serializers.ChoiceField(choices=DataRequest.Ground.choices)


class DataRequestShape(serializers.ModelSerializer[DataRequest]):
    household = HouseholdBrief(allow_null=True)
    member = MemberBrief(allow_null=True)
    camera = serializers.UUIDField(source="camera_id", allow_null=True)
    next_due = serializers.SerializerMethodField(help_text="the last day for the answer, then for the act; Vietnam")
    overdue = serializers.SerializerMethodField()

    class Meta:
        model = DataRequest
        fields = [
            "id", "kind", "state", "household", "member", "asker_name", "asker_contact", "words", "camera",
            "other_party", "received_at", "answer_due", "finish_due", "next_due", "overdue", "answered_at", "answer",
            "extended_at", "extension_reason", "closed_at", "outcome", "ground",
        ]  # fmt: skip

    def get_next_due(self, request: DataRequest) -> str:
        return desklist.next_due(request).isoformat()

    def get_overdue(self, request: DataRequest) -> bool:
        return desklist.is_overdue(request, now=now())


class DataRequestFilter(filters.FilterSet):  # type: ignore[misc]
    open = filters.BooleanFilter(field_name="closed_at", lookup_expr="isnull")
    kind = filters.ChoiceFilter(choices=DataRequest.Kind.choices)

    class Meta:
        model = DataRequest
        fields: list[str] = []


class DataRequestsView(ListAPIView[DataRequest]):
    """My household's; for who keeps the desk, the neighborhood's."""

    action = {"GET": Action.SEE_SELF, "POST": Action.MANAGE_OWN_DATA}
    serializer_class = DataRequestShape
    filterset_class = DataRequestFilter
    queryset = DataRequest.objects.none()

    def get_queryset(self) -> QuerySet[DataRequest]:
        return desklist.data_requests_for(caller(self.request))

    @extend_schema(request=AskInput, responses={201: DataRequestShape})
    def post(self, request: Request) -> Response:
        wanted = valid(AskInput, request.data)
        asked = datadesk.Asked(**wanted)
        return _shape(datadesk.data_request_make(actor=caller(request), asked=asked, now=now()), 201)


class DataRequestView(APIView):
    action = Action.SEE_SELF

    @extend_schema(responses=DataRequestShape)
    def get(self, request: Request, request_id: UUID) -> Response:
        return _shape(desklist.data_request_for(caller(request), request_id))


class DataRequestEnterView(APIView):
    """The leader enters what somebody asked at the door or by letter."""

    action = Action.HANDLE_DATA_REQUESTS

    @extend_schema(request=EnterInput, responses={201: DataRequestShape})
    def post(self, request: Request) -> Response:
        facts = valid(EnterInput, request.data)
        asked = datadesk.Asked(**{name: facts.pop(name) for name in ("kind", "words", "camera_id")})
        made = datadesk.data_request_enter(actor=caller(request), asked=asked, now=now(), **facts)
        return _shape(made, 201)


class DataRequestAnswerView(APIView):
    """Within two working days: what happens now."""

    action = Action.HANDLE_DATA_REQUESTS

    @extend_schema(request=AnswerInput, responses=DataRequestShape)
    def post(self, request: Request, request_id: UUID) -> Response:
        wanted = valid(AnswerInput, request.data)
        return _shape(datadesk.data_request_answer(
            actor=caller(request), request_id=request_id, now=now(), **wanted
        ))  # fmt: skip


class DataRequestExtendView(APIView):
    """Once, by 15 days at the most, before its day is over."""

    action = Action.HANDLE_DATA_REQUESTS

    @extend_schema(request=ExtendInput, responses=DataRequestShape)
    def post(self, request: Request, request_id: UUID) -> Response:
        wanted = valid(ExtendInput, request.data)
        return _shape(datadesk.data_request_extend(
            actor=caller(request), request_id=request_id, now=now(), **wanted
        ))  # fmt: skip


class DataRequestFinishView(APIView):
    """It is done."""

    action = Action.HANDLE_DATA_REQUESTS

    @extend_schema(request=FinishInput, responses=DataRequestShape)
    def post(self, request: Request, request_id: UUID) -> Response:
        wanted = valid(FinishInput, request.data)
        return _shape(datadesk.data_request_finish(
            actor=caller(request), request_id=request_id, now=now(), **wanted
        ))  # fmt: skip


class DataRequestRefuseView(APIView):
    """Refused, on a ground of the closed list."""

    action = Action.HANDLE_DATA_REQUESTS

    @extend_schema(request=RefuseInput, responses=DataRequestShape)
    def post(self, request: Request, request_id: UUID) -> Response:
        wanted = valid(RefuseInput, request.data)
        return _shape(datadesk.data_request_refuse(
            actor=caller(request), request_id=request_id, now=now(), **wanted
        ))  # fmt: skip


def _shape(request: DataRequest, status: int = 200) -> Response:
    return Response(DataRequestShape(request).data, status=status)
