"""``/wards/{id}/audit-…``: a ward's signed heads, and its chain as a file that anybody can check alone."""

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
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from neighborhoods.api.jobs import JobShape
from neighborhoods.auditing.export_job import export_start, heads_of
from neighborhoods.auditing.heads import fingerprint_of
from neighborhoods.models import AuditHead


class AuditExportInput(serializers.Serializer[Any]):
    since = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="begin after this day's head; the whole if not said"
    )


class AuditHeadShape(serializers.ModelSerializer[AuditHead]):
    fingerprint = serializers.SerializerMethodField(help_text="of the key that signed it")

    class Meta:
        model = AuditHead
        fields = ["chain", "day", "seq", "hash", "at", "key", "signature", "fingerprint"]

    def get_fingerprint(self, head: AuditHead) -> str:
        return fingerprint_of(head)


class AuditHeadsView(ListAPIView[AuditHead]):
    """The signed heads of a ward's audit, the newest first."""

    action = Action.SEE_AUDIT
    queryset = AuditHead.objects.none()  # which rows, and whose, ``get_queryset`` says; this says which table
    serializer_class = AuditHeadShape
    ordering = "-id"

    def get_queryset(self) -> QuerySet[AuditHead]:
        return heads_of(caller(self.request), self.kwargs["ward_id"])


class AuditExportView(APIView):
    """Have a ward's audit written into a file, with its signed heads."""

    action = Action.SEE_AUDIT

    @extend_schema(request=AuditExportInput, responses={202: JobShape})
    def post(self, request: Request, ward_id: UUID) -> Response:
        wanted = valid(AuditExportInput, request.data)
        job = export_start(actor=caller(request), ward_id=ward_id, since=wanted["since"], now=now())
        return Response(JobShape(job).data, status=202)
