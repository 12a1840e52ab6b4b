"""``/footage-requests/``: the police ask, the owners decide. Who asks and who decides read the same address and are
told different things (``footage.reading``)."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib import sizes
from backend.lib.anyaccept import FILES
from backend.lib.clock import now
from backend.lib.uploads import FileBody, file_of
from backend.lib.valid import valid
from cameras.api.cases import Newest
from cameras.api.footage_shapes import (
    ConclusionInput,
    CoverageShape,
    DecisionInput,
    FootageAnswerInput,
    FootageRequestInput,
    FootageRequestShape,
    LookInput,
    PackagesInput,
    PreviewInput,
    ReviewInput,
    ServiceInput,
    area_of,
)
from cameras.api.viewing import OpenedShape
from cameras.footage import decisions, looking, outcomes, packages, reading, requests
from neighborhoods.access import Action, Actor
from neighborhoods.api.authentication import caller
from neighborhoods.api.fund.papers import PaperFileInput, shown


def _shown(actor: Actor, request_id: UUID, status: int = 200) -> Response:
    """The request anew, as this reader may know it."""
    found = reading.request_for(actor, request_id)
    return Response(FootageRequestShape(reading.seen_by(actor, found, now=now())).data, status=status)


class FootageRequestsView(APIView):
    action = {"GET": Action.READ_FOOTAGE_REQUESTS, "POST": Action.ASK_FOOTAGE}

    @extend_schema(responses=FootageRequestShape(many=True), operation_id="footage_requests_list")
    def get(self, request: Request) -> Response:
        """The requests of the caller's ward, and those that ask for footage of the caller's cameras; newest first."""
        pages, actor, moment = Newest(), caller(request), now()
        page = pages.paginate_queryset(reading.requests_for(actor), request, view=self) or []
        told = [FootageRequestShape(reading.seen_by(actor, one, now=moment)).data for one in page]
        return pages.get_paginated_response(told)

    @extend_schema(request=FootageRequestInput, responses={201: FootageRequestShape})
    def post(self, request: Request) -> Response:
        """Ask for footage. What is asked for is held from this moment on."""
        facts, actor = valid(FootageRequestInput, request.data), caller(request)
        case_id, area = facts.pop("case"), area_of(facts.pop("area"))
        made = requests.request_make(
            actor=actor, case_id=case_id, wanted=requests.Wanted(area=area, **facts), now=now()
        )
        return _shown(actor, made.id, 201)


class FootagePreviewView(APIView):
    """What an area and a window hold: counts and shares, no camera and no picture. Nothing is held."""

    action = Action.ASK_FOOTAGE

    @extend_schema(request=PreviewInput, responses=CoverageShape)
    def post(self, request: Request) -> Response:
        facts = valid(PreviewInput, request.data)
        case_id, area = facts.pop("case"), area_of(facts.pop("area"))
        counted = requests.coverage_preview(actor=caller(request), case_id=case_id, area=area, now=now(), **facts)
        return Response(CoverageShape(counted).data)


class FootageRequestView(APIView):
    action = Action.READ_FOOTAGE_REQUESTS

    @extend_schema(responses=FootageRequestShape)
    def get(self, request: Request, footage_id: UUID) -> Response:
        """One request, as the caller may know it."""
        return _shown(caller(request), footage_id)


@extend_schema(request=None, responses=FootageRequestShape)
class FootageSignView(APIView):
    """The second signature of somebody in charge. The owners are asked now; an urgent request is released."""

    action = Action.SIGN_FOOTAGE

    def post(self, request: Request, footage_id: UUID) -> Response:
        actor = caller(request)
        requests.request_sign(actor=actor, request_id=footage_id, now=now())
        return _shown(actor, footage_id)


@extend_schema(request=None, responses=FootageRequestShape)
class FootageExtendView(APIView):
    """Hold longer, and let the owners answer as long."""

    action = Action.SIGN_FOOTAGE

    def post(self, request: Request, footage_id: UUID) -> Response:
        actor = caller(request)
        requests.request_extend(actor=actor, request_id=footage_id, now=now())
        return _shown(actor, footage_id)


@extend_schema(request=None, responses=FootageRequestShape)
class FootageWithdrawView(APIView):
    """Take a request of one's own back."""

    action = Action.ASK_FOOTAGE

    def post(self, request: Request, footage_id: UUID) -> Response:
        actor = caller(request)
        requests.request_withdraw(actor=actor, request_id=footage_id, now=now())
        return _shown(actor, footage_id)


@extend_schema(request=LookInput, responses={201: OpenedShape})
class FootageViewsView(APIView):
    """Look through what was released of one camera, where it lies: an HLS playlist of what was granted."""

    action = Action.ASK_FOOTAGE

    def post(self, request: Request, footage_id: UUID) -> Response:
        said, actor = valid(LookInput, request.data), caller(request)
        address = request.META.get("REMOTE_ADDR") or ""
        opened = looking.released_open(actor=actor, request_id=footage_id, address=address, now=now(), **said)
        return Response(OpenedShape(opened).data, status=201)


@extend_schema(request=ConclusionInput, responses=FootageRequestShape)
class FootageConclusionView(APIView):
    """After the case: which cameras' footage helped, and that copies are deleted. Nothing is held any more."""

    action = Action.ASK_FOOTAGE

    def post(self, request: Request, footage_id: UUID) -> Response:
        said, actor = valid(ConclusionInput, request.data), caller(request)
        outcomes.request_conclude(actor=actor, request_id=footage_id, now=now(), **said)
        return _shown(actor, footage_id)


@extend_schema(request=PackagesInput, responses={202: FootageRequestShape})
class FootagePackagesView(APIView):
    """Have what was released packed: one package of all that stands in none yet. ``asked.packages`` says how far it
    is."""

    action = Action.ASK_FOOTAGE

    def post(self, request: Request, footage_id: UUID) -> Response:
        said, actor = valid(PackagesInput, request.data), caller(request)
        packages.packages_order(actor=actor, request_id=footage_id, now=now(), **said)
        return _shown(actor, footage_id, 202)


@extend_schema(request=FootageAnswerInput, responses=FootageRequestShape)
class FootageAnswerView(APIView):
    """Answer what an owner asked back, by the camera's number."""

    action = Action.ASK_FOOTAGE

    def post(self, request: Request, footage_id: UUID) -> Response:
        said, actor = valid(FootageAnswerInput, request.data), caller(request)
        decisions.ask_answer(actor=actor, request_id=footage_id, now=now(), **said)
        return _shown(actor, footage_id)


@extend_schema(request=ReviewInput, responses=FootageRequestShape)
class FootageReviewView(APIView):
    """Look back at an urgent release."""

    action = Action.REVIEW_FOOTAGE

    def post(self, request: Request, footage_id: UUID) -> Response:
        said, actor = valid(ReviewInput, request.data), caller(request)
        requests.request_review(actor=actor, request_id=footage_id, now=now(), **said)
        return _shown(actor, footage_id)


@extend_schema(request=DecisionInput, responses=FootageRequestShape)
class FootageDecisionsView(APIView):
    """An owner's word on one of their cameras: ``approve`` (with ``from`` and ``to``: a part of the window), ``deny``,
    ``ask`` (with ``words``), or ``withdraw`` a yes of which nothing has left yet."""

    action = Action.DECIDE_FOOTAGE

    def post(self, request: Request, footage_id: UUID) -> Response:
        said, actor = valid(DecisionInput, request.data), caller(request)
        which: dict[str, Any] = {"actor": actor, "request_id": footage_id, "camera_id": said["camera"], "now": now()}
        match said["decision"]:
            case "approve":
                part = decisions.Part(said["starts_at"], said["ends_at"]) if "starts_at" in said else None
                decisions.ask_approve(part=part, **which)
            case "deny":
                decisions.ask_deny(**which)
            case "withdraw":
                decisions.ask_withdraw(**which)
            case _:
                decisions.ask_question(words=said["words"], **which)
        return _shown(actor, footage_id)


@extend_schema(request=ServiceInput, responses=FootageRequestShape)
class FootageServiceView(APIView):
    """Confirm for one camera that a legal demand has come, with an objection where there is one."""

    action = Action.SERVE_FOOTAGE

    def post(self, request: Request, demand_id: UUID) -> Response:
        said, actor = valid(ServiceInput, request.data), caller(request)
        decisions.demand_serve(
            actor=actor, request_id=demand_id, camera_id=said["camera"], objection=said["objection"], now=now()
        )
        return _shown(actor, demand_id)


class FootageScanView(APIView):
    """The scan of a legal demand: kept once by who asks, shown to both sides."""

    action = {"GET": Action.READ_FOOTAGE_REQUESTS, "POST": Action.ASK_FOOTAGE}
    parser_classes = [FileBody]
    renderer_classes = FILES
    takes_file = sizes.FILE

    @extend_schema(request={"multipart/form-data": PaperFileInput}, responses={201: FootageRequestShape})
    def post(self, request: Request, demand_id: UUID) -> Response:
        actor, sent = caller(request), file_of(request)
        requests.request_scan(actor=actor, request_id=demand_id, data=sent.data, name=sent.name, now=now())
        return _shown(actor, demand_id, 201)

    @extend_schema(responses={(200, "image/jpeg"): OpenApiTypes.BINARY, (200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, demand_id: UUID) -> HttpResponse:
        return shown(reading.scan_of(caller(request), demand_id))
