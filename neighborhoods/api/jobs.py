"""``/jobs/``: how far long work is, what came of it, and the file it made. Only for who asked."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.anyaccept import FILES
from backend.lib.clock import now
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from neighborhoods.jobfiles import Fetched, file_fetch, require_file
from neighborhoods.jobs import job_for
from neighborhoods.models import Job


class JobProblemShape(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]  # a field, and not what the class has of that name
        child=serializers.ListField(child=serializers.CharField())
    )


class JobShape(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.ChoiceField(choices=Job.State.choices)
    done = serializers.IntegerField()
    total = serializers.IntegerField(help_text="0 where it is not known yet")
    result = serializers.JSONField(allow_null=True)
    problem = JobProblemShape(allow_null=True, help_text="what stopped it")
    file = serializers.SerializerMethodField()
    file_name = serializers.CharField(allow_blank=True)
    file_once = serializers.BooleanField(source="file_secret", help_text="it holds secrets: given out once")
    expires_at = serializers.DateTimeField(source="file_expires_at", allow_null=True, help_text="the file's end")

    def get_file(self, job: Job) -> str | None:
        """Where the file is; null where there is none, or it is gone."""
        return reverse("job-file", args=[job.id]) if job.file_path else None


class JobView(APIView):
    action = Action.SEE_SELF

    @extend_schema(responses=JobShape)
    def get(self, request: Request, job_id: UUID) -> Response:
        return Response(JobShape(job_for(caller(request), job_id)).data)


class JobFileView(APIView):
    action = Action.SEE_SELF
    renderer_classes = FILES

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, job_id: UUID) -> HttpResponse:
        actor = caller(request)
        return download(file_fetch(actor=actor, job=job_for(actor, job_id), now=now()))

    @extend_schema(exclude=True)
    def head(self, request: Request, job_id: UUID) -> Response:
        """Without this, HEAD would be GET, and looking whether a file is there would use it up."""
        require_file(job_for(caller(request), job_id), now=now())
        return Response()


def download(found: Fetched) -> HttpResponse:
    """``Fetched`` as a file to be saved, kept by nobody on the way."""
    answer = HttpResponse(found.data, content_type=found.media_type)
    answer["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    answer["Cache-Control"] = "no-store"
    return answer
