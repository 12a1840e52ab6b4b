"""``/walls/``: the screen asks and polls (RFC 8628, open to everybody); a leader finds, lets in, turns away, cuts.

Pages ask for the cookie instead of the token with ``X-Matpho-Cookie: 1``, as at ``/sessions/``.
"""

from typing import Any
from uuid import UUID

import segno
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.lib import problems
from backend.lib.clock import now
from backend.lib.parsing import JsonBody
from backend.lib.public import PUBLIC
from backend.lib.valid import valid
from neighborhoods import walls
from neighborhoods.access import Action
from neighborhoods.api.authentication import caller
from neighborhoods.api.sessions import WANTS_COOKIE, set_cookie, wants_cookie
from neighborhoods.api.shapes import NeighborhoodBrief
from neighborhoods.models import Device
from neighborhoods.wallpolls import PairingRefused, pairing_poll

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"


class PairShape(serializers.Serializer[Any]):
    """RFC 8628, section 3.2."""

    device_code = serializers.CharField()
    user_code = serializers.CharField(help_text="BCDF-GHJK, large on the screen")
    verification_uri = serializers.CharField()
    verification_uri_complete = serializers.CharField(help_text="the screen's QR; the code is in the fragment")
    qr = serializers.CharField(help_text="the same as a drawing: a data: address of an SVG")
    interval = serializers.IntegerField(help_text="seconds between two tries")
    expires_in = serializers.IntegerField()


class WallTokenInput(serializers.Serializer[Any]):
    device_code = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    grant_type = serializers.CharField(max_length=100, required=False, default=GRANT_TYPE)


class WallTokenShape(serializers.Serializer[Any]):
    """RFC 6749, section 5.1; ``access_token`` is null where the cookie was asked for."""

    access_token = serializers.CharField(allow_null=True)
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField()


class WallCodeInput(serializers.Serializer[Any]):
    user_code = serializers.CharField(max_length=64)


class DenyInput(WallCodeInput):
    neighborhood = serializers.UUIDField(source="neighborhood_id")


class ApproveInput(DenyInput):
    name = serializers.CharField(max_length=200, help_text="where the screen stands, such as Nhà ông Tư")


class FoundShape(serializers.Serializer[Any]):
    user_code = serializers.CharField()
    asked_at = serializers.DateTimeField(source="pairing.created_at")
    expires_at = serializers.DateTimeField(source="pairing.expires_at")
    same_network = serializers.BooleanField(help_text="the screen asks from the address that this call comes from")


class WallShape(serializers.ModelSerializer[Device]):
    neighborhood = NeighborhoodBrief()

    class Meta:
        model = Device
        fields = ["id", "name", "neighborhood", "created_at", "last_seen_at", "expires_at", "revoked_at"]


class WallPairView(APIView):
    """A screen asks to be let in."""

    action = PUBLIC
    authentication_classes: list[Any] = []
    parser_classes = [JsonBody, FormParser]

    @extend_schema(request=None, responses=PairShape, auth=[])
    def post(self, request: Request) -> Response:
        pair = walls.pairing_open(address=request.META.get("REMOTE_ADDR", ""), now=now())
        page = request.build_absolute_uri(reverse("pages:walls"))
        complete = f"{page}#{pair.user_code}"
        facts = {
            "device_code": pair.device_code,
            "user_code": pair.user_code,
            "verification_uri": page,
            "verification_uri_complete": complete,
            "qr": segno.make(complete, error="m", micro=False).svg_data_uri(scale=8, border=4, light="#fff"),
            "interval": pair.pairing.interval_s,
            "expires_in": int(walls.EXPIRES_IN.total_seconds()),
        }
        return Response(PairShape(facts).data)


class WallTokenView(APIView):
    """The screen's poll. Errors are those of RFC 8628, section 3.5, and hold our problem's members besides."""

    action = PUBLIC
    authentication_classes: list[Any] = []
    parser_classes = [JsonBody, FormParser]

    @extend_schema(request=WallTokenInput, responses=WallTokenShape, parameters=[WANTS_COOKIE], auth=[])
    def post(self, request: Request) -> Response | HttpResponse:
        wanted = WallTokenInput(data=request.data)
        moment = now()
        try:
            paired = pairing_poll(device_code=device_code_of(wanted), now=moment)
        except PairingRefused as refused:
            return oauth_error(refused)
        cookie, device = wants_cookie(request), paired.device
        lasts = int((device.expires_at - moment).total_seconds())
        facts = {"access_token": None if cookie else paired.token, "token_type": "Bearer", "expires_in": lasts}
        response = Response(WallTokenShape(facts).data)
        return set_cookie(response, paired) if cookie else response


class WallsView(ListAPIView[Device]):
    """The screens that are let in."""

    action = Action.MANAGE_WALLS
    serializer_class = WallShape
    queryset = Device.objects.none()

    def get_queryset(self) -> QuerySet[Device]:
        return walls.walls_for(caller(self.request), now=now())


class WallFindView(APIView):
    """What waits under these letters; nothing is decided by it."""

    action = Action.MANAGE_WALLS

    @extend_schema(request=WallCodeInput, responses=FoundShape)
    def post(self, request: Request) -> Response:
        wanted = valid(WallCodeInput, request.data)
        address = request.META.get("REMOTE_ADDR", "")
        found = walls.pairing_find(actor=caller(request), address=address, now=now(), **wanted)
        return Response(FoundShape(found).data)


class WallApproveView(APIView):
    """Let the screen in: it watches live, and nothing else, until it is cut off."""

    action = Action.MANAGE_WALLS

    @extend_schema(request=ApproveInput, responses={204: None})
    def post(self, request: Request) -> Response:
        wanted = valid(ApproveInput, request.data)
        walls.wall_approve(actor=caller(request), now=now(), **wanted)
        return Response(status=204)


class WallDenyView(APIView):
    """Turn the screen away."""

    action = Action.MANAGE_WALLS

    @extend_schema(request=DenyInput, responses={204: None})
    def post(self, request: Request) -> Response:
        wanted = valid(DenyInput, request.data)
        walls.wall_deny(actor=caller(request), now=now(), **wanted)
        return Response(status=204)


class WallRevokeView(APIView):
    """Cut the screen off; its pictures end within two seconds."""

    action = Action.MANAGE_WALLS

    @extend_schema(request=None, responses=WallShape)
    def post(self, request: Request, wall_id: UUID) -> Response:
        return Response(WallShape(walls.wall_revoke(actor=caller(request), wall_id=wall_id, now=now())).data)


def device_code_of(wanted: WallTokenInput) -> str:
    """Raises ``PairingRefused``: ``invalid_request``, ``unsupported_grant_type`` (RFC 6749, section 5.2)."""
    if not wanted.is_valid() or not wanted.validated_data["device_code"]:
        raise PairingRefused(code="invalid_request")
    if wanted.validated_data["grant_type"] != GRANT_TYPE:
        raise PairingRefused(code="unsupported_grant_type")
    return str(wanted.validated_data["device_code"])


def oauth_error(refused: PairingRefused) -> HttpResponse:
    """RFC 6749, section 5.2: ``application/json`` with ``error`` and ``error_description``."""
    response = problems.response(refused, {"error": refused.code, "error_description": str(refused.detail)})
    response["Content-Type"] = "application/json"
    return response
