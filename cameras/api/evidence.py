"""``/footage-packages/`` and ``/footage-links/``: the record that goes with a package, its one-time link, its bytes."""

from collections.abc import AsyncIterator
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.anyaccept import FILES
from backend.lib.clock import now
from backend.lib.valid import valid
from cameras.api.footage_shapes import AnnexInput, AnnexShape, FetchLinkShape
from cameras.footage import annex, handover, links
from cameras.playback.answers import range_of
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller


@extend_schema(request=None, responses={201: FetchLinkShape})
class PackageLinksView(APIView):
    """A link to fetch the package by, once, in the session that asks for it."""

    action = Action.ASK_FOOTAGE

    def post(self, request: Request, package_id: UUID) -> Response:
        link = links.link_make(actor=caller(request), package_id=package_id, now=now())
        return Response(FetchLinkShape(link).data, status=201)


@extend_schema(request=None, responses={204: None})
class PackageAllowView(APIView):
    """Let a package that was fetched be fetched once more. Somebody in charge does, and not who asked."""

    action = Action.SIGN_FOOTAGE

    def post(self, request: Request, package_id: UUID) -> Response:
        links.fetch_allow(actor=caller(request), package_id=package_id, now=now())
        return Response(status=204)


@extend_schema(request=AnnexInput, responses=AnnexShape)
class PackageAnnexView(APIView):
    """Open the sealed annex: who supplied what. On record, and told to each of them."""

    action = Action.OPEN_FOOTAGE_ANNEX

    def post(self, request: Request, package_id: UUID) -> Response:
        said = valid(AnnexInput, request.data)
        opened = annex.annex_open(actor=caller(request), package_id=package_id, now=now(), **said)
        return Response({"suppliers": opened})


class PackageRecordView(APIView):
    """The handover record as PDF, in Vietnamese, ready to be signed."""

    action = Action.SEE_FOOTAGE_REQUESTS
    renderer_classes = FILES

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, package_id: UUID) -> HttpResponse:
        record = handover.handover_of(caller(request), package_id, now=now())
        answer = HttpResponse(handover.handover_paper(record), content_type="application/pdf")
        answer["Content-Disposition"] = content_disposition_header(True, f"bien-ban-{package_id}.pdf") or "attachment"
        answer["Cache-Control"] = "no-store"
        return answer


class FetchView(APIView):
    """A package's ZIP, behind its link. ``Range`` goes on where an earlier answer broke off (RFC 9110, section 14)."""

    action = Action.ASK_FOOTAGE
    renderer_classes = FILES

    @extend_schema(
        responses={(200, "application/zip"): OpenApiTypes.BINARY, (206, "application/zip"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, link_id: UUID) -> StreamingHttpResponse | HttpResponse:
        actor = caller(request)
        fetch = links.link_open(actor=actor, link_id=link_id, now=now())
        size, tag = fetch.zip.size, f'"{fetch.etag}"'
        asked = request.headers.get("Range", "").encode()
        if request.headers.get("If-Range", tag) != tag:
            asked = b""
        part = range_of(asked, size)
        first, count = part or (0, size)
        body: AsyncIterator[bytes] = links.handed_out(fetch, first, first + count, actor=actor, now=now)
        answer = StreamingHttpResponse(body, status=206 if part else 200, content_type="application/zip")
        answer["Content-Length"], answer["Accept-Ranges"], answer["ETag"] = str(count), "bytes", tag
        answer["Content-Disposition"] = content_disposition_header(True, fetch.name) or "attachment"
        answer["Cache-Control"] = "no-store"
        if part:
            answer["Content-Range"] = f"bytes {first}-{first + count - 1}/{size}"
        return answer

    @extend_schema(exclude=True)
    def head(self, request: Request, link_id: UUID) -> HttpResponse:
        """Nobody looks whether it is there: without this, HEAD would be GET, and looking would count as taking."""
        return HttpResponse(status=405, headers={"Allow": "GET"})
