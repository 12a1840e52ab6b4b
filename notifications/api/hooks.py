"""``POST /hooks/alerts/{endpoint_id}/``: another system raises an alert, signed. The signature is looked at before the
body is read; how it is made: ``notifications.endpoints``."""

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib.clock import now
from backend.lib.errors import TooLarge
from backend.lib.parsing import JsonBody
from backend.lib.public import PUBLIC
from backend.lib.valid import valid
from notifications import endpoints
from notifications.api.shapes import HookAnswer, HookInput

MOST_BYTES = 16 * 1024
SIGNED = [
    OpenApiParameter("X-Matpho-Timestamp", str, OpenApiParameter.HEADER, required=True, description="Unix seconds"),
    OpenApiParameter(
        "X-Matpho-Signature", str, OpenApiParameter.HEADER, required=True,
        description="sha256=<hex HMAC-SHA256 of timestamp, full stop, body>",
    ),
]  # fmt: skip


class AlertHookView(APIView):
    """201: a new alert; 200: the same event again, or joined to what was told before."""

    action = PUBLIC
    authentication_classes = []
    parser_classes: list[type[BaseParser]] = [JsonBody]

    @extend_schema(parameters=SIGNED, request=HookInput, responses={201: HookAnswer, 200: HookAnswer})
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        body, head, moment = request.body, request.headers, now()
        if len(body) > MOST_BYTES:
            raise TooLarge()
        endpoint = endpoints.endpoint_signed(
            endpoint_id=endpoint_id, timestamp=head.get("X-Matpho-Timestamp", ""),
            signature=head.get("X-Matpho-Signature", ""), body=body, now=moment,
        )  # fmt: skip
        said = valid(HookInput, request.data)
        raised = endpoints.alert_raise_signed(endpoint=endpoint, now=moment, **said)
        answer = {"alert": str(raised.alert.id), "joined": raised.joined}
        return Response(answer, status=200 if raised.joined else 201)
