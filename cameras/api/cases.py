"""``/cases/`` and ``/extractions/``: the officer's register of footage looked through, why, and what came of it."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.paging import CursorPages
from backend.lib.valid import valid
from cameras import cases
from cameras.api.fields import Instant, QuerySerializer, StrictSerializer
from cameras.models import Case, Extraction
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller


class Newest(CursorPages):
    ordering = "-id"


class CaseShape(serializers.ModelSerializer[Case]):
    ward = serializers.UUIDField(source="ward_id")
    opened_at, outcome_at = Instant(), Instant(allow_null=True)

    class Meta:
        model = Case
        fields = ["id", "ward", "series", "case_number", "kind", "opened_at", "outcome", "outcome_at", "offence_found"]


class ExtractionShape(serializers.ModelSerializer[Extraction]):
    case = serializers.UUIDField(source="case_id")
    camera = serializers.UUIDField(source="camera_id")
    camera_name = serializers.CharField(source="camera.name")
    taken_at, outcome_at = Instant(), Instant(allow_null=True)

    class Meta:
        model = Extraction
        fields = [
            "id", "case", "camera", "camera_name", "reason", "taken_at", "outcome", "outcome_at", "what_helped",
        ]  # fmt: skip

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": Instant(source="starts_at"), "to": Instant(source="ends_at")}


class CaseInput(StrictSerializer):
    ward = serializers.UUIDField(source="ward_id")
    case_number = serializers.CharField(max_length=80, trim_whitespace=False, help_text="as the police number it")
    kind = serializers.ChoiceField(choices=Case.Kind.choices)


class CaseOutcomeInput(StrictSerializer):
    outcome = serializers.ChoiceField(choices=Case.Outcome.choices)
    offence_found = serializers.BooleanField(required=False)


class CaseQuery(QuerySerializer):
    ward = serializers.UUIDField(required=False)
    open = serializers.BooleanField(required=False, allow_null=True, default=None, help_text="without an outcome yet")


class ExtractionInput(StrictSerializer):
    def get_fields(self) -> dict[str, Any]:
        return {
            "camera": serializers.UUIDField(source="camera_id"),
            "from": Instant(source="starts_at"),  # a word of Python's
            "to": Instant(source="ends_at", help_text="at most 24 hours later"),
            "reason": serializers.ChoiceField(choices=Extraction.Reason.choices),
        }


class ExtractionOutcomeInput(StrictSerializer):
    outcome = serializers.ChoiceField(choices=Extraction.Outcome.choices)
    what_helped = serializers.ListField(
        child=serializers.ChoiceField(choices=cases.HELPS), required=False, max_length=len(cases.HELPS),
        help_text="where it was used: at least one",
    )  # fmt: skip


class CasesView(APIView):
    action = {"GET": Action.SEE_CASES, "POST": Action.RECORD_CASES}

    @extend_schema(parameters=[CaseQuery], responses=CaseShape(many=True), operation_id="cases_list")
    def get(self, request: Request) -> Response:
        """The register of the caller's wards, newest first."""
        wanted = valid(CaseQuery, request.query_params)
        found = cases.cases_of_ward(caller(request), wanted.get("ward"), still_open=wanted["open"])
        pages = Newest()
        page = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(CaseShape(page, many=True).data)

    @extend_schema(request=CaseInput, responses={201: CaseShape})
    def post(self, request: Request) -> Response:
        """Enter a case."""
        wanted = valid(CaseInput, request.data)
        case = cases.case_open(actor=caller(request), now=now(), **wanted)
        return Response(CaseShape(case).data, status=201)


class CaseView(APIView):
    action = Action.SEE_CASES

    @extend_schema(responses=CaseShape)
    def get(self, request: Request, case_id: UUID) -> Response:
        """One case."""
        return Response(CaseShape(cases.case_for(caller(request), Action.SEE_CASES, case_id)).data)


class CaseResolveView(APIView):
    """What became of the case."""

    action = Action.RECORD_CASES

    @extend_schema(request=CaseOutcomeInput, responses=CaseShape)
    def post(self, request: Request, case_id: UUID) -> Response:
        wanted = valid(CaseOutcomeInput, request.data)
        case = cases.case_resolve(actor=caller(request), case_id=case_id, now=now(), **wanted)
        return Response(CaseShape(case).data)


class CaseExtractionsView(APIView):
    action = {"GET": Action.SEE_CASES, "POST": Action.RECORD_CASES}

    @extend_schema(responses=ExtractionShape(many=True), operation_id="case_extractions_list")
    def get(self, request: Request, case_id: UUID) -> Response:
        """What was looked through for the case, newest first."""
        pages = Newest()
        page = pages.paginate_queryset(cases.extractions_of(caller(request), case_id), request, view=self)
        return pages.get_paginated_response(ExtractionShape(page, many=True).data)

    @extend_schema(request=ExtractionInput, responses={201: ExtractionShape})
    def post(self, request: Request, case_id: UUID) -> Response:
        """Enter an extraction: a camera of the ward, a span of time, and why."""
        wanted = valid(ExtractionInput, request.data)
        taken = cases.extraction_record(actor=caller(request), case_id=case_id, now=now(), **wanted)
        return Response(ExtractionShape(taken).data, status=201)


class ExtractionOutcomeView(APIView):
    """Whether the footage was of use, and what of it helped."""

    action = Action.RECORD_CASES

    @extend_schema(request=ExtractionOutcomeInput, responses=ExtractionShape)
    def post(self, request: Request, extraction_id: UUID) -> Response:
        wanted = valid(ExtractionOutcomeInput, request.data)
        judged = cases.extraction_outcome(actor=caller(request), extraction_id=extraction_id, now=now(), **wanted)
        return Response(ExtractionShape(judged).data)
