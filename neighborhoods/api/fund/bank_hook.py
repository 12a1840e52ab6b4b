"""``POST /hooks/bank/{provider}/{endpoint_id}/``: a bank's messenger tells of money. The proof is looked at first."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.errors import TooLarge
from backend.lib.parsing import JsonBody
from backend.lib.public import PUBLIC
from neighborhoods.fund.bank_hooks import bank_message_receive

MOST_BYTES = 64 * 1024
PROOFS = [
    OpenApiParameter("Authorization", str, OpenApiParameter.HEADER, description="SePay: `Apikey <key>`"),
    OpenApiParameter("X-SePay-Signature", str, OpenApiParameter.HEADER, description="SePay: `sha256=<hex>`"),
    OpenApiParameter("X-SePay-Timestamp", str, OpenApiParameter.HEADER, description="SePay: Unix seconds"),
    OpenApiParameter("X-Casso-Signature", str, OpenApiParameter.HEADER, description="Casso: `t=<ms>,v1=<hex>`"),
]


class BankMessage(serializers.Serializer[Any]):
    """SePay's or Casso's own JSON; for its fields see theirs."""


class BankAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()


class BankHookView(APIView):
    """Known already, money that left, and another account's answer the same: so the sender tries no more."""

    action = PUBLIC
    authentication_classes = []
    parser_classes: list[type[BaseParser]] = [JsonBody]

    @extend_schema(parameters=PROOFS, request=BankMessage, responses=BankAnswer)
    def post(self, request: Request, provider: str, endpoint_id: UUID) -> Response:
        body = request.body
        if len(body) > MOST_BYTES:
            raise TooLarge()
        bank_message_receive(provider=provider, endpoint_id=endpoint_id, headers=request.headers, body=body, now=now())
        return Response({"success": True})
