"""``/codes/``: the leader issues, lists, takes back and reissues codes, one or all, and has their sheets printed."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.anyaccept import FILES
from backend.lib.clock import now
from backend.lib.valid import valid
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from neighborhoods.api.jobs import JobShape, download
from neighborhoods.api.shapes import CodeShape, IssuedShape, hours_field
from neighborhoods.codes import MOST_SLOTS, code_for, code_issue, code_reissue, code_revoke, codes_for
from neighborhoods.codesheets import MOST_HOUSEHOLDS, PDF, codes_print, require_held, sheet_take
from neighborhoods.jobfiles import Fetched
from neighborhoods.models import AccessCode


class CodeFilter(filters.FilterSet):  # type: ignore[misc]
    neighborhood = filters.UUIDFilter(field_name="neighborhood_id")
    household = filters.UUIDFilter(field_name="household_id")
    revoked = filters.BooleanFilter(field_name="revoked_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = AccessCode
        fields: list[str] = []


class CodeInput(serializers.Serializer[Any]):
    household = serializers.UUIDField(source="household_id")
    kind = serializers.ChoiceField(choices=AccessCode.Kind.choices, required=False)
    slots = serializers.IntegerField(min_value=1, max_value=MOST_SLOTS, required=False, help_text="devices; 6")
    expires_at = serializers.DateTimeField(required=False, help_text="no redemption after it; 90 days")
    camera_scope = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=500)
    hours_scope = hours_field()


class ReissueInput(serializers.Serializer[Any]):
    device = serializers.UUIDField(
        source="device_id", required=False, allow_null=True, help_text="a lost phone: it ends, its slot is opened anew"
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class BulkInput(serializers.Serializer[Any]):
    neighborhood = serializers.UUIDField(source="neighborhood_id")
    households = serializers.ListField(
        source="household_ids", child=serializers.UUIDField(), required=False, allow_null=True, default=None,
        min_length=1, max_length=MOST_HOUSEHOLDS,
        help_text="these, each with fresh secrets; without it every household that has no living code",
    )  # fmt: skip


class CodesView(ListAPIView[AccessCode]):
    action = {"GET": Action.SEE_CODES, "POST": Action.MANAGE_CODES}
    serializer_class = CodeShape
    filterset_class = CodeFilter
    queryset = AccessCode.objects.none()

    def get_queryset(self) -> QuerySet[AccessCode]:
        return codes_for(caller(self.request)).prefetch_related("devices")

    @extend_schema(request=CodeInput, responses={201: IssuedShape})
    def post(self, request: Request) -> Response:
        wanted = valid(CodeInput, request.data)
        issued = code_issue(actor=caller(request), now=now(), **wanted)
        return Response(IssuedShape(issued).data, status=201)


class CodeRevokeView(APIView):
    """Take a code back. Every device born of it ends, and its picture with it, within two seconds."""

    action = Action.MANAGE_CODES

    @extend_schema(request=None, responses=CodeShape)
    def post(self, request: Request, code_id: UUID) -> Response:
        return Response(CodeShape(code_revoke(actor=caller(request), code_id=code_id, now=now())).data)


class CodeReissueView(APIView):
    """New secrets: the old sheet is dead, the devices go on but the one chosen."""

    action = Action.MANAGE_CODES

    @extend_schema(request=ReissueInput, responses={201: IssuedShape})
    def post(self, request: Request, code_id: UUID) -> Response:
        wanted = valid(ReissueInput, request.data)
        issued = code_reissue(actor=caller(request), code_id=code_id, now=now(), **wanted)
        return Response(IssuedShape(issued).data, status=201)


class CodesBulkView(APIView):
    """Codes and sheets for many households at once, as a job; its file is a PDF, two households a page."""

    action = Action.MANAGE_CODES

    @extend_schema(request=BulkInput, responses={202: JobShape})
    def post(self, request: Request) -> Response:
        wanted = valid(BulkInput, request.data)
        job = codes_print(actor=caller(request), join_url=join_url(request), now=now(), **wanted)
        return Response(JobShape(job).data, status=202)


class CodeSheetView(APIView):
    """The printable sheet of a fresh code: within an hour of its issue, and once. Then 409 ``sheet_gone``: reissue."""

    action = Action.MANAGE_CODES
    renderer_classes = FILES

    @extend_schema(responses={(200, PDF): OpenApiTypes.BINARY})
    def get(self, request: Request, code_id: UUID) -> HttpResponse:
        paper = sheet_take(actor=caller(request), code_id=code_id, join_url=join_url(request), now=now())
        return download(Fetched(paper, "phieu-ma.pdf", PDF))

    @extend_schema(exclude=True)
    def head(self, request: Request, code_id: UUID) -> Response:
        """Without this, HEAD would be GET, and looking whether there is a sheet would use it up."""
        require_held(code_for(caller(request), code_id), now=now())
        return Response()


def join_url(request: Request) -> str:
    """The code page's full address, as this server is reached."""
    return request.build_absolute_uri(reverse("pages:join"))
