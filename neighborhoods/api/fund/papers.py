"""Receipts and scans: sent as ``multipart/form-data`` field ``file``, shown to who may see what they belong to."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib import sizes
from backend.lib.anyaccept import FILES
from backend.lib.clock import now
from backend.lib.uploads import FileBody, file_of
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from neighborhoods.api.fund.shapes import PaperShape
from neighborhoods.fund.campaigns import campaign_for
from neighborhoods.models import Paper
from neighborhoods.papers import KEEPS, bytes_of, paper_for, paper_keep


class PaperFileInput(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="JPEG, PNG, WebP or PDF, at most 10 MB")


class KeepView(APIView):
    """A picture is drawn anew: where it was taken, and by which phone, is not kept."""

    kind: Paper.Kind
    parser_classes = [FileBody]
    takes_file = sizes.FILE

    def post(self, request: Request, campaign_id: UUID) -> Response:
        actor = caller(request)
        campaign = campaign_for(actor, KEEPS[self.kind], campaign_id)
        sent = file_of(request)
        paper = paper_keep(
            actor=actor, neighborhood_id=campaign.neighborhood_id, kind=self.kind, data=sent.data, name=sent.name,
            now=now(),
        )  # fmt: skip
        return Response(PaperShape(paper).data, status=201)


@extend_schema(request={"multipart/form-data": PaperFileInput}, responses={201: PaperShape})
class ReceiptsView(KeepView):
    """A receipt, to be named by an expense."""

    action = Action.KEEP_FUND
    kind = Paper.Kind.RECEIPT


@extend_schema(request={"multipart/form-data": PaperFileInput}, responses={201: PaperShape})
class ScansView(KeepView):
    """The scan of a resolution, to be named by it."""

    action = Action.PLAN_FUND
    kind = Paper.Kind.RESOLUTION


class PaperView(APIView):
    action = Action.SEE_FUND
    renderer_classes = FILES

    @extend_schema(responses={(200, "image/jpeg"): OpenApiTypes.BINARY, (200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, paper_id: UUID) -> HttpResponse:
        return shown(paper_for(caller(request), paper_id))


def shown(paper: Paper) -> HttpResponse:
    """A picture to be looked at; a PDF to be saved, for it may hold scripts."""
    answer = HttpResponse(bytes_of(paper), content_type=paper.media_type)
    if paper.media_type == Paper.MediaType.PDF:
        answer["Content-Disposition"] = f'attachment; filename="{paper.kind}-{paper.id}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
