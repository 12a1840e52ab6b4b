"""``/households/import/``: a list from a file, looked through first, then put in; and an empty list to fill in."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib import sizes
from backend.lib.clock import now
from backend.lib.uploads import FileBody, file_of
from backend.lib.valid import valid
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from neighborhoods.api.jobs import JobShape, download
from neighborhoods.importing.notes import said
from neighborhoods.importing.plan import Verdict
from neighborhoods.importing.template import template
from neighborhoods.models import HouseholdImport
from neighborhoods.people_import import import_for, import_read, import_start


class ImportInput(serializers.Serializer[Any]):
    """What of the form is not the file: ``file_of`` reads that."""

    neighborhood = serializers.UUIDField(source="neighborhood_id")


class ImportForm(ImportInput):
    """``multipart/form-data``, for the schema."""

    file = serializers.FileField(help_text="CSV or XLSX, at most 10 MB and 3,000 lines")


class ApplyInput(serializers.Serializer[Any]):
    without_refused = serializers.BooleanField(required=False, help_text="leave the refused lines out, knowingly")


class ImportLineShape(serializers.Serializer[Any]):
    line = serializers.IntegerField(help_text="as numbered in the file")
    verdict = serializers.ChoiceField(choices=[one.value for one in Verdict])
    household = serializers.CharField(allow_blank=True)
    address = serializers.CharField(allow_blank=True)
    notes = serializers.SerializerMethodField(help_text="what would change, or why it is refused, in words")

    def get_notes(self, line: dict[str, Any]) -> list[str]:
        return [said(note) for note in line["notes"]]


class ImportShape(serializers.ModelSerializer[HouseholdImport]):
    lines = ImportLineShape(source="report", many=True, help_text="empty once it was put in")

    class Meta:
        model = HouseholdImport
        fields = [
            "id", "neighborhood", "file_name", "added", "changed", "same", "refused", "unread", "lines", "created_at",
            "applied_at",
        ]  # fmt: skip


class ImportsView(APIView):
    """Read a file and tell line by line what would be added, changed and refused. Nothing is changed."""

    action = Action.MANAGE_HOUSEHOLDS
    takes_file = sizes.FILE
    parser_classes: list[type[BaseParser]] = [FileBody]

    @extend_schema(request={"multipart/form-data": ImportForm}, responses={201: ImportShape})
    def post(self, request: Request) -> Response:
        wanted = valid(ImportInput, request.data)
        sent = file_of(request)
        made = import_read(
            actor=caller(request), data=sent.data, name=sent.name, now=now(), **wanted
        )  # fmt: skip
        return Response(ImportShape(made).data, status=201)


class ImportView(APIView):
    action = Action.MANAGE_HOUSEHOLDS

    @extend_schema(responses=ImportShape)
    def get(self, request: Request, import_id: UUID) -> Response:
        return Response(ImportShape(import_for(caller(request), import_id)).data)


class ImportApplyView(APIView):
    """Put all of it in, or nothing, as a job."""

    action = Action.MANAGE_HOUSEHOLDS

    @extend_schema(request=ApplyInput, responses={202: JobShape})
    def post(self, request: Request, import_id: UUID) -> Response:
        wanted = valid(ApplyInput, request.data)
        job = import_start(actor=caller(request), import_id=import_id, now=now(), **wanted)
        return Response(JobShape(job).data, status=202)


class ImportTemplateView(APIView):
    """An empty list with its headings, to be filled in."""

    action = Action.MANAGE_HOUSEHOLDS

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, kind: str) -> HttpResponse:
        return download(template(kind))
