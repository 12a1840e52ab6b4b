"""``/campaigns/{id}/qr/``: how to pay by transfer. Pictures are asked for with the same header or cookie as the rest,
never with a token in the address."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.anyaccept import FILES
from backend.lib.valid import valid
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from neighborhoods.fund.transfer_asks import TransferAsk, transfer_ask

PARAMETERS = [
    OpenApiParameter("household", UUID, description="another than one's own: treasurer and leader"),
    OpenApiParameter("amount", int, description="đồng; what is owed where not said; 0: the payer types it"),
]


class AskInput(serializers.Serializer[Any]):
    household = serializers.UUIDField(source="household_id", required=False)
    amount = serializers.IntegerField(required=False)


class AskShape(serializers.Serializer[Any]):
    text = serializers.CharField(help_text="of the QR (VietQR)")
    amount = serializers.IntegerField(allow_null=True, help_text="null: the payer types it")
    memo = serializers.CharField(help_text="the words of the transfer, by which it is known")
    bank_name = serializers.CharField()
    account_number = serializers.CharField()
    holder = serializers.CharField()
    svg = serializers.SerializerMethodField()
    png = serializers.SerializerMethodField()

    def get_svg(self, ask: TransferAsk) -> str:
        return ask.path_of("svg")

    def get_png(self, ask: TransferAsk) -> str:
        return ask.path_of("png")


def asked(request: Request, campaign_id: UUID) -> TransferAsk:
    wanted = valid(AskInput, request.query_params)
    return transfer_ask(actor=caller(request), campaign_id=campaign_id, **wanted)


class CampaignQrView(APIView):
    action = Action.SEE_FUND

    @extend_schema(parameters=PARAMETERS, responses=AskShape)
    def get(self, request: Request, campaign_id: UUID) -> Response:
        return Response(AskShape(asked(request, campaign_id)).data)


class CampaignQrSvgView(APIView):
    action = Action.SEE_FUND
    renderer_classes = FILES

    @extend_schema(parameters=PARAMETERS, responses={(200, "image/svg+xml"): OpenApiTypes.STR})
    def get(self, request: Request, campaign_id: UUID) -> HttpResponse:
        return _picture(asked(request, campaign_id).svg.encode(), "image/svg+xml")


class CampaignQrPngView(APIView):
    action = Action.SEE_FUND
    renderer_classes = FILES

    @extend_schema(parameters=PARAMETERS, responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, campaign_id: UUID) -> HttpResponse:
        return _picture(asked(request, campaign_id).png, "image/png")


def _picture(data: bytes, kind: str) -> HttpResponse:
    return HttpResponse(data, content_type=kind, headers={"Cache-Control": "private, no-store"})
